// SPDX-License-Identifier: GPL-2.0-only
/*
 * Makes happen what a test cannot make from user space: the transmit watchdog,
 * with the locks that the kernel's own holds (net/sched/sch_generic.c,
 * dev_watchdog), and a fault of somebody else in the middle of a transaction.
 */
#include <linux/completion.h>
#include <linux/hrtimer.h>
#include <linux/interrupt.h>
#include <linux/netdevice.h>
#include <linux/string.h>

#include "guest.h"

static struct net_device *watched;
static DECLARE_COMPLETION(watchdog_done);

/* A tasklet is the kernel timer's context without the wait for its tick. */
static void watchdog(struct tasklet_struct *tasklet)
{
	netif_tx_lock(watched);
	if (netif_device_present(watched) && netif_running(watched))
		watched->netdev_ops->ndo_tx_timeout(watched, 0);
	netif_tx_unlock(watched);
	complete(&watchdog_done);
}

static DECLARE_TASKLET(watchdog_tasklet, watchdog);

int guest_tx_timeout(struct net_device *dev)
{
	if (!dev->netdev_ops->ndo_tx_timeout)
		return -EOPNOTSUPP;
	watched = dev;
	reinit_completion(&watchdog_done);
	local_bh_disable();
	tasklet_schedule(&watchdog_tasklet);
	local_bh_enable();	/* runs it, as a rule */
	wait_for_completion(&watchdog_done);
	return 0;
}

static char foreign_entry[48];
static u64 foreign_ns;
static struct hrtimer foreign_timer;
static bool inside;

/* Runs in a hard interrupt, on top of the transaction, which is not its own. */
static enum hrtimer_restart foreign_fault(struct hrtimer *timer)
{
	if (READ_ONCE(inside)) {
		foreign_entry[0] = 0;
		pr_info("fgft_guest: a fault that is nobody's transaction\n");
		*(volatile int *)NULL = 1;
	}
	return HRTIMER_NORESTART;
}

void guest_foreign_arm(const char *entry, u64 ns)
{
	foreign_ns = ns;
	strscpy(foreign_entry, entry, sizeof(foreign_entry));
}

void guest_foreign_begin(const struct fgft_event *ev)
{
	if (!foreign_entry[0] || strcmp(foreign_entry, ev->entry->name))
		return;
	WRITE_ONCE(inside, true);
	hrtimer_start(&foreign_timer, ns_to_ktime(foreign_ns), HRTIMER_MODE_REL_PINNED_HARD);
}

void guest_foreign_end(void)
{
	WRITE_ONCE(inside, false);
}

void guest_provoke_init(void)
{
	hrtimer_init(&foreign_timer, CLOCK_MONOTONIC, HRTIMER_MODE_REL_PINNED_HARD);
	foreign_timer.function = foreign_fault;
}

void guest_provoke_exit(void)
{
	hrtimer_cancel(&foreign_timer);
	tasklet_kill(&watchdog_tasklet);
}
