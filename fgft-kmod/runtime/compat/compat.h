/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Everything that differs between kernels or that the kernel does not export.
 * Written for 6.12; other versions get their branch here and nowhere else.
 */
#ifndef FGFT_COMPAT_H
#define FGFT_COMPAT_H

#include <linux/preempt.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/version.h>

#if KERNEL_VERSION(6, 12, 0) > LINUX_VERSION_CODE
#error "fgft was written for 6.12; older kernels need their branch in compat/"
#endif

struct irqaction;

/* 0 when nothing was found: the caller says so and does without. */
unsigned long fgft_compat_lookup(const char *name);
/* Lower-case hex of the running kernel's GNU build id, "" when not known. */
const char *fgft_compat_build_id(void);
/* Length of the kernel function that starts at addr, 0 when it is none. */
unsigned long fgft_compat_text_size(unsigned long addr);
/* True when addr lies in code of the kernel or of a module. */
bool fgft_compat_is_text(unsigned long addr);
/* First action of an interrupt line with this cookie (NULL: any), or NULL. */
struct irqaction *fgft_compat_irq_action(unsigned int irq, void *cookie);
/* How often the line is disabled; 0 when there is no such line. */
unsigned int fgft_compat_irq_depth(unsigned int irq);
int fgft_compat_init(void);

static inline int fgft_compat_rcu_depth(void)
{
#ifdef CONFIG_PREEMPT_RCU
	return READ_ONCE(current->rcu_read_lock_nesting);
#else
	return 0;	/* it is the preempt count then */
#endif
}

static inline int fgft_compat_migrate_depth(void)
{
#ifdef CONFIG_SMP
	return current->migration_disabled;
#else
	return 0;
#endif
}

#endif /* FGFT_COMPAT_H */
