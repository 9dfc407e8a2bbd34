// SPDX-License-Identifier: GPL-2.0-only
/*
 * Load and unload of fgft.ko, registration of drivers, and the switch-off at
 * the first broken invariant.
 */
#include <linux/delay.h>
#include <linux/export.h>
#include <linux/jump_label.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include "compat/compat.h"
#include "fgft.h"

bool fgft_armed;
DEFINE_MUTEX(fgft_mutex);
LIST_HEAD(fgft_drivers);

/* Static keys cannot be switched where an invariant breaks: the flag is read
 * at once by every slow path, the keys follow as work.
 */
static void keys_work_fn(struct work_struct *w)
{
	struct fgft_driver_rt *d;

	mutex_lock(&fgft_mutex);
	list_for_each_entry(d, &fgft_drivers, node)
		fgft_keys_set(d);
	mutex_unlock(&fgft_mutex);
}
static DECLARE_WORK(keys_work, keys_work_fn);

void fgft_broken(const char *what)
{
	fgft_count(broken);
	if (!xchg(&fgft_armed, false))
		return;
	pr_err("switched off: %s\n", what);
	schedule_work(&keys_work);
}

static void scan_fn(struct work_struct *w);
static DECLARE_DELAYED_WORK(scan, scan_fn);

static void scan_fn(struct work_struct *w)
{
	fgft_txn_scan();
	schedule_delayed_work(&scan, 5 * HZ);
}

static const char *bad_entry(const struct fgft_entry *e)
{
	if (!e->name || !e->clone || !e->plain || !e->key)
		return "an entry without name, clone, plain copy or key";
	if (e->nr_args > FGFT_MAX_ARGS || e->nr_save > FGFT_SAVE || e->nr_plan > 64)
		return "an entry with too many arguments, saved locations or plan rows";
	if (e->nr_plan && !e->plan)
		return "an access plan without rows";
	if (e->nr_save && (!e->save || !e->unsave))
		return "saved locations without save and unsave";
	if (e->fail_kind > FGFT_FAIL_ARG || e->fail_arg >= FGFT_MAX_ARGS)
		return "an unknown failure kind";
	if (e->rt)
		return "an entry that is already registered";
	return NULL;
}

static const char *bad_driver(const struct fgft_driver *d)
{
	const char *why;
	u32 i;

	if (d->abi != FGFT_ABI_VERSION || d->size != sizeof(*d))
		return "another ABI version";
	if (!d->name || !d->owner || !d->source_hash || !d->kernel_id || !d->class_name)
		return "a missing name, owner, source hash, kernel id or class";
	if (d->nr_entries > 1024 || (d->nr_entries && !d->entries) || d->nr_text > 1024 ||
	    !d->nr_text || !d->text || d->nr_sites > 100000 || d->nr_abortable > 1024)
		return "absurd table sizes";
	for (i = 0; i < d->nr_entries; i++) {
		why = bad_entry(&d->entries[i]);
		if (why)
			return why;
	}
	if (!(d->flags & FGFT_DF_TEST) && strcmp(d->kernel_id, fgft_compat_build_id()))
		return "another kernel's build id";
	return NULL;
}

static void free_rt(struct fgft_driver_rt *rt)
{
	kfree(rt->callees);
	kvfree(rt->entries);
	kfree(rt);
}

static struct fgft_driver_rt *make_rt(struct fgft_driver *d)
{
	struct fgft_driver_rt *rt = kzalloc(sizeof(*rt), GFP_KERNEL);
	u32 i;

	if (!rt)
		return NULL;
	rt->drv = d;
	spin_lock_init(&rt->lock);
	mutex_init(&rt->restoring);
	INIT_WORK(&rt->work, fgft_gate_work);
	rt->entries = kvcalloc(d->nr_entries, sizeof(*rt->entries), GFP_KERNEL);
	rt->callees = kcalloc(d->nr_abortable ?: 1, sizeof(*rt->callees), GFP_KERNEL);
	if (!rt->entries || !rt->callees) {
		free_rt(rt);
		return NULL;
	}
	for (i = 0; i < d->nr_abortable; i++) {
		unsigned long start = (unsigned long)d->abortable[i];
		unsigned long size = fgft_compat_text_size(start);

		rt->callees[i].start = start;
		rt->callees[i].end = start + size;
	}
	rt->nr_callees = d->nr_abortable;
	for (i = 0; i < d->nr_entries; i++)
		rt->entries[i].drv = rt;
	return rt;
}

