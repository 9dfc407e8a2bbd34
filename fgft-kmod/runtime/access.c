// SPDX-License-Identifier: GPL-2.0-only
/*
 * What clones call before memory and device accesses (rule 2): classify first,
 * then check, and only then read anything for the log.
 */
#include <linux/export.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/thread_info.h>

#include "fgft.h"

/* The running transaction; without one a clone runs outside of any: our bug. */
struct fgft_txn *fgft_in(void)
{
	struct fgft_txn *t = fgft_current();

	if (!t || t->state != FGFT_S_RUN) {
		fgft_count(orphan_calls);
		fgft_broken("a clone runs outside of a transaction");
		return NULL;
	}
	if (unlikely(READ_ONCE(t->doomed)))
		fgft_raise(t, FGFT_C_BUDGET, 0, "far too long");
	return t;
}

/* Between the current frame and the trampoline: locals of the clones. */
static bool own_stack(const struct fgft_txn *t, unsigned long p, u64 len)
{
	unsigned long here = (unsigned long)__builtin_frame_address(0);

	return p >= here && p < t->sp && p + len <= t->sp;
}

static bool dead_stack(const struct fgft_txn *t, unsigned long p)
{
	return p < t->sp && t->sp - p < THREAD_SIZE;
}

static bool kernel_address(unsigned long p, u64 len)
{
	/* the upper canonical half, with four or five levels of page tables */
	return p >= -(1ul << __VIRTUAL_MASK_SHIFT) && p + len >= p;
}

static void __noreturn bad_pointer(struct fgft_txn *t, unsigned long p)
{
	if (p < PAGE_SIZE)
		fgft_raise(t, FGFT_C_NULL, p, "null pointer");
	fgft_raise(t, FGFT_C_WILD, p, "not a kernel address");
}

/* [noreturn on violation] */
void fgft_check_read(struct fgft_txn *t, const void *ptr, u64 len)
{
	unsigned long p = (unsigned long)ptr;
	const struct fgft_range *r;

	if (!len || own_stack(t, p, len))
		return;
	r = fgft_range_find(&t->ranges, p, len);
	if (r && !(r->flags & FGFT_PL_PORT))
		return;
	if (!kernel_address(p, len))
		bad_pointer(t, p);
	/*
	 * Reading what the plan does not list does no harm; an unmapped page
	 * must be met here, not in a kernel function that gets the pointer.
	 */
	if (len > 8) {
		unsigned long q;

		for (q = p & PAGE_MASK; q < p + len; q += PAGE_SIZE)
			fgft_probe_byte((void *)max(q, p));
	}
}

/* [noreturn on violation]; true: the location has to be logged */
bool fgft_check_write(struct fgft_txn *t, void *ptr, u64 len)
{
	unsigned long p = (unsigned long)ptr;
	const struct fgft_range *r;

	if (!len || own_stack(t, p, len))
		return false;
	r = fgft_range_find(&t->ranges, p, len);
	if (r && !(r->flags & FGFT_PL_PORT)) {
		if (r->flags & (FGFT_PL_DEVICE | FGFT_PL_FRESH))
			return false;	/* in bounds; never logged */
		if (r->flags & FGFT_PL_WRITE)
			return true;
		fgft_raise(t, FGFT_C_RANGE, p, "store to a read-only range");
	}
	if (!kernel_address(p, len))
		bad_pointer(t, p);
	if (dead_stack(t, p))
		fgft_raise(t, FGFT_C_RANGE, p, "store below the stack pointer");
	if (!(t->entry->flags & FGFT_EF_LOOSE))
		fgft_raise(t, FGFT_C_RANGE, p, "store outside of the range table");
	fgft_count(unplanned_stores);
	return true;
}

/* A pointer that a kernel function is going to follow. */
void fgft_check_object(struct fgft_txn *t, const void *ptr)
{
	unsigned long p = (unsigned long)ptr;

	if (!kernel_address(p, 8))
		bad_pointer(t, p);
	fgft_probe_byte(ptr);
}

/* Length of s, at most max; every page of it readable. */
u64 fgft_check_string(struct fgft_txn *t, const char *s, u64 max)
{
	u64 n;

	if (!kernel_address((unsigned long)s, 1))
		bad_pointer(t, (unsigned long)s);
	for (n = 0; n < max && fgft_probe_byte(s + n); n++)
		;
	return n;
}

void fgft_load(const void *p, u64 size)
{
	struct fgft_txn *t = fgft_in();

	if (t)
		fgft_check_read(t, p, size);
}
EXPORT_SYMBOL_GPL(fgft_load);

