/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of clones share.  The clones are written as the isolator would
 * generate them: a call in front of every access.  What is marked RAW has none
 * on purpose.
 */
#ifndef CLONES_H
#define CLONES_H

#include "guest.h"

#define CLONE(n) noinline __section(".text.fgft") u64 clone_##n(u64 *args)
#define OBJECT ((struct object *)args[0])

#define ST(size, place, value) do {				\
	fgft_store##size(&(place), (u64)(value));		\
	WRITE_ONCE(place, value);				\
} while (0)

/* RAW: the fault that everything else in here ends in. */
static __always_inline void raw_null(void)
{
	*(volatile u64 *)NULL = 1;
}

#endif
