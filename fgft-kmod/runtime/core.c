// SPDX-License-Identifier: GPL-2.0-only
/*
 * The stub's slow path: decides by policy, runs the clone as a transaction,
 * commits it or has it aborted.
 */
#include <linux/cred.h>
#include <linux/export.h>
#include <linux/notifier.h>
#include <linux/sched.h>
#include <linux/timekeeping.h>
#include <linux/uidgid.h>

#include "compat/compat.h"
#include "fgft.h"

#define CREATE_TRACE_POINTS
#include "trace.h"

EXPORT_TRACEPOINT_SYMBOL_GPL(fgft_rolled_back);
EXPORT_TRACEPOINT_SYMBOL_GPL(fgft_restored);
EXPORT_TRACEPOINT_SYMBOL_GPL(fgft_begin);
EXPORT_TRACEPOINT_SYMBOL_GPL(fgft_commit);

#define BUDGET_DEFAULT	(1ull << 20)
#define WALL_MS_DEFAULT	10000

static ATOMIC_NOTIFIER_HEAD(notifiers);

int fgft_notifier_register(struct notifier_block *nb)
{
	return atomic_notifier_chain_register(&notifiers, nb);
}
EXPORT_SYMBOL_GPL(fgft_notifier_register);

int fgft_notifier_unregister(struct notifier_block *nb)
{
	return atomic_notifier_chain_unregister(&notifiers, nb);
}
EXPORT_SYMBOL_GPL(fgft_notifier_unregister);

void fgft_notify(struct fgft_txn *t, int event, int code)
{
	struct fgft_event ev = { t->drv, t->entry, t->gate.args, code,
				 fgft_cause_name(t->cause) };

	switch (event) {
	case FGFT_EV_BEGIN:
		trace_fgft_begin(t->drv, t->entry, t->gate.args, code);
		break;
	case FGFT_EV_COMMIT:
		trace_fgft_commit(t->drv, t->entry, t->gate.args, code);
		break;
	case FGFT_EV_ROLLED_BACK:
		trace_fgft_rolled_back(t->drv, t->entry, t->gate.args, code);
		break;
	case FGFT_EV_RESTORED:
		trace_fgft_restored(t->drv, t->entry, t->gate.args, code);
		break;
	}
	atomic_notifier_call_chain(&notifiers, event, &ev);
}

bool fgft_ip_in_clone(const struct fgft_driver *d, unsigned long ip)
{
	u32 i;

	for (i = 0; i < d->nr_text; i++)
		if (ip >= (unsigned long)d->text[i].start && ip < (unsigned long)d->text[i].end)
			return true;
	return false;
}

/* The driver's own failure: a negative int where failures are such. */
static bool says_failed(const struct fgft_entry *e, u64 value)
{
	return e->fail_kind == FGFT_FAIL_CONST && (s64)e->fail_value < 0 && (s32)value < 0;
}

static u64 run_plain(struct fgft_entry *e, u64 *args)
{
	struct fgft_entry_rt *rt = e->rt;
	u64 v;

	if (!rt)
		return e->plain(args);
	fgft_count(plain);
	atomic64_inc(&rt->plains);
	v = e->plain(args);
	/* AFTER counts what the driver itself calls a failure */
	if (says_failed(e, v))
		atomic64_inc(&rt->failures);
	return v;
}

static bool wanted(struct fgft_entry_rt *rt)
{
	switch (rt->policy.when) {
	case FGFT_W_ALWAYS:
		return true;
	case FGFT_W_AFTER:
		return atomic64_read(&rt->failures) >= rt->policy.n;
	case FGFT_W_FIRST:
		return atomic64_read(&rt->calls) <= rt->policy.n;
	case FGFT_W_UNPRIV:
		return in_task() && !uid_eq(current_euid(), GLOBAL_ROOT_UID);
	default:
		return false;
	}
}

/* Rule 8: restore must be able to run where the call runs, or as work. */
static bool eligible(struct fgft_entry *e)
{
	if (!(e->flags & FGFT_EF_RESTORE_SLEEPS) || !fgft_gate_needed(e))
		return true;
	return fgft_may_sleep_now() || (e->flags & FGFT_EF_GATE) || e->rt->policy.gate;
}

