#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# All roads give the same facts: a real folder of the kernel built by Kbuild under scan-build with the plugin, the same
# folder captured and analysed in process, on the fast road and on the plain one.
#
# Usage: roads.sh FGFT PLUGIN LLVM_VERSION
set -eu
fgft=$1 plugin=$2 llvm=$3
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
kernel=$("$here/../../setup.sh" config x86_64)
scope=drivers/net/ethernet/realtek

fail() { echo "roads: $*" >&2; exit 1; }

# The build goes on in a copy: scan-build compiles for real. ccc-analyzer is the compiler that scan-build stands for; named
# on the command line because the kernel's Makefile sets CC itself.
cp -a "$kernel" "$work/build"
analyzer=$(dpkg -L "clang-tools-$llvm" | grep 'libexec/ccc-analyzer$')
"scan-build-$llvm" --use-analyzer="/usr/bin/clang-$llvm" --use-cc="clang-$llvm" -o "$work/html" -load-plugin "$plugin" \
    -enable-checker fgft.PmCoverage -analyzer-config "fgft.PmCoverage:Facts=$work/plugin" \
    make -C "$work/build" LLVM="-$llvm" CC="$analyzer" objtool=true -j2 "$scope/" >"$work/log" 2>&1 ||
    { tail -n 30 "$work/log" >&2; fail "the build under scan-build failed"; }

"$fgft" capture --kernel "$kernel" --scope $scope -o "$work/cc.json" >/dev/null
"$fgft" analyze --db "$work/cc.json" --facts "$work/fast" --no-cache >/dev/null
"$fgft" analyze --db "$work/cc.json" --facts "$work/plain" --no-cache --plain >/dev/null

# A facts folder as FILE.txt for each TU of the scope, less the key.
unfold() {
    mkdir "$2"
    find "$1" -name '*.facts' | while read -r facts; do
        file=$(sed -n '1s/.*"file":"\([^"]*\)".*/\1/p' "$facts")
        case $file in
        "$scope"/*) sed '1s/"key":"[0-9a-f]*",//' "$facts" >"$2/$(echo "$file" | tr / _).txt" ;;
        esac
    done
}
for road in plugin fast plain; do
    unfold "$work/$road" "$work/$road.txt"
done
count=$(find "$work/plain.txt" -name '*.txt' | wc -l)
[ "$count" -ge 8 ] || fail "only $count TUs in $scope"
for road in fast plugin; do
    diff -r "$work/plain.txt" "$work/$road.txt" >"$work/diff" || { cut -c1-600 "$work/diff" | head -n 20 >&2; fail "the $road road's facts differ from the plain one's"; }
done
echo "roads: $count TUs, the same facts on the plugin's road under scan-build, the fast and the plain one"
