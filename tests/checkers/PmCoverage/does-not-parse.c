// RUN: rm -rf %t.plugin && not %clang_analyze_facts %s
// RUN: test ! -d %t.plugin
//
// On the plugin road a TU that does not parse leaves no facts: merge finds it by the compile commands.
#include <linux/kernel-simulator.h>
static struct i2c_driver driver = { .driver = { .name = "driver" }
