#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# The tables of docs/survey-6.12.md from a survey: tables.sh OUT, where OUT is the folder that `fgft survey` wrote.
# Writes tables.md and classes.csv beside this script.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
out=$1
db=$out/survey.db
[ -f "$db" ] || { echo "tables.sh: $db: no survey there" >&2; exit 1; }

table() { # title, query
    printf '\n### %s\n\n' "$1"
    sqlite3 -readonly -markdown "$db" "$2"
}

pm="COUNT(*) AS drivers, SUM(pm = 'full') AS full, SUM(pm = 'core') AS core,
    SUM(pm IN ('suspend-only', 'resume-only')) AS half, SUM(pm = 'runtime-only') AS runtime, SUM(pm = 'none') AS none,
    SUM(pm = 'unknown') AS unknown, printf('%.1f %%', 100.0 * SUM(pm IN ('full', 'core')) / COUNT(*)) AS 'full + core'"
levels="COUNT(*) AS 'entry points', SUM(reversibility = 'pure') AS pure, SUM(reversibility = 'memory') AS memory,
    SUM(reversibility = 'undoable') AS undoable, SUM(reversibility = 'checkpointable') AS checkpointable,
    SUM(reversibility = 'deferrable') AS 'deferrable', SUM(reversibility = 'irrevocable') AS irrevocable,
    SUM(reversibility = 'unknown') AS unknown,
    printf('%.1f %%', 100.0 * SUM(reversibility = 'unknown') / COUNT(*)) AS 'unknown, share'"

{
    echo "<!-- Made by docs/survey-6.12/tables.sh from a survey; do not edit. -->"
    echo "# Tables of the survey"
    table "What was read" "SELECT config, COUNT(*) AS units, SUM(status = 'ok') AS ok, SUM(status != 'ok') AS 'not ok',
        (SELECT COUNT(*) FROM not_built WHERE not_built.config = tu.config) AS 'files not built' FROM tu GROUP BY config"
    table "Registrations with a bus" "SELECT configs, $pm FROM driver WHERE bus != 'none' GROUP BY configs
        UNION ALL SELECT 'all', $pm FROM driver WHERE bus != 'none'"
    table "Modules that register with no bus" "SELECT COUNT(*) AS modules FROM driver WHERE bus = 'none'"
    table "By class, on every bus (classes of 60 drivers and more)" "SELECT class, $pm FROM driver WHERE bus != 'none'
        GROUP BY class HAVING drivers >= 60 ORDER BY 100.0 * SUM(pm IN ('full', 'core')) / COUNT(*) DESC, class"
    table "Where class and bus are those of the paper's drivers" "SELECT class, bus, $pm FROM driver
        WHERE (class, bus) IN (VALUES ('net', 'pci'), ('net', 'usb'), ('sound', 'pci'), ('input', 'serio'), ('ata', 'pci'))
        GROUP BY class, bus ORDER BY class, bus"
    table "By bus (100 drivers and more)" "SELECT bus, $pm FROM driver WHERE bus != 'none' GROUP BY bus
        HAVING drivers >= 100 ORDER BY drivers DESC, bus"
    table "Findings for maintainers" "SELECT kind, COUNT(*) AS findings FROM finding GROUP BY kind ORDER BY 2 DESC, 1"
    if [ "$(sqlite3 -readonly "$db" 'SELECT COUNT(*) FROM entry_point')" != 0 ]; then
        table "Entry points by class (1,000 and more)" "SELECT class, $levels FROM entry_point GROUP BY class
            HAVING COUNT(*) >= 1000 ORDER BY COUNT(*) DESC, class"
        table "Entry points of all classes" "SELECT $levels FROM entry_point"
        table "Entry points by kind" "SELECT kind, $levels FROM entry_point GROUP BY kind ORDER BY COUNT(*) DESC, kind"
        table "Checkpoint of the checkpointable and deferrable" "SELECT checkpoint, COUNT(*) AS 'entry points' FROM entry_point
            WHERE reversibility IN ('checkpointable', 'deferrable') GROUP BY checkpoint ORDER BY 2 DESC, 1"
    fi
} >"$here/tables.md.tmp"
mv "$here/tables.md.tmp" "$here/tables.md"
cp "$out/classes.csv" "$here/classes.csv"
