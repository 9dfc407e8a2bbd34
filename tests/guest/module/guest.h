/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of fgft_guest.ko share.  The module checks from outside what
 * fgft.ko promises: it copies driver memory before a protected call and
 * compares it after the rollback, and registers after the restore.  It uses
 * nothing of fgft.ko's own records.
 */
#ifndef FGFT_GUEST_H
#define FGFT_GUEST_H

#include <linux/types.h>

#include "fgft_abi.h"

struct net_device;
struct seq_file;

/* memory.c: the copy */
int guest_memory_init(void);
void guest_memory_exit(void);
void guest_memory_take(const struct fgft_event *ev);
void guest_memory_compare(const struct fgft_event *ev);
void guest_memory_spoil(void);
void guest_memory_reset(void);
void guest_memory_show(struct seq_file *m);

/* registers.c */
int guest_registers_device(struct net_device *dev);
int guest_registers_add(const char *entry, const char *name, u32 offset, u32 width, u64 mask);
void guest_registers_clear(void);
void guest_registers_take(const struct fgft_event *ev);
void guest_registers_compare(void);
void guest_registers_spoil(void);
void guest_registers_reset(void);
void guest_registers_show(struct seq_file *m);
void guest_registers_exit(void);

/* provoke.c: calls that only the kernel makes, and faults of others */
int guest_tx_timeout(struct net_device *dev);
void guest_foreign_arm(const char *entry, u64 ns);
void guest_foreign_begin(const struct fgft_event *ev);
void guest_foreign_end(void);
void guest_provoke_init(void);
void guest_provoke_exit(void);

#endif