static u64 fail_value(struct fgft_entry *e, u64 *args)
{
	switch (e->fail_kind) {
	case FGFT_FAIL_CONST:
		return e->fail_value;
	case FGFT_FAIL_ARG:
		return args[e->fail_arg] + e->fail_value;
	default:
		return 0;
	}
}

static struct fgft_txn *begin(struct fgft_entry *e, u64 *args)
{
	struct fgft_txn *t = fgft_txn_get();
	const struct fgft_policy *p = &e->rt->policy;
	struct fgft_txn *outer = fgft_current();
	u64 bytes;

	if (!t) {
		fgft_count(no_transaction_free);
		return NULL;
	}
	t->state = FGFT_S_READY;
	t->drv = e->rt->drv->drv;
	t->entry = e;
	t->args = args;
	t->nested = outer && outer->drv == t->drv && outer->state == FGFT_S_RUN;
	memcpy(t->gate.args, args, e->nr_args * sizeof(u64));
	t->gate.drv = t->drv;
	t->gate.entry = e;
	t->budget = p->budget ?: e->budget ?: BUDGET_DEFAULT;
	t->wall_ms = p->wall_ms ?: e->wall_ms ?: WALL_MS_DEFAULT;
	bytes = p->log_bytes ?: e->log_bytes;
	if (bytes)
		t->log.limit = clamp_t(u64, bytes / sizeof(struct fgft_word), 1, FGFT_WORDS);
	if (e->device)
		t->gate.dev = e->device(args);
	if (e->object)
		t->gate.object = e->object(args);
	fgft_plan_eval(t);
	if (e->save && e->nr_save <= FGFT_SAVE)
		e->save(args, t->gate.save);
	if (e->checkpoint && (e->flags & FGFT_EF_CHECKPOINT_FIRST))
		e->checkpoint(args);
	if (!fgft_txn_enter(t)) {
		fgft_count(no_transaction_free);
		fgft_txn_put(t);
		return NULL;
	}
	fgft_context_save(&t->ctx);
	t->may_sleep = fgft_may_sleep_now();
	t->start_ns = ktime_get_mono_fast_ns();
	t->looked_ns = t->start_ns;
	t->spent_ns = 0;
	fgft_count(begun);
	if (t->nested)
		fgft_count(nested);
	fgft_notify(t, FGFT_EV_BEGIN, 0);
	return t;
}

/*
 * A call that failed for want of memory is undone whole: drivers tend to forget
 * a step on that path (8139cp: a change of MTU frees the rings and fails to make
 * new ones).  A void function cannot say so; what it did counts.
 */
static bool starved(const struct fgft_txn *t, u64 value)
{
	if (!t->alloc_failed)
		return false;
	if (t->entry->fail_kind == FGFT_FAIL_VOID)
		return t->log.nr_words || t->log.nr_deltas || t->nr_acts;
	return says_failed(t->entry, value);
}

/* What the driver left behind although it returned. */
static bool clean_end(struct fgft_txn *t, u64 value)
{
	if (starved(t, value)) {
		t->cause = FGFT_C_ALLOC;
		t->why = "an allocation failed and the call with it";
		return false;
	}
	if (fgft_locks_held(t)) {
		t->cause = FGFT_C_LOST_UNLOCK;
		t->why = "returned with a lock held";
		return false;
	}
	fgft_locks_release_held_back(t);
	if (!fgft_context_same(&t->ctx)) {
		t->cause = FGFT_C_CONTEXT;
		t->why = "returned with another preempt, IRQ or RCU state";
		return false;
	}
	return true;
}

void fgft_commit(struct fgft_txn *t)
{
	t->state = FGFT_S_COMMIT;
	if (t->nested && t->outer && t->outer->state == FGFT_S_RUN &&
	    t->log.nr_words + t->outer->log.nr_words <= t->outer->log.limit &&
	    t->log.nr_deltas + t->outer->log.nr_deltas <= FGFT_DELTAS &&
	    fgft_acts_merge(t->outer, t)) {
		fgft_log_merge(t->outer, t);
		fgft_range_merge(&t->outer->ranges, &t->ranges);
		return;
	}
	fgft_defer_run(t);
}

