/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A driver that never existed: entry points with hand-written clones, and tests
 * that call them and look at what is left.  A test returns NULL or what is
 * wrong.
 */
#ifndef GUEST_H
#define GUEST_H

#include <linux/atomic.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <linux/types.h>

#include "fgft_abi.h"

struct object {			/* what the entry points work on */
	u64 a;
	u32 b;
	u16 c[4];
	unsigned long bits;
	atomic_t count;
	raw_spinlock_t lock;
	struct mutex mutex;
	u64 words[600];
	u64 tail;
};

struct outer {			/* what lies around it */
	u64 before;
	struct object o;
	u64 after;
};

#define CLONES(X)							\
	X(ok) X(null) X(gp) X(unmapped) X(divide) X(bug) X(jump_null)	\
	X(jump_wild) X(resolve) X(range) X(below_stack) X(local)	\
	X(memset) X(memcpy_guard) X(loop) X(sleep_atomic)		\
	X(conflict) X(conflict_bits) X(conflict_arith) X(hammer)	\
	X(lost_unlock) X(unlock_twice) X(lock_twice) X(lock_busy)	\
	X(released) X(held_back) X(mutex_fault) X(context)		\
	X(lost_preempt) X(alloc_fault) X(free_fault) X(free_ok)		\
	X(free_twice) X(work_fault) X(work_ok) X(commit_before)		\
	X(log_full) X(nested) X(nested_same) X(inner) X(callback)	\
	X(mdio) X(device) X(gate) X(not_eligible) X(device_range)	\
	X(store_device) X(foreign_callee) X(foreign_wait) X(fn_pointer)	\
	X(other) X(alloc_error) X(released_words) X(interrupted) X(fresh_commit)

enum clone_id {
#define X(n) C_##n,
	CLONES(X)
#undef X
	NR_CLONES
};

#define X(n) u64 clone_##n(u64 *args);
CLONES(X)
#undef X

extern struct outer *guest;
extern struct fgft_entry guest_entries[NR_CLONES];
extern struct fgft_entry other_entry[1];
extern struct kmem_cache *guest_cache;
extern struct work_struct guest_work;
extern int guest_work_runs;
extern char *guest_guard;	/* one page in front of an unmapped one */
extern struct mii_if_info *guest_mii;
extern u64 guest_value;		/* what the newest call returned */
extern int guest_flag;

/* Calls an entry point through its stub. */
u64 guest_call(enum clone_id id, u64 arg);
u64 guest_call_other(u64 arg);
/* a clone's code outside of any transaction; faults */
void guest_raw(void);
int guest_mdio_read(struct net_device *dev, int phy, int location);

/* How the newest transaction ended: cause name, or "commit"/"none". */
extern const char *guest_end;
extern int guest_conflicts;
/* Looks between rollback and restore. */
extern const char *(*guest_rolled_back)(void);
extern const char *guest_rolled_back_error;

struct guest_test {
	const char *name;
	const char *(*run)(void);
};
extern const struct guest_test guest_tests[], guest_tests_lock[], guest_tests_device[],
	guest_tests_context[], guest_tests_foreign[];

#define CHECK(what) do { if (!(what)) return #what; } while (0)
#define FAILED ((s64)-EFAULT)

/* A call that must be recovered, with memory as before. */
const char *guest_recovers(enum clone_id id, u64 arg, const char *cause);

#endif
