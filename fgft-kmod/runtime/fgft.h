/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of fgft.ko share: the transaction, its tables, and who offers
 * what.  The rules are those of the design ("Rules of a transaction").
 */
#ifndef FGFT_H
#define FGFT_H

#include <linux/atomic.h>
#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/workqueue.h>

#include "fgft_abi.h"

#undef pr_fmt
#define pr_fmt(fmt) "fgft: " fmt

/* Why a transaction was aborted.  Names: fgft_cause_name(). */
enum fgft_cause {
	FGFT_C_NONE,
	FGFT_C_NULL,		/* access below the first page */
	FGFT_C_WILD,		/* non-canonical or user address, unmapped page */
	FGFT_C_GP,
	FGFT_C_DIVIDE,
	FGFT_C_BUG,
	FGFT_C_TRAP,		/* other exceptions */
	FGFT_C_JUMP,		/* indirect call to what is no function of ours */
	FGFT_C_RANGE,		/* outside of the range table */
	FGFT_C_STACK,
	FGFT_C_DEVICE,		/* outside of the device's regions */
	FGFT_C_BUDGET,
	FGFT_C_LOCK_BUSY,	/* a lock could not be had in time */
	FGFT_C_LOCK_TWICE,
	FGFT_C_UNLOCK,		/* release of a lock that is not held */
	FGFT_C_LOST_UNLOCK,
	FGFT_C_CONTEXT,		/* preempt, BH, IRQ or RCU state not restored */
	FGFT_C_SLEEP,		/* sleeping call in atomic context */
	FGFT_C_LOG_FULL,
	FGFT_C_REFUSED,
	FGFT_C_ARGUMENT,	/* bad argument of a kernel call */
	FGFT_C_DOUBLE_FREE,
	FGFT_C_ALLOC,		/* an allocation failed and the call with it */
	FGFT_CAUSES
};

/* One counter for every way to fail, and for what succeeded. */
#define FGFT_COUNTERS(X)						\
	X(begun) X(committed) X(aborted) X(plain) X(joined) X(nested)	\
	X(recovered) X(retried_plain) X(busy) X(not_eligible)		\
	X(no_transaction_free) X(conflicts) X(conflict_bits)		\
	X(foreign_faults) X(own_faults) X(orphan_calls)			\
	X(unplanned_stores) X(plan_unreadable) X(range_table_full)	\
	X(lock_retake_failed) X(undo_failed) X(gate_timeout)		\
	X(restores) X(restore_failed) X(restore_missing)		\
	X(restore_deferred) X(stuck) X(policy_errors)			\
	X(register_refused) X(broken)

enum fgft_counter {
#define X(n) FGFT_N_##n,
	FGFT_COUNTERS(X)
#undef X
	FGFT_NR_COUNTERS
};

extern atomic64_t fgft_counts[FGFT_NR_COUNTERS];
#define fgft_count(n) atomic64_inc(&fgft_counts[FGFT_N_##n])

/* ------------------------------------------------------------ write set
 *
 * One element per written, 8-byte aligned word.  `cur` holds what the
 * transaction last wrote to the bytes in `bytes` and to the bits in `bits`;
 * bytes that were stored together (`joined`: byte i and i + 1) are restored
 * together or, where another writer came in between, not at all.
 */
struct fgft_word {
	unsigned long addr;
	u64 old;
	u64 cur;
	u64 bits;	/* touched by bit operations only */
	u8 bytes;	/* touched by stores */
	u8 joined;
	u8 unsure;	/* cur not known (a kernel function is writing) */
	u8 pad[5];
};

/* Atomic arithmetic is undone by its inverse. */
struct fgft_delta {
	unsigned long addr;
	s64 delta;
	u32 size;
	u32 pad;
};

#define FGFT_WORDS	4096
#define FGFT_WORD_HASH	(2 * FGFT_WORDS)
#define FGFT_DELTAS	256
#define FGFT_RANGES	1024
#define FGFT_ACTS	1024
#define FGFT_SAVE	64
#define FGFT_POOL	24

