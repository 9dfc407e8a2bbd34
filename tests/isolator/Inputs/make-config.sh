# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# make-config.sh ENTRIES SOURCE OUTPUT: a protection config for one source, with its hash; ENTRIES is a file with the
# members that come after "kernel", or the names of functions separated by commas, protected without a checkpoint.
set -eu
folder=$(dirname "$2")
name=$(basename "$2")
hash=$("$FGFT_CONFIG_TOOL" hash --source "$folder" "$name")
{
    cat <<END
{
  "format": "fgft-protection/1",
  "driver": "small_driver",
  "module": "drivers/small/${name%.*}",
  "class": "misc",
  "bus": "platform",
  "sources": { "files": ["$name"], "sha256": "$hash" },
  "kernel": { "release": "6.12.0-test", "build_id": "0123456789abcdef0123456789abcdef01234567" },
END
    if [ -f "$1" ]; then
        cat "$1"
    else
        echo '"entry_points": ['
        comma=
        for function in $(echo "$1" | tr , ' '); do
            echo "$comma{ \"function\": \"$function\", \"kind\": \"config\", \"mode\": \"transaction\", \"why\": \"test\","
            echo '"access": [ { "object": "thing", "type": "struct thing", "mode": "rw" } ],'
            echo '"checkpoint": null, "failure": "-EIO", "policy": { "when": "always" } }'
            comma=,
        done
        echo ']'
    fi
    echo '}'
} >"$3"
