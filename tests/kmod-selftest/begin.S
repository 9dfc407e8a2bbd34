/* SPDX-License-Identifier: GPL-2.0-only */
/* The first address of the clones: objects of a module are joined in the order of Kbuild. */
#include <linux/linkage.h>
#include <asm/nospec-branch.h>
	.section .text.fgft, "ax"
SYM_FUNC_START(guest_text_begin)
	ENDBR
	RET
SYM_FUNC_END(guest_text_begin)
