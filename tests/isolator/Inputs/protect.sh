# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# protect.sh WORK SOURCE CLANG-COMMAND... -- ENTRIES: makes a config for the source (see make-config.sh for ENTRIES) and
# compiles it with the isolator in the folder WORK. The source is compiled under its own name there, so that messages do not
# have this machine's paths.
set -eu
work=$1
source=$2
shift 2
command=
while [ "$1" != -- ]; do
    command="$command $1"
    shift
done
mkdir -p "$work"
cp "$source" "$work/"
here=$(dirname "$0")
sh "$here/make-config.sh" "$2" "$work/$(basename "$source")" "$work/small.fgft"
cd "$work"
FGFT_CONFIG=small.fgft FGFT_SOURCE=. FGFT_KERNEL=${FGFT_KERNEL:-6.12.0-test} $command "$(basename "$source")"
