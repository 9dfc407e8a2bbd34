// SPDX-License-Identifier: GPL-2.0-only
/*
 * Processor exceptions in transactions: whose fault it is (rule 1), and the way
 * back.  A fault that is not ours is left to the kernel exactly as it came.
 *
 * Page faults have no notifier: a kprobe sits where the kernel has decided that
 * it is going to oops.  #GP, #DE, #UD and #SS come through the die chain before
 * anything is printed or tainted.
 */
#include <linux/kdebug.h>
#include <linux/kprobes.h>
#include <linux/sched.h>
#include <linux/thread_info.h>
#include <linux/timekeeping.h>
#include <linux/uaccess.h>
#include <asm/processor-flags.h>
#include <asm/trapnr.h>
#include <asm/trap_pf.h>

#include "compat/compat.h"
#include "fgft.h"

static bool ip_ours(const struct fgft_txn *t, unsigned long ip)
{
	const struct fgft_driver_rt *rt = t->entry->rt->drv;
	u32 i;

	if (fgft_ip_in_clone(t->drv, ip))
		return true;
	if (ip >= (unsigned long)fgft_probe_begin && ip < (unsigned long)fgft_probe_end)
		return true;
	for (i = 0; i < rt->nr_callees; i++)
		if (ip >= rt->callees[i].start && ip < rt->callees[i].end)
			return true;
	return false;
}

/* A call that went nowhere: the return address on top of the stack tells. */
static bool jumped_from_clone(const struct fgft_txn *t, const struct pt_regs *regs)
{
	unsigned long ret;

	if (fgft_compat_is_text(regs->ip))
		return false;
	if (copy_from_kernel_nofault(&ret, (void *)regs->sp, sizeof(ret)))
		return false;
	return fgft_ip_in_clone(t->drv, ret);
}

/*
 * #GP on a jump to a non-canonical address: the processor stays at the jump,
 * which may be the kernel's indirect-branch thunk.
 */
static bool thunk_from_clone(const struct fgft_txn *t, const struct pt_regs *regs)
{
	char name[KSYM_SYMBOL_LEN];
	unsigned long ret;

	sprint_symbol(name, regs->ip);
	if (strncmp(name, "__x86_indirect", 14) && strncmp(name, "__x86_return", 12))
		return false;
	if (copy_from_kernel_nofault(&ret, (void *)regs->sp, sizeof(ret)))
		return false;
	return fgft_ip_in_clone(t->drv, ret);
}

/* Rule 1.  The transaction that this fault ends, or NULL. */
static struct fgft_txn *owner(const struct pt_regs *regs, bool *jump)
{
	struct fgft_txn *t;

	*jump = false;
	if (user_mode((struct pt_regs *)regs))
		return NULL;
	t = fgft_current();
	if (!t || t->state != FGFT_S_RUN)
		return NULL;
	if (regs->sp >= t->sp || t->sp - regs->sp >= THREAD_SIZE)
		return NULL;
	if (ip_ours(t, regs->ip))
		return t;
	*jump = jumped_from_clone(t, regs) || thunk_from_clone(t, regs);
	return *jump ? t : NULL;
}

/* Sends the interrupted context to the trampoline's landing. */
static void redirect(struct fgft_txn *t, struct pt_regs *regs, enum fgft_cause c,
		     unsigned long addr, const char *why)
{
	t->cause = c;
	t->where = regs->ip;
	t->addr = addr;
	t->why = why;
	t->fault_ns = ktime_get_mono_fast_ns();
	fgft_count(own_faults);
	regs->sp = t->sp;
	regs->ip = (unsigned long)fgft_land;
	regs->dx = 1;
	regs->flags &= ~(X86_EFLAGS_AC | X86_EFLAGS_DF | X86_EFLAGS_TF | X86_EFLAGS_NT);
}

static int __kprobes on_page_fault(struct kprobe *p, struct pt_regs *kregs)
{
	struct pt_regs *regs = (struct pt_regs *)kregs->di;
	unsigned long addr = kregs->dx;
	struct fgft_txn *t;
	bool jump;

	t = owner(regs, &jump);
	if (!t) {
		if (!user_mode((struct pt_regs *)regs) && fgft_current())
			fgft_count(foreign_faults);
		return 0;
	}
	if (jump || (kregs->si & X86_PF_INSTR))
		redirect(t, regs, FGFT_C_JUMP, addr, "jump to unmapped memory");
	else if (addr < PAGE_SIZE)
		redirect(t, regs, FGFT_C_NULL, addr, "null pointer (page fault)");
	else
		redirect(t, regs, FGFT_C_WILD, addr, "page fault");
	instruction_pointer_set(kregs, (unsigned long)fgft_return);
	return 1;
}

static struct kprobe page_fault_probe = {
	.symbol_name = "page_fault_oops",
	.pre_handler = on_page_fault,
};

static int on_die(struct notifier_block *nb, unsigned long event, void *data)
{
	struct die_args *a = data;
	enum fgft_cause c;
	struct fgft_txn *t;
	bool jump;

	if (event != DIE_GPF && event != DIE_TRAP)
		return NOTIFY_DONE;
	t = owner(a->regs, &jump);
	if (!t) {
		if (!user_mode(a->regs) && fgft_current())
			fgft_count(foreign_faults);
		return NOTIFY_DONE;
	}
	switch (a->trapnr) {
	case X86_TRAP_DE:
		c = FGFT_C_DIVIDE;
		break;
	case X86_TRAP_UD:
		c = FGFT_C_BUG;
		break;
	case X86_TRAP_GP:
		c = jump ? FGFT_C_JUMP : FGFT_C_GP;
		break;
	case X86_TRAP_SS:
		c = FGFT_C_STACK;
		break;
	default:
		c = FGFT_C_TRAP;
	}
	redirect(t, a->regs, c, 0, a->str);
	return NOTIFY_STOP;
}

static struct notifier_block die_block = {
	.notifier_call = on_die,
	.priority = INT_MAX,
};

int fgft_fault_init(void)
{
	int ret = register_kprobe(&page_fault_probe);

	if (ret) {
		pr_err("no kprobe on page_fault_oops: %d\n", ret);
		return ret;
	}
	ret = register_die_notifier(&die_block);
	if (ret)
		unregister_kprobe(&page_fault_probe);
	return ret;
}

void fgft_fault_exit(void)
{
	unregister_die_notifier(&die_block);
	unregister_kprobe(&page_fault_probe);
}
