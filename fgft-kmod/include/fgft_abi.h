/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The contract between a protected driver module (code that the isolator
 * generated) and fgft.ko.
 *
 * All structures are read by fgft.ko and built as constant or zero-initialised
 * data by the isolator; every member is naturally aligned and there is no
 * implicit padding, so the LLVM struct types can be written down literally.
 * The rules mentioned are the "Rules of a transaction" of the design.
 *
 * Words
 *   entry   a protected driver function; the stub has its original symbol
 *   stub    a static branch; off: falls into the original body; on: packs
 *           the arguments and returns (T)fgft_run(&entry, args)
 *   plain   un-instrumented copy of the body, without the stub
 *   clone   instrumented copy; calls clones, wrappers, abortable callees
 *   thunk   u64 f(u64 *args): unpacks the arguments, calls, packs the result
 *
 * Thread safety: every function below may be called in any context except NMI
 * unless it says so.  Functions marked [noreturn on violation] leave through
 * the transaction's trampoline: the clone's frames are dead then.
 */
#ifndef FGFT_ABI_H
#define FGFT_ABI_H

#include <linux/types.h>

#define FGFT_ABI_VERSION	1

struct module;
struct static_key;
struct fgft_driver_rt;
struct fgft_entry_rt;

/* ------------------------------------------------------------------ stub */

/* fgft_entry.flags */
#define FGFT_EF_CALLBACK	(1u << 0) /* rule 6: joins a running transaction
					   * of its driver in this context;
					   * otherwise runs plain
					   */
#define FGFT_EF_SLEEPS		(1u << 1) /* only ever called where it may sleep */
#define FGFT_EF_ATOMIC		(1u << 2) /* may be called in atomic context */
#define FGFT_EF_RESTORE_SLEEPS	(1u << 3) /* checkpoint/restore may sleep */
#define FGFT_EF_GATE		(1u << 4) /* rule 8: restore as work, calls
					   * meanwhile get the busy value
					   */
#define FGFT_EF_NO_RESTORE	(1u << 5) /* no device state is written:
					   * roll back memory only
					   */
#define FGFT_EF_LOOSE		(1u << 6) /* a store outside the range table is
					   * logged and counted, not a
					   * violation (default: violation)
					   */
#define FGFT_EF_RETRY_PLAIN	(1u << 7) /* log full: abort, then run plain */

#define FGFT_EF_CHECKPOINT_FIRST (1u << 8) /* checkpoint saves, before the clone */
#define FGFT_EF_GATE_NAPI	(1u << 9) /* class net: the gate stops the NAPI
					   * instances too (the checkpoint
					   * clone does not)
					   */
#define FGFT_EF_HELD_CLASS_LOCK	(1u << 10) /* the caller holds the class's lock
					    * (net: RTNL)
					    */

/* fgft_entry.fail_kind: what the caller gets after an abort */
#define FGFT_FAIL_VOID		0	/* nothing is returned */
#define FGFT_FAIL_CONST		1	/* fail_value, sign-extended to 64 bits */
#define FGFT_FAIL_ARG		2	/* args[fail_arg] + fail_value (pointer into
					 * an argument: cp_get_stats)
					 */

/*
 * Access plan: which memory the entry may touch.  Rows are evaluated in order
 * before the clone runs; a row whose base is NULL or unreadable yields nothing
 * (and so do the rows based on it).  A row describes, for every i < count:
 *
 *   base  = from >= 0 ? address of row `from` : (u64)args[-1 - from]
 *   start = base + offset + i * stride
 *   FGFT_PL_DEREF: start = *(u64 *)start
 *   the range [start, start + size)
 *
 * size and count are constants unless size_row/count_row is >= 0: then the
 * value is read from (address of that row) + size_off/count_off, as an
 * unsigned of size_width/count_width bytes (1, 2, 4, 8), and multiplied by
 * `size` (element size) or taken as is for count.  count is capped at 4096,
 * a range at 64 MB.  A row's address is that of its element 0.
 * FGFT_PL_ADDR: the row only computes an address (for later rows).
 */
#define FGFT_PL_READ		(1u << 0)
#define FGFT_PL_WRITE		(1u << 1)
#define FGFT_PL_DEVICE		(1u << 2) /* device memory: never read for the log */
#define FGFT_PL_PORT		(1u << 3) /* start is an I/O port number */
#define FGFT_PL_DEREF		(1u << 4)
#define FGFT_PL_ADDR		(1u << 5)

