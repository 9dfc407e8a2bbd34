// SPDX-License-Identifier: GPL-2.0-only
/*
 * Device registers: read before a protected call and again after the restore,
 * through a mapping of our own.  Which ones: the config's `compare` lists.
 */
#include <linux/io.h>
#include <linux/netdevice.h>
#include <linux/pci.h>
#include <linux/seq_file.h>
#include <linux/string.h>

#include "guest.h"

#define REGISTERS 512

struct reg {
	char entry[48], name[32];
	u32 offset, width;
	u64 mask, before;
	bool valid;
};

static struct reg regs[REGISTERS];
static u32 nr_regs;
static void __iomem *window;
static resource_size_t window_size;
static u32 compared, different;
static char first[128];

int guest_registers_device(struct net_device *dev)
{
	struct pci_dev *pdev;
	int bar;

	if (!dev->dev.parent || !dev_is_pci(dev->dev.parent))
		return -ENODEV;
	pdev = to_pci_dev(dev->dev.parent);
	for (bar = 0; bar < PCI_STD_NUM_BARS; bar++)
		if (pci_resource_flags(pdev, bar) & IORESOURCE_MEM)
			break;
	if (bar == PCI_STD_NUM_BARS)
		return -ENODEV;
	guest_registers_exit();
	window_size = pci_resource_len(pdev, bar);
	window = ioremap(pci_resource_start(pdev, bar), window_size);
	return window ? 0 : -ENOMEM;
}

int guest_registers_add(const char *entry, const char *name, u32 offset, u32 width, u64 mask)
{
	struct reg *r = &regs[nr_regs];

	if (nr_regs == REGISTERS)
		return -ENOSPC;
	if (!window || offset + width / 8 > window_size)
		return -ERANGE;
	if (width != 8 && width != 16 && width != 32)
		return -EINVAL;
	strscpy(r->entry, entry, sizeof(r->entry));
	strscpy(r->name, name, sizeof(r->name));
	r->offset = offset;
	r->width = width;
	r->mask = mask;
	r->valid = false;
	nr_regs++;
	return 0;
}

void guest_registers_clear(void)
{
	nr_regs = 0;
}

static u64 value(const struct reg *r)
{
	switch (r->width) {
	case 8:
		return readb(window + r->offset) & r->mask;
	case 16:
		return readw(window + r->offset) & r->mask;
	default:
		return readl(window + r->offset) & r->mask;
	}
}

void guest_registers_take(const struct fgft_event *ev)
{
	u32 i;

	for (i = 0; i < nr_regs; i++) {
		regs[i].valid = !strcmp(regs[i].entry, ev->entry->name);
		if (regs[i].valid)
			regs[i].before = value(&regs[i]);
	}
}

void guest_registers_compare(void)
{
	u32 i;

	for (i = 0; i < nr_regs; i++) {
		u64 now;

		if (!regs[i].valid)
			continue;
		compared++;
		now = value(&regs[i]);
		if (now == regs[i].before)
			continue;
		if (!different++)
			scnprintf(first, sizeof(first), "%s:%s:%llx->%llx", regs[i].entry,
				  regs[i].name, regs[i].before, now);
	}
}

/* For the test of this test: the first register that was read is no longer what was there. */
void guest_registers_spoil(void)
{
	u32 i;

	for (i = 0; i < nr_regs; i++) {
		if (!regs[i].valid)
			continue;
		regs[i].before ^= 1;
		return;
	}
}

/* A call that was committed changed registers because it should. */
void guest_registers_reset(void)
{
	u32 i;

	for (i = 0; i < nr_regs; i++)
		regs[i].valid = false;
}

void guest_registers_show(struct seq_file *m)
{
	seq_printf(m, "registers_compared %u\nregisters_different %u\n", compared, different);
	if (different)
		seq_printf(m, "registers_first %s\n", first);
	compared = different = 0;
}

void guest_registers_exit(void)
{
	if (window)
		iounmap(window);
	window = NULL;
}
