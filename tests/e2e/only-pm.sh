#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# fgft survey --only pm on the drivers of a class whose core does system sleep for some of them: the same drivers, byte
# for byte, as a whole survey finds, but for what it does not look at; and what it says of that.
#
# Usage: only-pm.sh FGFT
set -eu
fgft=$1
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
kernel=$("$here/../../setup.sh" config x86_64)
FGFT_CACHE=$work/cache
export FGFT_CACHE

fail() { echo "only-pm: $*" >&2; exit 1; }
survey() { "$fgft" survey --db "$work/commands.json" "$@" >"$work/log" 2>&1 || { cat "$work/log" >&2; fail "survey $* ended with status $?"; }; }
# drivers.csv without pm_style, entry_points and candidates.
drivers() {
    python3 - "$1/drivers.csv" <<'END'
import csv, sys
rows = list(csv.DictReader(open(sys.argv[1], newline="")))
if len(rows) < 50:
    sys.exit("only-pm: too few rows")
for row in rows:
    print([value for column, value in row.items() if column not in ("pm_style", "entry_points", "candidates")])
END
}

"$fgft" capture --kernel "$kernel" --scope drivers/leds -o "$work/commands.json" >/dev/null 2>&1 ||
    fail "capture ended with status $?"
survey -o "$work/all"
survey -o "$work/pm" --only pm --json
grep -q '"extent": "pm"' "$work/log" || fail "--json does not say the extent"
drivers "$work/all" >"$work/all.rows"
drivers "$work/pm" >"$work/pm.rows"
diff "$work/all.rows" "$work/pm.rows" >&2 || fail "drivers.csv differs"
cmp "$work/all/classes.csv" "$work/pm/classes.csv" || fail "classes.csv differs"
grep -q ',core,' "$work/pm/drivers.csv" || fail "no driver that a core does system sleep for"

# What was not looked at is not there, and nobody takes it for none.
for table in entry_points effects; do
    [ "$(wc -l <"$work/pm/$table.csv")" = 1 ] || fail "$table.csv has rows"
done
[ "$(sqlite3 "$work/pm/survey.db" "SELECT COUNT(*) FROM driver WHERE pm_style <> '' OR entry_points IS NOT NULL")" = 0 ] ||
    fail "survey.db knows more than it may"
grep -q -- '--only pm' "$work/pm/html/index.html" || fail "the page does not say what was surveyed"
function=$(sqlite3 "$work/all/survey.db" "SELECT function FROM entry_point LIMIT 1")
! "$fgft" explain "$work/pm/survey.db" "$function" >/dev/null 2>"$work/log" || fail "explain answers"
grep -q -- '--only pm' "$work/log" || fail "explain does not say why: $(cat "$work/log")"
! "$fgft" merge "$work/all/facts" "$work/pm/facts" -o "$work/both.db" >/dev/null 2>"$work/log" || fail "both were merged"
grep -q "$work/all/facts.*$work/pm/facts\|$work/pm/facts.*$work/all/facts" "$work/log" || fail "no word of the two: $(cat "$work/log")"
! "$fgft" survey --db "$work/commands.json" --only power -o "$work/power" >/dev/null 2>&1 || fail "--only power is taken"

# Neither takes the other's facts, and each finds its own again.
survey -o "$work/pm" --json
grep -q '"extent": "all"' "$work/log" || fail "a whole survey over a PM-only one is none"
grep -q '"analysed": 0' "$work/log" || fail "a whole survey does not find its facts again"
diff -r "$work/all/html" "$work/pm/html" >&2 || fail "a whole survey over a PM-only one is another"
for table in drivers entry_points effects classes; do
    cmp "$work/all/$table.csv" "$work/pm/$table.csv" || fail "$table.csv is another over a PM-only survey's"
done
survey -o "$work/again" --only pm --json
grep -q '"analysed": 0' "$work/log" || fail "a PM-only survey does not find its facts again"
drivers "$work/again" | diff "$work/pm.rows" - >&2 || fail "from the cache the drivers are others"
