// SPDX-License-Identifier: GPL-2.0-only
/*
 * Device memory and user memory.
 */
#include <linux/io.h>
#include <linux/uaccess.h>

#include "wrap.h"

/* iomap cookies below this are port numbers (lib/iomap.c) */
#define PIO_RESERVED	0x40000ul

static void check_cookie(const void __iomem *p, u64 size, bool write)
{
	unsigned long a = (unsigned long)p;

	if (a < PIO_RESERVED && a >= PAGE_SIZE) {
		if (write)
			fgft_port_write(a & 0xffff, size, 1);
		else
			fgft_port_read(a & 0xffff, size, 1);
	} else if (write) {
		fgft_mmio_write((volatile void __force *)p, size);
	} else {
		fgft_mmio_read((const volatile void __force *)p, size);
	}
}

#define IO(bits, type)							\
WRAP(unsigned int, ioread##bits, const void __iomem *p)			\
{									\
	check_cookie(p, sizeof(type), false);				\
	return ioread##bits(p);						\
}									\
									\
WRAP(void, iowrite##bits, type v, void __iomem *p)			\
{									\
	check_cookie(p, sizeof(type), true);				\
	iowrite##bits(v, p);						\
}

IO(8, u8)
IO(16, u16)
IO(32, u32)

WRAP(void, memcpy_fromio, void *to, const volatile void __iomem *from, size_t n)
{
	struct fgft_txn *t = fgft_in();
	bool log = false;

	if (t) {
		fgft_mmio_read((const volatile void __force *)from, n);
		log = out_before(t, to, n);
	}
	memcpy_fromio(to, from, n);
	if (t)
		out_after(t, log, to, n);
}

WRAP(void, memcpy_toio, volatile void __iomem *to, const void *from, size_t n)
{
	struct fgft_txn *t = fgft_in();

	if (t) {
		fgft_check_read(t, from, n);
		fgft_mmio_write((volatile void __force *)to, n);
	}
	memcpy_toio(to, from, n);
}

WRAP(void, memset_io, volatile void __iomem *to, int c, size_t n)
{
	if (fgft_in())
		fgft_mmio_write((volatile void __force *)to, n);
	memset_io(to, c, n);
}

WRAP(unsigned long, _copy_to_user, void __user *to, const void *from, unsigned long n)
{
	struct fgft_txn *t = fgft_in();

	if (t) {
		fgft_might_sleep(t);
		fgft_check_read(t, from, n);
	}
	return copy_to_user(to, from, n);
}

WRAP(unsigned long, _copy_from_user, void *to, const void __user *from, unsigned long n)
{
	struct fgft_txn *t = fgft_in();
	bool log = false;

	if (t) {
		fgft_might_sleep(t);
		log = out_before(t, to, n);
	}
	n = copy_from_user(to, from, n);
	if (t)
		out_after(t, log, to, n);
	return n;
}
