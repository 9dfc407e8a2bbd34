// SPDX-License-Identifier: GPL-2.0-only
/*
 * Counters, and the files that show them and arm fault sites (debugfs, root
 * only): counters, entries, sites, arm.
 */
#include <linux/debugfs.h>
#include <linux/module.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "compat/compat.h"
#include "fgft.h"

atomic64_t fgft_counts[FGFT_NR_COUNTERS];
static const char *const names[FGFT_NR_COUNTERS] = {
#define X(n) [FGFT_N_##n] = #n,
	FGFT_COUNTERS(X)
#undef X
};

static struct dentry *dir;
static int counters_show(struct seq_file *m, void *v)
{
	int i;

	seq_printf(m, "armed %d\n", READ_ONCE(fgft_armed));
	seq_printf(m, "kernel %s\n", fgft_compat_build_id());
	for (i = 0; i < FGFT_NR_COUNTERS; i++)
		seq_printf(m, "%s %lld\n", names[i], atomic64_read(&fgft_counts[i]));
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(counters);

static int entries_show(struct seq_file *m, void *v)
{
	struct fgft_driver_rt *d;
	u32 i;

	seq_puts(m, "# driver entry on calls plain commits aborts busy not_eligible last_ns max_ns last_cause last_where last_addr log_high\n");
	mutex_lock(&fgft_mutex);
	list_for_each_entry(d, &fgft_drivers, node) {
		for (i = 0; i < d->drv->nr_entries; i++) {
			struct fgft_entry_rt *r = &d->entries[i];

			seq_printf(m, "%s %s %d %lld %lld %lld %lld %lld %lld %lld %lld %s %pS %lx %u\n",
				   d->drv->name, d->drv->entries[i].name, r->on,
				   atomic64_read(&r->calls), atomic64_read(&r->plains),
				   atomic64_read(&r->commits), atomic64_read(&r->aborts),
				   atomic64_read(&r->busy), atomic64_read(&r->refused),
				   atomic64_read(&r->last_ns), atomic64_read(&r->max_ns),
				   fgft_cause_name(r->last_cause), (void *)r->last_where,
				   r->last_addr, READ_ONCE(r->log_high));
		}
	}
	mutex_unlock(&fgft_mutex);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(entries);

static void show_kinds(struct seq_file *m, u32 mask)
{
	u32 k, n = 0;

	for (k = 1; k < FGFT_SITE_KINDS; k++)
		if (mask & (1u << k))
			seq_printf(m, "%s%s", n++ ? "," : "", fgft_kind_name(k));
	if (!n)
		seq_puts(m, "-");
}

static int sites_show(struct seq_file *m, void *v)
{
	struct fgft_driver_rt *d;
	u32 i;

	seq_puts(m, "# driver id entry function file:line kinds armed reached fired\n");
	mutex_lock(&fgft_mutex);
	list_for_each_entry(d, &fgft_drivers, node) {
		for (i = 0; i < d->drv->nr_sites; i++) {
			struct fgft_site *s = &d->drv->sites[i];
			bool one = s->entry >= 0 && s->entry < d->drv->nr_entries;

			seq_printf(m, "%s %u %s %s %s:%u ", d->drv->name, s->id,
				   one ? d->drv->entries[s->entry].name : "-",
				   s->function, s->file, s->line);
			show_kinds(m, s->kinds);
			seq_printf(m, " %s %llu %llu\n",
				   s->armed ? fgft_kind_name(s->armed) : "off",
				   s->reached, s->fired);
		}
	}
	mutex_unlock(&fgft_mutex);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(sites);

static void disarm_all(void)
{
	struct fgft_driver_rt *d;
	u32 i;

	atomic_set(&fgft_site_times, 0);
	list_for_each_entry(d, &fgft_drivers, node) {
		for (i = 0; i < d->drv->nr_sites; i++) {
			WRITE_ONCE(d->drv->sites[i].armed, 0);
			d->drv->sites[i].reached = 0;
			d->drv->sites[i].fired = 0;
		}
	}
}

static int arm(const char *drv, u32 id, int kind, u32 times)
{
	struct fgft_driver_rt *d;
	u32 i;

	list_for_each_entry(d, &fgft_drivers, node) {
		if (strcmp(d->drv->name, drv) &&
		    (!d->drv->owner || strcmp(module_name(d->drv->owner), drv)))
			continue;
		for (i = 0; i < d->drv->nr_sites; i++) {
			struct fgft_site *s = &d->drv->sites[i];

			if (s->id != id)
				continue;
			if (!(s->kinds & (1u << kind)))
				return -EOPNOTSUPP;
			disarm_all();
			atomic_set(&fgft_site_times, times);
			WRITE_ONCE(s->armed, kind);
			return 0;
		}
	}
	return -ENOENT;
}

/* "off", or "DRIVER ID KIND [TIMES]" */
static ssize_t arm_write(struct file *f, const char __user *buf, size_t n, loff_t *pos)
{
	char text[128], drv[65], kind[17];
	u32 id, times = 1;
	int ret, k;

	if (!n || n >= sizeof(text))
		return -EINVAL;
	if (copy_from_user(text, buf, n))
		return -EFAULT;
	text[n] = 0;
	mutex_lock(&fgft_mutex);
	if (sysfs_streq(text, "off")) {
		disarm_all();
		ret = 0;
	} else if (sscanf(text, "%64s %u %16s %u", drv, &id, kind, &times) >= 3 && times &&
		   times <= INT_MAX) {
		k = fgft_kind_of(kind);
		ret = k < 0 ? k : arm(drv, id, k, times);
	} else {
		ret = -EINVAL;
	}
	mutex_unlock(&fgft_mutex);
	return ret ?: n;
}

static const struct file_operations arm_fops = {
	.owner = THIS_MODULE,
	.open = simple_open,
	.write = arm_write,
};

void fgft_counters_init(void)
{
	dir = debugfs_create_dir("fgft", NULL);
	debugfs_create_file("counters", 0400, dir, NULL, &counters_fops);
	debugfs_create_file("entries", 0400, dir, NULL, &entries_fops);
	debugfs_create_file("sites", 0400, dir, NULL, &sites_fops);
	debugfs_create_file("arm", 0200, dir, NULL, &arm_fops);
}

void fgft_counters_exit(void)
{
	debugfs_remove(dir);
}
