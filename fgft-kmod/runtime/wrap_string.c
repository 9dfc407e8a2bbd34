// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory, string and checksum functions: pointers are checked first, so that a
 * bad one is met here and not in the kernel.
 */
#include <linux/crc32.h>
#include <linux/string.h>

#include "wrap.h"

#define STRING_MAX	(1u << 20)

WRAP(void *, memcpy, void *dst, const void *src, size_t n)
{
	fgft_memcpy(dst, src, n);
	return dst;
}

WRAP(void *, memmove, void *dst, const void *src, size_t n)
{
	fgft_memmove(dst, src, n);
	return dst;
}

WRAP(void *, memset, void *dst, int c, size_t n)
{
	fgft_memset(dst, c, n);
	return dst;
}

WRAP(int, memcmp, const void *a, const void *b, size_t n)
{
	struct fgft_txn *t = fgft_in();

	if (t) {
		fgft_check_read(t, a, n);
		fgft_check_read(t, b, n);
	}
	return memcmp(a, b, n);
}

static void check(const char *s, size_t max)
{
	struct fgft_txn *t = fgft_in();

	if (t && max)
		fgft_check_string(t, s, max);
}

WRAP(size_t, strlen, const char *s)
{
	check(s, STRING_MAX);
	return strlen(s);
}

WRAP(size_t, strnlen, const char *s, size_t n)
{
	check(s, n);
	return strnlen(s, n);
}

WRAP(int, strcmp, const char *a, const char *b)
{
	check(a, STRING_MAX);
	check(b, STRING_MAX);
	return strcmp(a, b);
}

WRAP(int, strncmp, const char *a, const char *b, size_t n)
{
	check(a, n);
	check(b, n);
	return strncmp(a, b, n);
}

WRAP(char *, strchr, const char *s, int c)
{
	check(s, STRING_MAX);
	return strchr(s, c);
}

WRAP(ssize_t, sized_strscpy, char *dst, const char *src, size_t n)
{
	struct fgft_txn *t = fgft_in();
	bool log = false;
	ssize_t ret;

	if (t) {
		check(src, n);
		log = out_before(t, dst, n);
	}
	ret = sized_strscpy(dst, src, n);
	if (t)
		out_after(t, log, dst, n);
	return ret;
}

WRAP(char *, strncpy, char *dst, const char *src, size_t n)
{
	struct fgft_txn *t = fgft_in();
	bool log = false;

	if (t) {
		check(src, n);
		log = out_before(t, dst, n);
	}
	strncpy(dst, src, n);
	if (t)
		out_after(t, log, dst, n);
	return dst;
}

int fgft_w_snprintf(char *dst, size_t n, const char *fmt, ...);
int fgft_w_snprintf(char *dst, size_t n, const char *fmt, ...)
{
	struct fgft_txn *t = fgft_in();
	bool log = false;
	va_list va;
	int ret;

	if (t) {
		check(fmt, STRING_MAX);
		log = out_before(t, dst, n);
	}
	va_start(va, fmt);
	ret = vsnprintf(dst, n, fmt, va);
	va_end(va);
	if (t)
		out_after(t, log, dst, n);
	return ret;
}
EXPORT_SYMBOL_GPL(fgft_w_snprintf);

int fgft_w_scnprintf(char *dst, size_t n, const char *fmt, ...);
int fgft_w_scnprintf(char *dst, size_t n, const char *fmt, ...)
{
	struct fgft_txn *t = fgft_in();
	bool log = false;
	va_list va;
	int ret;

	if (t) {
		check(fmt, STRING_MAX);
		log = out_before(t, dst, n);
	}
	va_start(va, fmt);
	ret = vscnprintf(dst, n, fmt, va);
	va_end(va);
	if (t)
		out_after(t, log, dst, n);
	return ret;
}
EXPORT_SYMBOL_GPL(fgft_w_scnprintf);

WRAP(u32, crc32_le, u32 crc, unsigned char const *p, size_t n)
{
	struct fgft_txn *t = fgft_in();

	if (t)
		fgft_check_read(t, p, n);
	return crc32_le(crc, p, n);
}

WRAP(u32, crc32_be, u32 crc, unsigned char const *p, size_t n)
{
	struct fgft_txn *t = fgft_in();

	if (t)
		fgft_check_read(t, p, n);
	return crc32_be(crc, p, n);
}

/* What fortified string functions end in. */
WRAP(void, __fortify_panic, const u8 reason, const size_t avail, const size_t size)
{
	struct fgft_txn *t = fgft_in();

	if (t)
		fgft_raise(t, FGFT_C_RANGE, 0, "fortified string function");
	BUG();
}
