// RUN: %clang_analyze %s
// RUN: %roads | FileCheck %s
// RUN: %survey | FileCheck %s --check-prefix=SURVEY
//
// A legacy hook beside a .pm: the platform bus takes one or the other.
#include <linux/kernel-simulator.h>

static int old_suspend(struct platform_device *pdev, pm_message_t state) { return 0; }
static int old_resume(struct platform_device *pdev) { return 0; }
static int new_suspend(struct device *dev) { return 0; }
static int new_resume(struct device *dev) { return 0; }
static SIMPLE_DEV_PM_OPS(new_ops, new_suspend, new_resume);

static struct platform_driver both_driver = {
	.suspend = old_suspend, // expected-warning {{.suspend = old_suspend is never called: the platform bus prefers the non-NULL .pm [shadowed-legacy-hook]}}
	.resume = old_resume, // expected-warning {{[shadowed-legacy-hook]}}
	.driver = { .name = "both", .pm = &new_ops },
};
module_platform_driver(both_driver)

// Near negatives: one of the two alone.
static struct platform_driver old_driver = {
	.suspend = old_suspend,
	.resume = old_resume,
	.driver = { .name = "old" },
};
module_platform_driver(old_driver)

static struct platform_driver new_driver = {
	.driver = { .name = "new", .pm = &new_ops },
};
module_platform_driver(new_driver)

static struct platform_driver null_driver = {
	.suspend = old_suspend,
	.resume = old_resume,
	.driver = { .name = "null", .pm = NULL },
};
module_platform_driver(null_driver)

// CHECK: "fgft-facts"
// CHECK-SAME: "file":"PmCoverage/shadowed.c"
// CHECK-SAME: "status":"ok"
// CHECK: {"object":"new_ops","t":"dev_pm_ops"
// CHECK-SAME: {"p":"suspend","v":{"k":"fn","t":"new_suspend"
// CHECK: {"object":"both_driver","t":"platform_driver"
// CHECK-SAME: {"p":"driver.pm","v":{"k":"obj","t":"new_ops"
// SURVEY: both_driver platform full [SIMPLE_DEV_PM_OPS] new_suspend/new_resume
// SURVEY: new_driver platform full [SIMPLE_DEV_PM_OPS] new_suspend/new_resume
// SURVEY: null_driver platform full [legacy] old_suspend/old_resume
// SURVEY: old_driver platform full [legacy] old_suspend/old_resume
