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

static void check_bytes(const void *p, u64 n)
{
	struct fgft_txn *t = fgft_in();

	if (t)
		fgft_check_read(t, p, n);
}

static void check_string(const char *s, size_t max)
{
	struct fgft_txn *t = fgft_in();

	if (t && max)
		fgft_check_string(t, s, max);
}

/* Before n bytes at dst are made of the string src (of at most max bytes). */
static bool string_before(struct fgft_txn *t, char *dst, size_t n, const char *src, size_t max)
{
	if (!t)
		return false;
	if (max)
		fgft_check_string(t, src, max);
	return out_before(t, dst, n);
}

WRAP(int, memcmp, const void *a, const void *b, size_t n)
{
	check_bytes(a, n);
	check_bytes(b, n);
	return memcmp(a, b, n);
}

WRAP(size_t, strlen, const char *s)
{
	check_string(s, STRING_MAX);
	return strlen(s);
}

WRAP(size_t, strnlen, const char *s, size_t n)
{
	check_string(s, n);
	return strnlen(s, n);
}

WRAP(int, strcmp, const char *a, const char *b)
{
	check_string(a, STRING_MAX);
	check_string(b, STRING_MAX);
	return strcmp(a, b);
}

WRAP(int, strncmp, const char *a, const char *b, size_t n)
{
	check_string(a, n);
	check_string(b, n);
	return strncmp(a, b, n);
}

WRAP(char *, strchr, const char *s, int c)
{
	check_string(s, STRING_MAX);
	return strchr(s, c);
}

WRAP(ssize_t, sized_strscpy, char *dst, const char *src, size_t n)
{
	struct fgft_txn *t = fgft_in();
	bool log = string_before(t, dst, n, src, n);
	ssize_t ret = sized_strscpy(dst, src, n);

	out_after(t, log, dst, n);
	return ret;
}

WRAP(char *, strncpy, char *dst, const char *src, size_t n)
{
	struct fgft_txn *t = fgft_in();
	bool log = string_before(t, dst, n, src, n);

	strncpy(dst, src, n);
	out_after(t, log, dst, n);
	return dst;
}

/* The length that the whole text would have. */
static int print(char *dst, size_t n, const char *fmt, va_list va)
{
	struct fgft_txn *t = fgft_in();
	bool log = string_before(t, dst, n, fmt, STRING_MAX);
	int length = vsnprintf(dst, n, fmt, va);

	out_after(t, log, dst, n);
	return length;
}

WRAP(int, snprintf, char *dst, size_t n, const char *fmt, ...)
{
	va_list va;
	int length;

	va_start(va, fmt);
	length = print(dst, n, fmt, va);
	va_end(va);
	return length;
}

WRAP(int, scnprintf, char *dst, size_t n, const char *fmt, ...)
{
	va_list va;
	int length;

	va_start(va, fmt);
	length = print(dst, n, fmt, va);
	va_end(va);
	if (length < n)
		return length;
	return n ? n - 1 : 0;
}

WRAP(u32, crc32_le, u32 crc, unsigned char const *p, size_t n)
{
	check_bytes(p, n);
	return crc32_le(crc, p, n);
}

WRAP(u32, crc32_be, u32 crc, unsigned char const *p, size_t n)
{
	check_bytes(p, n);
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
