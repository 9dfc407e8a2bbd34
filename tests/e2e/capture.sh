#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# fgft capture on the real kernel:
#   1. a small scope of an allmodconfig build folder: right commands, modules, files not built; generated sources;
#   2. the same of a tree configured in place;
#   3. a kernel configured with gcc, by fgft capture and by the kernel's own gen_compile_commands.py;
#   4. an interrupt.
# Each time all trees are the same afterwards, byte for byte and in every time stamp, and a sample of the commands
# parses with clang.
#
# Usage: capture.sh FGFT CAPTURE_PARSE [in-place] [gcc]     (parts 2 and 3 only if named)
set -eu
fgft=$1 parse=$2
shift 2
here=$(cd "$(dirname "$0")/../.." && pwd)
kernel=$("$here/setup.sh" source)
build=$("$here/setup.sh" config x86_64)
llvm=$(sed -n 's/^set(FGFT_LLVM_VERSION \([0-9]*\)).*/\1/p' "$here/CMakeLists.txt")
table=$here/analyzer/model/gcc_flags.csv
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export FGFT_CACHE="$work/cache"
failed=0

fail() { echo "FAILED: $*"; failed=1; }
expect() { # expect WHAT WANTED GOT
    if [ "$2" = "$3" ]; then echo "ok: $1"; else fail "$1: wanted $2, got $3"; fi
}

# All that a tree is: names, kinds, modes, sizes, times, link targets; and the content of every regular file.
# The time stamps of the whole source are listed, its content is hashed where a capture works and at the top.
picture() { # picture TREE NAME
    (cd "$1" && find . -printf '%y %m %s %T@ %p %l\n' | LC_ALL=C sort) >"$work/$2.list"
    (cd "$1" && find . -maxdepth 1 -type f -print0 && find scripts include arch/x86 drivers/net/ethernet/realtek \
        drivers/watchdog drivers/tty/vt drivers/scsi/aic7xxx drivers/gpu/drm/xe -type f -print0 2>/dev/null) >"$work/$2.files" || true
    (cd "$1" && LC_ALL=C sort -z "$work/$2.files" | xargs -0 -n 2000 sha256sum) >"$work/$2.sums"
}
untouched() { # untouched TREE NAME: compares with the picture of that name
    mv "$work/$2.list" "$work/$2.list0"
    mv "$work/$2.sums" "$work/$2.sums0"
    picture "$1" "$2"
    if cmp -s "$work/$2.list0" "$work/$2.list" && cmp -s "$work/$2.sums0" "$work/$2.sums"; then
        echo "ok: $2 is untouched ($(wc -l <"$work/$2.list") entries)"
    else
        fail "$2 was written to:"
        diff "$work/$2.list0" "$work/$2.list" | head -n 5
    fi
}
# query DATABASE EXPRESSION: evaluates a Python expression over d (commands) and s (the sidecar).
query() {
    python3 - "$1" "$2" <<'EOF'
import json, sys
d = json.load(open(sys.argv[1]))
s = json.load(open(sys.argv[1][:-5] + ".capture.json"))
def modules(name):
    return [a for e in d if e["file"].endswith("/" + name) for a in e["arguments"] if a.startswith("-DKBUILD_MODFILE=")]
def reason(name):
    return [f["reason"] for f in s["not_built"] if f["file"] == name]
print(eval(sys.argv[2]))
EOF
}
parses() { # parses WHAT DATABASE EVERY
    if "$parse" "$2" "$table" "$work" "clang-$llvm" "$3" >"$work/parse.out" 2>&1; then
        echo "ok: $1: $(tail -n 1 "$work/parse.out")"
    else
        fail "$1"
        cat "$work/parse.out"
        grep -m 5 'error:' "$work/parse.log" || true
    fi
}

small="--scope drivers/net/ethernet/realtek --scope drivers/watchdog"
made="--scope drivers/tty/vt --scope drivers/scsi/aic7xxx --scope drivers/gpu/drm/xe/display/ext"

