// RUN: %clang_analyze %s
// RUN: %roads | FileCheck %s
// RUN: %survey | FileCheck %s --check-prefix=SURVEY
//
// What is given by code: stores, whole copies, a choice at run time, ops that are not in this file.
// expected-no-diagnostics
#include <linux/kernel-simulator.h>

static int down(struct device *dev) { return 0; }
static int up(struct device *dev) { return 0; }
static SIMPLE_DEV_PM_OPS(ops, down, up);
extern const struct dev_pm_ops foreign_ops;
extern int quirk;

static struct i2c_driver stored_driver = { .driver = { .name = "stored" } };
static struct i2c_driver untouched_driver = { .driver = { .name = "untouched" } };
static struct i2c_driver parameter_driver = { .driver = { .name = "parameter" } };
static struct i2c_driver choice_driver = { .driver = { .name = "choice" } };
static struct i2c_driver foreign_driver = { .driver = { .name = "foreign", .pm = &foreign_ops } };

static int add(struct i2c_driver *driver)
{
	driver->driver.pm = &ops;
	return i2c_register_driver(THIS_MODULE, driver);
}

int init(void)
{
	stored_driver.driver.pm = &ops;
	choice_driver.driver.pm = quirk ? &ops : NULL;
	return i2c_register_driver(THIS_MODULE, &stored_driver) | i2c_register_driver(THIS_MODULE, &untouched_driver) |
	       add(&parameter_driver) | i2c_register_driver(THIS_MODULE, &choice_driver) |
	       i2c_register_driver(THIS_MODULE, &foreign_driver);
}

// CHECK: {"assign":"driver.pm","in":"add","b":{"k":"parm","t":"0"
// CHECK: {"assign":"driver.pm","in":"init","b":{"k":"obj","t":"stored_driver"
// SURVEY: choice_driver i2c unknown {{.*}}a run-time condition selects between PM ops and NULL
// SURVEY: foreign_driver i2c unknown {{.*}}foreign_ops are defined outside
// SURVEY: parameter_driver i2c full [{{.*}}assigned{{.*}}] down/up
// SURVEY: stored_driver i2c full [{{.*}}assigned{{.*}}] down/up
// SURVEY: untouched_driver i2c none
