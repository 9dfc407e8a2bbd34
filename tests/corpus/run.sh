#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Surveys what the corpus labels and compares: sample (folders of sample.txt, x86_64) or long (all of drivers/ and
# sound/, x86_64 and arm64).
#
# Usage: run.sh FGFT CORPUS_COMPARE OUT sample|long [JOBS]
set -eu
fgft=$1 compare=$2 out=$3 what=$4 jobs=${5:-2}
here=$(cd "$(dirname "$0")" && pwd)
top=$here/../..
mkdir -p "$out"

labels=
for file in "$top"/corpus/labels-*.csv; do
    labels="$labels --labels $file"
done
kernel=$("$top/setup.sh" config x86_64)
case $what in
sample)
    set -- --kernel "$kernel"
    for path in $(grep -v '^#' "$here/sample.txt"); do
        set -- "$@" --scope "$path"
    done
    judge="--scope-file $here/sample.txt --config x86_64 --min-compared 50"
    ;;
long)
    set -- --kernel "$kernel" --kernel "$("$top/setup.sh" config arm64)" --scope drivers --scope sound
    judge="--config x86_64 --config arm64 --min-compared 300"
    ;;
*) echo "what is '$what'? sample or long" >&2; exit 1 ;;
esac

# Some TU may fail on a long run (status 3): its drivers are then missing, which the comparison counts.
status=0
"$fgft" survey "$@" -j "$jobs" -o "$out" || status=$?
[ $status = 0 ] || [ $status = 3 ] || exit $status
# shellcheck disable=SC2086 — lists of words
"$compare" $labels --survey "$out/drivers.csv" $judge
