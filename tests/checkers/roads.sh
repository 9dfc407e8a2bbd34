# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# roads.sh SOURCE T -- COMMAND…: analyses SOURCE in process and compares its facts with the plugin's in T.plugin,
# which must be the same but for the key; prints them.
set -eu
source=$1 t=$2
shift 3
rm -rf "$t.inprocess"
mkdir -p "$t.inprocess"
python3 - "$source" "$t.inprocess/compile_commands.json" "$@" <<'EOF2'
import json, os, sys
source, database, command = sys.argv[1], sys.argv[2], sys.argv[3:]
root = os.path.dirname(os.path.realpath(__file__)) if "__file__" in globals() else ""
relative = "/".join(source.split("/")[-2:])
json.dump([{"directory": os.getcwd(), "file": source,
            "arguments": command + ["-c", "-o", relative[:-2] + ".o", source]}], open(database, "w"))
EOF2
"$FGFT" analyze --db "$t.inprocess/compile_commands.json" --facts "$t.inprocess/facts" --no-cache -j1 >&2
units() { # the facts files of a folder, but for the header facts
    find "$1" -name '*.facts' -exec grep -L '"file":"fgft-header-facts.c"' {} +
}
only() { # the one of a folder, without the key
    [ "$(units "$1" | wc -l)" = 1 ] || { echo "roads: not one facts file in $1" >&2; exit 1; }
    sed '1s/"key":"[0-9a-f]*",//' "$(units "$1")"
}
only "$t.plugin" >"$t.plugin.txt"
only "$t.inprocess/facts" >"$t.inprocess.txt"
diff "$t.plugin.txt" "$t.inprocess.txt" >&2 || { echo "roads: the plugin's facts (<) and those of fgft analyze (>) differ" >&2; exit 1; }
key() { basename "$(units "$1")"; }
[ "$(key "$t.plugin")" = "$(key "$t.inprocess/facts")" ] || echo "note: keys differ" >&2
cat "$t.plugin.txt"