int fgft_driver_register(struct fgft_driver *d)
{
	struct fgft_driver_rt *rt, *other;
	const char *why;
	u32 i;

	if (!READ_ONCE(fgft_armed))
		return -EPERM;
	why = bad_driver(d);
	if (why) {
		pr_err("driver refused: %s\n", why);
		fgft_count(register_refused);
		return d->abi != FGFT_ABI_VERSION ? -ENOEXEC : -EINVAL;
	}
	fgft_mii_resolve();
	rt = make_rt(d);
	if (!rt)
		return -ENOMEM;
	mutex_lock(&fgft_mutex);
	list_for_each_entry(other, &fgft_drivers, node) {
		if (!strcmp(other->drv->name, d->name) && other->drv->owner == d->owner) {
			mutex_unlock(&fgft_mutex);
			free_rt(rt);
			fgft_count(register_refused);
			return -EEXIST;
		}
	}
	for (i = 0; i < d->nr_entries; i++)
		WRITE_ONCE(d->entries[i].rt, &rt->entries[i]);
	d->rt = rt;
	list_add_tail(&rt->node, &fgft_drivers);
	mutex_unlock(&fgft_mutex);
	pr_info("%s: %u entry points, %u fault sites\n", d->name, d->nr_entries, d->nr_sites);
	return 0;
}
EXPORT_SYMBOL_GPL(fgft_driver_register);

void fgft_driver_unregister(struct fgft_driver *d)
{
	struct fgft_driver_rt *rt = d->rt;
	u32 i;

	if (!rt)
		return;
	mutex_lock(&fgft_mutex);
	for (i = 0; i < d->nr_entries; i++) {
		WRITE_ONCE(rt->entries[i].on, false);
		rt->entries[i].policy.when = FGFT_W_OFF;
	}
	fgft_keys_set(rt);
	list_del(&rt->node);
	mutex_unlock(&fgft_mutex);
	synchronize_rcu();
	while (atomic_read(&rt->inflight))
		usleep_range(1000, 2000);
	flush_work(&rt->work);
	for (i = 0; i < d->nr_entries; i++)
		WRITE_ONCE(d->entries[i].rt, NULL);
	d->rt = NULL;
	free_rt(rt);
}
EXPORT_SYMBOL_GPL(fgft_driver_unregister);

static int __init fgft_init(void)
{
	int ret = fgft_compat_init();

	if (ret) {
		pr_err("cannot look up kernel symbols: %d\n", ret);
		return ret;
	}
	ret = fgft_txn_init();
	if (ret)
		goto out_pool;
	ret = fgft_fault_init();
	if (ret)
		goto out_pool;
	WRITE_ONCE(fgft_armed, true);
	ret = fgft_selftest();
	if (ret) {
		pr_err("self test failed, not armed\n");
		goto out_fault;
	}
	fgft_counters_init();
	ret = fgft_policy_init();
	if (ret)
		goto out_counters;
	schedule_delayed_work(&scan, 5 * HZ);
	pr_info("armed\n");
	return 0;

out_counters:
	fgft_counters_exit();
out_fault:
	WRITE_ONCE(fgft_armed, false);
	fgft_fault_exit();
out_pool:
	fgft_txn_exit();
	return ret;
}

/* Drivers hold references to our symbols: none is registered any more. */
static void __exit fgft_exit(void)
{
	WRITE_ONCE(fgft_armed, false);
	cancel_delayed_work_sync(&scan);
	flush_work(&keys_work);
	fgft_policy_exit();
	fgft_counters_exit();
	while (fgft_txn_busy())
		usleep_range(1000, 2000);
	fgft_fault_exit();
	fgft_txn_exit();
}

module_init(fgft_init);
module_exit(fgft_exit);
MODULE_DESCRIPTION("Entry points of drivers as transactions");
MODULE_LICENSE("GPL");
