// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rule 1: a foreign fault still oopses.  Rule 10: the runtime switches itself
 * off.  Each needs a guest of its own.
 */
#include <linux/delay.h>
#include <linux/kthread.h>

#include "guest.h"

static const char *test_foreign_callee(void)
{
	guest_call(C_foreign_callee, 0);
	return "it came back";
}

static int faulter(void *data)
{
	while (guest_flag != 1)
		usleep_range(1000, 2000);
	guest_raw();
	return 0;
}

/* another task faults while a transaction is running, in the same code even */
static const char *test_foreign_task(void)
{
	kthread_run(faulter, NULL, "fgft-faulter");
	CHECK(guest_call(C_foreign_wait, 0) == 0);
	CHECK(!strcmp(guest_end, "commit"));
	return NULL;
}

/* a clone outside of a transaction is a broken invariant */
static const char *test_orphan(void)
{
	fgft_store8(&guest->o.a, 1);
	CHECK(guest_call(C_ok, 0) == 42);
	msleep(50);
	CHECK(!static_key_enabled(guest_entries[C_ok].key));
	return NULL;
}

#define T(n) { #n, test_##n }
const struct guest_test guest_tests_foreign[] = {
	T(foreign_callee), T(foreign_task), T(orphan),
	{ }
};