struct fgft_log {
	u32 nr_words;
	u32 nr_deltas;
	u32 limit;			/* words allowed, for tests */
	u16 hash[FGFT_WORD_HASH];	/* index + 1 */
	struct fgft_word words[FGFT_WORDS];
	struct fgft_delta deltas[FGFT_DELTAS];
};

/* ---------------------------------------------------------- range table */

/* Memory allocated in the transaction: bounds-checked, but not logged. */
#define FGFT_PL_FRESH	(1u << 16)

struct fgft_range {
	unsigned long start, end;
	u32 flags;			/* FGFT_PL_ */
	u32 pad;
};

struct fgft_ranges {
	u32 nr;
	struct fgft_range r[FGFT_RANGES];	/* sorted, disjoint */
};

/* ---------------------------- undo log and deferred actions, one element */
struct fgft_txn;
struct fgft_act;
typedef void (*fgft_act_fn)(struct fgft_txn *t, struct fgft_act *a);

enum fgft_act_state { FGFT_A_LIVE, FGFT_A_RELEASED, FGFT_A_HELD_BACK, FGFT_A_DONE };
enum fgft_act_kind { FGFT_A_UNDO, FGFT_A_LOCK, FGFT_A_DEFER };

struct fgft_act {
	fgft_act_fn fn;
	u64 a, b, c, d;
	u8 kind;		/* enum fgft_act_kind */
	u8 state;		/* enum fgft_act_state */
	u8 type;		/* of a lock: enum fgft_lock_type */
	u8 quiesce;		/* undone before memory, where it may sleep */
	u32 pad;
};

/* ----------------------------------------------------------- transaction */
enum fgft_state { FGFT_S_FREE, FGFT_S_READY, FGFT_S_RUN, FGFT_S_COMMIT, FGFT_S_ABORT };

struct fgft_context {		/* what rule 8 puts back */
	int preempt;
	unsigned long irq;
	int rcu;
	int migrate;
	int pagefault;
	unsigned int pf_flags;
	unsigned int task_state;
};

struct fgft_driver_rt;

/* A closed gate (rule 8) and what is needed to restore and to open it. */
struct fgft_gate {
	struct fgft_driver *drv;
	struct fgft_entry *entry;
	void *dev, *object;
	u64 args[FGFT_MAX_ARGS];
	u64 save[FGFT_SAVE];
	int irq;
	bool closed, irq_off, master_off, detached;
	void *napis[8];
	u32 nr_napis;
	u64 fault_ns;		/* of a restore that runs as work */
	struct fgft_gate *next;
};

struct fgft_txn {
	unsigned long sp;	/* trampoline's frame; asm knows this offset */
	unsigned long key;
	struct fgft_txn *outer;
	struct fgft_driver *drv;
	struct fgft_entry *entry;
	u64 *args;		/* the caller's; a copy is in gate.args */
	enum fgft_state state;
	int index;		/* in the pool */
	int cb;			/* inside a kernel call that may be abandoned
				 * from a call-back
				 */
	bool may_sleep;		/* context at the start */
	bool doomed;		/* by the watchdog: abort at the next call */
	u32 tick;
	u64 budget;
	u64 start_ns;
	u64 looked_ns, spent_ns;	/* by loops at the clock; time that counted */
	struct fgft_context ctx;
	enum fgft_cause cause;
	unsigned long where, addr;
	const char *why;
	u64 fault_ns;
	u32 conflicts;
	bool nested;		/* inside one of the same driver */
	bool alloc_failed;	/* an allocation failed, or was made to */
	u64 wall_ms;
	struct fgft_gate gate;
	struct fgft_ranges ranges;
	u32 nr_acts;
	struct fgft_act acts[FGFT_ACTS];
	struct fgft_log log;
};

/* Runtime's part of a driver and of an entry. */
enum fgft_when { FGFT_W_OFF, FGFT_W_ALWAYS, FGFT_W_AFTER, FGFT_W_FIRST, FGFT_W_UNPRIV };

