/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tracepoints: one event class, one event for every step of a transaction.
 * Exported, so that a test module can look between rollback and restore.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM fgft

#if !defined(FGFT_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define FGFT_TRACE_H

#include <linux/tracepoint.h>
#include "fgft_abi.h"

DECLARE_EVENT_CLASS(fgft_step,
	TP_PROTO(struct fgft_driver *drv, struct fgft_entry *ent, u64 *args, int code),
	TP_ARGS(drv, ent, args, code),
	TP_STRUCT__entry(
		__string(driver, drv->name)
		__string(function, ent->name)
		__field(int, code)
	),
	TP_fast_assign(
		__assign_str(driver);
		__assign_str(function);
		__entry->code = code;
	),
	TP_printk("%s %s code=%d", __get_str(driver), __get_str(function), __entry->code)
);

#define FGFT_EVENT(name)							\
DEFINE_EVENT(fgft_step, name,							\
	TP_PROTO(struct fgft_driver *drv, struct fgft_entry *ent,		\
		 u64 *args, int code),						\
	TP_ARGS(drv, ent, args, code))

FGFT_EVENT(fgft_begin);
FGFT_EVENT(fgft_commit);
FGFT_EVENT(fgft_abort);		/* code: enum fgft_cause */
FGFT_EVENT(fgft_rolled_back);	/* code: conflicts; before restore */
FGFT_EVENT(fgft_restored);	/* code: what restore returned */

#endif

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
