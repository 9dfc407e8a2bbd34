// SPDX-License-Identifier: GPL-2.0-only
/*
 * Access to what the kernel does not export.  The only way in is a kprobe: it
 * resolves a function's address by name; nothing else of it is used.
 */
#include <linux/buildid.h>
#include <linux/interrupt.h>
#include <linux/irq.h>
#include <linux/irqdesc.h>
#include <linux/kallsyms.h>
#include <linux/kprobes.h>
#include <linux/string.h>

#include "compat.h"
#include "../fgft.h"

static unsigned long (*lookup_name)(const char *name);
static int (*text_address)(unsigned long addr);
static char build_id[2 * BUILD_ID_SIZE_MAX + 1];

/* noinline: an indirect call to a function whose type the kernel may hash */
static noinline unsigned long probe_address(const char *name)
{
	struct kprobe kp = { .symbol_name = name };
	unsigned long addr;

	if (register_kprobe(&kp))
		return 0;
	addr = (unsigned long)kp.addr;
	unregister_kprobe(&kp);
	return addr;
}

unsigned long fgft_compat_lookup(const char *name)
{
	return lookup_name ? lookup_name(name) : 0;
}

int fgft_compat_init(void)
{
	const unsigned char *id;
	int i;

	lookup_name = (void *)probe_address("kallsyms_lookup_name");
	if (!lookup_name)
		return -ENOENT;
	text_address = (void *)fgft_compat_lookup("__kernel_text_address");
	if (!text_address)
		return -ENOENT;
	id = (const void *)fgft_compat_lookup("vmlinux_build_id");
	for (i = 0; id && i < BUILD_ID_SIZE_MAX; i++)
		sprintf(build_id + 2 * i, "%02x", id[i]);
	return 0;
}

const char *fgft_compat_build_id(void)
{
	return build_id;
}

unsigned long fgft_compat_text_size(unsigned long addr)
{
	char buf[KSYM_SYMBOL_LEN];
	unsigned long off = 1, size = 0;
	char *p;

	sprint_symbol(buf, addr);
	p = strrchr(buf, '+');
	if (!p || sscanf(p, "+0x%lx/0x%lx", &off, &size) != 2 || off)
		return 0;
	return size;
}

bool fgft_compat_is_text(unsigned long addr)
{
	return text_address && text_address(addr);
}

static struct irq_desc *irq_desc_of(unsigned int irq)
{
	struct irq_data *data = irq_get_irq_data(irq);

	return data ? irq_data_to_desc(data) : NULL;
}

unsigned int fgft_compat_irq_depth(unsigned int irq)
{
	struct irq_desc *desc = irq_desc_of(irq);

	return desc ? READ_ONCE(desc->depth) : 0;
}

struct irqaction *fgft_compat_irq_action(unsigned int irq, void *cookie)
{
	struct irq_desc *desc = irq_desc_of(irq);
	struct irqaction *a;

	if (!desc)
		return NULL;
	for (a = READ_ONCE(desc->action); a; a = READ_ONCE(a->next))
		if (!cookie || a->dev_id == cookie)
			return a;
	return NULL;
}
