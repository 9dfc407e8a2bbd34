// SPDX-License-Identifier: GPL-2.0-only
/*
 * Descriptor, stubs and the runner: writing a test's name, or "all", to the
 * parameter `run` prints one result line per test.
 */
#include <linux/cred.h>
#include <linux/jump_label.h>
#include <linux/mii.h>
#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/notifier.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include <linux/workqueue.h>

#include "guest.h"

#undef pr_fmt
#define pr_fmt(fmt) "fgft-test: " fmt

struct outer *guest;
struct kmem_cache *guest_cache;
int guest_work_runs, guest_flag, guest_conflicts;
char *guest_guard;
struct mii_if_info *guest_mii;
u64 guest_value, guest_cell;
const char *guest_end = "none", *guest_rolled_back_error;
const char *(*guest_rolled_back)(void);

extern const struct fgft_func guest_funcs[1];
extern char guest_text_begin[], guest_text_end[];

static void work_fn(struct work_struct *w)
{
	guest_work_runs++;
}
DECLARE_WORK(guest_work, work_fn);

/* what the plain copies return */
static int plain_value = 42;
module_param(plain_value, int, 0600);

static u64 plain(u64 *args)
{
	return plain_value;
}

/* The keys of entries that are switched by the flag of fgft_run alone. */
static struct static_key_false keys[NR_CLONES + 1];

static const struct fgft_plan plan[] = {
	{ .from = -1, .flags = FGFT_PL_READ | FGFT_PL_WRITE, .size = sizeof(struct object),
	  .size_row = -1, .count_row = -1 },
};
static const struct fgft_plan device_plan[] = {
	{ .from = -1, .flags = FGFT_PL_READ | FGFT_PL_WRITE, .size = sizeof(struct object),
	  .size_row = -1, .count_row = -1 },
	{ .from = -2, .flags = FGFT_PL_READ | FGFT_PL_WRITE | FGFT_PL_DEVICE, .size = 0x100,
	  .size_row = -1, .count_row = -1 },
};
static const struct fgft_plan cell_plan[] = {
	{ .from = -1, .flags = FGFT_PL_READ | FGFT_PL_WRITE, .size = 8,
	  .size_row = -1, .count_row = -1 },
};

u64 device_checkpoint(u64 *args);
u64 device_restore(u64 *args);
void device_save(u64 *args, u64 *buf);
void device_unsave(u64 *args, const u64 *buf);