void fgft_load_range(const void *p, u64 len)
{
	struct fgft_txn *t = fgft_in();

	if (t)
		fgft_check_read(t, p, len);
}
EXPORT_SYMBOL_GPL(fgft_load_range);

static __always_inline void store(void *p, u64 size, u64 value)
{
	struct fgft_txn *t = fgft_in();

	if (t && fgft_check_write(t, p, size))
		fgft_log_store(t, (unsigned long)p, size, value);
}

void fgft_store1(void *p, u64 value)
{
	store(p, 1, value);
}
EXPORT_SYMBOL_GPL(fgft_store1);

void fgft_store2(void *p, u64 value)
{
	store(p, 2, value);
}
EXPORT_SYMBOL_GPL(fgft_store2);

void fgft_store4(void *p, u64 value)
{
	store(p, 4, value);
}
EXPORT_SYMBOL_GPL(fgft_store4);

void fgft_store8(void *p, u64 value)
{
	store(p, 8, value);
}
EXPORT_SYMBOL_GPL(fgft_store8);

void fgft_store(void *p, u64 size)
{
	struct fgft_txn *t = fgft_in();

	if (t && fgft_check_write(t, p, size))
		fgft_log_before(t, (unsigned long)p, size);
}
EXPORT_SYMBOL_GPL(fgft_store);

void fgft_stored(void *p, u64 size)
{
	struct fgft_txn *t = fgft_in();

	/* words that were not logged (stack, device) are not found there */
	if (t && !own_stack(t, (unsigned long)p, size)) {
		const struct fgft_range *r = fgft_range_find(&t->ranges, (unsigned long)p, size);

		if (!r || !(r->flags & FGFT_PL_DEVICE))
			fgft_log_after(t, (unsigned long)p, size);
	}
}
EXPORT_SYMBOL_GPL(fgft_stored);

void fgft_memmove(void *dst, const void *src, u64 len)
{
	struct fgft_txn *t = fgft_in();
	bool log;

	if (!t) {
		memmove(dst, src, len);
		return;
	}
	fgft_check_read(t, src, len);
	log = fgft_check_write(t, dst, len);
	if (log)
		fgft_log_before(t, (unsigned long)dst, len);
	if (dst > src && dst < src + len)
		fgft_probe_copy_back(dst, src, len);
	else
		fgft_probe_copy(dst, src, len);
	if (log)
		fgft_log_after(t, (unsigned long)dst, len);
}
EXPORT_SYMBOL_GPL(fgft_memmove);

void fgft_memcpy(void *dst, const void *src, u64 len)
{
	fgft_memmove(dst, src, len);
}
EXPORT_SYMBOL_GPL(fgft_memcpy);

void fgft_memset(void *dst, int c, u64 len)
{
	struct fgft_txn *t = fgft_in();
	bool log;

	if (!t) {
		memset(dst, c, len);
		return;
	}
	log = fgft_check_write(t, dst, len);
	if (log)
		fgft_log_before(t, (unsigned long)dst, len);
	fgft_probe_set(dst, c, len);
	if (log)
		fgft_log_after(t, (unsigned long)dst, len);
}
EXPORT_SYMBOL_GPL(fgft_memset);

static void check_mmio(const volatile void *ptr, u64 size)
{
	struct fgft_txn *t = fgft_in();
	unsigned long p = (unsigned long)ptr;
	const struct fgft_range *r;

	if (!t)
		return;
	r = fgft_range_find(&t->ranges, p, size);
	if (r && (r->flags & FGFT_PL_DEVICE))
		return;
	if (!kernel_address(p, size))
		bad_pointer(t, p);
	fgft_raise(t, FGFT_C_DEVICE, p, "access outside of the device's regions");
}

void fgft_mmio_read(const volatile void *p, u64 size)
{
	check_mmio(p, size);
}
EXPORT_SYMBOL_GPL(fgft_mmio_read);

void fgft_mmio_write(volatile void *p, u64 size)
{
	check_mmio(p, size);
}
EXPORT_SYMBOL_GPL(fgft_mmio_write);

static void check_port(u64 port, u64 size)
{
	struct fgft_txn *t = fgft_in();
	const struct fgft_range *r;

	if (!t)
		return;
	r = fgft_range_find(&t->ranges, port, size);
	if (!r || !(r->flags & FGFT_PL_PORT))
		fgft_raise(t, FGFT_C_DEVICE, port, "port outside of the device's regions");
}

void fgft_port_read(u64 port, u64 size, u64 count)
{
	check_port(port, size);
}
EXPORT_SYMBOL_GPL(fgft_port_read);

void fgft_port_write(u64 port, u64 size, u64 count)
{
	check_port(port, size);
}
EXPORT_SYMBOL_GPL(fgft_port_write);
