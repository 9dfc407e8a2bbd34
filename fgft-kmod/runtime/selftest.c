// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rule 10: at load fgft.ko recovers one NULL write, one #GP and one BUG of its
 * own, or refuses to arm.
 */
#include <linux/jump_label.h>
#include <linux/module.h>

#include "fgft.h"

static DEFINE_STATIC_KEY_FALSE(key);
static u64 cell;

static u64 plain(u64 *args)
{
	return 0;
}

#define RUN(n) {							\
	.name = "selftest_" #n, .kind = "config", .nr_args = 0,		\
	.flags = FGFT_EF_NO_RESTORE, .clone = clone_##n, .plain = plain, \
	.key = &key.key, .fail_kind = FGFT_FAIL_CONST, .fail_value = -EFAULT, \
	.rt = &rts[n] }

static struct fgft_entry_rt rts[3];

/* Each writes a word first: the rollback is part of the test. */
#define CLONE(n, fault)				\
static u64 clone_##n(u64 *args)			\
{						\
	fgft_store8(&cell, n + 1);		\
	WRITE_ONCE(cell, n + 1);		\
	return fault(args);			\
}
CLONE(0, fgft_selftest_null)
CLONE(1, fgft_selftest_gp)
CLONE(2, fgft_selftest_bug)

static struct fgft_entry entries[3] = { RUN(0), RUN(1), RUN(2) };
static const enum fgft_cause causes[3] = { FGFT_C_NULL, FGFT_C_GP, FGFT_C_BUG };
static const struct fgft_text text = { fgft_probe_begin, fgft_probe_end };
static const struct fgft_data data = { &cell, sizeof(cell) };
static struct fgft_driver drv = {
	.abi = FGFT_ABI_VERSION, .size = sizeof(drv), .name = "fgft",
	.class_name = "none", .flags = FGFT_DF_TEST, .nr_entries = 3,
	.entries = entries, .nr_text = 1, .text = &text, .data = &data, .nr_data = 1,
};
static struct fgft_driver_rt rt = { .drv = &drv };

int fgft_selftest(void)
{
	int i;

	for (i = 0; i < 3; i++) {
		u64 v, args[1] = { 0 };

		rts[i].drv = &rt;
		rts[i].on = true;
		rts[i].policy.when = FGFT_W_ALWAYS;
		cell = 0x5eed;
		v = fgft_run(&entries[i], args);
		if ((s64)v != -EFAULT || cell != 0x5eed || rts[i].last_cause != causes[i] ||
		    !READ_ONCE(fgft_armed)) {
			pr_err("self test %d: returned %lld, memory %llx, cause %s\n", i,
			       (s64)v, cell, fgft_cause_name(rts[i].last_cause));
			return -EIO;
		}
	}
	return 0;
}