#define COMMON(n)								\
	.name = #n, .kind = "config", .nr_args = 2, .clone = clone_##n, .plain = plain, \
	.key = &keys[C_##n].key, .fail_kind = FGFT_FAIL_CONST, .fail_value = (u64)-EFAULT, \
	.busy_value = (u64)-EBUSY, .plan = plan, .nr_plan = ARRAY_SIZE(plan)
struct fgft_entry guest_entries[NR_CLONES] = {
#define X(n) [C_##n] = { COMMON(n) },
	CLONES(X)
#undef X
};

struct fgft_entry other_entry[1] = { {
	.name = "other", .kind = "config", .nr_args = 2, .clone = clone_other, .plain = plain,
	.key = &keys[NR_CLONES].key, .fail_kind = FGFT_FAIL_CONST,
	.fail_value = (u64)-EFAULT, .plan = cell_plan, .nr_plan = 1,
} };

static const struct fgft_text text = { guest_text_begin, guest_text_end };

static struct fgft_driver driver = {
	.abi = FGFT_ABI_VERSION, .size = sizeof(driver), .name = "guest",
	.owner = THIS_MODULE, .source_hash = "", .kernel_id = "", .class_name = "none",
	.flags = FGFT_DF_TEST, .nr_entries = NR_CLONES, .entries = guest_entries,
	.nr_text = 1, .text = &text, .nr_funcs = 1, .funcs = guest_funcs,
};

static struct fgft_driver other = {
	.abi = FGFT_ABI_VERSION, .size = sizeof(other), .name = "other",
	.owner = THIS_MODULE, .source_hash = "", .kernel_id = "", .class_name = "none",
	.flags = FGFT_DF_TEST, .nr_entries = 1, .entries = other_entry,
	.nr_text = 1, .text = &text,
};

/* A stub by hand; the isolator's is a patched jump. */
static noinline u64 stub(struct fgft_entry *e, u64 a, u64 b)
{
	u64 args[2] = { a, b };

	if (static_key_enabled(e->key))
		return fgft_run(e, args);
	return e->plain(args);
}

u64 guest_call(enum clone_id id, u64 arg)
{
	return stub(&guest_entries[id], (unsigned long)&guest->o, arg);
}

u64 guest_call_other(u64 arg)
{
	return stub(other_entry, (unsigned long)&guest_cell, arg);
}

int guest_mdio_read(struct net_device *dev, int phy, int location)
{
	return (int)guest_call(C_mdio, 0);
}

static void mdio_write(struct net_device *dev, int phy, int location, int value)
{
}

static int on_event(struct notifier_block *nb, unsigned long event, void *data)
{
	struct fgft_event *ev = data;

	if (event == FGFT_EV_COMMIT)
		guest_end = "commit";
	if (event == FGFT_EV_ROLLED_BACK) {
		guest_end = ev->cause;
		guest_conflicts = ev->code;
		if (guest_rolled_back)
			guest_rolled_back_error = guest_rolled_back();
	}
	return NOTIFY_DONE;
}
static struct notifier_block events = { .notifier_call = on_event };

static void fresh(void)
{
	memset(guest, 0x11, sizeof(*guest));
	raw_spin_lock_init(&guest->o.lock);
	mutex_init(&guest->o.mutex);
	atomic_set(&guest->o.count, 1000);
	guest->o.bits = 1ul << 40;
	guest_work_runs = guest_flag = guest_conflicts = 0;
	guest_end = "none";
	guest_rolled_back = NULL;
	guest_rolled_back_error = NULL;
	guest_value = guest_cell = 0;
}

const char *guest_recovers(enum clone_id id, u64 arg, const char *cause)
{
	struct outer *copy = kmemdup(guest, sizeof(*guest), GFP_KERNEL);
	int pc = preempt_count();
	const char *bad = NULL;
	u64 v;

	if (!copy)
		return "no memory";
	v = guest_call(id, arg);
	if ((s64)v != FAILED)
		bad = "the caller did not get the failure value";
	else if (strcmp(guest_end, cause))
		bad = "another cause";
	else if (memcmp(copy, guest, sizeof(*guest)))
		bad = "memory is not as before";
	else if (guest_conflicts)
		bad = "a conflict";
	else if (preempt_count() != pc || irqs_disabled())
		bad = "context is not as before";
	if (bad)
		pr_info("%s: returned %lld, cause %s, %d conflicts\n",
			guest_entries[id].name, (s64)v, guest_end, guest_conflicts);
	kfree(copy);
	return bad;
}

static bool run_table(const struct guest_test *t, const char *name)
{
	bool any = false;

	for (; t->name; t++) {
		const char *bad;

		if (strcmp(name, "all") && strcmp(name, t->name))
			continue;
		any = true;
		fresh();
		bad = t->run();
		if (bad)
			pr_info("%s: FAILED: %s\n", t->name, bad);
		else
			pr_info("%s: ok\n", t->name);
	}
	return any;
}

static int run_set(const char *val, const struct kernel_param *kp)
{
	char name[40];
	bool any;

	if (strscpy(name, val, sizeof(name)) < 0)
		return -EINVAL;
	strim(name);
	any = run_table(guest_tests, name) | run_table(guest_tests_lock, name) |
	      run_table(guest_tests_device, name) | run_table(guest_tests_context, name);
	if (strcmp(name, "all"))	/* these end in an oops or switch the runtime off */
		any |= run_table(guest_tests_foreign, name);
	return any ? 0 : -ENOENT;
}
static const struct kernel_param_ops run_ops = { .set = run_set };
module_param_cb(run, &run_ops, NULL, 0200);

/* "ENTRY TIMES [UID]": calls, as that user; for the policies' counts */
static int call_set(const char *val, const struct kernel_param *kp)
{
	const struct cred *old = NULL;
	unsigned int times, uid = 0, i, j;
	struct cred *cred;
	char name[33];

	if (sscanf(val, "%32s %u %u", name, &times, &uid) < 2)
		return -EINVAL;
	for (i = 0; i < NR_CLONES && strcmp(guest_entries[i].name, name); i++)
		;
	if (i == NR_CLONES)
		return -ENOENT;
	fresh();
	cred = prepare_creds();
	if (!cred)
		return -ENOMEM;
	cred->euid = KUIDT_INIT(uid);
	old = override_creds(cred);
	for (j = 0; j < times; j++)
		guest_call(i, 0);
	revert_creds(old);
	put_cred(cred);
	return 0;
}
static const struct kernel_param_ops call_ops = { .set = call_set };
module_param_cb(call, &call_ops, NULL, 0200);

static void set_up_entries(void)
{
	guest_entries[C_mdio].flags = FGFT_EF_CALLBACK;
	guest_entries[C_log_full].log_bytes = 48 * 100;
	guest_entries[C_local].log_bytes = 48 * 2;
	guest_entries[C_loop].budget = 100000;
	guest_entries[C_device].checkpoint = device_checkpoint;
	guest_entries[C_device].restore = device_restore;
	guest_entries[C_device].save = device_save;
	guest_entries[C_device].unsave = device_unsave;
	guest_entries[C_device].nr_save = 2;
	guest_entries[C_gate].restore = device_restore;
	guest_entries[C_gate].flags = FGFT_EF_GATE | FGFT_EF_RESTORE_SLEEPS;
	guest_entries[C_not_eligible].restore = device_restore;
	guest_entries[C_not_eligible].flags = FGFT_EF_RESTORE_SLEEPS;
	guest_entries[C_device_range].plan = device_plan;
	guest_entries[C_device_range].nr_plan = 2;
}

static int __init guest_init(void)
{
	int ret;

	guest = kzalloc(sizeof(*guest), GFP_KERNEL);
	guest_cache = kmem_cache_create("fgft_guest", 64, 0, SLAB_NO_MERGE, NULL);
	guest_guard = vmalloc(PAGE_SIZE);
	guest_mii = kzalloc(sizeof(*guest_mii), GFP_KERNEL);
	if (!guest || !guest_cache || !guest_guard || !guest_mii)
		return -ENOMEM;
	guest_mii->dev = dev_get_by_name(&init_net, "lo");
	guest_mii->mdio_read = guest_mdio_read;
	guest_mii->mdio_write = mdio_write;
	set_up_entries();
	ret = fgft_driver_register(&driver);
	if (ret)
		return ret;
	ret = fgft_driver_register(&other);
	if (ret)
		return ret;
	return fgft_notifier_register(&events);
}

static void __exit guest_exit(void)
{
	fgft_notifier_unregister(&events);
	fgft_driver_unregister(&other);
	fgft_driver_unregister(&driver);
	dev_put(guest_mii->dev);
	kfree(guest_mii);
	vfree(guest_guard);
	kmem_cache_destroy(guest_cache);	/* warns about what leaked */
	kfree(guest);
}

module_init(guest_init);
module_exit(guest_exit);
MODULE_DESCRIPTION("Hand-written entry points for testing fgft.ko");
MODULE_LICENSE("GPL");
