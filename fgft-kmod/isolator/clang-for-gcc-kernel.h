/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Forced into every source of a driver that clang builds for a kernel that gcc
 * was configured for: clang has no named address spaces for per-CPU data.
 */
#undef CONFIG_CC_HAS_NAMED_AS
#undef CONFIG_USE_X86_SEG_SUPPORT
