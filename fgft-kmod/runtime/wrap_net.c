// SPDX-License-Identifier: GPL-2.0-only
/*
 * The network core's state of a device: done at once, undone by the inverse;
 * polls are scheduled at the commit.
 */
#include <linux/ethtool.h>
#include <linux/netdevice.h>

#include "wrap.h"

static bool napi_is_off(struct napi_struct *n)
{
	return test_bit(NAPI_STATE_SCHED, &n->state) && test_bit(NAPI_STATE_NPSVC, &n->state);
}

static void do_napi_enable(struct fgft_txn *t, struct fgft_act *a)
{
	napi_enable((struct napi_struct *)a->a);
}

static void undo_napi_disable(struct fgft_txn *t, struct fgft_act *a)
{
	napi_enable((struct napi_struct *)a->a);
}

static void do_napi_schedule(struct fgft_txn *t, struct fgft_act *a)
{
	__napi_schedule((struct napi_struct *)a->a);
}

static void undo_napi_prep(struct fgft_txn *t, struct fgft_act *a)
{
	struct napi_struct *n = (struct napi_struct *)a->a;

	smp_mb__before_atomic();	/* as napi_complete() */
	clear_bit(NAPI_STATE_SCHED, &n->state);
}

/* A poll that was asked for before the instance was really enabled. */
static void do_napi_late(struct fgft_txn *t, struct fgft_act *a)
{
	napi_schedule((struct napi_struct *)a->a);
}

/*
 * At the commit: a poll would hand buffers of this transaction to the stack,
 * which an abort could not free any more.
 */
WRAP(void, napi_enable, struct napi_struct *n)
{
	struct fgft_txn *t = fgft_in();

	if (!t) {
		napi_enable(n);
		return;
	}
	fgft_check_read(t, n, sizeof(*n));
	fgft_act_reserve(t, 1);
	/* the kernel would BUG */
	if (!napi_is_off(n) || fgft_act_find(t, do_napi_enable, (unsigned long)n))
		fgft_raise(t, FGFT_C_ARGUMENT, (unsigned long)n, "NAPI enabled twice");
	fgft_defer(t, do_napi_enable, (unsigned long)n, 0, 0, 0);
}

WRAP(void, napi_disable, struct napi_struct *n)
{
	struct fgft_txn *t = fgft_in();
	struct fgft_act *a;

	if (!t) {
		napi_disable(n);
		return;
	}
	fgft_check_read(t, n, sizeof(*n));
	fgft_might_sleep(t);
	fgft_act_reserve(t, 1);
	a = fgft_act_find(t, do_napi_enable, (unsigned long)n);
	if (a) {
		a->state = FGFT_A_DONE;
		a = fgft_act_find(t, do_napi_late, (unsigned long)n);
		if (a)
			a->state = FGFT_A_DONE;
		return;
	}
	if (napi_is_off(n))	/* the kernel would wait for ever */
		fgft_raise(t, FGFT_C_LOCK_TWICE, (unsigned long)n, "NAPI disabled twice");
	if (fgft_act_find(t, do_napi_schedule, (unsigned long)n))
		fgft_raise(t, FGFT_C_REFUSED, (unsigned long)n,
			   "NAPI disabled after a poll was deferred");
	napi_disable(n);
	fgft_undo(t, undo_napi_disable, (unsigned long)n, 0, 0, 0);
}

WRAP(bool, napi_schedule_prep, struct napi_struct *n)
{
	struct fgft_txn *t = fgft_in();

	if (!t)
		return napi_schedule_prep(n);
	fgft_check_read(t, n, sizeof(*n));
	fgft_act_reserve(t, 1);
	if (fgft_act_find(t, do_napi_enable, (unsigned long)n))
		return !fgft_act_find(t, do_napi_late, (unsigned long)n);
	if (!napi_schedule_prep(n))
		return false;
	fgft_undo(t, undo_napi_prep, (unsigned long)n, 0, 0, 0);
	return true;
}

WRAP(void, __napi_schedule, struct napi_struct *n)
{
	struct fgft_txn *t = fgft_in();

	if (!t) {
		__napi_schedule(n);
		return;
	}
	fgft_check_read(t, n, sizeof(*n));
	fgft_act_reserve(t, 1);
	if (fgft_act_find(t, do_napi_enable, (unsigned long)n))
		fgft_defer(t, do_napi_late, (unsigned long)n, 0, 0, 0);
	else
		fgft_defer(t, do_napi_schedule, (unsigned long)n, 0, 0, 0);
}

/* Deferred to where interrupts may be on again: the plain form. */
WRAP(void, __napi_schedule_irqoff, struct napi_struct *n)
{
	fgft_w___napi_schedule(n);
}

static void undo_carrier(struct fgft_txn *t, struct fgft_act *a)
{
	if (a->b)
		netif_carrier_on((struct net_device *)a->a);
	else
		netif_carrier_off((struct net_device *)a->a);
}

void fgft_carrier_before(struct fgft_txn *t, struct net_device *dev)
{
	fgft_check_read(t, dev, sizeof(*dev));
	fgft_act_reserve(t, 1);
	fgft_undo(t, undo_carrier, (unsigned long)dev, netif_carrier_ok(dev), 0, 0);
}

WRAP(void, netif_carrier_on, struct net_device *dev)
{
	struct fgft_txn *t = fgft_in();

	if (t)
		fgft_carrier_before(t, dev);
	netif_carrier_on(dev);
}

WRAP(void, netif_carrier_off, struct net_device *dev)
{
	struct fgft_txn *t = fgft_in();

	if (t)
		fgft_carrier_before(t, dev);
	netif_carrier_off(dev);
}

