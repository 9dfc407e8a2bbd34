// SPDX-License-Identifier: GPL-2.0-only
/*
 * The abort of a transaction, in the order of rule 8.
 */
#include <linux/ratelimit.h>
#include <linux/sched.h>
#include <linux/timekeeping.h>

#include "fgft.h"
#include "trace.h"

static const char *const cause_names[FGFT_CAUSES] = {
	[FGFT_C_NONE] = "none",
	[FGFT_C_NULL] = "null",
	[FGFT_C_WILD] = "wild",
	[FGFT_C_GP] = "gp",
	[FGFT_C_DIVIDE] = "divide",
	[FGFT_C_BUG] = "bug",
	[FGFT_C_TRAP] = "trap",
	[FGFT_C_JUMP] = "jump",
	[FGFT_C_RANGE] = "range",
	[FGFT_C_STACK] = "stack",
	[FGFT_C_DEVICE] = "device",
	[FGFT_C_BUDGET] = "budget",
	[FGFT_C_LOCK_BUSY] = "lock-busy",
	[FGFT_C_LOCK_TWICE] = "lock-twice",
	[FGFT_C_UNLOCK] = "unlock",
	[FGFT_C_LOST_UNLOCK] = "lost-unlock",
	[FGFT_C_CONTEXT] = "context",
	[FGFT_C_SLEEP] = "sleep",
	[FGFT_C_LOG_FULL] = "log-full",
	[FGFT_C_REFUSED] = "refused",
	[FGFT_C_ARGUMENT] = "argument",
	[FGFT_C_DOUBLE_FREE] = "double-free",
	[FGFT_C_ALLOC] = "alloc",
};

const char *fgft_cause_name(enum fgft_cause c)
{
	return c < FGFT_CAUSES ? cause_names[c] : "?";
}

/* Leaves the clone's frames: the caller of the trampoline goes on. */
void __noreturn fgft_raise(struct fgft_txn *t, enum fgft_cause c,
			   unsigned long addr, const char *why)
{
	t->cause = c;
	t->addr = addr;
	t->why = why;
	t->where = _RET_IP_;
	t->fault_ns = ktime_get_mono_fast_ns();
	fgft_count(own_faults);
	fgft_jump(t->sp);
	BUG();	/* objtool: the jump does not return */
}

/* An unprivileged caller must not be able to flood the log. */
static DEFINE_RATELIMIT_STATE(reports, 5 * HZ, 200);

static void report(struct fgft_txn *t, const char *device)
{
	struct fgft_entry_rt *rt = t->entry->rt;

	rt->last_cause = t->cause;
	rt->last_where = t->where;
	rt->last_addr = t->addr;
	atomic64_inc(&rt->aborts);
	if (!t->drv->owner)	/* the self test */
		return;
	if (!__ratelimit(&reports))
		return;
	pr_info("%s %s: aborted: %s at %pS (address %lx)%s%s, %u words and %u calls undone, %u conflicts, %s\n",
		t->drv->name, t->entry->name, fgft_cause_name(t->cause), (void *)t->where,
		t->addr, t->why ? ": " : "", t->why ?: "", t->log.nr_words, t->nr_acts,
		t->conflicts, device);
}

void fgft_abort(struct fgft_txn *t)
{
	struct fgft_entry *e = t->entry;
	bool restore = fgft_gate_needed(e) && !(e->flags & FGFT_EF_NO_RESTORE);
	const char *device = "no device state";
	u32 calls = t->nr_acts;
	int ret = 0;

	t->state = FGFT_S_ABORT;
	fgft_count(aborted);
	trace_fgft_abort(t->drv, e, t->gate.args, t->cause);

	if (restore)
		fgft_gate_close(t, &t->gate);
	fgft_undo_quiesce(t);
	fgft_locks_retake(t);
	fgft_log_rollback(t);
	fgft_locks_drop_retaken(t);
	if (restore)
		fgft_gate_again(&t->gate);
	fgft_undo_run(t);
	fgft_context_restore(&t->ctx);
	if (restore)
		fgft_gate_again(&t->gate);
	if (!fgft_context_same(&t->ctx)) {
		pr_err("%s: context not restored\n", e->name);
		fgft_broken("the context of an aborted call could not be restored");
	}
	t->nr_acts = calls;
	fgft_notify(t, FGFT_EV_ROLLED_BACK, t->conflicts);

	if (!restore) {
		if (t->conflicts && !(e->flags & FGFT_EF_NO_RESTORE))
			fgft_count(restore_missing);
	} else if (fgft_may_sleep_now() || !(e->flags & FGFT_EF_RESTORE_SLEEPS)) {
		ret = fgft_gate_restore(&t->gate);
		device = ret ? "device NOT restored" : "device restored";
	} else if (!fgft_gate_later(&t->gate, t->fault_ns)) {
		ret = -ENOMEM;
		device = "device NOT restored";
		fgft_broken("no memory to restore a device later");
	} else {
		device = "device will be restored by work";
	}
	fgft_notify(t, FGFT_EV_RESTORED, ret);
	if (!ret)
		fgft_count(recovered);
	report(t, device);
}
