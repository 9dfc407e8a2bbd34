// RUN: %clang_analyze %s
// RUN: %roads | FileCheck %s
// RUN: %survey | FileCheck %s --check-prefix=SURVEY
//
// One half of the pair is missing.
#include <linux/kernel-simulator.h>

static int down(struct device *dev) { return 0; }
static int up(struct device *dev) { return 0; }

static const struct dev_pm_ops down_ops = { .suspend = down };
static struct i2c_driver down_driver = { // expected-warning {{down_driver has down but no resume [suspend-without-resume]}}
	.driver = { .name = "down", .pm = &down_ops },
};

static DEFINE_SIMPLE_DEV_PM_OPS(up_ops, NULL, up);
static struct i2c_driver up_driver = { // expected-warning {{up_driver has up but no suspend [resume-without-suspend]}}
	.driver = { .name = "up", .pm = pm_sleep_ptr(&up_ops) },
};

// Near negatives: both halves in different phases; runtime PM alone; prepare and complete alone; no table at all.
static const struct dev_pm_ops phases_ops = { .suspend_noirq = down, .resume_early = up };
static struct i2c_driver phases_driver = { .driver = { .name = "phases", .pm = &phases_ops } };

static const struct dev_pm_ops runtime_ops = { SET_RUNTIME_PM_OPS(down, up, NULL) };
static struct i2c_driver runtime_driver = { .driver = { .name = "runtime", .pm = &runtime_ops } };

static void after(struct device *dev) {}
static const struct dev_pm_ops around_ops = { .prepare = down, .complete = after };
static struct i2c_driver around_driver = { .driver = { .name = "around", .pm = &around_ops } };

static struct i2c_driver bare_driver = { .driver = { .name = "bare" } };

static const struct dev_pm_ops empty_ops;
static struct i2c_driver empty_driver = { .driver = { .name = "empty", .pm = &empty_ops } };

int init(void)
{
	return i2c_register_driver(THIS_MODULE, &down_driver) || i2c_register_driver(THIS_MODULE, &up_driver) ||
	       i2c_register_driver(THIS_MODULE, &phases_driver) || i2c_register_driver(THIS_MODULE, &runtime_driver) ||
	       i2c_register_driver(THIS_MODULE, &around_driver) || i2c_register_driver(THIS_MODULE, &bare_driver) ||
	       i2c_register_driver(THIS_MODULE, &empty_driver);
}

// CHECK: {"function":"init"
// CHECK-SAME: "f":"i2c_register_driver"
// SURVEY: around_driver i2c none
// SURVEY: bare_driver i2c none
// SURVEY: down_driver i2c suspend-only [member] down/ (
// SURVEY: empty_driver i2c none
// SURVEY: phases_driver i2c full [member] down/up
// SURVEY: runtime_driver i2c runtime-only [SET_RUNTIME_PM_OPS]
// SURVEY: up_driver i2c resume-only [DEFINE_SIMPLE_DEV_PM_OPS] /up
