#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# A survey that is repeated after one file changed: the new report is byte for byte that of a survey from nothing, a
# library's file and a driver's, and only some modules are looked at for it. On real drivers and the libraries below
# them; the files that change are copies, the kernel's source is left alone.
#
# Usage: again.sh FGFT
set -eu
fgft=$1
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
kernel=$("$here/../../setup.sh" config x86_64)

fail() { echo "again: $*" >&2; exit 1; }

"$fgft" capture --kernel "$kernel" --scope drivers/net/ethernet/realtek --scope drivers/net/phy --scope drivers/net/mdio \
    --scope drivers/base/regmap -o "$work/whole.json" >/dev/null 2>&1 || fail "capture ended with status $?"
# Copies beside each other, as a TU's own headers stand beside it.
python3 - "$work" <<'END'
import json, os, shutil, sys
work = sys.argv[1]
commands = json.load(open(work + "/whole.json"))
for command in commands:
    for changing in ("drivers/net/ethernet/realtek/8139cp.c", "drivers/net/phy/phy_device.c", "drivers/net/phy/realtek/realtek_main.c",
                     "drivers/net/phy/realtek.c", "drivers/base/regmap/regmap.c"):
        if command["file"].endswith("/" + changing):
            folder = os.path.dirname(command["file"])
            copy = work + "/" + os.path.basename(changing)
            shutil.copy(command["file"], copy)
            command["arguments"] = [copy if one == command["file"] else one for one in command["arguments"]]
            command["arguments"].append("-I" + folder)
            command["file"] = copy
json.dump(commands, open(work + "/commands.json", "w"))
END
for file in "$work"/*.json.capture "$work"/whole.*; do # what capture wrote beside the commands
    [ ! -e "$file" ] || [ "$file" = "$work/whole.json" ] || cp "$file" "$work/commands${file#"$work/whole"}"
done

survey() { # FOLDER
    "$fgft" survey --db "$work/commands.json" -o "$work/$1" --json >"$work/$1.json" || fail "$1: status $?: $(cat "$work/$1.json")"
}
again() { # WHAT LEAST MOST: modules that are looked at
    survey a
    rm -rf "$work/b"
    survey b
    find "$work/b/facts" -name '*.facts' | sed 's|.*/||' | sort >"$work/b.facts"
    grep -q '"analysed": 1,' "$work/a.json" || fail "$1: not the changed file alone was read: $(cat "$work/a.json")"
    grep -q '"analysed": 0,' "$work/b.json" || fail "$1: a file was read that had not changed: $(cat "$work/b.json")"
    [ -z "$(find "$work/a/facts" -name '*.facts' | sed 's|.*/||' | sort | comm -23 - "$work/b.facts")" ] ||
        fail "$1: facts are left that no manifest names"
    modules=$(sed -n 's/.*"modules_again": \([0-9]*\).*/\1/p' "$work/a.json")
    [ "$modules" -ge "$2" ] && [ "$modules" -le "$3" ] || fail "$1: looked at $modules modules again"
    # Facts and what a run remembers for the next are no part of the report.
    diff -r --exclude=facts --exclude='.*' --exclude=survey.db "$work/a" "$work/b" >"$work/difference" ||
        { head "$work/difference" >&2; fail "$1: the report is not that of a survey from nothing"; }
    for database in a b; do
        sqlite3 "$work/$database/survey.db" 'SELECT name, content FROM module ORDER BY name' >"$work/$database.modules"
    done
    cmp "$work/a.modules" "$work/b.modules" || fail "$1: modules differ"
    echo "$1: $modules modules, the report of a survey from nothing"
}

survey a
all=$(sqlite3 "$work/a/survey.db" 'SELECT COUNT(*) FROM module')
[ "$all" -gt 40 ] || fail "only $all modules"
echo 'int fgft_one_more;' >>"$work/8139cp.c"
again "a driver's variable" 1 1
sed -i '1i // a line more' "$work/8139cp.c"
again "a driver's lines" 1 1
sed -i 's/cp_start_hw *(cp);/;/' "$work/8139cp.c"
again "a driver's call goes" 1 1
sed -i '1i // a line more' "$work/regmap.c"
again "a library's lines" 1 "$all"
sed -i 's/^int phy_write_mmd_none/&/; $a int fgft_two_more;' "$work/phy_device.c"
again "a library's variable" 1 "$all"
sed -i 's/^\treturn map->bus->reg_write(/\tmsleep(3);\n&/' "$work/regmap.c"
grep -q 'msleep(3)' "$work/regmap.c" || fail "regmap.c has no such statement any more"
again "a library's function does more" 2 "$all"
unlink "$work/8139cp.c"
status=0
"$fgft" survey --db "$work/commands.json" -o "$work/a" >/dev/null 2>&1 || status=$?
[ $status = 3 ] || fail "a file that is gone: status $status"
[ "$(sqlite3 "$work/a/survey.db" "SELECT COUNT(*) FROM entry_point WHERE module LIKE '%/8139cp'")" = 0 ] ||
    fail "a file that is gone has entry points"
