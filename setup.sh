#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Brings a Debian 12 machine to where FGFT Advisor can be built, tested and run; quick when nothing is missing.
#
#   ./setup.sh packages          the packages of packages.txt, and the stock kernel's image and headers
#   ./setup.sh source            the kernel's source, unpacked below the cache folder
#   ./setup.sh config ARCH       an allmodconfig build folder for ARCH (x86_64, arm64), prepared but not compiled
#
# The cache folder is $FGFT_CACHE, else $XDG_CACHE_HOME/fgft, else ~/.cache/fgft. `source` and `config` print
# the folder they made on standard output; all else goes to standard error.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
cache=${FGFT_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/fgft}
llvm=$(sed -n 's/^set(FGFT_LLVM_VERSION \([0-9]*\)).*/\1/p' "$here/CMakeLists.txt")

say() { echo "setup: $*" >&2; }
die() { say "$*"; exit 1; }

# The one package that names the kernel series, e.g. linux-source-6.12.
source_package() { grep -x 'linux-source-[0-9.]*' "$here/packages.txt"; }

installed() { dpkg-query -W -f '${db:Status-Status}\n' "$1" 2>/dev/null | grep -qx installed; }

# The stock kernel's release with the same package version as the source, e.g. 6.12.117+deb12-amd64.
kernel_release() {
    version=$(dpkg-query -W -f '${Version}\n' "$(source_package)" 2>/dev/null ||
        apt-cache show "$(source_package)" | sed -n 's/^Version: //p' | head -n 1)
    upstream=${version%%-*}
    apt-cache search --names-only "^linux-image-${upstream}[^ ]*-amd64-unsigned\$" |
        sed -n 's/^linux-image-\([^ ]*\)-unsigned .*/\1/p' | grep -v -e '-rt-' -e '-cloud-' | head -n 1
}

packages() {
    missing=
    for p in $(grep -v '^#' "$here/packages.txt"); do
        installed "$p" || missing="$missing $p"
    done
    # A stamp spares the apt-cache search when nothing changed since it last found everything in place.
    stamp=$cache/packages.stamp
    if [ -z "$missing" ] && [ -f "$stamp" ] && [ "$stamp" -nt "$here/packages.txt" ]; then
        release=$(cat "$stamp")
        installed "linux-image-$release-unsigned" && installed "linux-headers-$release" && return
    fi
    root=
    if [ "$(id -u)" != 0 ]; then
        sudo -n true 2>/dev/null && root=sudo || root=no
    fi
    if [ "$root" = no ] && [ -n "$missing" ]; then
        die "packages are missing; as root run: apt-get update && apt-get install -y --no-install-recommends$missing"
    fi
    [ -z "$missing" ] || { say "installing$missing"; $root apt-get update -q >&2 || die "apt-get update failed"; }
    release=$(kernel_release)
    if [ -z "$release" ] && [ "$root" != no ]; then
        $root apt-get update -q >&2
        release=$(kernel_release)
    fi
    [ -n "$release" ] || die "apt knows no linux-image of the same version as $(source_package)"
    for p in "linux-image-$release-unsigned" "linux-headers-$release"; do
        installed "$p" || missing="$missing $p"
    done
    if [ -n "$missing" ]; then
        line="apt-get install -y --no-install-recommends$missing"
        [ "$root" != no ] || die "packages are missing; as root run: $line"
        # shellcheck disable=SC2086 — the list is words
        DEBIAN_FRONTEND=noninteractive $root $line >&2 || die "apt-get failed; the line was: $line"
    fi
    mkdir -p "$cache"
    echo "$release" >"$stamp"
}

source_tree() {
    package=$(source_package)
    version=$(dpkg-query -W -f '${Version}' "$package") || die "$package is not installed: run ./setup.sh packages"
    tree=$cache/$package
    if [ "$(cat "$tree.version" 2>/dev/null)" != "$version" ]; then
        say "unpacking $package $version into $cache"
        mkdir -p "$cache"
        rm -rf "$tree" "$tree.tmp"
        mkdir "$tree.tmp"
        tar -C "$tree.tmp" -xf "/usr/src/$package.tar.xz"
        mv "$tree.tmp/$package" "$tree"
        rmdir "$tree.tmp"
        echo "$version" >"$tree.version"
    fi
    echo "$tree"
}

config() {
    arch=$1
    tree=$(source_tree)
    build=$cache/build-$arch
    want="$(cat "$tree.version") clang-$llvm allmodconfig"
    if [ "$(cat "$build/fgft.stamp" 2>/dev/null)" != "$want" ]; then
        say "configuring $build (allmodconfig, ARCH=$arch, clang $llvm); log: $build.log"
        rm -rf "$build"
        mkdir -p "$build"
        {
            make -C "$tree" O="$build" ARCH="$arch" LLVM="-$llvm" allmodconfig &&
                make -C "$tree" O="$build" ARCH="$arch" LLVM="-$llvm" -j"$(nproc)" prepare modules_prepare
        } >"$build.log" 2>&1 || { tail -n 20 "$build.log" >&2; die "configuring the kernel failed"; }
        echo "$want" >"$build/fgft.stamp"
    fi
    echo "$build"
}

case ${1:-} in
packages) packages ;;
source) source_tree ;;
config) config "${2:?usage: setup.sh config ARCH}" ;;
*) sed -n '3,12s/^# \{0,1\}//p' "$0" >&2; exit 1 ;;
esac