struct fgft_policy {
	enum fgft_when when;
	u64 n;			/* AFTER k failures, FIRST n calls */
	u64 budget;		/* 0: as built */
	u64 log_bytes, wall_ms;	/* 0: as built */
	bool retry_full;	/* log full: run plain */
	bool retry_plain;	/* any abort: run plain */
	bool gate;		/* restore as work where it may not sleep */
};

struct fgft_entry_rt {
	struct fgft_driver_rt *drv;
	struct fgft_policy policy;
	bool on;		/* rule 10: read in the slow path */
	bool key_on;
	atomic64_t calls, commits, aborts, plains, failures, busy, refused;
	atomic64_t last_ns, max_ns;	/* fault to return */
	u32 log_high;			/* words, most of any run */
	int last_cause;
	unsigned long last_where, last_addr;
};

struct fgft_driver_rt {
	struct list_head node;
	struct fgft_driver *drv;
	struct fgft_entry_rt *entries;
	atomic_t inflight;
	atomic_t gate;		/* closed gates */
	struct work_struct work;
	struct mutex restoring;		/* one restore at a time */
	struct task_struct *restorer;	/* runs restore as work */
	spinlock_t lock;		/* of pending */
	struct fgft_gate *pending;
	struct fgft_callee { unsigned long start, end; } *callees;
	u32 nr_callees;
};

/* main.c */
extern bool fgft_armed;
void fgft_broken(const char *what);
extern struct mutex fgft_mutex;		/* driver list, policy */
extern struct list_head fgft_drivers;

/* txn.c: pool and look-up by context */
int fgft_txn_init(void);
void fgft_txn_exit(void);
unsigned long fgft_context_key(void);
struct fgft_txn *fgft_current(void);
struct fgft_txn *fgft_txn_get(void);
bool fgft_txn_enter(struct fgft_txn *t);
void fgft_txn_leave(struct fgft_txn *t);
bool fgft_txn_busy(void);
void fgft_txn_scan(void);
bool fgft_may_sleep_now(void);
void fgft_context_save(struct fgft_context *c);
bool fgft_context_same(const struct fgft_context *c);
void fgft_context_restore(const struct fgft_context *c);
void fgft_might_sleep(struct fgft_txn *t);

/* core.c, abort.c */
bool fgft_ip_in_clone(const struct fgft_driver *d, unsigned long ip);
void fgft_commit(struct fgft_txn *t);
void fgft_txn_put(struct fgft_txn *t);
void fgft_stop_watch(struct fgft_entry_rt *rt, u64 fault_ns);
void fgft_abort(struct fgft_txn *t);
const char *fgft_cause_name(enum fgft_cause c);
void __noreturn fgft_raise(struct fgft_txn *t, enum fgft_cause c,
			   unsigned long addr, const char *why);

/* log.c */
void fgft_log_reset(struct fgft_log *l);
void fgft_log_store(struct fgft_txn *t, unsigned long p, u64 size, u64 value);
void fgft_log_before(struct fgft_txn *t, unsigned long p, u64 len);
void fgft_log_after(struct fgft_txn *t, unsigned long p, u64 len);
void fgft_log_bits(struct fgft_txn *t, unsigned long p, u64 size, u64 mask, u64 set, bool flip);
void fgft_log_known(struct fgft_txn *t, unsigned long p, u64 size, u64 old, u64 new);
void fgft_log_delta(struct fgft_txn *t, unsigned long p, u64 size, s64 delta);
bool fgft_log_merge(struct fgft_txn *to, struct fgft_txn *from);
void fgft_log_rollback(struct fgft_txn *t);

/* range.c */
bool fgft_range_add(struct fgft_ranges *r, unsigned long start, unsigned long len, u32 flags);
void fgft_range_del(struct fgft_ranges *r, unsigned long start);
const struct fgft_range *fgft_range_find(const struct fgft_ranges *r, unsigned long p, unsigned long len);
void fgft_range_settle(struct fgft_ranges *r);
void fgft_range_merge(struct fgft_ranges *to, const struct fgft_ranges *from);
unsigned long fgft_range_end(const struct fgft_ranges *r, unsigned long p);
void fgft_plan_eval(struct fgft_txn *t);

