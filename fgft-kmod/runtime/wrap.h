/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * For the wrapper files.  A wrapper has the type of the kernel function; the
 * only caller is generated code, so the prototype stands beside the function.
 */
#ifndef FGFT_WRAP_H
#define FGFT_WRAP_H

#include <linux/export.h>
#include <linux/gfp.h>

#include "fgft.h"

/* Defines fgft_w_<name> with its prototype and exports it. */
#define WRAP(ret, name, ...)			\
ret fgft_w_##name(__VA_ARGS__);			\
EXPORT_SYMBOL_GPL(fgft_w_##name);		\
ret fgft_w_##name(__VA_ARGS__)

/* A sleeping allocation in atomic context is a fault of the driver. */
static inline void check_gfp(struct fgft_txn *t, gfp_t gfp)
{
	if (gfpflags_allow_blocking(gfp))
		fgft_might_sleep(t);
}

/* A kernel function writes len bytes of a kernel object: remember them. */
static inline void object_before(struct fgft_txn *t, const void *p, u64 len)
{
	fgft_check_object(t, p);
	fgft_log_before(t, (unsigned long)p, len);
}

static inline void object_after(struct fgft_txn *t, const void *p, u64 len)
{
	fgft_log_after(t, (unsigned long)p, len);
}

/* ... or through a pointer of the driver, which must be allowed to be written. */
static inline bool out_before(struct fgft_txn *t, void *p, u64 len)
{
	bool log = fgft_check_write(t, p, len);

	if (log)
		fgft_log_before(t, (unsigned long)p, len);
	return log;
}

static inline void out_after(struct fgft_txn *t, bool log, void *p, u64 len)
{
	if (log)
		fgft_log_after(t, (unsigned long)p, len);
}

struct net_device;

/* wrap_net.c: remembers the carrier before a kernel call that changes it. */
void fgft_carrier_before(struct fgft_txn *t, struct net_device *dev);

#endif /* FGFT_WRAP_H */
