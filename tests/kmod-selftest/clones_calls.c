// SPDX-License-Identifier: GPL-2.0-only
/*
 * Clones that call the kernel: locks, memory, work, call-backs, other entry
 * points, devices (rules 4, 5, 6, 8).
 */
#include <linux/bottom_half.h>
#include <linux/mii.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/uaccess.h>
#include <linux/workqueue.h>

#include "clones.h"

void *fgft_w___kmalloc_cache_noprof(struct kmem_cache *s, gfp_t gfp, size_t size);
void *fgft_w___kmalloc_noprof(size_t size, gfp_t gfp);
void fgft_w_kfree(const void *p);
void fgft_w__raw_spin_lock(raw_spinlock_t *lock);
void fgft_w__raw_spin_unlock(raw_spinlock_t *lock);
void fgft_h__raw_spin_unlock(raw_spinlock_t *lock);
unsigned long fgft_w__raw_spin_lock_irqsave(raw_spinlock_t *lock);
void fgft_w__raw_spin_unlock_irqrestore(raw_spinlock_t *lock, unsigned long flags);
void fgft_w_mutex_lock(struct mutex *lock);
void fgft_w_mutex_unlock(struct mutex *lock);
void fgft_w_msleep(unsigned int ms);
bool fgft_w_queue_work_on(int cpu, struct workqueue_struct *wq, struct work_struct *work);
int fgft_w_mii_link_ok(struct mii_if_info *mii);

CLONE(sleep_atomic)
{
	struct object *o = OBJECT;

	fgft_w__raw_spin_lock(&o->lock);
	ST(8, o->a, 1);
	fgft_w_msleep(1);
	fgft_w__raw_spin_unlock(&o->lock);
	return 0;
}

CLONE(lost_unlock)
{
	struct object *o = OBJECT;

	fgft_w__raw_spin_lock(&o->lock);
	ST(8, o->a, 1);
	return 0;
}

CLONE(unlock_twice)
{
	struct object *o = OBJECT;

	fgft_w__raw_spin_lock(&o->lock);
	ST(8, o->a, 1);
	fgft_w__raw_spin_unlock(&o->lock);
	fgft_w__raw_spin_unlock(&o->lock);
	return 0;
}

CLONE(lock_twice)
{
	struct object *o = OBJECT;

	fgft_w__raw_spin_lock_irqsave(&o->lock);
	ST(8, o->a, 1);
	fgft_w__raw_spin_lock_irqsave(&o->lock);
	return 0;
}

CLONE(lock_busy)
{
	struct object *o = OBJECT;

	ST(8, o->a, 1);
	fgft_w__raw_spin_lock_irqsave(&o->lock);
	return 0;
}

/* Released where the driver does it; the abort has to take it again. */
CLONE(released)
{
	struct object *o = OBJECT;
	unsigned long flags = fgft_w__raw_spin_lock_irqsave(&o->lock);

	ST(8, o->a, 1);
	fgft_w__raw_spin_unlock_irqrestore(&o->lock, flags);
	guest_flag = raw_spin_is_locked(&o->lock);
	raw_null();
	return 0;
}

/* many words that only make sense together, written under the lock */
CLONE(released_words)
{
	struct object *o = OBJECT;
	unsigned long flags = fgft_w__raw_spin_lock_irqsave(&o->lock);
	int i;

	for (i = 0; i < 600; i++)
		ST(8, o->words[i], args[1]);
	fgft_w__raw_spin_unlock_irqrestore(&o->lock, flags);
	raw_null();
	return 0;
}

CLONE(held_back)
{
	struct object *o = OBJECT;

	fgft_w__raw_spin_lock(&o->lock);
	ST(8, o->a, 1);
	fgft_h__raw_spin_unlock(&o->lock);
	guest_flag = raw_spin_is_locked(&o->lock);
	/* again: taken back instead of waiting for oneself */
	fgft_w__raw_spin_lock(&o->lock);
	fgft_h__raw_spin_unlock(&o->lock);
	if (args[1])
		raw_null();
	return 0;
}

CLONE(mutex_fault)
{
	struct object *o = OBJECT;

	fgft_w_mutex_lock(&o->mutex);
	ST(8, o->a, 1);
	raw_null();
	return 0;
}

/* RAW state changes: the runtime compares and restores all of them. */
CLONE(context)
{
	ST(8, OBJECT->a, 1);
	preempt_disable();
	preempt_disable();
	local_bh_disable();
	rcu_read_lock();
	pagefault_disable();
	migrate_disable();
	fgft_irq_disable();
	asm volatile("pushfq; orq $0x40000, (%%rsp); popfq" ::: "memory", "cc");
	raw_null();
	return 0;
}

CLONE(lost_preempt)
{
	ST(8, OBJECT->a, 1);
	preempt_disable();
	return 0;
}