/* Rule 5, commit-before: locks that are still held go on being tracked. */
void fgft_commit_before(void)
{
	struct fgft_txn *t = fgft_in();
	u32 i, n = 0;

	if (!t)
		return;
	fgft_locks_release_held_back(t);
	fgft_defer_run(t);
	for (i = 0; i < t->nr_acts; i++)
		if (t->acts[i].kind == FGFT_A_LOCK && t->acts[i].state == FGFT_A_LIVE)
			t->acts[n++] = t->acts[i];
	t->nr_acts = n;
	i = t->log.limit;
	fgft_log_reset(&t->log);
	t->log.limit = i;
	fgft_range_settle(&t->ranges);
	t->alloc_failed = false;
	fgft_count(committed);
}
EXPORT_SYMBOL_GPL(fgft_commit_before);

/* Fault to return, or to the end of a restore that runs as work. */
void fgft_stop_watch(struct fgft_entry_rt *rt, u64 fault_ns)
{
	u64 ns = ktime_get_mono_fast_ns() - fault_ns;

	atomic64_set(&rt->last_ns, ns);
	if (ns > atomic64_read(&rt->max_ns))
		atomic64_set(&rt->max_ns, ns);
}

static void high_water(struct fgft_txn *t)
{
	struct fgft_entry_rt *rt = t->entry->rt;

	if (t->log.nr_words > READ_ONCE(rt->log_high))
		WRITE_ONCE(rt->log_high, t->log.nr_words);
}

static u64 transaction(struct fgft_entry *e, u64 *args)
{
	struct fgft_entry_rt *rt = e->rt;
	struct fgft_result r;
	struct fgft_txn *t = begin(e, args);
	bool plain, alloc;

	if (!t)
		return run_plain(e, args);
	WRITE_ONCE(t->state, FGFT_S_RUN);
	r = fgft_tramp(e->clone, args, t);
	high_water(t);
	if (!r.aborted && clean_end(t, r.value)) {
		fgft_commit(t);
		fgft_count(committed);
		atomic64_inc(&rt->commits);
		fgft_notify(t, FGFT_EV_COMMIT, 0);
		fgft_txn_leave(t);
		return r.value;
	}
	if (!r.aborted)
		t->fault_ns = ktime_get_mono_fast_ns();
	fgft_abort(t);
	fgft_stop_watch(rt, t->fault_ns);
	alloc = t->cause == FGFT_C_ALLOC;
	plain = rt->policy.retry_plain ||
		(t->cause == FGFT_C_LOG_FULL &&
		 (rt->policy.retry_full || (e->flags & FGFT_EF_RETRY_PLAIN)));
	fgft_txn_leave(t);
	if (!plain)	/* out of memory: in the driver's own words */
		return alloc ? r.value : fail_value(e, args);
	fgft_count(retried_plain);
	return run_plain(e, args);
}

/* The driver's own restore code may come through a stub; it runs plain. */
static bool restoring(struct fgft_driver_rt *d)
{
	struct fgft_txn *t = fgft_current();

	return READ_ONCE(d->restorer) == current ||
	       (t && t->drv == d->drv && t->state != FGFT_S_RUN);
}

u64 fgft_run(struct fgft_entry *e, u64 *args)
{
	struct fgft_entry_rt *rt = READ_ONCE(e->rt);
	struct fgft_txn *t;
	u64 v;

	if (!rt || !READ_ONCE(fgft_armed))
		return run_plain(e, args);
	if (e->flags & FGFT_EF_CALLBACK) {
		t = fgft_current();
		if (t && t->state == FGFT_S_RUN && t->drv == rt->drv->drv && t->cb) {
			fgft_count(joined);
			return e->clone(args);
		}
		return e->plain(args);
	}
	if (!READ_ONCE(rt->on) || restoring(rt->drv))
		return run_plain(e, args);
	atomic_inc(&rt->drv->inflight);
	atomic64_inc(&rt->calls);
	if (atomic_read(&rt->drv->gate)) {
		fgft_count(busy);
		atomic64_inc(&rt->busy);
		v = e->fail_kind == FGFT_FAIL_ARG ? fail_value(e, args) : e->busy_value;
	} else if (!wanted(rt)) {
		v = run_plain(e, args);
	} else if (!eligible(e)) {
		fgft_count(not_eligible);
		atomic64_inc(&rt->refused);
		v = run_plain(e, args);
	} else {
		v = transaction(e, args);
	}
	atomic_dec(&rt->drv->inflight);
	return v;
}
EXPORT_SYMBOL_GPL(fgft_run);
