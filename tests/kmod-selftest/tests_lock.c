// SPDX-License-Identifier: GPL-2.0-only
/*
 * Locks (rule 4) and the context that an abort puts back (rule 8).
 */
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>

#include "guest.h"

static const char *recovers_unlocked(enum clone_id id, const char *cause)
{
	const char *bad = guest_recovers(id, 0, cause);

	if (bad)
		return bad;
	CHECK(!raw_spin_is_locked(&guest->o.lock));
	CHECK(!mutex_is_locked(&guest->o.mutex));
	return NULL;
}

#define UNLOCKED(n, cause)					\
static const char *test_##n(void)				\
{								\
	return recovers_unlocked(C_##n, cause);			\
}

UNLOCKED(lost_unlock, "lost-unlock")
UNLOCKED(unlock_twice, "unlock")
UNLOCKED(lock_twice, "lock-twice")
UNLOCKED(mutex_fault, "null")
UNLOCKED(lost_preempt, "context")

static int holder(void *data)
{
	unsigned long flags;
	int i;

	raw_spin_lock_irqsave(&guest->o.lock, flags);
	WRITE_ONCE(guest_flag, 1);
	for (i = 0; i < 20000 && READ_ONCE(guest_flag) != 3; i++)
		mdelay(1);
	raw_spin_unlock_irqrestore(&guest->o.lock, flags);
	WRITE_ONCE(guest_flag, 2);
	return 0;
}

/* needs two CPUs */
static const char *test_lock_busy(void)
{
	const char *bad = NULL;
	int here;

	if (num_online_cpus() < 2)
		return NULL;
	migrate_disable();	/* not to the holder's CPU: nothing runs there */
	here = smp_processor_id();
	kthread_run_on_cpu(holder, NULL, cpumask_any_but(cpu_online_mask, here), "fgft-holder-%u");
	while (!READ_ONCE(guest_flag))
		usleep_range(1000, 2000);
	if ((s64)guest_call(C_lock_busy, 0) != FAILED || strcmp(guest_end, "lock-busy"))
		bad = "a busy lock was not given up";
	migrate_enable();
	WRITE_ONCE(guest_flag, 3);
	while (READ_ONCE(guest_flag) != 2)
		usleep_range(10000, 11000);
	CHECK(!raw_spin_is_locked(&guest->o.lock));
	CHECK(guest->o.a == 0x1111111111111111ull);
	return bad;
}

static const char *test_released(void)
{
	const char *bad = recovers_unlocked(C_released, "null");

	if (bad)
		return bad;
	CHECK(guest_flag == 0);	/* it was free after the driver's unlock */
	return NULL;
}

/* whoever has the lock must never see a rollback half done */
static int reader(void *data)
{
	struct object *o = &guest->o;
	int *torn = data, i;

	while (!kthread_should_stop()) {
		unsigned long flags;

		raw_spin_lock_irqsave(&o->lock, flags);
		for (i = 1; i < 600; i++)
			*torn += READ_ONCE(o->words[i]) != READ_ONCE(o->words[0]);
		raw_spin_unlock_irqrestore(&o->lock, flags);
		cond_resched();
	}
	return 0;
}

static const char *test_released_words(void)
{
	struct task_struct *task;
	int torn = 0, i;

	if (num_online_cpus() < 2)
		return NULL;
	task = kthread_run(reader, &torn, "fgft-reader");
	CHECK(!IS_ERR(task));
	for (i = 0; i < 3000; i++) {
		guest_call(C_released_words, i);
		if (!(i & 63))
			cond_resched();
	}
	kthread_stop(task);
	CHECK(guest_conflicts == 0);
	CHECK(torn == 0);
	return NULL;
}

static const char *test_held_back(void)
{
	CHECK(guest_call(C_held_back, 0) == 0);
	CHECK(guest_flag == 1);
	CHECK(!raw_spin_is_locked(&guest->o.lock));
	CHECK(guest->o.a == 1);
	return NULL;
}

static const char *test_held_back_fault(void)
{
	guest->o.a = 5;
	CHECK((s64)guest_call(C_held_back, 1) == FAILED);
	CHECK(!raw_spin_is_locked(&guest->o.lock));
	CHECK(guest->o.a == 5);
	return NULL;
}

static const char *test_context(void)
{
	const char *bad = guest_recovers(C_context, 0, "null");

	if (bad)
		return bad;
	CHECK(!in_atomic() && !irqs_disabled());
	CHECK(!current->pagefault_disabled);
	CHECK(!current->migration_disabled);
#ifdef CONFIG_PREEMPT_RCU
	CHECK(!current->rcu_read_lock_nesting);
#endif
	usleep_range(1000, 2000);
	return NULL;
}

#define T(n) { #n, test_##n }
const struct guest_test guest_tests_lock[] = {
	T(lost_unlock), T(unlock_twice), T(lock_twice), T(mutex_fault), T(lost_preempt),
	T(lock_busy), T(released), T(released_words), T(held_back), T(held_back_fault), T(context),
	{ }
};
