// SPDX-License-Identifier: GPL-2.0-only
/*
 * Interrupt lines: done at once, undone by the inverse.
 */
#include <linux/interrupt.h>
#include <linux/slab.h>

#include "compat/compat.h"
#include "wrap.h"

struct saved_irq {
	irq_handler_t handler, thread_fn;
	unsigned long flags;
	const char *name;
};

/* The line may be shared: others' handlers must not stay held back. */
static void end_hold(unsigned int irq)
{
	if (fgft_compat_irq_action(irq, NULL) && fgft_compat_irq_depth(irq))
		enable_irq(irq);
}

static void undo_request(struct fgft_txn *t, struct fgft_act *a)
{
	free_irq(a->a, (void *)a->b);
	end_hold(a->a);
}

static void do_enable(struct fgft_txn *t, struct fgft_act *a)
{
	end_hold(a->a);
}

static void undo_free(struct fgft_txn *t, struct fgft_act *a)
{
	struct saved_irq *s = (struct saved_irq *)a->c;

	if (request_threaded_irq(a->a, s->handler, s->thread_fn, s->flags, s->name,
				 (void *)a->b)) {
		fgft_count(undo_failed);
		pr_err("interrupt %llu could not be requested again\n", a->a);
	}
	kfree(s);
}

static void commit_free(struct fgft_txn *t, struct fgft_act *a)
{
	kfree((void *)a->c);
}

static void undo_enable(struct fgft_txn *t, struct fgft_act *a)
{
	disable_irq_nosync(a->a);
}

static void undo_disable(struct fgft_txn *t, struct fgft_act *a)
{
	enable_irq(a->a);
}

/*
 * The handler is requested now, because the driver wants to know whether it
 * could be, and held back until the commit, because it would work on memory
 * that an abort takes away.
 */
WRAP(int, request_threaded_irq, unsigned int irq, irq_handler_t handler,
	irq_handler_t thread_fn, unsigned long flags, const char *name, void *cookie)
{
	struct fgft_txn *t = fgft_in();
	struct fgft_act *a;
	int ret;

	if (!t)
		return request_threaded_irq(irq, handler, thread_fn, flags, name, cookie);
	fgft_might_sleep(t);
	if (handler && !fgft_compat_is_text((unsigned long)handler))
		fgft_raise(t, FGFT_C_ARGUMENT, (unsigned long)handler, "handler is no function");
	if (thread_fn && !fgft_compat_is_text((unsigned long)thread_fn))
		fgft_raise(t, FGFT_C_ARGUMENT, (unsigned long)thread_fn, "handler is no function");
	fgft_check_string(t, name, 256);
	fgft_act_reserve(t, 2);
	ret = request_threaded_irq(irq, handler, thread_fn, flags, name, cookie);
	if (ret)
		return ret;
	disable_irq_nosync(irq);
	a = fgft_undo(t, undo_request, irq, (unsigned long)cookie, 0, 0);
	if (a)
		a->quiesce = 1;
	fgft_defer(t, do_enable, irq, (unsigned long)cookie, 0, 0);
	return 0;
}

WRAP(const void *, free_irq, unsigned int irq, void *cookie)
{
	struct fgft_txn *t = fgft_in();
	struct irqaction *action;
	struct saved_irq *s;
	struct fgft_act *a;
	u32 i;

	if (!t)
		return free_irq(irq, cookie);
	fgft_might_sleep(t);
	for (i = t->nr_acts; i-- > 0;) {
		a = &t->acts[i];
		if (a->fn == undo_request && a->state == FGFT_A_LIVE && a->a == irq &&
		    a->b == (unsigned long)cookie) {
			const void *name = free_irq(irq, cookie);

			a->state = FGFT_A_DONE;
			a = fgft_act_find(t, do_enable, irq);
			if (a)
				a->state = FGFT_A_DONE;
			end_hold(irq);
			return name;
		}
	}
	fgft_act_reserve(t, 2);
	action = fgft_compat_irq_action(irq, cookie);
	if (!action || !cookie)
		fgft_raise(t, FGFT_C_ARGUMENT, irq, "free_irq without a handler");
	s = kmalloc(sizeof(*s), GFP_KERNEL);
	if (!s)
		fgft_raise(t, FGFT_C_LOG_FULL, irq, "no memory to remember a handler");
	*s = (struct saved_irq){ action->handler, action->thread_fn, action->flags,
				 action->name };
	fgft_undo(t, undo_free, irq, (unsigned long)cookie, (unsigned long)s, 0);
	fgft_defer(t, commit_free, 0, 0, (unsigned long)s, 0);
	return free_irq(irq, cookie);
}

WRAP(void, disable_irq, unsigned int irq)
{
	struct fgft_txn *t = fgft_in();

	if (t) {
		fgft_might_sleep(t);
		fgft_act_reserve(t, 1);
	}
	disable_irq(irq);
	if (t)
		fgft_undo(t, undo_disable, irq, 0, 0, 0);
}

WRAP(void, disable_irq_nosync, unsigned int irq)
{
	struct fgft_txn *t = fgft_in();

	if (t)
		fgft_act_reserve(t, 1);
	disable_irq_nosync(irq);
	if (t)
		fgft_undo(t, undo_disable, irq, 0, 0, 0);
}

WRAP(void, enable_irq, unsigned int irq)
{
	struct fgft_txn *t = fgft_in();

	if (t)
		fgft_act_reserve(t, 1);
	enable_irq(irq);
	if (t)
		fgft_undo(t, undo_enable, irq, 0, 0, 0);
}

WRAP(void, synchronize_irq, unsigned int irq)
{
	fgft_might_sleep(fgft_in());
	synchronize_irq(irq);
}
