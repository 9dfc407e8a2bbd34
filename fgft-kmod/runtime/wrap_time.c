// SPDX-License-Identifier: GPL-2.0-only
/*
 * Delays, timers, work, wake-ups.  What makes somebody else run happens at the
 * commit (rule 5).
 */
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/timer.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include "wrap.h"

#define SLEEP_MAX_MS	60000u

WRAP(void, __const_udelay, unsigned long xloops)
{
	__const_udelay(xloops);
}

WRAP(void, __udelay, unsigned long us)
{
	__udelay(us);
}

WRAP(void, __ndelay, unsigned long ns)
{
	__ndelay(ns);
}

static void check_sleep(u64 ms)
{
	struct fgft_txn *t = fgft_in();

	if (!t)
		return;
	fgft_might_sleep(t);
	if (ms > SLEEP_MAX_MS)
		fgft_raise(t, FGFT_C_BUDGET, ms, "sleeps for too long");
}

WRAP(void, msleep, unsigned int ms)
{
	check_sleep(ms);
	msleep(ms);
}

WRAP(void, usleep_range_state, unsigned long min, unsigned long max, unsigned int state)
{
	check_sleep(min / 1000);
	usleep_range_state(min, max, state);
}

WRAP(signed long, schedule_timeout_uninterruptible, signed long timeout)
{
	check_sleep(timeout < 0 ? U64_MAX : jiffies_to_msecs(timeout));
	return schedule_timeout_uninterruptible(timeout);
}

WRAP(signed long, schedule_timeout_interruptible, signed long timeout)
{
	check_sleep(timeout < 0 ? U64_MAX : jiffies_to_msecs(timeout));
	return schedule_timeout_interruptible(timeout);
}

static void do_mod_timer(struct fgft_txn *t, struct fgft_act *a)
{
	mod_timer((struct timer_list *)a->a, a->b);
}

static void do_timer_delete(struct fgft_txn *t, struct fgft_act *a)
{
	timer_delete((struct timer_list *)a->a);
}

static void undo_timer_delete(struct fgft_txn *t, struct fgft_act *a)
{
	mod_timer((struct timer_list *)a->a, a->b);
}

static void do_queue_work(struct fgft_txn *t, struct fgft_act *a)
{
	queue_work_on((int)a->c, (struct workqueue_struct *)a->b, (struct work_struct *)a->a);
}

static void do_complete(struct fgft_txn *t, struct fgft_act *a)
{
	complete((struct completion *)a->a);
}

static void do_wake_up(struct fgft_txn *t, struct fgft_act *a)
{
	__wake_up((struct wait_queue_head *)a->a, a->b, (int)a->c, (void *)a->d);
}

static bool drop(struct fgft_txn *t, fgft_act_fn fn, void *p)
{
	struct fgft_act *a = fgft_act_find(t, fn, (unsigned long)p);

	if (a)
		a->state = FGFT_A_DONE;
	return a;
}

WRAP(int, mod_timer, struct timer_list *timer, unsigned long expires)
{
	struct fgft_txn *t = fgft_in();
	bool again;

	if (!t)
		return mod_timer(timer, expires);
	fgft_check_read(t, timer, sizeof(*timer));
	if (!timer->function)
		fgft_raise(t, FGFT_C_ARGUMENT, (unsigned long)timer, "timer without function");
	fgft_act_reserve(t, 1);
	again = drop(t, do_mod_timer, timer);
	fgft_defer(t, do_mod_timer, (unsigned long)timer, expires, 0, 0);
	return again || timer_pending(timer);
}

WRAP(int, timer_delete, struct timer_list *timer)
{
	struct fgft_txn *t = fgft_in();
	bool planned;

	if (!t)
		return timer_delete(timer);
	fgft_check_read(t, timer, sizeof(*timer));
	fgft_act_reserve(t, 1);
	planned = drop(t, do_mod_timer, timer);
	fgft_defer(t, do_timer_delete, (unsigned long)timer, 0, 0, 0);
	return planned || timer_pending(timer);
}

/* The driver relies on its handler not running any more: done at once. */
WRAP(int, timer_delete_sync, struct timer_list *timer)
{
	struct fgft_txn *t = fgft_in();
	unsigned long expires;
	bool planned, was;

	if (!t)
		return timer_delete_sync(timer);
	fgft_check_read(t, timer, sizeof(*timer));
	fgft_might_sleep(t);
	fgft_act_reserve(t, 1);
	planned = drop(t, do_mod_timer, timer);
	expires = timer->expires;
	was = timer_delete_sync(timer);
	if (was)
		fgft_undo(t, undo_timer_delete, (unsigned long)timer, expires, 0, 0);
	return planned || was;
}

WRAP(bool, queue_work_on, int cpu, struct workqueue_struct *wq, struct work_struct *work)
{
	struct fgft_txn *t = fgft_in();

	if (!t)
		return queue_work_on(cpu, wq, work);
	fgft_check_object(t, wq);
	fgft_check_read(t, work, sizeof(*work));
	fgft_act_reserve(t, 1);
	if (work_pending(work) || fgft_act_find(t, do_queue_work, (unsigned long)work))
		return false;
	fgft_defer(t, do_queue_work, (unsigned long)work, (unsigned long)wq, cpu, 0);
	return true;
}

WRAP(void, complete, struct completion *x)
{
	struct fgft_txn *t = fgft_in();

	if (!t) {
		complete(x);
		return;
	}
	fgft_check_read(t, x, sizeof(*x));
	fgft_act_reserve(t, 1);
	fgft_defer(t, do_complete, (unsigned long)x, 0, 0, 0);
}

WRAP(int, __wake_up, struct wait_queue_head *wq, unsigned int mode, int nr, void *key)
{
	struct fgft_txn *t = fgft_in();

	if (!t)
		return __wake_up(wq, mode, nr, key);
	fgft_check_read(t, wq, sizeof(*wq));
	fgft_act_reserve(t, 1);
	fgft_defer(t, do_wake_up, (unsigned long)wq, mode, nr, (unsigned long)key);
	return 0;
}
