// RUN: %roads | FileCheck %s
// RUN: %survey | FileCheck %s --check-prefix=SURVEY
//
// PM ops given as a compound literal: the members that it leaves out are no callbacks.
#include <linux/kernel-simulator.h>

static int down(struct device *dev) { return 0; }
static int up(struct device *dev) { return 0; }
static struct i2c_driver compound_driver = {
	.driver = { .name = "compound", .pm = (&(const struct dev_pm_ops){ .suspend = down, .resume = up }) },
};
int init(void) { return i2c_register_driver(THIS_MODULE, &compound_driver); }

// CHECK: "status":"ok"
// SURVEY: compound_driver i2c full [{{.*}}] down/up