struct fgft_plan {
	s32	from;		/*  0: row index, or -1 - argument index */
	u32	flags;		/*  4 */
	u64	offset;		/*  8 */
	u64	size;		/* 16 */
	u64	stride;		/* 24 */
	u32	count;		/* 32: 0 means 1 */
	s32	size_row;	/* 36: -1: constant */
	u32	size_off;	/* 40 */
	u32	size_width;	/* 44 */
	s32	count_row;	/* 48: -1: constant */
	u32	count_off;	/* 52 */
	u32	count_width;	/* 56 */
	u32	reserved;	/* 60 */
};				/* 64 */

/* One fault site (built into clones).  [see fgft_site_fire] */
#define FGFT_SITE_NULL		1	/* the next access goes to NULL */
#define FGFT_SITE_WILD		2	/* ... to a non-canonical address */
#define FGFT_SITE_OOB		3	/* ... beyond the object */
#define FGFT_SITE_DIV		4
#define FGFT_SITE_BUG		5
#define FGFT_SITE_LOOP		6	/* endless loop with fgft_loop() in it */
#define FGFT_SITE_LOST_UNLOCK	7	/* the unlock call is skipped */
#define FGFT_SITE_ALLOC_FAIL	8	/* the wrapper's failure value, no call */
#define FGFT_SITE_GARBAGE	9	/* an argument or operand is replaced */
#define FGFT_SITE_KINDS		10

struct fgft_site {
	const char *function;	/*  0: source function */
	const char *file;	/*  8 */
	u32	line;		/* 16 */
	u32	id;		/* 20: unique within the driver, from 0 */
	u32	kinds;		/* 24: bit mask, 1u << FGFT_SITE_x */
	u32	armed;		/* 28: volatile; 0 = off, else FGFT_SITE_x */
	u64	reached;	/* 32: runtime's; times fgft_site_fire was asked */
	u64	fired;		/* 40: runtime's */
	s64	entry;		/* 48: index of the only entry that reaches this
				 * site, -1 if several or not known
				 */
};				/* 56 */

struct fgft_entry {
	const char *name;			/*   0 */
	const char *kind;			/*   8: words of the design */
	u32	flags;				/*  16: FGFT_EF_ */
	u32	nr_args;			/*  20: at most FGFT_MAX_ARGS */
	u64	(*clone)(u64 *args);		/*  24: thunk of the clone */
	u64	(*plain)(u64 *args);		/*  32: thunk of the plain copy */
	struct static_key *key;			/*  40: of the stub's branch */
	u32	fail_kind;			/*  48: FGFT_FAIL_ */
	u32	fail_arg;			/*  52 */
	u64	fail_value;			/*  56 */
	u64	busy_value;			/*  64: while the gate is closed */
	const struct fgft_plan *plan;		/*  72 */
	u32	nr_plan;			/*  80 */
	u32	nr_save;			/*  84: u64 slots for save() */
	void	*(*device)(u64 *args);		/*  88: what the PM call-backs take
						 * (struct device *), may be NULL
						 */
	void	*(*object)(u64 *args);		/*  96: the class object of the gate
						 * (class "net": struct net_device
						 * *), may be NULL
						 */
	/*
	 * Locations that restore() does not bring back.  save() reads them
	 * before the clone runs, unsave() writes them after restore().  Both
	 * run un-instrumented.  NULL when nr_save is 0.  All four get a copy
	 * of the call's arguments, which may be used after the call returned
	 * (FGFT_EF_GATE): only arguments that outlive it may be dereferenced.
	 */
	void	(*save)(u64 *args, u64 *buf);	/* 104 */
	void	(*unsave)(u64 *args, const u64 *buf); /* 112 */
	u64	budget;				/* 120: loop rounds, 0 = default */
	/*
	 * Clones of suspend and resume, rule 9; not instrumented; 0 = success,
	 * NULL = nothing to do.  The checkpoint quiesces: it runs after the
	 * rollback, directly before restore (restore needs a stopped device),
	 * unless FGFT_EF_CHECKPOINT_FIRST says that it only saves and runs
	 * before the clone.
	 */
	u64	(*checkpoint)(u64 *args);	/* 128 */
	u64	(*restore)(u64 *args);		/* 136 */
	u64	log_bytes;			/* 144: undo log, 0 = all there is */
	u64	wall_ms;			/* 152: longest run, 0 = default */
	struct fgft_entry_rt *rt;		/* 160: runtime's, must be 0 */
};						/* 168 */

#define FGFT_MAX_ARGS		8

struct fgft_text  { void *start, *end; };	/* clone code of one TU, markers */
struct fgft_data  { void *start; u64 size; };	/* writable module data */
struct fgft_func  { void *orig, *clone; };	/* address-taken functions */

