// SPDX-License-Identifier: GPL-2.0-only
/*
 * Atomic read-modify-write, per-CPU arithmetic, loops, indirect calls, IRQ
 * flags: the rest of what clones call that is not a kernel function.
 */
#include <linux/export.h>
#include <linux/irqflags.h>
#include <linux/percpu.h>
#include <linux/timekeeping.h>

#include "compat/compat.h"
#include "fgft.h"

void fgft_arith(void *p, u64 size, s64 delta)
{
	struct fgft_txn *t = fgft_in();

	if (t && fgft_check_write(t, p, size))
		fgft_log_delta(t, (unsigned long)p, size, delta);
}
EXPORT_SYMBOL_GPL(fgft_arith);

void fgft_bits(void *p, u64 size, u64 mask, u64 set)
{
	struct fgft_txn *t = fgft_in();

	if (t && fgft_check_write(t, p, size))
		fgft_log_bits(t, (unsigned long)p, size, mask, set, false);
}
EXPORT_SYMBOL_GPL(fgft_bits);

void fgft_bits_flip(void *p, u64 size, u64 mask)
{
	struct fgft_txn *t = fgft_in();

	if (t && fgft_check_write(t, p, size))
		fgft_log_bits(t, (unsigned long)p, size, mask, 0, true);
}
EXPORT_SYMBOL_GPL(fgft_bits_flip);

void fgft_bitop(void *base, s64 nr, u32 op)
{
	struct fgft_txn *t = fgft_in();
	u8 *p = (u8 *)base + (nr >> 3);
	u64 mask = 1ull << (nr & 7);

	if (t && fgft_check_write(t, p, 1))
		fgft_log_bits(t, (unsigned long)p, 1, mask,
			      op == FGFT_BIT_SET ? mask : 0, op == FGFT_BIT_FLIP);
}
EXPORT_SYMBOL_GPL(fgft_bitop);

void fgft_cmpxchg(void *p, u64 size)
{
	struct fgft_txn *t = fgft_in();

	if (t && fgft_check_write(t, p, size))
		fgft_probe_byte(p);
}
EXPORT_SYMBOL_GPL(fgft_cmpxchg);

void fgft_cmpxchged(void *p, u64 size, u64 old, u64 new, u32 ok)
{
	struct fgft_txn *t = fgft_in();

	if (t && ok && fgft_check_write(t, p, size))
		fgft_log_known(t, (unsigned long)p, size, old, new);
}
EXPORT_SYMBOL_GPL(fgft_cmpxchged);

/*
 * A migration between here and the instruction would undo on another CPU than
 * was added to; per-CPU sums stay right all the same.
 */
void fgft_gs_arith(void *p, u64 size, s64 delta)
{
	struct fgft_txn *t = fgft_in();

	if (t)
		fgft_log_delta(t, (unsigned long)raw_cpu_ptr((u8 __percpu __force *)p),
			       size, delta);
}
EXPORT_SYMBOL_GPL(fgft_gs_arith);

/*
 * Between two looks at the clock no more than this counts: where the whole
 * machine stood still (a virtual one whose host was busy), nothing hangs.
 */
#define SLICE_NS	(250ull * NSEC_PER_MSEC)

/* Rule 7: counts rounds, and looks at the clock now and then. */
void fgft_loop(void)
{
	struct fgft_txn *t = fgft_in();

	if (!t)
		return;
	if (!t->budget || !--t->budget)
		fgft_raise(t, FGFT_C_BUDGET, 0, "loop budget used up");
	if (!(++t->tick & 255)) {
		u64 now = ktime_get_mono_fast_ns();

		t->spent_ns += min(now - t->looked_ns, SLICE_NS);
		t->looked_ns = now;
		if (t->spent_ns > t->wall_ms * NSEC_PER_MSEC)
			fgft_raise(t, FGFT_C_BUDGET, 0, "time used up");
	}
}
EXPORT_SYMBOL_GPL(fgft_loop);

void *fgft_resolve(void *fn)
{
	struct fgft_txn *t = fgft_in();
	u32 i;

	if (!t)
		return fn;
	for (i = 0; i < t->drv->nr_funcs; i++) {
		if (t->drv->funcs[i].orig == fn || t->drv->funcs[i].clone == fn)
			return t->drv->funcs[i].clone;
	}
	if (fgft_compat_is_text((unsigned long)fn))
		fgft_raise(t, FGFT_C_REFUSED, (unsigned long)fn,
			   "indirect call to an unmodelled function");
	fgft_raise(t, FGFT_C_JUMP, (unsigned long)fn, "wild jump");
}
EXPORT_SYMBOL_GPL(fgft_resolve);

void __noreturn fgft_bug(void)
{
	struct fgft_txn *t = fgft_in();

	if (t)
		fgft_raise(t, FGFT_C_BUG, _RET_IP_, "BUG");
	BUG();
}
EXPORT_SYMBOL_GPL(fgft_bug);

void __noreturn fgft_refuse(const char *why)
{
	struct fgft_txn *t = fgft_in();

	if (t)
		fgft_raise(t, FGFT_C_REFUSED, _RET_IP_, why);
	BUG();
}
EXPORT_SYMBOL_GPL(fgft_refuse);

u64 fgft_irq_save(void)
{
	unsigned long flags;

	local_irq_save(flags);
	return flags;
}
EXPORT_SYMBOL_GPL(fgft_irq_save);

void fgft_irq_restore(u64 flags)
{
	local_irq_restore((unsigned long)flags);
}
EXPORT_SYMBOL_GPL(fgft_irq_restore);

void fgft_irq_disable(void)
{
	local_irq_disable();
}
EXPORT_SYMBOL_GPL(fgft_irq_disable);

void fgft_irq_enable(void)
{
	local_irq_enable();
}
EXPORT_SYMBOL_GPL(fgft_irq_enable);
