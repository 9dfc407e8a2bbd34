// SPDX-License-Identifier: GPL-2.0-only
/*
 * The pool of transactions, their look-up by execution context, and the state
 * of a context that an abort has to put back.
 *
 * A context is a task, or a CPU at one interrupt level: what runs there runs
 * alone, and an interrupt in the middle of a transaction has another key, so
 * that neither its accesses nor its faults are taken for the transaction's.
 */
#include <linux/bitmap.h>
#include <linux/hash.h>
#include <linux/irqflags.h>
#include <linux/preempt.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/sched/mm.h>
#include <linux/timekeeping.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>

#include "compat/compat.h"
#include "fgft.h"

#define SLOT_BITS	10
#define SLOTS		(1 << SLOT_BITS)
#define PROBES		16

/*
 * Open addressing without a chain to break: a key lies in one of the PROBES
 * slots behind its hash.  Only its own context writes a key's slot, so that a
 * look-up (always of the own key) needs no lock.
 */
static struct { unsigned long key; struct fgft_txn *txn; } slots[SLOTS];

static struct fgft_txn *pool[FGFT_POOL];
static DECLARE_BITMAP(used, FGFT_POOL);

int fgft_txn_init(void)
{
	int i;

	for (i = 0; i < FGFT_POOL; i++) {
		pool[i] = vzalloc(sizeof(struct fgft_txn));
		if (!pool[i])
			return -ENOMEM;
		pool[i]->index = i;
	}
	return 0;
}

void fgft_txn_exit(void)
{
	int i;

	for (i = 0; i < FGFT_POOL; i++)
		vfree(pool[i]);
}

unsigned long fgft_context_key(void)
{
	unsigned int level = 0;

	if (in_nmi())
		return 0;
	if (in_hardirq())
		level = 2;
	else if (in_serving_softirq())
		level = 1;
	if (!level)
		return (unsigned long)current;
	return ((unsigned long)raw_smp_processor_id() << 2) | level;
}

static int slot_of(unsigned long key)
{
	unsigned int i, h = hash_long(key, SLOT_BITS);

	for (i = 0; i < PROBES; i++, h = (h + 1) % SLOTS)
		if (READ_ONCE(slots[h].key) == key)
			return h;
	return -1;
}

/* The innermost transaction of this context, or NULL. */
struct fgft_txn *fgft_current(void)
{
	unsigned long key = fgft_context_key();
	int h = key ? slot_of(key) : -1;

	return h < 0 ? NULL : slots[h].txn;
}

/* A reset transaction from the pool, or NULL when all are in use. */
struct fgft_txn *fgft_txn_get(void)
{
	struct fgft_txn *t;
	int i;

	for (i = 0; i < FGFT_POOL; i++)
		if (!test_bit(i, used) && !test_and_set_bit(i, used))
			break;
	if (i == FGFT_POOL)
		return NULL;
	t = pool[i];
	t->outer = NULL;
	t->cb = 0;
	t->tick = 0;
	t->doomed = false;
	t->cause = FGFT_C_NONE;
	t->where = 0;
	t->addr = 0;
	t->why = NULL;
	t->conflicts = 0;
	t->nested = false;
	t->alloc_failed = false;
	memset(&t->gate, 0, sizeof(t->gate));
	t->ranges.nr = 0;
	t->nr_acts = 0;
	fgft_log_reset(&t->log);
	return t;
}

/* Makes t the innermost transaction of this context. */
bool fgft_txn_enter(struct fgft_txn *t)
{
	unsigned long key = fgft_context_key();
	unsigned int i, h;
	int have;

	if (!key)
		return false;
	t->key = key;
	have = slot_of(key);
	if (have >= 0) {
		t->outer = slots[have].txn;
		WRITE_ONCE(slots[have].txn, t);
		return true;
	}
	h = hash_long(key, SLOT_BITS);
	for (i = 0; i < PROBES; i++, h = (h + 1) % SLOTS) {
		if (cmpxchg(&slots[h].key, 0, key) == 0) {
			slots[h].txn = t;
			return true;
		}
	}
	return false;
}

