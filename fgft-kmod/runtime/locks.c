// SPDX-License-Identifier: GPL-2.0-only
/*
 * Locks in a transaction (rule 4): taken by a bounded try, tracked, released
 * where the driver does it or held back to the commit, and taken again by an
 * abort to undo what was written under them.
 */
#include <linux/bottom_half.h>
#include <linux/delay.h>
#include <linux/export.h>
#include <linux/mutex.h>
#include <linux/sched.h>
#include <linux/spinlock.h>
#include <linux/timekeeping.h>

#include "fgft.h"

/* Long for a lock, but a virtual machine's other processor may be stopped while it holds one. */
#define SPIN_NS		(4000ull * NSEC_PER_MSEC)
#define MUTEX_NS	(5000ull * NSEC_PER_MSEC)
#define RETAKE_NS	(1000ull * NSEC_PER_MSEC)

enum fgft_lock_type { L_SPIN, L_BH, L_IRQ, L_IRQSAVE, L_MUTEX };

/* Retaken by the abort; lives in `d` of the element. */
#define RETAKEN		1

static struct fgft_act *newest(struct fgft_txn *t, void *lock)
{
	u32 i;

	for (i = t->nr_acts; i-- > 0;)
		if (t->acts[i].kind == FGFT_A_LOCK && t->acts[i].a == (unsigned long)lock)
			return &t->acts[i];
	return NULL;
}

static void record(struct fgft_txn *t, void *lock, u8 type, u64 flags)
{
	struct fgft_act *a = fgft_undo(t, NULL, (unsigned long)lock, flags, 0, 0);

	if (!a)
		return;
	a->kind = FGFT_A_LOCK;
	a->type = type;
}

/*
 * Before a lock is taken: twice is a fault; one whose release was held back is
 * still ours and simply taken back.  True: nothing is left to do.
 */
static bool have_it(struct fgft_txn *t, void *lock, u8 type)
{
	struct fgft_act *a;

	fgft_check_object(t, lock);
	fgft_act_reserve(t, 2);
	a = newest(t, lock);
	if (!a)
		return false;
	if (a->state == FGFT_A_LIVE)
		fgft_raise(t, FGFT_C_LOCK_TWICE, (unsigned long)lock, "lock taken twice");
	if (a->state == FGFT_A_HELD_BACK && a->type == type) {
		a->state = FGFT_A_LIVE;
		return true;
	}
	return false;
}

static u64 now_ns(void)
{
	return ktime_get_mono_fast_ns();
}

static bool spin_bounded(raw_spinlock_t *lock, u64 ns)
{
	u64 end = 0;

	while (!_raw_spin_trylock(lock)) {
		if (!end)
			end = now_ns() + ns;
		else if (now_ns() > end)
			return false;
		cpu_relax();
	}
	return true;
}

static void __noreturn too_long(struct fgft_txn *t, void *lock)
{
	fgft_raise(t, FGFT_C_LOCK_BUSY, (unsigned long)lock, "lock busy for too long");
}

void fgft_w__raw_spin_lock(raw_spinlock_t *lock);
void fgft_w__raw_spin_lock(raw_spinlock_t *lock)
{
	struct fgft_txn *t = fgft_in();

	if (!t) {
		_raw_spin_lock(lock);
		return;
	}
	if (have_it(t, lock, L_SPIN))
		return;
	if (!spin_bounded(lock, SPIN_NS))
		too_long(t, lock);
	record(t, lock, L_SPIN, 0);
}
EXPORT_SYMBOL_GPL(fgft_w__raw_spin_lock);

void fgft_w__raw_spin_lock_bh(raw_spinlock_t *lock);
void fgft_w__raw_spin_lock_bh(raw_spinlock_t *lock)
{
	struct fgft_txn *t = fgft_in();

	if (!t) {
		_raw_spin_lock_bh(lock);
		return;
	}
	if (have_it(t, lock, L_BH))
		return;
	local_bh_disable();
	if (!spin_bounded(lock, SPIN_NS))
		too_long(t, lock);
	record(t, lock, L_BH, 0);
}
EXPORT_SYMBOL_GPL(fgft_w__raw_spin_lock_bh);

static void lock_irq(struct fgft_txn *t, raw_spinlock_t *lock, u8 type, unsigned long flags)
{
	u64 end = now_ns() + SPIN_NS;

	local_irq_disable();
	while (!_raw_spin_trylock(lock)) {
		if (now_ns() > end)
			too_long(t, lock);
		if (flags & X86_EFLAGS_IF) {
			local_irq_enable();
			cpu_relax();
			local_irq_disable();
		}
	}
	record(t, lock, type, flags);
}