/* access.c */
struct fgft_txn *fgft_in(void);		/* current one, counted if missing */
void fgft_check_read(struct fgft_txn *t, const void *p, u64 len);
bool fgft_check_write(struct fgft_txn *t, void *p, u64 len);	/* true: log it */
void fgft_check_object(struct fgft_txn *t, const void *p);
u64 fgft_check_string(struct fgft_txn *t, const char *s, u64 max);

/* undo.c */
struct fgft_act *fgft_undo(struct fgft_txn *t, fgft_act_fn fn, u64 a, u64 b, u64 c, u64 d);
struct fgft_act *fgft_defer(struct fgft_txn *t, fgft_act_fn fn, u64 a, u64 b, u64 c, u64 d);
struct fgft_act *fgft_act_find(struct fgft_txn *t, fgft_act_fn fn, u64 a);
void fgft_act_reserve(struct fgft_txn *t, u32 n);	/* aborts when full */
void fgft_undo_quiesce(struct fgft_txn *t);
void fgft_undo_run(struct fgft_txn *t);
void fgft_defer_run(struct fgft_txn *t);
bool fgft_acts_merge(struct fgft_txn *to, struct fgft_txn *from);

/* locks.c */
bool fgft_locks_held(struct fgft_txn *t);
void fgft_locks_retake(struct fgft_txn *t);
void fgft_locks_drop_retaken(struct fgft_txn *t);
void fgft_lock_undo(struct fgft_txn *t, struct fgft_act *a);
void fgft_locks_release_held_back(struct fgft_txn *t);

/* device.c, net.c */
void fgft_gate_close(struct fgft_txn *t, struct fgft_gate *g);
void fgft_gate_again(struct fgft_gate *g);
bool fgft_gate_needed(const struct fgft_entry *e);
int fgft_gate_restore(struct fgft_gate *g);
bool fgft_gate_later(const struct fgft_gate *g, u64 fault_ns);
void fgft_gate_work(struct work_struct *w);
void fgft_net_close(struct fgft_gate *g);
void fgft_net_again(struct fgft_gate *g);
void fgft_net_quiesce(struct fgft_gate *g);
void fgft_net_open(struct fgft_gate *g);

void fgft_mii_resolve(void);
void fgft_notify(struct fgft_txn *t, int event, int code);

/* policy.c, counters.c, site.c, selftest.c, fault.c */
int fgft_policy_init(void);
void fgft_policy_exit(void);
int fgft_policy_apply(char *text, char *err, size_t len);
void fgft_keys_set(struct fgft_driver_rt *rt);
void fgft_counters_init(void);
void fgft_counters_exit(void);
int fgft_selftest(void);
int fgft_fault_init(void);
void fgft_fault_exit(void);
extern atomic_t fgft_site_times;
int fgft_kind_of(const char *name);
const char *fgft_kind_name(u32 kind);

/* tramp.S */
struct fgft_result { u64 value, aborted; };
struct fgft_result fgft_tramp(u64 (*thunk)(u64 *), u64 *args, struct fgft_txn *t);
void fgft_jump(unsigned long sp);
extern char fgft_land[], fgft_return[], fgft_probe_begin[], fgft_probe_end[];
u64 fgft_probe_read(const void *word);		/* aligned 8 bytes */
u8 fgft_probe_byte(const void *p);
void fgft_probe_copy(void *dst, const void *src, u64 len);
void fgft_probe_copy_back(void *dst, const void *src, u64 len);
void fgft_probe_set(void *dst, int c, u64 len);
u64 fgft_selftest_null(u64 *args);
u64 fgft_selftest_gp(u64 *args);
u64 fgft_selftest_bug(u64 *args);

#endif /* FGFT_H */
