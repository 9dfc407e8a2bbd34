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

need_protected() {
    [ -f "$(protected_module "$1")" ] && [ -f "$(protected_module fgft)" ] ||
        die "$(kmod_folder) has no protected $1.ko beside fgft.ko; build them with: fgft-kmod/build corpus/configs/$1.fgft --kernel $(kernel_release)"
}

# The emulated device of a driver. Fails when there is none.
device_of() {
    line=$(grep -E "^$1 " "$here/devices.txt") || return 1
    echo "${line#* }"
}

fault_kinds() {
    echo null-deref wild-pointer oob-store div-zero bug endless-loop lost-unlock alloc-fail garbage-argument | tr ' ' '\n'
}