echo "== a build folder of its own"
picture "$kernel" source
picture "$build" build
# shellcheck disable=SC2086 # the scopes are words
"$fgft" capture --kernel "$build" --arch x86_64 $small -j2 -o "$work/a.json" >"$work/a.out"
untouched "$kernel" source
untouched "$build" build
expect "the path is the first line" "$work/a.json" "$(head -n 1 "$work/a.out")"
expect "one command an object" True "$(query "$work/a.json" 'len(d) == len({e["output"] for e in d}) > 100')"
expect "the count is said" True "$(query "$work/a.json" 's["commands"] == len(d)')"
expect "ordered by output" True "$(query "$work/a.json" '[e["output"] for e in d] == sorted(e["output"] for e in d)')"
expect "make could make everything" "[]" "$(query "$work/a.json" 's["failures"]')"
expect "8139cp's module" "['-DKBUILD_MODFILE=\"drivers/net/ethernet/realtek/8139cp\"']" "$(query "$work/a.json" 'modules("8139cp.c")')"
expect "r8169_main's module" "['-DKBUILD_MODFILE=\"drivers/net/ethernet/realtek/r8169\"']" "$(query "$work/a.json" 'modules("r8169_main.c")')"
expect "a driver of another architecture is not built" "['not built']" "$(query "$work/a.json" 'reason("drivers/watchdog/wdrtas.c")')"
expect "every C file of the scope is accounted for" True \
    "$(query "$work/a.json" "len(d) + len(s['not_built']) == $(cd "$kernel" && find drivers/net/ethernet/realtek drivers/watchdog -name '*.c' | wc -l)")"
expect "no command names the folder that Kbuild worked in" True "$(query "$work/a.json" 'not any("/work" in a.replace(s["source_root"], "") for e in d for a in e["arguments"])')"
parses "commands parse" "$work/a.json" 12
# shellcheck disable=SC2086
"$fgft" capture --kernel "$build" $small -j2 -o "$work/b.json" >/dev/null
expect "a second capture gives the same bytes" same "$(cmp "$work/a.json" "$work/b.json" && echo same)"
"$fgft" capture --kernel "$build" --scope drivers/net/ethernet/realtek/8139cp.c -o "$work/one.json" >/dev/null
expect "one file" "['drivers/net/ethernet/realtek/8139cp.o']" "$(query "$work/one.json" '[e["output"] for e in d]')"
"$fgft" capture --kernel "$build" --scope drivers/watchdog --json -o "$work/b.json" >"$work/json"
expect "--json" True "$(python3 -c 'import json, sys; j = json.load(open(sys.argv[1])); print(j["commands"] > 100 and j["not_built"] > 10)' "$work/json")"

echo "== errors"
complains() { # complains WHAT PATTERN arguments…
    what=$1 pattern=$2
    shift 2
    status=0
    "$fgft" capture -o "$work/none.json" "$@" >"$work/out" 2>"$work/err" || status=$?
    if [ $status = 1 ] && grep -q -e "$pattern" "$work/err" && [ ! -e "$work/none.json" ]; then
        echo "ok: $what: $(head -n 1 "$work/err")"
    else
        fail "$what: status $status, $(cat "$work/err")"
    fi
}
complains "a source that is not configured" 'is not configured' --kernel "$kernel"
complains "no kernel" 'is no kernel' --kernel "$here"
complains "another architecture" 'is configured for x86_64' --kernel "$build" --arch arm64
complains "an unknown architecture" 'unknown architecture vax' --kernel "$build" --arch vax
complains "a scope that is not there" 'there is no drivers/nothing' --kernel "$build" --scope drivers/nothing
complains "a scope that is all off" 'nothing of the scope' --kernel "$build" --scope drivers/s390
mkdir "$work/nopm"
cp "$build/Makefile" "$work/nopm/"
sed '/^CONFIG_PM_SLEEP=/d' "$build/.config" >"$work/nopm/.config"
complains "no PM" 'CONFIG_PM_SLEEP is not set' --kernel "$work/nopm"

echo "== an interrupt"
# A shell starts what runs in the background with SIGINT ignored, so this one is SIGTERM.
"$fgft" capture --kernel "$build" --scope drivers/net -j2 -o "$work/cut.json" >/dev/null 2>&1 &
pid=$!
# In the middle: some commands are recorded, however slow or fast the machine is.
tries=0
while [ $tries -lt 600 ] && [ -z "$(find "$work"/cache/capture/*/records -size +0 2>/dev/null)" ]; do
    sleep 0.2
    tries=$((tries + 1))
