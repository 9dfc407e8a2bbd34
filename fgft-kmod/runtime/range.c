// SPDX-License-Identifier: GPL-2.0-only
/*
 * The range table of a transaction: sorted, disjoint, binary search.  It is
 * filled from the access plan, the module's data and what is allocated in the
 * transaction.
 */
#include <linux/uaccess.h>

#include "fgft.h"

#define PLAN_ROWS	64
#define PLAN_COUNT	4096u
#define PLAN_SIZE	(64ul << 20)

/* Index of the first range that ends behind p. */
static u32 lower(const struct fgft_ranges *r, unsigned long p)
{
	u32 lo = 0, hi = r->nr;

	while (lo < hi) {
		u32 mid = (lo + hi) / 2;

		if (r->r[mid].end > p)
			hi = mid;
		else
			lo = mid + 1;
	}
	return lo;
}

/* Overlapping ranges become one.  False when the table is full. */
bool fgft_range_add(struct fgft_ranges *r, unsigned long start, unsigned long len, u32 flags)
{
	unsigned long end = start + len;
	u32 i, j;

	if (!len || end < start)
		return false;
	i = lower(r, start);
	for (j = i; j < r->nr && r->r[j].start < end; j++) {
		start = min(start, r->r[j].start);
		end = max(end, r->r[j].end);
		flags |= r->r[j].flags;
	}
	if (j == i) {
		if (r->nr == FGFT_RANGES)
			return false;
		memmove(&r->r[i + 1], &r->r[i], (r->nr - i) * sizeof(r->r[0]));
		r->nr++;
	} else if (j > i + 1) {
		memmove(&r->r[i + 1], &r->r[j], (r->nr - j) * sizeof(r->r[0]));
		r->nr -= j - i - 1;
	}
	r->r[i] = (struct fgft_range){ start, end, flags, 0 };
	return true;
}

/* Takes out the range that starts there (an object that was freed). */
void fgft_range_del(struct fgft_ranges *r, unsigned long start)
{
	u32 i = lower(r, start);

	if (i == r->nr || r->r[i].start != start)
		return;
	r->nr--;
	memmove(&r->r[i], &r->r[i + 1], (r->nr - i) * sizeof(r->r[0]));
}

const struct fgft_range *fgft_range_find(const struct fgft_ranges *r, unsigned long p,
					 unsigned long len)
{
	u32 i = lower(r, p);

	if (i == r->nr || r->r[i].start > p || p + len > r->r[i].end || p + len < p)
		return NULL;
	return &r->r[i];
}

/* After a commit in the middle: what was allocated so far is kept, so logged. */
void fgft_range_settle(struct fgft_ranges *r)
{
	u32 i;

	for (i = 0; i < r->nr; i++)
		r->r[i].flags &= ~FGFT_PL_FRESH;
}

/* The objects that an inner transaction allocated belong to the outer one. */
void fgft_range_merge(struct fgft_ranges *to, const struct fgft_ranges *from)
{
	u32 i;

	for (i = 0; i < from->nr; i++) {
		const struct fgft_range *f = &from->r[i];

		if ((f->flags & FGFT_PL_FRESH) &&
		    !fgft_range_add(to, f->start, f->end - f->start, f->flags))
			fgft_count(range_table_full);
	}
}

/* First address behind the ranges that follow p without a gap. */
unsigned long fgft_range_end(const struct fgft_ranges *r, unsigned long p)
{
	u32 i = lower(r, p);

	if (i == r->nr || r->r[i].start > p)
		return p;
	while (i + 1 < r->nr && r->r[i + 1].start == r->r[i].end)
		i++;
	return r->r[i].end;
}

static bool read_scalar(unsigned long p, u32 width, u64 *out)
{
	*out = 0;
	if (width != 1 && width != 2 && width != 4 && width != 8)
		return false;
	/* little endian: the low bytes are the value */
	return !copy_from_kernel_nofault(out, (void *)p, width);
}

static void plan_row(struct fgft_txn *t, const struct fgft_plan *p, unsigned long *addr, u32 row)
{
	u64 size = p->size, count = p->count ? p->count : 1, v, i;
	unsigned long base;

	addr[row] = 0;
	if (p->from >= 0)
		base = (u32)p->from < row ? addr[p->from] : 0;
	else
		base = (u32)(-1 - p->from) < FGFT_MAX_ARGS ? t->args[-1 - p->from] : 0;
	if (!base && !(p->flags & FGFT_PL_PORT))
		return;
	if (p->size_row >= 0) {
		if ((u32)p->size_row >= row || !addr[p->size_row] ||
		    !read_scalar(addr[p->size_row] + p->size_off, p->size_width, &v))
			return;
		size = v > PLAN_SIZE ? 0 : v * p->size;
	}
	if (p->count_row >= 0) {
		if ((u32)p->count_row >= row || !addr[p->count_row] ||
		    !read_scalar(addr[p->count_row] + p->count_off, p->count_width, &v))
			return;
		count = v;
	}
	if (size > PLAN_SIZE)
		return;
	count = min_t(u64, count, PLAN_COUNT);
	for (i = 0; i < count; i++) {
		u64 start = base + p->offset + i * p->stride;

		if ((p->flags & FGFT_PL_DEREF) && !read_scalar(start, 8, &start)) {
			fgft_count(plan_unreadable);
			return;
		}
		if (i == 0)
			addr[row] = start;
		if (!start || (p->flags & FGFT_PL_ADDR))
			continue;
		if (size && !fgft_range_add(&t->ranges, start, size,
					    p->flags & (FGFT_PL_READ | FGFT_PL_WRITE |
							FGFT_PL_DEVICE | FGFT_PL_PORT)))
			fgft_count(range_table_full);
	}
}

/* Before the clone runs: afterwards a pointer may be the fault's work. */
void fgft_plan_eval(struct fgft_txn *t)
{
	unsigned long addr[PLAN_ROWS];
	u32 i;

	for (i = 0; i < t->drv->nr_data; i++)
		fgft_range_add(&t->ranges, (unsigned long)t->drv->data[i].start,
			       t->drv->data[i].size, FGFT_PL_READ | FGFT_PL_WRITE);
	for (i = 0; i < t->entry->nr_plan && i < PLAN_ROWS; i++)
		plan_row(t, &t->entry->plan[i], addr, i);
}
