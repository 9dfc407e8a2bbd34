# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# What the testbed's commands share; sourced, with $here set to this folder.
top=$(cd "$here/../.." && pwd)

die() { echo "${0##*/}: $*" >&2; exit 1; }

# The newest installed kernel that has an image, or the one that FGFT_KERNEL names.
kernel_release() {
    [ -z "${FGFT_KERNEL:-}" ] || { echo "$FGFT_KERNEL"; return; }
    for folder in /lib/modules/*; do
        [ -f "/boot/vmlinuz-${folder##*/}" ] && echo "${folder##*/}"
    done | sort -V | tail -n 1
}

# Where protected drivers, fgft.ko and the test modules are built.
kmod_folder() { echo "${FGFT_KMOD_OUT:-$top/out/kmod/$(kernel_release)}"; }

protected_module() { echo "$(kmod_folder)/$1.ko"; }

# Builds the protected driver and fgft.ko where they are missing or older than what they are made of.
need_protected() {
    config=$top/corpus/configs/$1.fgft
    [ -f "$config" ] || die "$config: no such config"
    built=$(protected_module "$1")
    if [ -f "$built" ] && [ -f "$(protected_module fgft)" ] &&
        [ -z "$(find "$top/fgft-kmod/runtime" "$top/fgft-kmod/include" "$top/fgft-kmod/isolator" "$config" -type f -newer "$built")" ]; then
        return
    fi
    "$top/fgft-kmod/build" "$config" --kernel "$(kernel_release)" --output "$(kmod_folder)" >&2 ||
        die "the protected $1.ko could not be built"
}

# The emulated device of a driver. Fails when there is none.
device_of() {
    line=$(grep -E "^$1 " "$here/devices.txt") || return 1
    echo "${line#* }"
}

fault_kinds() {
    echo null-deref wild-pointer oob-store div-zero bug endless-loop lost-unlock alloc-fail garbage-argument | tr ' ' '\n'
}

# The command that reads protection configs: FGFT_CONFIG_TOOL, that of the build folder FGFT_BUILD, or the newest one.
fgft_config() {
    binary=${FGFT_CONFIG_TOOL:-}
    [ -n "$binary" ] || [ ! -x "${FGFT_BUILD:-/nowhere}/bin/fgft-config" ] || binary=$FGFT_BUILD/bin/fgft-config
    if [ -z "$binary" ]; then
        # shellcheck disable=SC2012 — the names are ours
        binary=$(ls -t "$top"/build/*/bin/fgft-config 2>/dev/null | head -n 1)
    fi
    [ -n "$binary" ] || die "fgft-config is not built; run: cmake --preset release && cmake --build --preset release --target fgft-config"
    "$binary" "$@"
}

# Sets $binary to a program of this folder, compiled into the cache when its source is newer. A build of the whole
# project makes the same programs; this road is for machines where only the testbed is wanted.
compiled() {
    binary=${FGFT_BUILD:-/nowhere}/bin/$1
    [ -x "$binary" ] && return
    binary=${FGFT_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/fgft}/bin/$1
    newer=
    [ -x "$binary" ] && newer=$(find "$here" "$top/analyzer/support/Error.h" \( -name '*.cpp' -o -name '*.h' \) -newer "$binary")
    [ -x "$binary" ] && [ -z "$newer" ] && return
    case $1 in
    fgft-testbed) parts="TestbedMain Scenario Verdict Guest" ;;
    fgft-campaign) parts="CampaignMain Guest" ;;
    esac
    llvm=$(sed -n 's/^set(FGFT_LLVM_VERSION \([0-9]*\)).*/\1/p' "$top/CMakeLists.txt")
    mkdir -p "${binary%/*}"
    echo "compiling $1" >&2
    sources=
    for part in $parts; do sources="$sources $here/$part.cpp"; done
    # shellcheck disable=SC2086 — the sources are words
    "clang++-$llvm" -std=c++20 -O1 -Wall -Wextra -Werror -I"$top/analyzer" $sources -lfmt -o "$binary.$$"
    mv "$binary.$$" "$binary"
}

# The same driver from the same compiler line without the isolator, as NAME.plain.ko.
need_plain() {
    built=$(kmod_folder)/$1.plain.ko
    [ -f "$built" ] && [ ! "$top/corpus/configs/$1.fgft" -nt "$built" ] && return
    "$top/fgft-kmod/build" "$top/corpus/configs/$1.fgft" --plain --kernel "$(kernel_release)" --output "$(kmod_folder)" >&2 ||
        die "the plain $1.ko could not be built"
}

# The runtime's word for a kind of fault.
fault_word() {
    case $1 in
    null-deref) echo null ;;
    wild-pointer) echo wild ;;
    oob-store) echo oob ;;
    div-zero) echo div ;;
    endless-loop) echo loop ;;
    garbage-argument) echo garbage ;;
    bug | lost-unlock | alloc-fail) echo "$1" ;;
    *) return 1 ;;
    esac
}
