#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# fgft survey on a real folder of the real kernel: its rows, the same rows from shards in any order and after an
# interruption, and TUs that fail, crash or take too long.
#
# Usage: survey.sh FGFT
set -eu
fgft=$1
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
kernel=$("$here/../../setup.sh" config x86_64)

fail() { echo "survey: $*" >&2; exit 1; }
csv() { "$fgft" merge "$@" -o "$work/one.db" >/dev/null && "$fgft" report "$work/one.db" -o "$work/one" --format csv >/dev/null; }

# The folder's drivers, stated from their sources: 8139cp and 8139too by SIMPLE_DEV_PM_OPS, r8169 and rtase by members,
# atp without any bus (it probes ports in its module's init).
"$fgft" survey --kernel "$kernel" --scope drivers/net/ethernet/realtek -o "$work/a" --no-cache >/dev/null ||
    fail "the survey ended with status $?"
rows=$work/a/drivers.csv
expect() { grep -q "$1" "$rows" || { cat "$rows" >&2; fail "no row like $1"; }; }
expect '^net,net,pci,drivers/net/ethernet/realtek/8139cp,cp_driver,8139cp,.*,x86_64,module_pci_driver,full,.*SIMPLE_DEV_PM_OPS,reinit,cp_suspend,cp_resume,'
expect '^net,net,pci,drivers/net/ethernet/realtek/8139too,rtl8139_pci_driver,8139too,.*,full,.*,rtl8139_suspend,rtl8139_resume,'
expect '^net,net,pci,drivers/net/ethernet/realtek/r8169,rtl8169_pci_driver,r8169,.*,full,.*,rtl8169_suspend,rtl8169_resume,'
expect '^net,net,none,drivers/net/ethernet/realtek/atp,.*,none,'
[ "$(sqlite3 "$work/a/survey.db" "SELECT group_concat(name, ' ') FROM (SELECT name FROM driver WHERE bus = 'pci' AND pm = 'full' ORDER BY name)")" = \
    "8139cp 8139too r8169 rtase" ] || fail "survey.db does not name the four PCI drivers"

# What its entry points do: the statement that decides, what restore leaves out, and the style of suspend and resume.
entry() { # FUNCTION REVERSIBILITY CHECKPOINT REASON
    row=$(sqlite3 -separator '|' "$work/a/survey.db" "SELECT reversibility, checkpoint, reason FROM entry_point
        WHERE module LIKE '%/8139cp' AND function = '$1'")
    case $row in
    "$2|$3|"*$4*) ;;
    *) fail "$1 is not $2, $3, ...$4...: $row" ;;
    esac
}
entry cp_start_xmit irrevocable insufficient 'io-post: writeb(TxPoll) at drivers/net/ethernet/realtek/8139cp.c:876 (dataflow'
entry cp_get_drvinfo memory not-needed ''
entry cp_get_wol undoable not-needed lock
entry cp_set_wol checkpointable insufficient 'Config3 (cp_init_hw writes'
entry cp_set_wol checkpointable insufficient 'Config5 (cp_init_hw writes'
entry cp_set_wol checkpointable insufficient 'cp_private.wol_enabled'
entry cp_set_eeprom irrevocable insufficient nvm-write
entry cp_interrupt irrevocable insufficient 'dev-clear: writew(IntrStatus) at drivers/net/ethernet/realtek/8139cp.c:595'
entry cp_set_rx_mode checkpointable sufficient ''
grep -q 'cp_set_wol,dev-write,.*cp_set_wol:[0-9]* > netdev_set_wol:[0-9]* > writeb(Cfg9346) \[api\]' "$work/a/effects.csv" ||
    fail "effects.csv has no path for cp_set_wol"
"$fgft" explain "$work/a/survey.db" cp_set_wol --module 8139cp >"$work/explained"
grep -q '^Reversibility: checkpointable; checkpoint: insufficient' "$work/explained" || fail "explain does not say the verdict"
grep -q 'suspend cp_suspend, resume cp_resume' "$work/explained" || fail "explain does not show the restore path"
! "$fgft" explain "$work/a/survey.db" no_such_function >/dev/null 2>&1 || fail "explain knows a function that is not there"
"$fgft" model --missing "$work/a/survey.db" --json | python3 -c 'import json, sys; json.load(sys.stdin)' ||
    fail "model --missing --json is no JSON"
