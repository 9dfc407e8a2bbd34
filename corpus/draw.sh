#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Draws the sample of driver registrations that corpus/pm_labels.csv labels by hand.
#
#   corpus/draw.sh KERNEL_TREE [SEED]        default seed: 6120117
#
# The frame is every file-scope variable with an initialiser whose struct type, declared in a shared header,
# is a bus's driver type: it holds a `struct device_driver` (or phylib's `mdio_driver_common`). It is found by
# text alone, so that the draw owes nothing to the survey it later judges. Printed: stratum, struct, symbol,
# file. 120 rows come from the whole frame ("any"); 80 more are dealt out struct type by struct type ("bus"),
# so that small buses are in it as well. The same tree and seed give the same rows.
set -eu
tree=${1:?usage: draw.sh KERNEL_TREE [SEED]}
seed=${2:-6120117}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# An endless stream that depends on the seed alone, for shuf.
random() { yes "$seed" | openssl enc -aes-256-ctr -nosalt -pbkdf2 -pass "pass:$seed" 2>/dev/null; }

cd "$tree"
find include drivers sound -name '*.h' -print0 | xargs -0 awk '
  /^struct [a-z0-9_]+ \{/ { tag = $2 }
  /^}/ { tag = "" }
  tag != "" && /^[ \t]*struct (device_driver|mdio_driver_common)[ \t]+[a-z]+;/ { print tag }' |
  LC_ALL=C sort -u >"$work/types"
grep -rE --include='*.c' \
  '^(static )?(const )?struct [a-z0-9_]+ [a-zA-Z0-9_]+(\[[A-Z0-9_]*\])?( __[a-z_]+)? *= *' drivers sound |
  sed -E 's/^([^:]+):(static )?(const )?struct ([a-z0-9_]+) ([a-zA-Z0-9_]+).*/\4 \5 \1/' |
  LC_ALL=C sort -u | LC_ALL=C join - "$work/types" >"$work/frame"

random | head -c 4000000 >"$work/random"
shuf --random-source="$work/random" "$work/frame" >"$work/shuffled"
head -n 120 "$work/shuffled" | sed 's/^/any /'
# Deal the rest by struct type: every type's first row, then every type's second, and so on.
tail -n +121 "$work/shuffled" | awk '{ print ++seen[$1], NR, $0 }' | sort -n -k1,1 -k2,2 |
  head -n 80 | cut -d' ' -f3- | sed 's/^/bus /'
