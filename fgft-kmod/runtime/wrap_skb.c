// SPDX-License-Identifier: GPL-2.0-only
/*
 * Socket buffers.
 */
#include <linux/netdevice.h>
#include <linux/skbuff.h>

#include "wrap.h"

static void act_free(struct fgft_txn *t, struct fgft_act *a)
{
	dev_kfree_skb_any((struct sk_buff *)a->a);
}

static void act_free_reason(struct fgft_txn *t, struct fgft_act *a)
{
	dev_kfree_skb_any_reason((struct sk_buff *)a->a, a->b);
}

static struct sk_buff *allocated(struct fgft_txn *t, struct sk_buff *skb)
{
	const u32 flags = FGFT_PL_READ | FGFT_PL_WRITE | FGFT_PL_FRESH;

	if (!skb) {
		t->alloc_failed = true;
		return NULL;
	}
	fgft_undo(t, act_free, (unsigned long)skb, 0, 0, 0);
	if (!fgft_range_add(&t->ranges, (unsigned long)skb, sizeof(*skb), flags) ||
	    !fgft_range_add(&t->ranges, (unsigned long)skb->head,
			    skb_end_offset(skb) + sizeof(struct skb_shared_info), flags))
		fgft_count(range_table_full);
	return skb;
}

WRAP(struct sk_buff *, __netdev_alloc_skb, struct net_device *dev, unsigned int len, gfp_t gfp)
{
	struct fgft_txn *t = fgft_in();

	if (!t)
		return __netdev_alloc_skb(dev, len, gfp);
	check_gfp(t, gfp);
	if (dev)
		fgft_check_object(t, dev);
	fgft_act_reserve(t, 1);
	return allocated(t, __netdev_alloc_skb(dev, len, gfp));
}

WRAP(struct sk_buff *, napi_alloc_skb, struct napi_struct *napi, unsigned int len)
{
	struct fgft_txn *t = fgft_in();

	if (!t)
		return napi_alloc_skb(napi, len);
	fgft_check_object(t, napi);
	fgft_act_reserve(t, 1);
	return allocated(t, napi_alloc_skb(napi, len));
}

static void free_later(struct sk_buff *skb, enum skb_drop_reason reason)
{
	struct fgft_txn *t = fgft_in();
	u32 i;

	if (!skb)
		return;
	if (!t) {
		dev_kfree_skb_any_reason(skb, reason);
		return;
	}
	fgft_check_object(t, skb);
	fgft_act_reserve(t, 1);
	for (i = 0; i < t->nr_acts; i++)
		if (t->acts[i].kind == FGFT_A_DEFER && t->acts[i].fn == act_free_reason &&
		    t->acts[i].a == (unsigned long)skb)
			fgft_raise(t, FGFT_C_DOUBLE_FREE, (unsigned long)skb, "freed twice");
	fgft_range_del(&t->ranges, (unsigned long)skb);
	fgft_defer(t, act_free_reason, (unsigned long)skb, reason, 0, 0);
}

WRAP(void, dev_kfree_skb_any_reason, struct sk_buff *skb, enum skb_drop_reason reason)
{
	free_later(skb, reason);
}

WRAP(void, dev_kfree_skb_irq_reason, struct sk_buff *skb, enum skb_drop_reason reason)
{
	free_later(skb, reason);
}

WRAP(void, sk_skb_reason_drop, struct sock *sk, struct sk_buff *skb, enum skb_drop_reason reason)
{
	free_later(skb, reason);
}

WRAP(void, consume_skb, struct sk_buff *skb)
{
	free_later(skb, SKB_CONSUMED);
}

/* skb_put() panics where there is no room: met here instead. */
WRAP(void *, skb_put, struct sk_buff *skb, unsigned int len)
{
	struct fgft_txn *t = fgft_in();
	void *p;

	if (!t)
		return skb_put(skb, len);
	fgft_check_read(t, skb, sizeof(*skb));
	if (skb_is_nonlinear(skb) || skb->end < skb->tail || len > skb->end - skb->tail)
		fgft_raise(t, FGFT_C_RANGE, (unsigned long)skb, "skb_put beyond the buffer");
	object_before(t, skb, sizeof(*skb));
	p = skb_put(skb, len);
	object_after(t, skb, sizeof(*skb));
	return p;
}
