# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# survey.sh T: merges the facts that roads.sh left in T.inprocess and prints one line a driver:
# driver bus pm how suspend resume (reason).
set -eu
"$FGFT" merge "$1.inprocess/facts" -o "$1.db" >&2
sqlite3 -separator ' ' "$1.db" "SELECT driver, bus, pm, '[' || pm_how || ']', suspend_fn || '/' || resume_fn, '(' || reason || ')' FROM driver ORDER BY driver"
