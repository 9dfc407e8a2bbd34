// SPDX-License-Identifier: GPL-2.0-only
/*
 * Clones that only touch memory, or fault (rules 1, 2, 3, 7), and those whose
 * fault is somebody else's.
 */
#include <linux/bug.h>
#include <linux/mm.h>

#include "clones.h"

CLONE(ok)
{
	struct object *o = OBJECT;

	ST(8, o->a, o->a + 1);
	ST(4, o->b, o->b + 1);
	ST(2, o->c[1], 7);
	fgft_arith(&o->count, 4, 1);
	atomic_inc(&o->count);
	return 0;
}

CLONE(null)
{
	struct object *o = OBJECT;

	ST(8, o->a, 1);
	ST(4, o->b, 2);
	ST(2, o->c[3], 3);
	ST(1, *(u8 *)&o->tail, 4);
	ST(8, o->a, 5);
	raw_null();
	return 0;
}

CLONE(gp)
{
	ST(8, OBJECT->a, 1);
	return *(volatile u64 *)FGFT_WILD;
}

CLONE(unmapped)
{
	ST(8, OBJECT->a, 1);
	*(volatile u64 *)(PAGE_OFFSET + (1ul << 40)) = 1;
	return 0;
}

CLONE(divide)
{
	volatile int zero = 0;

	ST(8, OBJECT->a, 1);
	return 7 / zero;
}

CLONE(bug)
{
	ST(8, OBJECT->a, 1);
	BUG_ON(args[1] == 0);
	return 0;
}

CLONE(jump_null)
{
	u64 (*volatile fn)(u64 *args) = NULL;

	ST(8, OBJECT->a, 1);
	return fn(args) + 1;
}

CLONE(jump_wild)
{
	u64 (*volatile fn)(u64 *args) = (void *)FGFT_WILD;

	ST(8, OBJECT->a, 1);
	return fn(args) + 1;
}

CLONE(resolve)
{
	u64 (*fn)(u64 *args);

	ST(8, OBJECT->a, 1);
	fn = fgft_resolve((void *)args[1]);
	return fn(args);
}

static u64 pointed_to(u64 *args)
{
	return 1;
}

/* stands for a function of the driver: original and clone */
CLONE(fn_pointer)
{
	return 77;
}

CLONE(range)
{
	struct object *o = OBJECT;

	ST(8, o->a, 1);
	ST(8, *(u64 *)(o + 1), 2);	/* outer.after */
	return 0;
}

CLONE(below_stack)
{
	u64 here;

	ST(8, OBJECT->a, 1);
	fgft_store8((u8 *)&here - 2048, 1);
	return 0;
}

/* 100 stores to locals: with a log of 2 words only classification helps */
CLONE(local)
{
	volatile u64 local[100];
	int i;

	ST(8, OBJECT->a, 1);
	for (i = 0; i < 100; i++) {
		fgft_store8((u64 *)&local[i], i);
		local[i] = i;
	}
	return local[99] == 99 ? 0 : 1;
}

CLONE(memset)
{
	struct object *o = OBJECT;

	fgft_memset((u8 *)o->words + 3, 0x5a, 1001);
	fgft_memcpy(&o->words[200], &o->words[0], 800);
	fgft_memmove(&o->words[201], &o->words[200], 800);
	raw_null();
	return 0;
}

CLONE(memcpy_guard)
{
	struct object *o = OBJECT;

	fgft_memcpy(o->words, guest_guard + PAGE_SIZE - 64, 128);
	return 0;
}

CLONE(loop)
{
	ST(8, OBJECT->a, 1);
	for (;;)
		fgft_loop();
}

/* Rule 3.  RAW: what another CPU does in between. */
CLONE(conflict)
{
	struct object *o = OBJECT;

	ST(8, o->a, 1);
	ST(4, o->b, 0x01020304);
	WRITE_ONCE(o->a, 99);
	/* one byte of a word that was stored whole: all of it stays */
	*((volatile u8 *)&o->b + 1) = 0xff;
	raw_null();
	return 0;
}

CLONE(conflict_bits)
{
	struct object *o = OBJECT;

	fgft_bitop(&o->bits, 3, FGFT_BIT_SET);
	set_bit(3, &o->bits);
	fgft_bitop(&o->bits, 40, FGFT_BIT_CLEAR);
	clear_bit(40, &o->bits);
	fgft_bitop(&o->bits, 5, FGFT_BIT_SET);
	set_bit(5, &o->bits);
	set_bit(4, &o->bits);		/* RAW: another bit */
	clear_bit(5, &o->bits);		/* RAW: the same bit */
	raw_null();
	return 0;
}

CLONE(conflict_arith)
{
	struct object *o = OBJECT;

	fgft_arith(&o->count, 4, 5);
	atomic_add(5, &o->count);
	atomic_add(100, &o->count);	/* RAW */
	raw_null();
	return 0;
}

/* Neighbours of what a second CPU writes all the time. */
CLONE(hammer)
{
	struct object *o = OBJECT;

	ST(2, o->c[0], o->c[0] + 1);
	ST(2, o->c[2], o->c[2] + 1);
	fgft_bitop(&o->bits, 9, FGFT_BIT_FLIP);
	change_bit(9, &o->bits);
	fgft_arith(&o->count, 4, 3);
	atomic_add(3, &o->count);
	if (args[1])
		raw_null();
	return 0;
}

/* Rule 1: the fault is in a function that is neither clone nor wrapper. */
static noinline void not_a_clone(void)
{
	raw_null();
}

CLONE(foreign_callee)
{
	ST(8, OBJECT->a, 1);
	not_a_clone();
	return 0;
}

noinline __section(".text.fgft") void guest_raw(void)
{
	raw_null();
}

const struct fgft_func guest_funcs[1] = {
	{ pointed_to, clone_fn_pointer },
};
