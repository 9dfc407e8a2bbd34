// SPDX-License-Identifier: GPL-2.0-only
/*
 * Transactions where nothing may sleep: softirq, hard interrupt, and in the
 * middle of a task's transaction.
 */
#include <linux/irq_work.h>
#include <linux/delay.h>
#include <linux/timer.h>

#include "guest.h"

static s64 results[3];
static const char *ends[3];

/* the kinds that come over the page fault, the #GP and the #UD road */
static void calls(void)
{
	static const enum clone_id ids[3] = { C_null, C_gp, C_bug };
	int i;

	for (i = 0; i < 3; i++) {
		results[i] = (s64)guest_call(ids[i], 0);
		ends[i] = guest_end;
	}
}

static const char *check_calls(void)
{
	CHECK(results[0] == FAILED && results[1] == FAILED && results[2] == FAILED);
	CHECK(!strcmp(ends[0], "null") && !strcmp(ends[1], "gp") && !strcmp(ends[2], "bug"));
	CHECK(guest->o.a == 0x1111111111111111ull);
	CHECK(!guest_conflicts);
	memset(results, 0, sizeof(results));
	return NULL;
}

static void timer_fn(struct timer_list *t)
{
	calls();
	WRITE_ONCE(guest_flag, 2);
}
static DEFINE_TIMER(timer, timer_fn);

static const char *test_softirq(void)
{
	mod_timer(&timer, jiffies + 1);
	while (READ_ONCE(guest_flag) != 2)
		usleep_range(1000, 2000);
	return check_calls();
}

static void irq_fn(struct irq_work *w)
{
	calls();
	WRITE_ONCE(guest_flag, 2);
}
static struct irq_work work = IRQ_WORK_INIT_HARD(irq_fn);

static const char *test_hardirq(void)
{
	irq_work_queue(&work);
	irq_work_sync(&work);
	CHECK(guest_flag == 2);
	return check_calls();
}

static void other_fn(struct timer_list *t)
{
	results[0] = (s64)guest_call_other(1);
	WRITE_ONCE(guest_flag, 2);
}
static DEFINE_TIMER(other_timer, other_fn);

/* the interrupt's transaction and the one that it interrupts are two */
static const char *test_interrupted(void)
{
	const char *bad;

	mod_timer(&other_timer, jiffies + 5);
	bad = guest_recovers(C_interrupted, 0, "null");
	if (bad)
		return bad;
	CHECK(results[0] == FAILED);
	return NULL;
}

#define T(n) { #n, test_##n }
const struct guest_test guest_tests_context[] = {
	T(softirq), T(hardirq), T(interrupted),
	{ }
};
