// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fault sites: built into clones, armed one at a time, fire inside a
 * transaction only.
 */
#include <linux/export.h>
#include <linux/string.h>

#include "fgft.h"

static const char *const kinds[FGFT_SITE_KINDS] = {
	[FGFT_SITE_NULL] = "null",
	[FGFT_SITE_WILD] = "wild",
	[FGFT_SITE_OOB] = "oob",
	[FGFT_SITE_DIV] = "div",
	[FGFT_SITE_BUG] = "bug",
	[FGFT_SITE_LOOP] = "loop",
	[FGFT_SITE_LOST_UNLOCK] = "lost-unlock",
	[FGFT_SITE_ALLOC_FAIL] = "alloc-fail",
	[FGFT_SITE_GARBAGE] = "garbage",
};

/* How often the armed site may still fire; one site is armed at a time. */
atomic_t fgft_site_times = ATOMIC_INIT(0);

const char *fgft_kind_name(u32 kind)
{
	return kind < FGFT_SITE_KINDS && kinds[kind] ? kinds[kind] : "?";
}

/* FGFT_SITE_x, or -EINVAL. */
int fgft_kind_of(const char *name)
{
	return match_string(kinds + 1, FGFT_SITE_KINDS - 1, name) < 0 ? -EINVAL :
	       match_string(kinds + 1, FGFT_SITE_KINDS - 1, name) + 1;
}

u32 fgft_site_fire(struct fgft_site *s)
{
	struct fgft_txn *t = fgft_current();
	u32 kind = READ_ONCE(s->armed);

	if (!kind || !t || t->state != FGFT_S_RUN)
		return 0;
	s->reached++;
	if (atomic_dec_if_positive(&fgft_site_times) < 0)
		return 0;
	s->fired++;
	if (kind == FGFT_SITE_ALLOC_FAIL)
		t->alloc_failed = true;
	return kind;
}
EXPORT_SYMBOL_GPL(fgft_site_fire);

void *fgft_site_oob(void *p)
{
	struct fgft_txn *t = fgft_current();
	unsigned long sp = (unsigned long)__builtin_frame_address(0);

	if (!t)
		return p;
	/* a local: the object is the stack of this transaction */
	if ((unsigned long)p >= sp && (unsigned long)p < t->sp)
		return (void *)t->sp;
	return (void *)fgft_range_end(&t->ranges, (unsigned long)p);
}
EXPORT_SYMBOL_GPL(fgft_site_oob);
