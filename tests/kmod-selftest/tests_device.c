// SPDX-License-Identifier: GPL-2.0-only
/*
 * Gate, checkpoint, restore (rules 8 and 9), device ranges (rule 2).
 */
#include <linux/delay.h>
#include <linux/mm.h>
#include <linux/preempt.h>
#include <linux/string.h>
#include <linux/workqueue.h>

#include "guest.h"

/* What happened, in order: S save, C checkpoint, R restore, U unsave, B busy */
static char order[32];
static u64 registers[2];

static void note(char c)
{
	size_t n = strlen(order);

	if (n + 1 < sizeof(order))
		order[n] = c;
}

static void busy_fn(struct work_struct *w)
{
	if ((s64)guest_call(C_ok, 0) == -EBUSY)
		note('B');
}
static DECLARE_WORK(busy_work, busy_fn);

u64 device_checkpoint(u64 *args);
u64 device_checkpoint(u64 *args)
{
	note('C');
	return 0;
}

u64 device_restore(u64 *args);
u64 device_restore(u64 *args)
{
	/* memory must be rolled back by now */
	note(guest->o.a == 0x1111111111111111ull ? 'R' : 'x');
	/* somebody else meets the closed gate */
	schedule_work(&busy_work);
	flush_work(&busy_work);
	/* the driver's own restore code runs plain */
	if (guest_call(C_ok, 0) == 42)
		note('P');
	registers[0] = 0;
	registers[1] = 0;
	return 0;
}

void device_save(u64 *args, u64 *buf);
void device_save(u64 *args, u64 *buf)
{
	note('S');
	buf[0] = registers[0];
	buf[1] = registers[1];
}

void device_unsave(u64 *args, const u64 *buf);
void device_unsave(u64 *args, const u64 *buf)
{
	note('U');
	registers[0] = buf[0];
	registers[1] = buf[1];
}

static const char *at_rollback(void)
{
	note('M');
	return guest->o.a == 0x1111111111111111ull ? NULL : "memory is not rolled back";
}

static const char *test_device(void)
{
	const char *bad;

	memset(order, 0, sizeof(order));
	registers[0] = 0x1234;
	registers[1] = 0x5678;
	guest_rolled_back = at_rollback;
	bad = guest_recovers(C_device, 0, "null");
	if (bad)
		return bad;
	if (guest_rolled_back_error)
		return guest_rolled_back_error;
	CHECK(!strcmp(order, "SMCRBPU"));
	CHECK(registers[0] == 0x1234 && registers[1] == 0x5678);
	CHECK(guest_call(C_ok, 0) == 0);	/* the gate is open again */
	return NULL;
}

/* atomic context: restore as work, busy meanwhile */
static const char *test_gate(void)
{
	int i;

	memset(order, 0, sizeof(order));
	preempt_disable();
	i = (s64)guest_call(C_gate, 0) == FAILED;
	i += (s64)guest_call(C_ok, 0) == -EBUSY;
	i += order[0] == 0;
	preempt_enable();
	CHECK(i == 3);
	for (i = 0; i < 100 && guest_call(C_ok, 0) != 0; i++)
		usleep_range(10000, 11000);
	CHECK(i < 100);
	CHECK(!strcmp(order, "RBP"));
	return NULL;
}

static const char *test_not_eligible(void)
{
	u64 v;

	preempt_disable();
	v = guest_call(C_not_eligible, 0);
	preempt_enable();
	CHECK(v == 42);				/* plain */
	CHECK(guest_call(C_not_eligible, 0) == 1);	/* clone */
	return NULL;
}

static const char *test_device_range(void)
{
	CHECK((s64)guest_call(C_device_range, PAGE_OFFSET + (1ul << 41)) == FAILED);
	CHECK(guest_flag == 1);
	CHECK(!strcmp(guest_end, "device"));
	return NULL;
}

static const char *test_store_device(void)
{
	return guest_recovers(C_store_device, 0, "device");
}

#define T(n) { #n, test_##n }
const struct guest_test guest_tests_device[] = {
	T(device), T(gate), T(not_eligible), T(device_range), T(store_device),
	{ }
};
