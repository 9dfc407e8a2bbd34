// SPDX-License-Identifier: GPL-2.0-only
/*
 * Faults of every kind, memory classification (rule 2), conflicts (rule 3),
 * deferral (5), call-backs (6), hangs (7), nesting, limits.
 */
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include "guest.h"

#define RECOVERS(n, cause)					\
static const char *test_##n(void)				\
{								\
	return guest_recovers(C_##n, 0, cause);			\
}

RECOVERS(null, "null")
RECOVERS(gp, "gp")
RECOVERS(unmapped, "wild")
RECOVERS(divide, "divide")
RECOVERS(bug, "bug")
RECOVERS(jump_null, "jump")
RECOVERS(jump_wild, "jump")
RECOVERS(range, "range")
RECOVERS(below_stack, "range")
RECOVERS(memset, "null")
RECOVERS(memcpy_guard, "wild")
RECOVERS(loop, "budget")
RECOVERS(sleep_atomic, "sleep")

static const char *test_commit(void)
{
	CHECK(guest_call(C_ok, 0) == 0);
	CHECK(!strcmp(guest_end, "commit"));
	CHECK(guest->o.a == 0x1111111111111112ull);
	CHECK(guest->o.c[1] == 7);
	CHECK(atomic_read(&guest->o.count) == 1001);
	return NULL;
}

/* five kinds in a row, then a good call */
static const char *test_in_a_row(void)
{
	static const enum clone_id ids[] = { C_null, C_gp, C_divide, C_bug, C_unmapped };
	int i;

	for (i = 0; i < 100; i++)
		CHECK((s64)guest_call(ids[i % 5], 0) == FAILED);
	return test_commit();
}

static const char *test_soak(void)
{
	int i;

	for (i = 0; i < 10000; i++)
		CHECK(guest_call(C_ok, 0) == 0);
	CHECK(atomic_read(&guest->o.count) == 11000);
	return NULL;
}

static const char *test_resolve(void)
{
	const char *bad = guest_recovers(C_resolve, 0x1234, "jump");

	if (bad)
		return bad;
	/* a kernel function without a model row */
	return guest_recovers(C_resolve, (unsigned long)msleep, "refused");
}

extern const struct fgft_func guest_funcs[1];

static const char *test_resolve_own(void)
{
	CHECK(guest_call(C_resolve, (unsigned long)guest_funcs[0].orig) == 77);
	return NULL;
}

/* rule 2: locals are checked, never logged */
static const char *test_local(void)
{
	CHECK(guest_call(C_local, 0) == 0);
	CHECK(!strcmp(guest_end, "commit"));
	return NULL;
}

static const char *test_conflict(void)
{
	CHECK((s64)guest_call(C_conflict, 0) == FAILED);
	CHECK(guest->o.a == 99);
	CHECK(guest->o.b == 0x0102ff04);
	CHECK(guest_conflicts == 2);
	return NULL;
}

static const char *test_conflict_bits(void)
{
	CHECK((s64)guest_call(C_conflict_bits, 0) == FAILED);
	CHECK(guest->o.bits == (1ul << 40 | 1ul << 4));
	CHECK(guest_conflicts == 1);
	return NULL;
}

static const char *test_conflict_arith(void)
{
	CHECK((s64)guest_call(C_conflict_arith, 0) == FAILED);
	CHECK(atomic_read(&guest->o.count) == 1100);
	return NULL;
}

static int hammer_thread(void *data)
{
	struct object *o = &guest->o;
	u64 n = 0;

	while (!kthread_should_stop()) {
		WRITE_ONCE(o->c[1], o->c[1] + 1);
		change_bit(10, &o->bits);
		atomic_add(7, &o->count);
		n++;
		if (!(n & 1023))
			cond_resched();
	}
	*(u64 *)data = n;
	return 0;
}

/* another CPU writes next to what is rolled back: none of its writes is lost */
static const char *test_hammer(void)
{
	struct object *o = &guest->o;
	struct task_struct *task;
	u64 n = 0;
	int i;

	o->c[0] = o->c[1] = o->c[2] = 0;
	atomic_set(&o->count, 0);
	task = kthread_run(hammer_thread, &n, "fgft-hammer");
	CHECK(!IS_ERR(task));
	for (i = 0; i < 20000; i++) {
		guest_call(C_hammer, i % 3);
		if (!(i & 255))
			cond_resched();
	}
	msleep(20);
	kthread_stop(task);
	CHECK(n > 1000);
	CHECK(o->c[1] == (u16)n);
	CHECK(((o->bits >> 10) & 1) == (n & 1));
	CHECK(o->c[0] == (u16)6667 && o->c[2] == (u16)6667);
	CHECK(atomic_read(&o->count) == (int)(7 * n + 3 * 6667));
	return NULL;
}

static const char *test_alloc(void)
{
	const char *bad = guest_recovers(C_alloc_fault, 0, "null");

	return bad ?: guest_recovers(C_alloc_fault, 1, "range");
}

static const char *test_alloc_error(void)
{
	CHECK((s64)guest_call(C_alloc_error, 0) == -ENOMEM);
	CHECK(!strcmp(guest_end, "alloc"));
	CHECK(guest->o.a == 0x1111111111111111ull);
	return NULL;
}

static const char *test_free(void)
{
	u64 *p = kmalloc(64, GFP_KERNEL);
	int i;

	CHECK(p);
	for (i = 0; i < 8; i++)
		p[i] = 0xabc0 + i;
	CHECK((s64)guest_call(C_free_fault, (unsigned long)p) == FAILED);
	for (i = 0; i < 8; i++)
		CHECK(p[i] == 0xabc0 + i);
	CHECK(guest_call(C_free_ok, (unsigned long)p) == 0);
	return NULL;
}

static const char *test_free_twice_of(void)
{
	u64 *p = kmalloc(64, GFP_KERNEL);
	const char *bad;

	CHECK(p);
	bad = guest_recovers(C_free_twice, (unsigned long)p, "double-free");
	kfree(p);
	return bad;
}

static const char *test_work(void)
{
	CHECK((s64)guest_call(C_work_fault, 0) == FAILED);
	flush_work(&guest_work);
	CHECK(guest_work_runs == 0);
	CHECK(guest_call(C_work_ok, 0) == 0);
	flush_work(&guest_work);
	CHECK(guest_work_runs == 1);
	return NULL;
}

static const char *test_commit_before(void)
{
	CHECK((s64)guest_call(C_commit_before, 0) == FAILED);
	flush_work(&guest_work);
	CHECK(guest_work_runs == 1);
	CHECK(guest->o.a == 1);
	CHECK(guest->o.b == 0x11111111);
	CHECK(!raw_spin_is_locked(&guest->o.lock));
	return NULL;
}

static const char *test_log_full(void)
{
	return guest_recovers(C_log_full, 0, "log-full");
}

static const char *test_log_full_plain(void)
{
	guest_entries[C_log_full].flags |= FGFT_EF_RETRY_PLAIN;
	CHECK(guest_call(C_log_full, 0) == 42);
	CHECK(guest->o.words[0] == 0x1111111111111111ull);
	guest_entries[C_log_full].flags &= ~FGFT_EF_RETRY_PLAIN;
	return NULL;
}

static const char *test_fresh_commit(void)
{
	u64 *p;

	CHECK((s64)guest_call(C_fresh_commit, 0) == FAILED);
	p = (u64 *)guest->o.a;
	CHECK(p[0] == 1);
	kfree(p);
	return NULL;
}

static const char *test_nested(void)
{
	CHECK(guest_call(C_nested, 1) == 0);
	CHECK((s64)guest_value == FAILED);
	CHECK(guest->o.a == 1 && guest->o.b == 2);
	CHECK(!strcmp(guest_end, "commit"));
	return NULL;
}

static const char *test_nested_same(void)
{
	const char *bad = guest_recovers(C_nested_same, 0, "null");

	if (bad)
		return bad;
	CHECK(guest_value == 11);
	return NULL;
}

static const char *test_callback(void)
{
	CHECK(guest_call(C_callback, 0) == 0);
	CHECK(guest_value == 1);
	CHECK(guest->o.a == 1 && guest->o.b == 4);
	return NULL;
}

static const char *test_callback_fault(void)
{
	guest_flag = 1;
	return guest_recovers(C_callback, 0, "null");
}

#define T(n) { #n, test_##n }
const struct guest_test guest_tests[] = {
	T(commit), T(null), T(gp), T(unmapped), T(divide), T(bug), T(jump_null), T(jump_wild),
	T(resolve), T(resolve_own), T(range), T(below_stack), T(local), T(memset),
	T(memcpy_guard), T(loop), T(sleep_atomic), T(in_a_row), T(soak), T(conflict),
	T(conflict_bits), T(conflict_arith), T(hammer), T(alloc), T(alloc_error), T(free),
	{ "free_twice", test_free_twice_of }, T(work), T(commit_before), T(fresh_commit), T(log_full),
	T(log_full_plain), T(nested), T(nested_same), T(callback), T(callback_fault),
	{ }
};
