// SPDX-License-Identifier: GPL-2.0-only
/*
 * The clones, written as the isolator would generate them: a call in front of
 * every access.  What is marked RAW has none on purpose.
 */
#include <linux/bottom_half.h>
#include <linux/bug.h>
#include <linux/delay.h>
#include <linux/mii.h>
#include <linux/mm.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/uaccess.h>
#include <linux/workqueue.h>

#include "guest.h"

#define CLONE(n) noinline __section(".text.fgft") u64 clone_##n(u64 *args)
#define OBJECT ((struct object *)args[0])

#define ST(size, place, value) do {				\
	fgft_store##size(&(place), (u64)(value));		\
	WRITE_ONCE(place, value);				\
} while (0)

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

/* RAW: the fault that everything else in here ends in. */
static __always_inline void raw_null(void)
{
	*(volatile u64 *)NULL = 1;
}

CLONE(ok)
{
	struct object *o = OBJECT;

	ST(8, o->a, o->a + 1);
	ST(4, o->b, o->b + 1);
	ST(2, o->c[1], 7);
	fgft_arith(&o->count, 4, 1);
	atomic_inc(&o->count);
	return 0;
}

CLONE(null)
{
	struct object *o = OBJECT;

	ST(8, o->a, 1);
	ST(4, o->b, 2);
	ST(2, o->c[3], 3);
	ST(1, *(u8 *)&o->tail, 4);
	ST(8, o->a, 5);
	raw_null();
	return 0;
}

CLONE(gp)
{
	ST(8, OBJECT->a, 1);
	return *(volatile u64 *)FGFT_WILD;
}

CLONE(unmapped)
{
	ST(8, OBJECT->a, 1);
	*(volatile u64 *)(PAGE_OFFSET + (1ul << 40)) = 1;
	return 0;
}

CLONE(divide)
{
	volatile int zero = 0;

	ST(8, OBJECT->a, 1);
	return 7 / zero;
}

CLONE(bug)
{
	ST(8, OBJECT->a, 1);
	BUG_ON(args[1] == 0);
	return 0;
}

CLONE(jump_null)
{
	u64 (*volatile fn)(u64 *args) = NULL;

	ST(8, OBJECT->a, 1);
	return fn(args) + 1;
}

CLONE(jump_wild)
{
	u64 (*volatile fn)(u64 *args) = (void *)FGFT_WILD;

	ST(8, OBJECT->a, 1);
	return fn(args) + 1;
}

CLONE(resolve)
{
	u64 (*fn)(u64 *args);

	ST(8, OBJECT->a, 1);
	fn = fgft_resolve((void *)args[1]);
	return fn(args);
}

static u64 pointed_to(u64 *args)
{
	return 1;
}

/* stands for a function of the driver: original and clone */
CLONE(fn_pointer)
{
	return 77;
}

CLONE(range)
{
	struct object *o = OBJECT;

	ST(8, o->a, 1);
	ST(8, *(u64 *)(o + 1), 2);	/* outer.after */
	return 0;
}

CLONE(below_stack)
{
	u64 here;

	ST(8, OBJECT->a, 1);
	fgft_store8((u8 *)&here - 2048, 1);
	return 0;
}

/* 100 stores to locals: with a log of 2 words only classification helps */
CLONE(local)
{
	volatile u64 local[100];
	int i;

	ST(8, OBJECT->a, 1);
	for (i = 0; i < 100; i++) {
		fgft_store8((u64 *)&local[i], i);
		local[i] = i;
	}
	return local[99] == 99 ? 0 : 1;
}

CLONE(memset)
{
	struct object *o = OBJECT;

	fgft_memset((u8 *)o->words + 3, 0x5a, 1001);
	fgft_memcpy(&o->words[200], &o->words[0], 800);
	fgft_memmove(&o->words[201], &o->words[200], 800);
	raw_null();
	return 0;
}

CLONE(memcpy_guard)
{
	struct object *o = OBJECT;

	fgft_memcpy(o->words, guest_guard + PAGE_SIZE - 64, 128);
	return 0;
}

CLONE(loop)
{
	ST(8, OBJECT->a, 1);
	for (;;)
		fgft_loop();
}

CLONE(sleep_atomic)
{
	struct object *o = OBJECT;

	fgft_w__raw_spin_lock(&o->lock);
	ST(8, o->a, 1);
	fgft_w_msleep(1);
	fgft_w__raw_spin_unlock(&o->lock);
	return 0;
}

/* Rule 3.  RAW: what another CPU does in between. */
CLONE(conflict)
{
	struct object *o = OBJECT;

	ST(8, o->a, 1);
	ST(4, o->b, 0x01020304);
	WRITE_ONCE(o->a, 99);
	/* one byte of a word that was stored whole: all of it stays */
	*((volatile u8 *)&o->b + 1) = 0xff;
	raw_null();
	return 0;
}

CLONE(conflict_bits)
{
	struct object *o = OBJECT;

	fgft_bitop(&o->bits, 3, FGFT_BIT_SET);
	set_bit(3, &o->bits);
	fgft_bitop(&o->bits, 40, FGFT_BIT_CLEAR);
	clear_bit(40, &o->bits);
	fgft_bitop(&o->bits, 5, FGFT_BIT_SET);
	set_bit(5, &o->bits);
	set_bit(4, &o->bits);		/* RAW: another bit */
	clear_bit(5, &o->bits);		/* RAW: the same bit */
	raw_null();
	return 0;
}

CLONE(conflict_arith)
{
	struct object *o = OBJECT;

	fgft_arith(&o->count, 4, 5);
	atomic_add(5, &o->count);
	atomic_add(100, &o->count);	/* RAW */
	raw_null();
	return 0;
}

/* Neighbours of what a second CPU writes all the time. */
CLONE(hammer)
{
	struct object *o = OBJECT;

	ST(2, o->c[0], o->c[0] + 1);
	ST(2, o->c[2], o->c[2] + 1);
	fgft_bitop(&o->bits, 9, FGFT_BIT_FLIP);
	change_bit(9, &o->bits);
	fgft_arith(&o->count, 4, 3);
	atomic_add(3, &o->count);
	if (args[1])
		raw_null();
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

/* Rule 1: the fault is in a function that is neither clone nor wrapper. */
static noinline void not_a_clone(void)
{
	raw_null();
}

CLONE(foreign_callee)
{
	ST(8, OBJECT->a, 1);
	not_a_clone();
	return 0;
}

noinline __section(".text.fgft") void guest_raw(void)
{
	raw_null();
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

const struct fgft_func guest_funcs[1] = {
	{ pointed_to, clone_fn_pointer },
};