/* fgft_driver.flags */
#define FGFT_DF_TEST		(1u << 0) /* hand-written test guest: the content
					   * hash and build id are not compared
					   */

struct fgft_driver {
	u32	abi;				/*   0: FGFT_ABI_VERSION */
	u32	size;				/*   4: sizeof(struct fgft_driver) */
	const char *name;			/*   8: driver name of the config */
	struct module *owner;			/*  16: &__this_module */
	const char *source_hash;		/*  24: hex, of the driver's sources */
	const char *kernel_id;			/*  32: hex GNU build id of vmlinux */
	const char *class_name;			/*  40: "net", "sound", ... */
	u32	flags;				/*  48: FGFT_DF_ */
	u32	nr_entries;			/*  52 */
	struct fgft_entry *entries;		/*  56: array */
	struct fgft_site *sites;		/*  64: array */
	u32	nr_sites;			/*  72 */
	u32	nr_text;			/*  76 */
	const struct fgft_text *text;		/*  80 */
	const struct fgft_data *data;		/*  88 */
	u32	nr_data;			/*  96 */
	u32	nr_funcs;			/* 100 */
	const struct fgft_func *funcs;		/* 104 */
	void *const *abortable;			/* 112: kernel functions that the clones
						 * call directly and that may be
						 * abandoned half-way (model flag)
						 */
	u32	nr_abortable;			/* 120 */
	u32	reserved;			/* 124 */
	struct fgft_driver_rt *rt;		/* 128: runtime's, must be 0 */
};						/* 136 */

/*
 * Called at the start of init_module, before any entry can run.  0, or a
 * negative errno (-EINVAL: malformed descriptor, -ENOEXEC: other kernel or ABI,
 * -EEXIST: name taken, -ENOMEM, -EPERM: runtime not armed); the reason is
 * printed.  On failure nothing was changed and the driver runs plain.
 * May sleep.
 */
int fgft_driver_register(struct fgft_driver *drv);

/*
 * Called at the end of cleanup_module, and on the failure returns of
 * init_module.  Waits until nothing of the driver is in flight.  May sleep.
 */
void fgft_driver_unregister(struct fgft_driver *drv);

/*
 * The stub's slow path.  Decides by policy whether to run the clone as a
 * transaction or the plain copy, and returns what the caller gets.
 */
u64 fgft_run(struct fgft_entry *entry, u64 *args);

/* ------------------------------------- in clones: before memory accesses
 *
 * All are [noreturn on violation].  size is 1..64 for scalar accesses; any
 * length for _range.  Below the entry's stack pointer: checked only.
 * Accesses of a constant in-bounds offset into a local of the same function
 * need no call.
 */
void fgft_load(const void *p, u64 size);
void fgft_load_range(const void *p, u64 len);

/*
 * Scalar stores up to 8 bytes: one call BEFORE the store, with the value that
 * is going to be stored (zero-extended; pointers as integers; float/double as
 * their bits).  Rule 3 needs the last written value.
 */
void fgft_store1(void *p, u64 value);
void fgft_store2(void *p, u64 value);
void fgft_store4(void *p, u64 value);
void fgft_store8(void *p, u64 value);

/*
 * Everything else that writes plain memory (odd sizes, an asm template with a
 * memory output, xchg): fgft_store before, fgft_stored with the same arguments
 * directly after it, nothing in between that can fault.
 */
void fgft_store(void *p, u64 size);
void fgft_stored(void *p, u64 size);

/* Memory intrinsics: these replace the intrinsic and do the work. */
void fgft_memcpy(void *dst, const void *src, u64 len);
void fgft_memmove(void *dst, const void *src, u64 len);
void fgft_memset(void *dst, int c, u64 len);

/*
 * Atomic read-modify-write, one call BEFORE the instruction.
 *   fgft_arith: add (delta) / sub (-delta) / inc / dec / xadd; by inverse
 *   fgft_bits : or / and / xor / bts on a register mask; mask = the bits that
 *               the instruction can change (for `and m`: ~m), set: the value
 *               that they get; xor: fgft_bits_flip
 *   fgft_bitop: set_bit / clear_bit / change_bit with a bit number (signed
 *               long): the address is base + (nr >> 3); op FGFT_BIT_
 *   fgft_cmpxchg: before; p will hold `new` if it held `old`
 *               for xchg: fgft_store/fgft_stored
 *   fgft_cmpxchged: directly after, ok = it was exchanged
 * An atomicrmw/cmpxchg IR instruction goes the same way.
 */
