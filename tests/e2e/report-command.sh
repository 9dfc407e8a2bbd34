#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# `fgft report` as a user meets it: what it prints, where, and how it ends.
#
#   report-command.sh FGFT SCHEMA.sql
set -eu
fgft=$1 schema=$2
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
failed=0
complain() { echo "report-command: $*"; failed=1; }

# run STATUS COMMAND...: runs it, leaves out and err, complains of another exit status.
run() {
    expected=$1
    shift
    status=0
    "$@" >out 2>err || status=$?
    [ "$status" = "$expected" ] || complain "$* ended with $status instead of $expected: $(cat err)"
}

sqlite3 survey.db <"$schema"
sqlite3 survey.db "
    INSERT INTO meta VALUES ('schema_version', '5'), ('tool_version', 'test'), ('kernel_version', '6.12'), ('scope', 'x');
    INSERT INTO driver VALUES (1, 'net', 'net', 'pci', 'm', 'd', 'n', 'm.c', 1, 'x86_64', 'r', 'full', '', '', '', '', '',
                               NULL, NULL, 'why');"
before=$(sha256sum survey.db)

run 0 "$fgft" report survey.db -o all
printf '%s\n' all/drivers.csv all/entry_points.csv all/effects.csv all/classes.csv all/html/index.html all/findings.sarif |
    diff - out || complain "the files are not listed one a line on standard output"
[ -s err ] && complain "there is something on standard error: $(cat err)"
for file in $(cat out); do
    [ -s "$file" ] || complain "$file is listed and not there"
done
[ -z "$(find all -name '*tmp*')" ] || complain "temporary files are left"

run 0 "$fgft" report survey.db -o some --format csv --json
python3 -c 'import json; f = json.load(open("out"))["files"]; assert "some/drivers.csv" in f and len(f) == 4, f' ||
    complain "--json does not list the four CSV files"
[ ! -e some/html ] || complain "--format csv wrote pages"

run 0 "$fgft" report --help
run 1 "$fgft" report survey.db
run 1 "$fgft" report survey.db -o x --format pdf
grep -q pdf err || complain "an unknown format is not named"
run 1 "$fgft" report missing.db -o x
grep -q 'missing.db: no such file' err || complain "a missing database is not named"
[ -s out ] && complain "a failure prints on standard output"
head -c 5000 survey.db >cut.db
run 1 "$fgft" report cut.db -o x
grep -q 'cut.db' err || complain "a cut database is not named"
[ ! -e x ] || complain "a refused database still made the folder"

[ "$(sha256sum survey.db)" = "$before" ] || complain "the database was changed"
[ "$failed" = 0 ] && echo "report-command: good"
exit "$failed"
