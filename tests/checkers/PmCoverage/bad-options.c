// RUN: not %clang_unverified -Xclang -analyzer-config -Xclang fgft.PmCoverage:Model=/nonexistent %s 2>&1 | FileCheck %s --check-prefix=FOLDER
// RUN: not %clang_unverified -Xclang -analyzer-config-compatibility-mode=false -Xclang -analyzer-config -Xclang fgft.PmCoverage:Modle=/tmp %s 2>&1 | FileCheck %s --check-prefix=NAME
// RUN: rm -rf %t && mkdir %t && cp $FGFT_MODEL/*.csv %t
// RUN: echo 'dev_pm_ops,suspend,suspend,sideways,x' >> %t/pm_members.csv
// RUN: not %clang_unverified -Xclang -analyzer-config -Xclang fgft.PmCoverage:Model=%t %s 2>&1 | FileCheck %s --check-prefix=ROW
// RUN: not %clang_unverified -Xclang -analyzer-config -Xclang fgft.PmCoverage:Facts=%s/below %s 2>&1 | FileCheck %s --check-prefix=FACTS
//
// Options that cannot be used are errors that say what was expected.
// FOLDER: error: invalid input for checker option 'fgft.PmCoverage:Model', that expects a folder with the kernel model's tables
// NAME: error: checker 'fgft.PmCoverage' has no option called 'Modle'
// ROW: pm_members.csv:{{[0-9]+}}: {{.*}}sideways
// FACTS: error: fgft.PmCoverage: {{.*}}below
#include <linux/kernel-simulator.h>

static struct i2c_driver driver = { .driver = { .name = "driver" } };
int init(void) { return i2c_register_driver(THIS_MODULE, &driver); }
