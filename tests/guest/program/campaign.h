/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* What fgft.ko and fgft_guest.ko show in debugfs, read into structs. */
#ifndef FGFT_CAMPAIGN_H
#define FGFT_CAMPAIGN_H

#include <stdint.h>

#define ENTRIES 128
#define SITES 4096

struct entry {
	char name[64];
	long on, calls, plain, commits, aborts, busy, refused, last_ns;
	char cause[32];
};

struct site {
	unsigned int id;
	char entry[64]; /* "-": several entry points reach it */
	char function[64];
	char where[96];
	char kinds[128]; /* with commas between */
	long reached, fired;
};

/* Read fgft.ko's files; the number of rows, or -errno. */
int entries_read(const char *driver, struct entry *entries);
int sites_read(const char *driver, struct site *sites);

const struct entry *entry_find(const struct entry *entries, int count, const char *name);

/* What fgft_guest.ko saw since the last time it was asked. */
struct seen {
	long memory_compared, memory_different, registers_compared, registers_different, references;
	char memory_first[128], registers_first[128];
};
int seen_read(struct seen *seen);

/* One of fgft.ko's counters, the kernel's taint; -1 when it cannot be read. */
long counter_read(const char *name);
long taint_read(void);

#endif