#define FGFT_BIT_SET	0
#define FGFT_BIT_CLEAR	1
#define FGFT_BIT_FLIP	2
void fgft_arith(void *p, u64 size, s64 delta);
void fgft_bits(void *p, u64 size, u64 mask, u64 set);
void fgft_bits_flip(void *p, u64 size, u64 mask);
void fgft_bitop(void *base, s64 nr, u32 op);
void fgft_cmpxchg(void *p, u64 size);
void fgft_cmpxchged(void *p, u64 size, u64 old, u64 new, u32 ok);

/*
 * %gs operands.  Reads and preempt count changes need no call (the runtime
 * restores the count).  fgft_gs_arith: this_cpu_add and the like, BEFORE; p is
 * the per-CPU offset that is the asm's address operand.  this_cpu_write and
 * other stores: refuse at build.
 */
void fgft_gs_arith(void *p, u64 size, s64 delta);

/* Device accesses (readX/writeX templates and memcpy_toio loops), BEFORE. */
void fgft_mmio_read(const volatile void *p, u64 size);
void fgft_mmio_write(volatile void *p, u64 size);
/* in/out and their string forms: count elements */
void fgft_port_read(u64 port, u64 size, u64 count);
void fgft_port_write(u64 port, u64 size, u64 count);

/* ------------------------------------------------- in clones: control flow */

/* At every loop back-edge (rule 7). [noreturn on violation] */
void fgft_loop(void);

/*
 * Indirect calls: returns what to call instead of fn: the clone of a function
 * of this driver, or a wrapper of a kernel function that has one and is
 * known by fgft_func.  [noreturn on violation]: anything else (wild jump).
 */
void *fgft_resolve(void *fn);

/* Replaces BUG()/ud2/unreachable and __stack_chk_fail/__fortify_panic. */
void __noreturn fgft_bug(void);

/* local_irq_save & co. whose template is not a call: use these instead. */
u64 fgft_irq_save(void);		/* returns the flags word */
void fgft_irq_restore(u64 flags);
void fgft_irq_disable(void);
void fgft_irq_enable(void);

/*
 * Rule 5, commit-before: ends the transaction (what was written stays, held
 * back releases and deferred actions happen) and opens another one in the same
 * frame.  Locks that the clone still holds stay held.
 */
void fgft_commit_before(void);

/* A path that the config refuses, met at run time: aborts with `why`. */
void __noreturn fgft_refuse(const char *why);

/*
 * Fault sites.  Where site->armed (volatile u32 load) is not 0 the clone calls
 * fgft_site_fire(site); it returns the kind to do now, or 0.  The clone does
 * it itself: NULL/WILD: replaces the pointer of the next access by (void *)0
 * or FGFT_WILD before the check call; OOB: by fgft_site_oob(p); DIV: idiv by
 * zero; BUG: fgft_bug(); LOOP: for (;;) fgft_loop(); LOST_UNLOCK, ALLOC_FAIL:
 * skips the call; GARBAGE: replaces the value by FGFT_GARBAGE (truncated).
 */
#define FGFT_WILD	0xdead4ead00000000ull
#define FGFT_GARBAGE	0xa5a5c3c35a5a3c3cull
u32 fgft_site_fire(struct fgft_site *site);
void *fgft_site_oob(void *p);	/* first address behind the range p lies in */

/* ------------------------------------------------------------ test modules
 *
 * Called in the transaction's context, without locks of fgft.ko; may be atomic.
 * data: struct fgft_event.
 */
#define FGFT_EV_BEGIN		1	/* before the clone runs */
#define FGFT_EV_COMMIT		2
#define FGFT_EV_ROLLED_BACK	3	/* memory and kernel calls are undone,
					 * restore has not run
					 */
#define FGFT_EV_RESTORED	4	/* code: what restore returned */

struct notifier_block;
struct fgft_event {
	struct fgft_driver *drv;
	struct fgft_entry *entry;
	u64 *args;
	int code;			/* ROLLED_BACK: conflicts */
	const char *cause;
};
int fgft_notifier_register(struct notifier_block *nb);
int fgft_notifier_unregister(struct notifier_block *nb);

/* ---------------------------------------------------------------- wrappers
 *
 * wrappers.csv lists, per kernel function, the function of fgft.ko that has
 * the same type and is called instead: fgft_w_<function>.  Releases have a
 * second form fgft_h_<function> which holds the release back to the commit
 * (rule 4); the config or the facts say at which call site it is allowed.
 */

#endif /* FGFT_ABI_H */
