#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# All roads give the same facts: a real folder of the kernel built by Kbuild, under scan-build with the plugin and with the
# plugin as the checker of make C=2; the same folder captured and analysed in process, on the fast road and on the plain one.
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

# The build goes on in a copy: scan-build compiles for real. Its compiler, ccc-analyzer, takes the name of the configured one,
# and stands behind `env`, where scan-build does not give make another CC: one by another name makes Kbuild ask its questions
# to the compiler again, and the configuration is not the same any more. The same make runs the plugin as the kernel's checker.
cp -a "$kernel" "$work/build"
mkdir "$work/bin"
ln -s "$(dpkg -L "clang-tools-$llvm" | grep -m 1 'libexec/ccc-analyzer$')" "$work/bin/clang-$llvm"
check="/usr/bin/clang-$llvm --analyze --analyzer-no-default-checks -Xclang -analyzer-output=text -fplugin=$plugin"
check="$check -Xclang -analyzer-checker=fgft.PmCoverage -Xclang -analyzer-config -Xclang fgft.PmCoverage:Facts=$work/check"
only=
for package in apiModeling core cplusplus deadcode nullability security unix; do
    only="$only -disable-checker $package"
done
# shellcheck disable=SC2086 # words
"scan-build-$llvm" --use-analyzer="/usr/bin/clang-$llvm" --use-cc="/usr/bin/clang-$llvm" -o "$work/html" $only \
    -load-plugin "$plugin" -enable-checker fgft.PmCoverage -analyzer-config "fgft.PmCoverage:Facts=$work/plugin" \
    env PATH="$work/bin:$PATH" make -C "$work/build" ARCH=x86_64 LLVM="-$llvm" C=2 CHECK="$check" CHECKFLAGS= \
    objtool=true -j2 "$scope/" >"$work/log" 2>&1 || { tail -n 30 "$work/log" >&2; fail "the build under scan-build failed"; }

"$fgft" capture --kernel "$kernel" --scope $scope -o "$work/cc.json" >/dev/null
"$fgft" analyze --db "$work/cc.json" --facts "$work/fast" --no-cache >/dev/null
"$fgft" analyze --db "$work/cc.json" --facts "$work/plain" --no-cache --plain >/dev/null

# A facts folder as FILE.txt for each TU of the scope: Kbuild also compiles what lies outside of it.
unfold() {
    mkdir "$2"
    find "$1" -name '*.facts' | while read -r facts; do
        file=$(sed -n '1s/.*"file":"\([^"]*\)".*/\1/p' "$facts")
        case $file in
        "$scope"/*) cp "$facts" "$2/$(echo "$file" | tr / _).txt" ;;
        esac
    done
}
for road in plugin check fast plain; do
    unfold "$work/$road" "$work/$road.txt"
done
count=$(find "$work/plain.txt" -name '*.txt' | wc -l)
[ "$count" -ge 8 ] || fail "only $count TUs in $scope"
for road in fast plugin check; do
    diff -r "$work/plain.txt" "$work/$road.txt" >"$work/diff" || { cut -c1-600 "$work/diff" | head -n 20 >&2; fail "the $road road's facts differ from the plain one's"; }
done
echo "roads: $count TUs, the same facts and keys by the plugin under scan-build and make C=2, on the fast and the plain road"
