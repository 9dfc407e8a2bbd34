// SPDX-License-Identifier: GPL-2.0-only
/*
 * The gate of a device and its restore (rules 8 and 9).
 *
 * Closed: the class hands in nothing new, the device's interrupt is off, it
 * masters no bus.  Restore: the driver's own suspend code stops the device (the
 * checkpoint clone), its resume code sets it up again, and what resume leaves
 * out is written back by unsave.  Bus mastering is given back once suspend has
 * stopped the device, because resume itself re-opens queues and some devices
 * are set up by DMA; where there is no suspend code, after restore.
 */
#include <linux/device.h>
#include <linux/interrupt.h>
#include <linux/irq.h>
#include <linux/pci.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>

#include "compat/compat.h"
#include "fgft.h"

/* True when an abort of this entry has to do something to the device. */
bool fgft_gate_needed(const struct fgft_entry *e)
{
	return e->restore || e->unsave ||
	       (e->checkpoint && !(e->flags & FGFT_EF_CHECKPOINT_FIRST));
}

static bool is_net(const struct fgft_gate *g)
{
	return g->object && !strcmp(g->drv->class_name, "net");
}

static struct pci_dev *pci_of(const struct fgft_gate *g)
{
#ifdef CONFIG_PCI
	if (g->dev && dev_is_pci((struct device *)g->dev))
		return to_pci_dev((struct device *)g->dev);
#endif
	return NULL;
}

static void master(struct pci_dev *pdev, bool on)
{
	u16 cmd;

	if (pci_read_config_word(pdev, PCI_COMMAND, &cmd))
		return;
	cmd = on ? cmd | PCI_COMMAND_MASTER : cmd & ~PCI_COMMAND_MASTER;
	pci_write_config_word(pdev, PCI_COMMAND, cmd);
}

/*
 * Undoing a request or a free of the line loses our disable: the kernel starts
 * a line with its first handler and shuts it down with its last.  So this is
 * called again after the undo, and what counts at the end is the line's depth.
 */
static void irq_off(struct fgft_gate *g)
{
	if (g->irq <= 0 || !fgft_compat_irq_action(g->irq, NULL) ||
	    fgft_compat_irq_depth(g->irq))
		return;
	disable_irq_nosync(g->irq);
	g->irq_off = true;
}

/* Any context: nothing here sleeps or takes a lock of the driver. */
void fgft_gate_close(struct fgft_txn *t, struct fgft_gate *g)
{
	struct pci_dev *pdev = pci_of(g);

	atomic_inc(&g->entry->rt->drv->gate);
	g->closed = true;
	if (is_net(g))
		fgft_net_close(g);
	if (!pdev)
		return;
	g->irq = pdev->irq;
	irq_off(g);
	if (pdev->is_busmaster) {
		master(pdev, false);
		g->master_off = true;
	}
}

/* After the rollback and the undo, which may have opened parts of it again. */
void fgft_gate_again(struct fgft_gate *g)
{
	irq_off(g);
	if (is_net(g))
		fgft_net_again(g);
}

static void master_on(struct fgft_gate *g)
{
	if (g->master_off)
		master(pci_of(g), true);
	g->master_off = false;
}

static void open_gate(struct fgft_gate *g)
{
	master_on(g);
	if (is_net(g))
		fgft_net_open(g);
	/* without a handler it is shut down: enabling it would start it */
	if (g->irq_off && fgft_compat_irq_action(g->irq, NULL) &&
	    fgft_compat_irq_depth(g->irq))
		enable_irq(g->irq);
	g->irq_off = false;
	g->closed = false;
	atomic_dec(&g->entry->rt->drv->gate);
}

/* 0, or what the driver's restore code returned: the device stays suspect. */
int fgft_gate_restore(struct fgft_gate *g)
{
	struct fgft_entry *e = g->entry;
	struct fgft_driver_rt *rt = e->rt->drv;
	bool sleeps = fgft_may_sleep_now();
	int ret = 0;

	if (sleeps) {
		mutex_lock(&rt->restoring);
		if (g->irq_off)
			synchronize_irq(g->irq);
		if (is_net(g) && (e->flags & FGFT_EF_GATE_NAPI))
			fgft_net_quiesce(g);
	}
	if (e->checkpoint && !(e->flags & FGFT_EF_CHECKPOINT_FIRST)) {
		ret = (int)e->checkpoint(g->args);
		master_on(g);
	}
	if (!ret && e->restore)
		ret = (int)e->restore(g->args);
	if (!ret && e->unsave)
		e->unsave(g->args, g->save);
	open_gate(g);
	fgft_count(restores);
	if (ret) {
		fgft_count(restore_failed);
		pr_err("%s %s: restore failed: %d\n", g->drv->name, e->name, ret);
	}
	if (sleeps)
		mutex_unlock(&rt->restoring);
	return ret;
}

/* Atomic context: restore runs as work, calls meanwhile get the busy value. */
bool fgft_gate_later(const struct fgft_gate *g, u64 fault_ns)
{
	struct fgft_driver_rt *rt = g->entry->rt->drv;
	struct fgft_gate *copy = kmemdup(g, sizeof(*g), GFP_ATOMIC);
	unsigned long flags;

	if (!copy)
		return false;
	copy->fault_ns = fault_ns;
	atomic_inc(&rt->inflight);
	spin_lock_irqsave(&rt->lock, flags);
	copy->next = rt->pending;
	rt->pending = copy;
	spin_unlock_irqrestore(&rt->lock, flags);
	fgft_count(restore_deferred);
	schedule_work(&rt->work);
	return true;
}

void fgft_gate_work(struct work_struct *w)
{
	struct fgft_driver_rt *rt = container_of(w, struct fgft_driver_rt, work);
	struct fgft_gate *g;

	for (;;) {
		spin_lock_irq(&rt->lock);
		g = rt->pending;
		if (g)
			rt->pending = g->next;
		spin_unlock_irq(&rt->lock);
		if (!g)
			return;
		/* what the class's calls are serialised by */
		if (is_net(g))
			rtnl_lock();
		WRITE_ONCE(rt->restorer, current);
		fgft_gate_restore(g);
		WRITE_ONCE(rt->restorer, NULL);
		if (is_net(g))
			rtnl_unlock();
		fgft_stop_watch(g->entry->rt, g->fault_ns);
		kfree(g);
		atomic_dec(&rt->inflight);
	}
}
