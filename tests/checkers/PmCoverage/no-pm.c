// RUN: %clang_analyze -DNO_PM %s
// RUN: %clang_analyze %s -DNO_PM -DSECOND
//
// Without CONFIG_PM the macros fold to nothing: no hook, no finding.
// expected-no-diagnostics
#include <linux/kernel-simulator.h>

static int down(struct device *dev) { return 0; }
static const struct dev_pm_ops ops = { .suspend = down };
static struct i2c_driver gone_driver = { .driver = { .name = "gone", .pm = pm_sleep_ptr(&ops) } };
int init(void) { return i2c_register_driver(THIS_MODULE, &gone_driver); }
