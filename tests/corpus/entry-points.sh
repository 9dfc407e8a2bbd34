#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Surveys the drivers whose entry points are labelled (entry-points.txt, x86_64) and compares kinds, levels, effects.
#
# Usage: entry-points.sh FGFT CORPUS_COMPARE_ENTRY_POINTS OUT [JOBS]
set -eu
fgft=$1 compare=$2 out=$3 jobs=${4:-2}
here=$(cd "$(dirname "$0")" && pwd)
top=$here/../..
mkdir -p "$out"
set -- --kernel "$("$top/setup.sh" config x86_64)"
for path in $(grep -v '^#' "$here/entry-points.txt"); do
    set -- "$@" --scope "$path"
done
"$fgft" survey "$@" -j "$jobs" -o "$out" >/dev/null
labels=
for file in "$top"/corpus/entry-points-*.csv; do
    labels="$labels --labels $file"
done
# shellcheck disable=SC2086 — a list of words
"$compare" $labels --survey "$out" \
    --min-compared 950 --min-kind 98 --min-reversibility 93 --min-effects 93 --max-lower 1
