# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# CPU seconds over the number of units, a panel for each scope. Set by tests/bench/run: out, data, scopes, tools.
set terminal svg size 900, 420 font "sans-serif,12" background "white"
set output out
set logscale xy
set xlabel "translation units"
set ylabel "CPU seconds"
set key outside bottom center horizontal
set grid
set xtics (100, 200, 500, 1000, 2000, 5000)
set multiplot layout 1, words(scopes)
do for [i = 1:words(scopes)] {
  set title word(scopes, i) noenhanced
  plot for [j = 1:words(tools)] sprintf("%s/%d-%d", data, i - 1, j - 1) using 1:2 with linespoints linewidth 2 title word(tools, j) noenhanced
}
unset multiplot