grep -q 'cp_driver.*resume writes memory: .*RxRingAddr' "$work"/a/html/module/*8139cp.html ||
    fail "8139cp's page does not say what its resume writes"
grep -q 'resume writes memory: .*RxRingAddr' "$work/explained" || fail "explain does not say what resume writes"

commands=$work/a/compile_commands.json

# Shards, merged in another order and one of them twice, give the same bytes.
for shard in 1 2 3; do
    "$fgft" analyze --db "$commands" --facts "$work/shard$shard" --shard $shard/3 --no-cache >/dev/null
done
csv "$work/shard3" "$work/shard1" "$work/shard2" "$work/shard1"
cmp "$rows" "$work/one/drivers.csv" || fail "shards give other rows"

# Interrupted: status 128 + 2, no manifest; --resume keeps what was done and ends with the same bytes.
"$fgft" analyze --db "$commands" --facts "$work/cut" --no-cache --plain -j 1 >/dev/null 2>&1 &
pid=$!
# Of three facts files one is the headers', and the worker may not have told of the last one yet.
until [ "$(find "$work/cut" -name '*.facts' 2>/dev/null | wc -l)" -ge 3 ]; do
    kill -0 $pid 2>/dev/null || fail "the run ended before it could be interrupted"
done
kill -INT $pid
status=0
wait $pid || status=$?
# A shell's background job has SIGINT ignored at the start, which fgft overrides for the run itself.
[ $status = 130 ] || fail "interrupted, the status is $status, expected 130"
! ls "$work"/cut/manifest-* >/dev/null 2>&1 || fail "an interrupted run left a manifest"
"$fgft" analyze --db "$commands" --facts "$work/cut" --no-cache --resume --json >"$work/resumed.json"
grep -q '"from_cache": [1-9]' "$work/resumed.json" || fail "--resume began anew"
csv "$work/cut"
cmp "$rows" "$work/one/drivers.csv" || fail "a resumed run gives other rows"

# TUs that do not parse, crash the front end, or run too long: recorded, the others unharmed, status 3.
mkdir "$work/bad"
echo 'int broken(' >"$work/bad/broken.c"
echo '#pragma clang __debug crash' >"$work/bad/crash.c"
python3 - "$commands" "$work/bad" <<'EOF'
import json, sys
commands, folder = sys.argv[1:]
entries = json.load(open(commands))
model = next(entry for entry in entries if entry["file"].endswith("8139cp.c"))
with open(folder + "/slow.c", "w") as slow:  # 2^40 tokens
    slow.write("#define M0 1 +\n")
    for i in range(1, 41):
        slow.write(f"#define M{i} M{i-1} M{i-1}\n")
    slow.write("int slow(void) { return M40 1; }\n")
for name in ("broken", "crash", "slow"):
    entry = json.loads(json.dumps(model))
    source = entry["file"]
    entry["file"] = f"{folder}/{name}.c"
    entry["arguments"] = [entry["file"] if word == source else word.replace("8139cp", name) for word in entry["arguments"]]
    entry["output"] = entry.get("output", "8139cp.o").replace("8139cp", name)
    entries.append(entry)
json.dump(entries, open(folder + "/compile_commands.json", "w"))
EOF
status=0
"$fgft" survey --db "$work/bad/compile_commands.json" -o "$work/b" --no-cache --timeout 5 >/dev/null 2>"$work/errors" || status=$?
[ $status = 3 ] || { cat "$work/errors" >&2; fail "with failing TUs the status is $status, expected 3"; }
states=$(sqlite3 "$work/b/survey.db" "SELECT group_concat(file || '=' || status, ' ') FROM
    (SELECT replace(file, rtrim(file, replace(file, '/', '')), '') AS file, status FROM tu WHERE status <> 'ok' ORDER BY 1)")
[ "$states" = "broken.c=failed crash.c=crashed slow.c=timeout" ] || fail "the failing TUs are recorded as: $states"
[ "$(sqlite3 "$work/b/survey.db" "SELECT count(*) FROM tu WHERE status <> 'ok' AND message <> '' AND command <> ''")" = 3 ] ||
    fail "a failing TU has no message or no command"
cut -d, -f1-12 "$rows" >"$work/rows.a"
cut -d, -f1-12 "$work/b/drivers.csv" >"$work/rows.b"
cmp "$work/rows.a" "$work/rows.b" || fail "failing TUs changed the rows of the others"
echo "survey: all ok"