void fgft_w__raw_spin_lock_irq(raw_spinlock_t *lock);
void fgft_w__raw_spin_lock_irq(raw_spinlock_t *lock)
{
	struct fgft_txn *t = fgft_in();

	if (!t) {
		_raw_spin_lock_irq(lock);
		return;
	}
	if (!have_it(t, lock, L_IRQ))
		lock_irq(t, lock, L_IRQ, arch_local_save_flags());
}
EXPORT_SYMBOL_GPL(fgft_w__raw_spin_lock_irq);

unsigned long fgft_w__raw_spin_lock_irqsave(raw_spinlock_t *lock);
unsigned long fgft_w__raw_spin_lock_irqsave(raw_spinlock_t *lock)
{
	struct fgft_txn *t = fgft_in();
	unsigned long flags;

	if (!t)
		return _raw_spin_lock_irqsave(lock);
	if (have_it(t, lock, L_IRQSAVE))
		return newest(t, lock)->b;
	flags = arch_local_save_flags();
	lock_irq(t, lock, L_IRQSAVE, flags);
	return flags;
}
EXPORT_SYMBOL_GPL(fgft_w__raw_spin_lock_irqsave);

int fgft_w__raw_spin_trylock(raw_spinlock_t *lock);
int fgft_w__raw_spin_trylock(raw_spinlock_t *lock)
{
	struct fgft_txn *t = fgft_in();
	struct fgft_act *a;

	if (!t)
		return _raw_spin_trylock(lock);
	fgft_check_object(t, lock);
	fgft_act_reserve(t, 2);
	a = newest(t, lock);
	if (a && a->state == FGFT_A_HELD_BACK && a->type == L_SPIN) {
		a->state = FGFT_A_LIVE;
		return 1;
	}
	if (!_raw_spin_trylock(lock))
		return 0;
	record(t, lock, L_SPIN, 0);
	return 1;
}
EXPORT_SYMBOL_GPL(fgft_w__raw_spin_trylock);

static void release(void *lock, u8 type, unsigned long flags)
{
	switch (type) {
	case L_SPIN:
		_raw_spin_unlock(lock);
		break;
	case L_BH:
		_raw_spin_unlock_bh(lock);
		break;
	case L_IRQ:
		_raw_spin_unlock_irq(lock);
		break;
	case L_IRQSAVE:
		_raw_spin_unlock_irqrestore(lock, flags);
		break;
	case L_MUTEX:
		mutex_unlock(lock);
		break;
	}
}

/*
 * hold: rule 4's held-back release.  The lock forms need not match in pairs
 * (spin_lock_irq ... spin_unlock + local_irq_enable); the driver's form counts.
 */
static void unlock(void *lock, u8 type, unsigned long flags, bool hold)
{
	struct fgft_txn *t = fgft_in();
	struct fgft_act *a;

	if (!t) {
		release(lock, type, flags);
		return;
	}
	fgft_check_object(t, lock);
	a = newest(t, lock);
	if (!a || a->state != FGFT_A_LIVE)
		fgft_raise(t, FGFT_C_UNLOCK, (unsigned long)lock,
			   "release of a lock that is not held");
	if (hold && a->type == type) {
		a->state = FGFT_A_HELD_BACK;
		return;
	}
	a->state = FGFT_A_RELEASED;
	release(lock, type, flags);
}