done
kill -TERM $pid
status=0
wait $pid || status=$?
expect "the status is 128 + SIGTERM" 143 $status
expect "nothing half-written" "" "$(find "$work" -maxdepth 1 -name 'cut*')"
# The wrapper's path stands in the environment of everything that make has started.
expect "nothing runs on" 0 "$(grep -lzs "FGFT_CC_LOG=$work" /proc/[0-9]*/environ | wc -l)"
untouched "$kernel" source
untouched "$build" build

for part in "$@"; do
    case $part in
    in-place)
        echo "== a tree configured in place"
        cp -al "$kernel" "$work/tree" 2>/dev/null || cp -a "$kernel" "$work/tree"
        cp --remove-destination "$build/.config" "$work/tree/.config"
        make -s -C "$work/tree" ARCH=x86_64 LLVM="-$llvm" -j2 olddefconfig prepare \
            drivers/tty/vt/defkeymap.o drivers/net/ethernet/realtek/8139too.o >"$work/log" 2>&1 </dev/null
        picture "$work/tree" tree
        # shellcheck disable=SC2086
        "$fgft" capture --kernel "$work/tree" $small $made -j2 -o "$work/c.json" >/dev/null
        untouched "$work/tree" tree
        expect "the same objects as from a folder of its own" True "$(python3 - "$work/a.json" "$work/c.json" <<'EOF'
import json, sys
a, c = ({e["output"] for e in json.load(open(p))} for p in sys.argv[1:])
print(a <= c)
EOF
)"
        expect "an object that was there is recorded" True "$(query "$work/c.json" 'any(e["output"].endswith("/8139too.o") for e in d)')"
        expect "generated sources are kept" True "$(query "$work/c.json" 'all(__import__("os").path.exists(e["file"]) for e in d) and any(not e["file"].startswith(s["source_root"]) for e in d)')"
        expect "a program of the build is no driver" "['host program']" "$(query "$work/c.json" 'reason("drivers/tty/vt/conmakehash.c")')"
        expect "a part of a module without a Makefile" "['-DKBUILD_MODFILE=\"drivers/gpu/drm/xe/xe\"']" "$(query "$work/c.json" 'modules("i915_irq.c")')"
        parses "commands of the tree parse" "$work/c.json" 20
        rm -rf "$work/tree"
        ;;
    gcc)
        echo "== a kernel configured with gcc"
        mkdir "$work/gcc"
        make -s -C "$kernel" O="$work/gcc" ARCH=x86_64 defconfig >"$work/log" 2>&1 </dev/null
        make -s -C "$kernel" O="$work/gcc" ARCH=x86_64 -j2 drivers/net/ethernet/realtek/ sound/hda/ >>"$work/log" 2>&1 </dev/null
        picture "$kernel" source
        picture "$work/gcc" gcc
        "$fgft" capture --kernel "$work/gcc" --scope drivers/net/ethernet/realtek --scope sound/hda -j2 -o "$work/g.json" >/dev/null
        untouched "$work/gcc" gcc
        parses "gcc's commands parse, captured" "$work/g.json" 4
        (cd "$work/gcc" && PYTHONDONTWRITEBYTECODE=1 python3 "$kernel/scripts/clang-tools/gen_compile_commands.py" \
            -o "$work/k.json" drivers/net/ethernet/realtek sound/hda scripts)
        parses "gcc's commands parse, by the kernel's own database" "$work/k.json" 4
        expect "both roads have the same objects" True "$(python3 - "$work/g.json" "$work/k.json" <<'EOF'
import json, os, shlex, sys
def outputs(path):
    found = set()
    for e in json.load(open(path)):
        a = e.get("arguments") or shlex.split(e["command"])
        if "-D__KERNEL__" in a and a[a.index("-o") + 1].startswith(("drivers/", "sound/")):
            found.add(a[a.index("-o") + 1])
    return found
g, k = map(outputs, sys.argv[1:])
print(len(g) > 5 and g == k)
EOF
)"
        untouched "$kernel" source
        ;;
    esac
done
[ $failed = 0 ] && echo "capture: all ok"
exit $failed