CLONE(alloc_fault)
{
	struct object *o = OBJECT;
	u64 *p = fgft_w___kmalloc_cache_noprof(guest_cache, GFP_KERNEL, 64);

	ST(8, o->a, (u64)p);
	ST(8, p[7], 1);
	fgft_w___kmalloc_cache_noprof(guest_cache, GFP_KERNEL, 64);
	if (args[1])		/* out of the new object's bounds */
		ST(8, p[8], 1);
	raw_null();
	return 0;
}

/* too much memory: the driver's error path forgets what it wrote */
CLONE(alloc_error)
{
	ST(8, OBJECT->a, 1);
	return fgft_w___kmalloc_noprof(1ul << 40, GFP_KERNEL | __GFP_NOWARN) ? 0 : (u64)-ENOMEM;
}

/* what was allocated before a commit in the middle is not freed by the abort */
CLONE(fresh_commit)
{
	struct object *o = OBJECT;
	u64 *p = fgft_w___kmalloc_noprof(64, GFP_KERNEL);

	ST(8, p[0], 1);
	ST(8, o->a, (u64)p);
	fgft_commit_before();
	ST(8, p[0], 2);
	raw_null();
	return 0;
}

/* waits for a timer whose handler is a transaction of its own, and faults */
CLONE(interrupted)
{
	ST(8, OBJECT->a, 1);
	guest_flag = 1;
	while (READ_ONCE(guest_flag) != 2)
		fgft_loop();
	ST(4, OBJECT->b, 1);
	raw_null();
	return 0;
}

CLONE(free_fault)
{
	fgft_w_kfree((void *)args[1]);
	raw_null();
	return 0;
}

CLONE(free_ok)
{
	fgft_w_kfree((void *)args[1]);
	return 0;
}

CLONE(free_twice)
{
	fgft_w_kfree((void *)args[1]);
	fgft_w_kfree((void *)args[1]);
	return 0;
}

CLONE(work_fault)
{
	fgft_w_queue_work_on(WORK_CPU_UNBOUND, system_wq, &guest_work);
	raw_null();
	return 0;
}

CLONE(work_ok)
{
	return fgft_w_queue_work_on(WORK_CPU_UNBOUND, system_wq, &guest_work) ? 0 : 1;
}

CLONE(commit_before)
{
	struct object *o = OBJECT;

	fgft_w__raw_spin_lock(&o->lock);
	ST(8, o->a, 1);
	fgft_w_queue_work_on(WORK_CPU_UNBOUND, system_wq, &guest_work);
	fgft_commit_before();
	ST(4, o->b, 2);
	raw_null();
	return 0;
}

CLONE(log_full)
{
	struct object *o = OBJECT;
	int i;

	for (i = 0; i < 600; i++)
		ST(8, o->words[i], i);
	return 0;
}

/* another driver's entry point, through its stub, fails in between */
CLONE(nested)
{
	struct object *o = OBJECT;

	ST(8, o->a, 1);
	guest_value = guest_call_other(args[1]);
	ST(4, o->b, 2);
	return 0;
}

CLONE(other)
{
	u64 *cell = (u64 *)args[0];

	ST(8, *cell, 5);
	if (args[1])
		raw_null();
	return 0;
}

/* an entry point of the same driver that commits; then the outer one faults */
CLONE(nested_same)
{
	struct object *o = OBJECT;

	ST(8, o->a, 1);
	guest_value = guest_call(C_inner, 0);
	raw_null();
	return 0;
}

CLONE(inner)
{
	struct object *o = OBJECT;

	ST(8, o->a, 2);
	ST(4, o->b, 3);
	return 11;
}

/* mii_link_ok() calls guest_mdio_read(), whose stub joins (rule 6) */
CLONE(callback)
{
	struct object *o = OBJECT;

	ST(8, o->a, 1);
	guest_value = fgft_w_mii_link_ok(guest_mii);
	return 0;
}

CLONE(mdio)
{
	struct object *o = &guest->o;

	ST(4, o->b, 4);
	if (guest_flag)
		raw_null();
	return BMSR_LSTATUS;
}

CLONE(device)
{
	ST(8, OBJECT->a, 1);
	raw_null();
	return 0;
}

CLONE(gate)
{
	ST(8, OBJECT->a, 1);
	raw_null();
	return 0;
}

CLONE(not_eligible)
{
	ST(8, OBJECT->a, 1);
	return 1;
}

/* the region is not mapped: reading it for a check would fault */
CLONE(device_range)
{
	fgft_mmio_write((void *)(PAGE_OFFSET + (1ul << 41)) + 0xfc, 4);
	fgft_store4((void *)(PAGE_OFFSET + (1ul << 41)) + 0x10, 4);
	guest_flag = 1;
	fgft_mmio_write((void *)(PAGE_OFFSET + (1ul << 41)) + 0x100, 4);
	return 0;
}

CLONE(store_device)
{
	fgft_mmio_read(OBJECT, 4);
	return 0;
}

CLONE(foreign_wait)
{
	int i;

	ST(8, OBJECT->a, 1);
	guest_flag = 1;
	for (i = 0; i < 200 && guest_flag != 2; i++)
		fgft_w_msleep(10);
	return 0;
}