#define UNLOCK(name, lock_t, type)					\
void fgft_w_##name(lock_t *lock);					\
void fgft_w_##name(lock_t *lock)					\
{									\
	unlock(lock, type, 0, false);					\
}									\
EXPORT_SYMBOL_GPL(fgft_w_##name);					\
void fgft_h_##name(lock_t *lock);					\
void fgft_h_##name(lock_t *lock)					\
{									\
	unlock(lock, type, 0, true);					\
}									\
EXPORT_SYMBOL_GPL(fgft_h_##name)

UNLOCK(_raw_spin_unlock, raw_spinlock_t, L_SPIN);
UNLOCK(_raw_spin_unlock_bh, raw_spinlock_t, L_BH);
UNLOCK(_raw_spin_unlock_irq, raw_spinlock_t, L_IRQ);
UNLOCK(mutex_unlock, struct mutex, L_MUTEX);

void fgft_w__raw_spin_unlock_irqrestore(raw_spinlock_t *lock, unsigned long flags);
void fgft_w__raw_spin_unlock_irqrestore(raw_spinlock_t *lock, unsigned long flags)
{
	unlock(lock, L_IRQSAVE, flags, false);
}
EXPORT_SYMBOL_GPL(fgft_w__raw_spin_unlock_irqrestore);

void fgft_h__raw_spin_unlock_irqrestore(raw_spinlock_t *lock, unsigned long flags);
void fgft_h__raw_spin_unlock_irqrestore(raw_spinlock_t *lock, unsigned long flags)
{
	unlock(lock, L_IRQSAVE, flags, true);
}
EXPORT_SYMBOL_GPL(fgft_h__raw_spin_unlock_irqrestore);

static bool mutex_bounded(struct mutex *lock)
{
	u64 end = now_ns() + MUTEX_NS;

	while (!mutex_trylock(lock)) {
		if (now_ns() > end)
			return false;
		usleep_range(100, 1000);
	}
	return true;
}

void fgft_w_mutex_lock(struct mutex *lock);
void fgft_w_mutex_lock(struct mutex *lock)
{
	struct fgft_txn *t = fgft_in();

	if (!t) {
		mutex_lock(lock);
		return;
	}
	if (have_it(t, lock, L_MUTEX))
		return;
	fgft_might_sleep(t);
	if (!mutex_bounded(lock))
		too_long(t, lock);
	record(t, lock, L_MUTEX, 0);
}
EXPORT_SYMBOL_GPL(fgft_w_mutex_lock);

int fgft_w_mutex_trylock(struct mutex *lock);
int fgft_w_mutex_trylock(struct mutex *lock)
{
	struct fgft_txn *t = fgft_in();

	if (!t)
		return mutex_trylock(lock);
	fgft_check_object(t, lock);
	fgft_act_reserve(t, 2);
	if (!mutex_trylock(lock))
		return 0;
	record(t, lock, L_MUTEX, 0);
	return 1;
}
EXPORT_SYMBOL_GPL(fgft_w_mutex_trylock);

/* A lock that the driver took and did not release. */
bool fgft_locks_held(struct fgft_txn *t)
{
	u32 i;

	for (i = 0; i < t->nr_acts; i++)
		if (t->acts[i].kind == FGFT_A_LOCK && t->acts[i].state == FGFT_A_LIVE)
			return true;
	return false;
}

static bool held_now(struct fgft_txn *t, u64 lock)
{
	u32 i;

	for (i = 0; i < t->nr_acts; i++) {
		struct fgft_act *a = &t->acts[i];

		if (a->kind == FGFT_A_LOCK && a->a == lock &&
		    (a->state == FGFT_A_LIVE || a->state == FGFT_A_HELD_BACK || a->d == RETAKEN))
			return true;
	}
	return false;
}

/*
 * Before the rollback: locks that were released meanwhile are taken again.  A
 * lock that cannot be had at once is done without: every word is put back by
 * compare-and-exchange anyway, so the worst is a conflict, which is counted.
 */
void fgft_locks_retake(struct fgft_txn *t)
{
	u32 i;

	for (i = 0; i < t->nr_acts; i++) {
		struct fgft_act *a = &t->acts[i];
		unsigned long flags = 0;
		bool got;

		if (a->kind != FGFT_A_LOCK || a->state != FGFT_A_RELEASED || held_now(t, a->a))
			continue;
		if (a->type == L_MUTEX) {
			got = !in_hardirq() && !in_serving_softirq() &&
			      mutex_trylock((struct mutex *)a->a);
		} else {
			local_irq_save(flags);
			got = spin_bounded((raw_spinlock_t *)a->a, RETAKE_NS);
			if (!got)
				local_irq_restore(flags);
		}
		if (!got) {
			fgft_count(lock_retake_failed);
			continue;
		}
		a->d = RETAKEN;
		a->c = flags;
	}
}

void fgft_locks_drop_retaken(struct fgft_txn *t)
{
	u32 i;

	for (i = t->nr_acts; i-- > 0;) {
		struct fgft_act *a = &t->acts[i];

		if (a->kind != FGFT_A_LOCK || a->d != RETAKEN)
			continue;
		a->d = 0;
		if (a->type == L_MUTEX)
			mutex_unlock((struct mutex *)a->a);
		else
			_raw_spin_unlock_irqrestore((raw_spinlock_t *)a->a, a->c);
	}
}

void fgft_lock_undo(struct fgft_txn *t, struct fgft_act *a)
{
	if (a->state == FGFT_A_LIVE || a->state == FGFT_A_HELD_BACK)
		release((void *)a->a, a->type, a->b);
}

void fgft_locks_release_held_back(struct fgft_txn *t)
{
	u32 i;

	for (i = t->nr_acts; i-- > 0;) {
		struct fgft_act *a = &t->acts[i];

		if (a->kind == FGFT_A_LOCK && a->state == FGFT_A_HELD_BACK) {
			a->state = FGFT_A_DONE;
			release((void *)a->a, a->type, a->b);
		}
	}
}
