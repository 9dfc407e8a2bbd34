// SPDX-License-Identifier: GPL-2.0-only
/*
 * The undo log of kernel calls and the list of deferred actions: one array in
 * program order.  Undo runs it backwards, commit runs the deferred ones in
 * order.  Locks are elements too, so that what was acquired is released in
 * reverse order.
 */
#include "fgft.h"

/* Room for n more elements, before the call that needs them; aborts else. */
void fgft_act_reserve(struct fgft_txn *t, u32 n)
{
	if (t->nr_acts + n > FGFT_ACTS)
		fgft_raise(t, FGFT_C_LOG_FULL, 0, "undo log of kernel calls full");
}

static struct fgft_act *add(struct fgft_txn *t, fgft_act_fn fn, u8 kind,
			    u64 a, u64 b, u64 c, u64 d)
{
	struct fgft_act *act;

	if (t->nr_acts == FGFT_ACTS) {
		/* wrappers reserve first; this cannot be undone any more */
		fgft_broken("an undo record had no room");
		return NULL;
	}
	act = &t->acts[t->nr_acts++];
	*act = (struct fgft_act){ .fn = fn, .a = a, .b = b, .c = c, .d = d,
				  .kind = kind, .state = FGFT_A_LIVE };
	return act;
}

struct fgft_act *fgft_undo(struct fgft_txn *t, fgft_act_fn fn, u64 a, u64 b, u64 c, u64 d)
{
	return add(t, fn, FGFT_A_UNDO, a, b, c, d);
}

struct fgft_act *fgft_defer(struct fgft_txn *t, fgft_act_fn fn, u64 a, u64 b, u64 c, u64 d)
{
	return add(t, fn, FGFT_A_DEFER, a, b, c, d);
}

/* The newest live element with this function and first value, or NULL. */
struct fgft_act *fgft_act_find(struct fgft_txn *t, fgft_act_fn fn, u64 a)
{
	u32 i;

	for (i = t->nr_acts; i-- > 0;)
		if (t->acts[i].fn == fn && t->acts[i].a == a &&
		    t->acts[i].state == FGFT_A_LIVE)
			return &t->acts[i];
	return NULL;
}

static void undo_one(struct fgft_txn *t, struct fgft_act *a)
{
	if (a->state == FGFT_A_DONE || a->kind == FGFT_A_DEFER)
		return;
	if (a->kind == FGFT_A_LOCK)
		fgft_lock_undo(t, a);
	else
		a->fn(t, a);
	a->state = FGFT_A_DONE;
}

/*
 * Rule 8, closing the gate: what the transaction switched on (interrupts,
 * polls) is switched off while the memory that it works on is still whole.
 * Only where it may sleep, that is: no lock is held.
 */
void fgft_undo_quiesce(struct fgft_txn *t)
{
	u32 i;

	if (!fgft_may_sleep_now())
		return;
	for (i = t->nr_acts; i-- > 0;)
		if (t->acts[i].quiesce)
			undo_one(t, &t->acts[i]);
}

void fgft_undo_run(struct fgft_txn *t)
{
	u32 i;

	for (i = t->nr_acts; i-- > 0;)
		undo_one(t, &t->acts[i]);
	t->nr_acts = 0;
}

void fgft_defer_run(struct fgft_txn *t)
{
	u32 i;

	for (i = 0; i < t->nr_acts; i++)
		if (t->acts[i].kind == FGFT_A_DEFER && t->acts[i].state == FGFT_A_LIVE)
			t->acts[i].fn(t, &t->acts[i]);
}

bool fgft_acts_merge(struct fgft_txn *to, struct fgft_txn *from)
{
	u32 i;

	if (to->nr_acts + from->nr_acts > FGFT_ACTS)
		return false;
	for (i = 0; i < from->nr_acts; i++)
		to->acts[to->nr_acts++] = from->acts[i];
	return true;
}
