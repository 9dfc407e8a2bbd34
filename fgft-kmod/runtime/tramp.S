/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The trampoline that a transaction starts through and that every fault comes
 * back to, and the only code of fgft.ko that may fault on a driver's pointer
 * (between fgft_probe_begin and fgft_probe_end; rule 1 counts it as wrapper).
 */
#include <linux/linkage.h>
#include <asm/asm.h>
#include <asm/nospec-branch.h>
#include <asm/unwind_hints.h>

	.text

/* What the C ABI calls callee-saved, and 8 bytes that keep the stack aligned for the call. */
.macro SAVE_CALLEE_SAVED
	push	%rbp
	push	%rbx
	push	%r12
	push	%r13
	push	%r14
	push	%r15
	sub	$8, %rsp
.endm

.macro RESTORE_CALLEE_SAVED
	add	$8, %rsp
	pop	%r15
	pop	%r14
	pop	%r13
	pop	%r12
	pop	%rbx
	pop	%rbp
.endm

/*
 * struct fgft_result fgft_tramp(thunk %rdi, args %rsi, txn %rdx)
 * fgft_land expects %rsp = txn->sp and %rdx = 1.
 */
SYM_FUNC_START(fgft_tramp)
	SAVE_CALLEE_SAVED
	mov	%rsp, (%rdx)
	mov	%rdi, %rax
	mov	%rsi, %rdi
	CALL_NOSPEC rax
	xor	%edx, %edx
SYM_INNER_LABEL(fgft_land, SYM_L_GLOBAL)
	ANNOTATE_NOENDBR
	RESTORE_CALLEE_SAVED
	RET
SYM_FUNC_END(fgft_tramp)

/* void fgft_jump(sp): leaves dead frames behind, aborted = 1 */
SYM_CODE_START(fgft_jump)
	UNWIND_HINT_UNDEFINED
	mov	%rdi, %rsp
	mov	$1, %edx
	RESTORE_CALLEE_SAVED
	RET
SYM_CODE_END(fgft_jump)

/* What a caught page_fault_oops() does instead. */
SYM_FUNC_START(fgft_return)
	RET
SYM_FUNC_END(fgft_return)

SYM_FUNC_START(fgft_probe_begin)
	ENDBR
	RET
SYM_FUNC_END(fgft_probe_begin)

SYM_FUNC_START(fgft_probe_read)
	mov	(%rdi), %rax
	RET
SYM_FUNC_END(fgft_probe_read)

SYM_FUNC_START(fgft_probe_byte)
	movzbl	(%rdi), %eax
	RET
SYM_FUNC_END(fgft_probe_byte)

SYM_FUNC_START(fgft_probe_copy)
	mov	%rdx, %rcx
	rep movsb
	RET
SYM_FUNC_END(fgft_probe_copy)

/* overlapping, dst > src; the landing pad's caller clears DF on a fault */
SYM_FUNC_START(fgft_probe_copy_back)
	mov	%rdx, %rcx
	lea	-1(%rdi, %rdx), %rdi
	lea	-1(%rsi, %rdx), %rsi
	std
	rep movsb
	cld
	RET
SYM_FUNC_END(fgft_probe_copy_back)

SYM_FUNC_START(fgft_probe_set)
	mov	%esi, %eax
	mov	%rdx, %rcx
	rep stosb
	RET
SYM_FUNC_END(fgft_probe_set)

/* Rule 10: thunks of the self test; the only clones fgft.ko has itself. */
SYM_FUNC_START(fgft_selftest_null)
	ENDBR
	movq	$0, 0
	mov	$1, %eax
	RET
SYM_FUNC_END(fgft_selftest_null)

SYM_FUNC_START(fgft_selftest_gp)
	ENDBR
	mov	$0xdead4ead00000000, %rax
	mov	(%rax), %rax
	mov	$1, %eax
	RET
SYM_FUNC_END(fgft_selftest_gp)

SYM_FUNC_START(fgft_selftest_bug)
	ENDBR
	ud2
SYM_FUNC_END(fgft_selftest_bug)

SYM_FUNC_START(fgft_probe_end)
	ENDBR
	RET
SYM_FUNC_END(fgft_probe_end)
