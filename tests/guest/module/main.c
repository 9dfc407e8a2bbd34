// SPDX-License-Identifier: GPL-2.0-only
/*
 * fgft_guest.ko: the events of fgft.ko, and two files in debugfs.
 *
 *   control   device NAME | register ENTRY NAME OFFSET WIDTH MASK | clear |
 *             tx_timeout | foreign ENTRY NANOSECONDS | compare |
 *             spoil memory|registers ENTRY
 *   status    NUMBERS by name; reading starts them anew
 */
#include <linux/debugfs.h>
#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/notifier.h>
#include <linux/seq_file.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <net/net_namespace.h>

#include "guest.h"

static struct dentry *dir;
static struct net_device *device;
static char spoiled[16], spoiled_entry[48];

static void spoil(const struct fgft_event *ev)
{
	if (strcmp(spoiled_entry, ev->entry->name))
		return;
	if (!strcmp(spoiled, "memory"))
		guest_memory_spoil();
	else
		guest_registers_spoil();
	spoiled_entry[0] = 0;
}

static int event(struct notifier_block *nb, unsigned long what, void *data)
{
	const struct fgft_event *ev = data;

	switch (what) {
	case FGFT_EV_BEGIN:
		guest_memory_take(ev);
		guest_registers_take(ev);
		spoil(ev);
		guest_foreign_begin(ev);
		break;
	case FGFT_EV_COMMIT:
		guest_foreign_end();
		guest_memory_reset();
		guest_registers_reset();
		break;
	case FGFT_EV_ROLLED_BACK:
		guest_foreign_end();
		guest_memory_compare(ev);
		break;
	case FGFT_EV_RESTORED:
		/* Where the restore runs as work, `compare` asks later. */
		if (!in_atomic())
			guest_registers_compare();
		break;
	}
	return NOTIFY_OK;
}

static struct notifier_block block = { .notifier_call = event };

static int take_device(const char *name)
{
	struct net_device *dev = dev_get_by_name(&init_net, name);
	int ret;

	if (!dev)
		return -ENODEV;
	ret = guest_registers_device(dev);
	/* Kept without a reference: the test unloads this module first. */
	dev_put(dev);
	device = dev;
	return ret;
}

static int command(char *text)
{
	char word[16] = "", name[48] = "", reg[32] = "";
	u32 offset, width;
	u64 number;

	if (sscanf(text, "%15s", word) != 1)
		return -EINVAL;
	if (!strcmp(word, "device") && sscanf(text, "%*s %47s", name) == 1)
		return take_device(name);
	if (!strcmp(word, "register") &&
	    sscanf(text, "%*s %47s %31s %u %u %llu", name, reg, &offset, &width, &number) == 5)
		return guest_registers_add(name, reg, offset, width, number);
	if (!strcmp(word, "foreign") && sscanf(text, "%*s %47s %llu", name, &number) == 2) {
		guest_foreign_arm(name, number);
		return 0;
	}
	if (!strcmp(word, "compare")) {
		guest_registers_compare();
		return 0;
	}
	if (!strcmp(word, "spoil"))
		return sscanf(text, "%*s %15s %47s", spoiled, spoiled_entry) == 2 ? 0 : -EINVAL;
	if (!strcmp(word, "clear")) {
		guest_registers_clear();
		return 0;
	}
	if (!strcmp(word, "tx_timeout"))
		return device ? guest_tx_timeout(device) : -ENODEV;
	return -EINVAL;
}

static ssize_t control_write(struct file *f, const char __user *buf, size_t n, loff_t *pos)
{
	char text[160];
	int ret;

	if (!n || n >= sizeof(text))
		return -EINVAL;
	if (copy_from_user(text, buf, n))
		return -EFAULT;
	text[n] = 0;
	ret = command(text);
	return ret ?: n;
}

static const struct file_operations control_fops = {
	.owner = THIS_MODULE,
	.open = simple_open,
	.write = control_write,
};

static int status_show(struct seq_file *m, void *v)
{
	guest_memory_show(m);
	guest_registers_show(m);
	if (device)
		seq_printf(m, "references %d\n", netdev_refcnt_read(device));
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(status);

static int __init guest_init(void)
{
	int ret = guest_memory_init();

	if (ret)
		return ret;
	guest_provoke_init();
	ret = fgft_notifier_register(&block);
	if (ret) {
		guest_memory_exit();
		return ret;
	}
	dir = debugfs_create_dir("fgft_guest", NULL);
	debugfs_create_file("control", 0200, dir, NULL, &control_fops);
	debugfs_create_file("status", 0400, dir, NULL, &status_fops);
	return 0;
}

static void __exit guest_exit(void)
{
	debugfs_remove(dir);
	fgft_notifier_unregister(&block);
	guest_provoke_exit();
	guest_registers_exit();
	guest_memory_exit();
}

module_init(guest_init);
module_exit(guest_exit);
MODULE_DESCRIPTION("Checks fgft.ko from outside, in the guest of the tests");
MODULE_LICENSE("GPL");