void fgft_txn_put(struct fgft_txn *t)
{
	t->state = FGFT_S_FREE;
	smp_mb__before_atomic();	/* the next owner sees all of it */
	clear_bit(t->index, used);
}

/* Takes t out of its context and gives it back to the pool. */
void fgft_txn_leave(struct fgft_txn *t)
{
	int h = slot_of(t->key);

	if (h < 0 || slots[h].txn != t) {
		fgft_broken("a transaction left a context that it is not in");
		return;
	}
	if (t->outer) {
		slots[h].txn = t->outer;
	} else {
		slots[h].txn = NULL;
		smp_store_release(&slots[h].key, 0);	/* after txn is gone */
	}
	fgft_txn_put(t);
}

bool fgft_txn_busy(void)
{
	return !bitmap_empty(used, FGFT_POOL);
}

/* Second net of rule 7: dooms what runs much longer than it may. */
void fgft_txn_scan(void)
{
	u64 now = ktime_get_mono_fast_ns();
	int i;

	for (i = 0; i < FGFT_POOL; i++) {
		struct fgft_txn *t = pool[i];

		if (!test_bit(i, used) || t->state != FGFT_S_RUN || t->doomed)
			continue;
		if (now - t->start_ns > 60ull * NSEC_PER_SEC) {
			t->doomed = true;
			fgft_count(stuck);
		}
	}
}

bool fgft_may_sleep_now(void)
{
	return !in_atomic() && !irqs_disabled() && !fgft_compat_rcu_depth();
}

/* [noreturn when it may not sleep here] */
void fgft_might_sleep(struct fgft_txn *t)
{
	if (t && !fgft_may_sleep_now())
		fgft_raise(t, FGFT_C_SLEEP, 0, "sleeping call in atomic context");
}

#define PF_MEMALLOC_ALL (PF_MEMALLOC | PF_MEMALLOC_NOFS | PF_MEMALLOC_NOIO)

void fgft_context_save(struct fgft_context *c)
{
	c->preempt = preempt_count();
	c->irq = arch_local_save_flags() & X86_EFLAGS_IF;
	c->rcu = fgft_compat_rcu_depth();
	c->migrate = fgft_compat_migrate_depth();
	c->pagefault = current->pagefault_disabled;
	c->pf_flags = current->flags & PF_MEMALLOC_ALL;
	c->task_state = READ_ONCE(current->__state);
}

bool fgft_context_same(const struct fgft_context *c)
{
	struct fgft_context now;

	fgft_context_save(&now);
	return now.preempt == c->preempt && now.irq == c->irq &&
	       now.rcu == c->rcu && now.migrate == c->migrate &&
	       now.pagefault == c->pagefault && now.pf_flags == c->pf_flags;
}

/*
 * Puts the context back after its locks were released.  Extra levels are left
 * by the calls that would have left them, so that pending softirqs and a due
 * reschedule are not lost.
 */
void fgft_context_restore(const struct fgft_context *c)
{
	if (c->irq != (arch_local_save_flags() & X86_EFLAGS_IF)) {
		if (c->irq)
			local_irq_enable();
		else
			local_irq_disable();
	}
	while (fgft_compat_rcu_depth() > c->rcu)
		rcu_read_unlock();
	while (fgft_compat_migrate_depth() > c->migrate)
		migrate_enable();
	current->pagefault_disabled = c->pagefault;
	current->flags = (current->flags & ~PF_MEMALLOC_ALL) | c->pf_flags;
	if (READ_ONCE(current->__state) != c->task_state && !c->task_state)
		__set_current_state(TASK_RUNNING);
	while ((preempt_count() & SOFTIRQ_MASK) > (c->preempt & SOFTIRQ_MASK) &&
	       !irqs_disabled() && !in_hardirq())
		local_bh_enable();
	while ((preempt_count() & PREEMPT_MASK) > (c->preempt & PREEMPT_MASK))
		preempt_enable();
	if (preempt_count() != c->preempt)
		preempt_count_add(c->preempt - preempt_count());
}