static void do_wake(struct fgft_txn *t, struct fgft_act *a)
{
	netif_tx_wake_queue((struct netdev_queue *)a->a);
}

static void do_start(struct fgft_txn *t, struct fgft_act *a)
{
	netif_tx_start_queue((struct netdev_queue *)a->a);
}

static void drop_opening(struct fgft_txn *t, struct netdev_queue *q)
{
	struct fgft_act *a;

	fgft_check_read(t, q, sizeof(*q));
	fgft_act_reserve(t, 1);
	a = fgft_act_find(t, do_wake, (unsigned long)q);
	if (a)
		a->state = FGFT_A_DONE;
	a = fgft_act_find(t, do_start, (unsigned long)q);
	if (a)
		a->state = FGFT_A_DONE;
}

/*
 * A queue opens at the commit: packets of others must not go into rings that
 * an abort takes away.  It closes at once.
 */
WRAP(void, netif_tx_wake_queue, struct netdev_queue *q)
{
	struct fgft_txn *t = fgft_in();

	if (!t) {
		netif_tx_wake_queue(q);
		return;
	}
	drop_opening(t, q);
	fgft_defer(t, do_wake, (unsigned long)q, 0, 0, 0);
}

WRAP(void, netif_tx_start_queue, struct netdev_queue *q)
{
	struct fgft_txn *t = fgft_in();

	if (!t) {
		netif_tx_start_queue(q);
		return;
	}
	drop_opening(t, q);
	fgft_defer(t, do_start, (unsigned long)q, 0, 0, 0);
}

WRAP(void, netif_tx_stop_queue, struct netdev_queue *q)
{
	struct fgft_txn *t = fgft_in();

	if (t) {
		const u64 bit = 1ull << __QUEUE_STATE_DRV_XOFF;

		drop_opening(t, q);
		fgft_log_bits(t, (unsigned long)&q->state, sizeof(q->state), bit, bit, false);
	}
	netif_tx_stop_queue(q);
}

WRAP(void, netif_schedule_queue, struct netdev_queue *q)
{
	struct fgft_txn *t = fgft_in();

	if (t)
		fgft_check_read(t, q, sizeof(*q));
	netif_schedule_queue(q);
}

static void undo_detach(struct fgft_txn *t, struct fgft_act *a)
{
	netif_device_attach((struct net_device *)a->a);
}

static void undo_attach(struct fgft_txn *t, struct fgft_act *a)
{
	netif_device_detach((struct net_device *)a->a);
}

WRAP(void, netif_device_detach, struct net_device *dev)
{
	struct fgft_txn *t = fgft_in();
	bool present;

	if (!t) {
		netif_device_detach(dev);
		return;
	}
	fgft_check_read(t, dev, sizeof(*dev));
	fgft_act_reserve(t, 1);
	present = netif_device_present(dev);
	netif_device_detach(dev);
	if (present)
		fgft_undo(t, undo_detach, (unsigned long)dev, 0, 0, 0);
}

WRAP(void, netif_device_attach, struct net_device *dev)
{
	struct fgft_txn *t = fgft_in();
	bool present;

	if (!t) {
		netif_device_attach(dev);
		return;
	}
	fgft_check_read(t, dev, sizeof(*dev));
	fgft_act_reserve(t, 1);
	present = netif_device_present(dev);
	netif_device_attach(dev);
	if (!present)
		fgft_undo(t, undo_attach, (unsigned long)dev, 0, 0, 0);
}

WRAP(void, dql_reset, struct dql *dql)
{
	struct fgft_txn *t = fgft_in();

	if (t)
		object_before(t, dql, sizeof(*dql));
	dql_reset(dql);
	if (t)
		object_after(t, dql, sizeof(*dql));
}

WRAP(void, dql_completed, struct dql *dql, unsigned int count)
{
	struct fgft_txn *t = fgft_in();

	if (t) {
		fgft_check_read(t, dql, sizeof(*dql));
		if (count > READ_ONCE(dql->num_queued) - dql->num_completed)
			fgft_raise(t, FGFT_C_BUG, (unsigned long)dql,
				   "more bytes completed than queued");
		object_before(t, dql, sizeof(*dql));
	}
	dql_completed(dql, count);
	if (t)
		object_after(t, dql, sizeof(*dql));
}

static void undo_addr(struct fgft_txn *t, struct fgft_act *a)
{
	dev_addr_mod((struct net_device *)a->a, (u32)a->b, &a->c, a->b >> 32);
}

WRAP(void, dev_addr_mod, struct net_device *dev, unsigned int offset, const void *addr,
	size_t len)
{
	struct fgft_txn *t = fgft_in();
	u64 old = 0;

	if (!t) {
		dev_addr_mod(dev, offset, addr, len);
		return;
	}
	fgft_check_read(t, dev, sizeof(*dev));
	fgft_check_read(t, addr, len);
	fgft_act_reserve(t, 1);
	if (len > sizeof(old) || offset + len > MAX_ADDR_LEN)
		fgft_raise(t, FGFT_C_ARGUMENT, len, "address too long");
	memcpy(&old, dev->dev_addr + offset, len);
	dev_addr_mod(dev, offset, addr, len);
	fgft_undo(t, undo_addr, (unsigned long)dev, offset | (u64)len << 32, old, 0);
}

WRAP(u32, ethtool_op_get_link, struct net_device *dev)
{
	struct fgft_txn *t = fgft_in();

	if (t)
		fgft_check_read(t, dev, sizeof(*dev));
	return ethtool_op_get_link(dev);
}
