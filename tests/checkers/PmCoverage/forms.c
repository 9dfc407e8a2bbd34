// RUN: %clang_analyze %s
// RUN: %roads | FileCheck %s
// RUN: %survey | FileCheck %s --check-prefix=SURVEY
//
// Every way to write an initialiser, and every macro that makes a table. Nothing here is wrong.
// expected-no-diagnostics
#include <linux/kernel-simulator.h>

static int down(struct device *dev) { return 0; }
static int up(struct device *dev) { return 0; }
static int idle(struct device *dev) { return 0; }

// Whole tables by macro.
static SIMPLE_DEV_PM_OPS(simple_ops, down, up);
static DEFINE_SIMPLE_DEV_PM_OPS(define_simple_ops, down, up);
static DEFINE_RUNTIME_DEV_PM_OPS(define_runtime_ops, down, up, idle);
static UNIVERSAL_DEV_PM_OPS(universal_ops, down, up, idle);
static DEFINE_NOIRQ_DEV_PM_OPS(define_noirq_ops, down, up);
EXPORT_GPL_SIMPLE_DEV_PM_OPS(export_ops, down, up);
EXPORT_GPL_RUNTIME_DEV_PM_OPS(export_runtime_ops, down, up, NULL);
// Members by macro.
static const struct dev_pm_ops set_ops = { SET_SYSTEM_SLEEP_PM_OPS(down, up) SET_RUNTIME_PM_OPS(down, up, idle) };
static const struct dev_pm_ops late_ops = { SET_LATE_SYSTEM_SLEEP_PM_OPS(down, up) };
static const struct dev_pm_ops noirq_ops = { NOIRQ_SYSTEM_SLEEP_PM_OPS(down, up) };
// Hibernation alone brings a device down and up as well.
static const struct dev_pm_ops freeze_ops = { .freeze = down, .restore = up };
// A table by position.
static const struct dev_pm_ops position_ops = { NULL, NULL, down, up };

#define MY_PM_OPS (&simple_ops)

#define I2C(which, ops) static struct i2c_driver which##_driver = { .driver = { .name = #which, .pm = ops } }
I2C(simple, &simple_ops);
I2C(define_simple, pm_sleep_ptr(&define_simple_ops));
I2C(define_runtime, pm_ptr(&define_runtime_ops));
I2C(universal, &universal_ops);
I2C(define_noirq, &define_noirq_ops);
I2C(export, &export_ops);
I2C(export_runtime, &export_runtime_ops);
I2C(set, &set_ops);
I2C(late, &late_ops);
I2C(noirq, &noirq_ops);
I2C(freeze, &freeze_ops);
I2C(position, &position_ops);
I2C(alias, MY_PM_OPS);
I2C(ternary, 1 ? &simple_ops : NULL);

// Nested designators, one of them spread over lines and taken back.
static struct i2c_driver nested_driver = {
	.driver.name = "nested",
	.driver
		.pm
			= NULL,
	.driver.pm = &simple_ops,
};
#ifdef CONFIG_PM
static struct i2c_driver ifdef_driver = { .driver = { .name = "ifdef", .pm = &late_ops } };
#else
static struct i2c_driver ifdef_driver = { .driver = { .name = "ifdef" } };
#endif
// GNU's old form.
static struct i2c_driver old_form_driver = { driver: { name: "old_form", pm: &simple_ops } };

typedef struct i2c_driver other_name;
static other_name typedef_driver = { .driver = { .name = "typedef", .pm = &simple_ops } };

static struct i2c_driver array[] = {
	{ .driver = { .name = "array0", .pm = &simple_ops } },
	[2] = { .driver = { .name = "array2" } },
};

static struct wrapper {
	int more;
	struct i2c_driver i2c;
} wrapped = { .i2c.driver = { .name = "wrapped", .pm = &late_ops } };

int all(void)
{
	int e = 0;
	e |= i2c_register_driver(THIS_MODULE, &simple_driver) | i2c_register_driver(THIS_MODULE, &define_simple_driver);
	e |= i2c_register_driver(THIS_MODULE, &define_runtime_driver) | i2c_register_driver(THIS_MODULE, &universal_driver);
	e |= i2c_register_driver(THIS_MODULE, &define_noirq_driver) | i2c_register_driver(THIS_MODULE, &export_driver);
	e |= i2c_register_driver(THIS_MODULE, &export_runtime_driver) | i2c_register_driver(THIS_MODULE, &set_driver);
	e |= i2c_register_driver(THIS_MODULE, &late_driver) | i2c_register_driver(THIS_MODULE, &noirq_driver);
	e |= i2c_register_driver(THIS_MODULE, &freeze_driver) | i2c_register_driver(THIS_MODULE, &position_driver);
	e |= i2c_register_driver(THIS_MODULE, &alias_driver) | i2c_register_driver(THIS_MODULE, &ternary_driver);
	e |= i2c_register_driver(THIS_MODULE, &nested_driver);
	e |= i2c_register_driver(THIS_MODULE, &ifdef_driver) | i2c_register_driver(THIS_MODULE, &old_form_driver);
	e |= i2c_register_driver(THIS_MODULE, &typedef_driver) | i2c_register_driver(THIS_MODULE, &wrapped.i2c);
	for (int i = 0; i < 3; ++i)
		e |= i2c_register_driver(THIS_MODULE, &array[i]);
	return e;
}

// CHECK: "status":"ok"
// SURVEY: alias_driver i2c full [{{.*}}] down/up
// SURVEY: array[0] i2c full [SIMPLE_DEV_PM_OPS] down/up
// SURVEY: array[2] i2c none
// SURVEY: define_noirq_driver i2c full [DEFINE_NOIRQ_DEV_PM_OPS] down/up
// SURVEY: define_runtime_driver i2c full [DEFINE_RUNTIME_DEV_PM_OPS] pm_runtime_force_suspend/pm_runtime_force_resume
// SURVEY: define_simple_driver i2c full [DEFINE_SIMPLE_DEV_PM_OPS] down/up
// SURVEY: export_driver i2c full [EXPORT_GPL_SIMPLE_DEV_PM_OPS] down/up
// SURVEY: export_runtime_driver i2c runtime-only [EXPORT_GPL_RUNTIME_DEV_PM_OPS]
// SURVEY: freeze_driver i2c full [member] down/up
// SURVEY: ifdef_driver i2c full [SET_LATE_SYSTEM_SLEEP_PM_OPS] down/up
// SURVEY: late_driver i2c full [SET_LATE_SYSTEM_SLEEP_PM_OPS] down/up
// SURVEY: nested_driver i2c full [SIMPLE_DEV_PM_OPS] down/up
// SURVEY: noirq_driver i2c full [NOIRQ_SYSTEM_SLEEP_PM_OPS] down/up
// SURVEY: old_form_driver i2c full [SIMPLE_DEV_PM_OPS] down/up
// SURVEY: position_driver i2c full [member] down/up
// SURVEY: set_driver i2c full [{{.*}}SET_SYSTEM_SLEEP_PM_OPS] down/up
// SURVEY: simple_driver i2c full [SIMPLE_DEV_PM_OPS] down/up
// SURVEY: ternary_driver i2c full [SIMPLE_DEV_PM_OPS] down/up
// SURVEY: typedef_driver i2c full [SIMPLE_DEV_PM_OPS] down/up
// SURVEY: universal_driver i2c full [UNIVERSAL_DEV_PM_OPS] down/up
// SURVEY: wrapped.i2c i2c full [SET_LATE_SYSTEM_SLEEP_PM_OPS] down/up
