/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#pragma once
struct counter { int hits; int *where; };
void elsewhere(struct counter *counter);
static inline void count_hit(struct counter *counter)
{
	counter->hits = 1;
	elsewhere(counter);
}
/* Its file misses what it needs where it stands alone. */
static inline void count_missing(struct counter *counter)
{
	not_declared_anywhere = counter->hits;
	elsewhere(counter);
}
static inline int which(void)
{
	return 1;
}
