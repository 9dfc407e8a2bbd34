// SPDX-License-Identifier: GPL-2.0-only
/*
 * The independent copy of driver memory.
 *
 * Copied before the call: the network device, the driver's private part of it,
 * and every range of the entry's access plan that may be written and is no
 * device memory (rings, queues).  Compared when the runtime says that memory
 * is rolled back and the device not yet restored.
 *
 * Not compared, because they are not the transaction's: the states of device
 * and queues, which the closed gate itself changes; byte queue limits, which
 * every restore starts anew; how often the carrier went and came, which the
 * kernel counts when netif_carrier_off() is taken back by netif_carrier_on(), and
 * the link watch that both leave pending; the transmit watchdog's timer, which
 * runs meanwhile.
 */
#include <linux/atomic.h>
#include <linux/netdevice.h>
#include <linux/seq_file.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>

#include "guest.h"

#define RANGES	256
#define BYTES	(1u << 20)

struct copy {
	const u8 *at;
	u32 size, offset;
	const char *what;
};

static struct copy copies[RANGES];
static u32 nr_copies, used;
static u8 *bytes;
static atomic_t busy = ATOMIC_INIT(0);
static struct net_device *device;

static u32 taken, compared, overlapped, too_large, different;
static u32 first_offset, first_old, first_new;
static const char *first_what;
static char first_entry[64];

static void add(const void *at, u64 size, const char *what)
{
	u32 i;

	for (i = 0; i < nr_copies; i++)
		if ((const u8 *)at >= copies[i].at &&
		    (const u8 *)at + size <= copies[i].at + copies[i].size)
			return;
	if (nr_copies == RANGES || size > BYTES - used) {
		too_large++;
		return;
	}
	if (!size || copy_from_kernel_nofault(bytes + used, at, size))
		return;
	copies[nr_copies++] = (struct copy){ at, size, used, what };
	used += size;
}

static u64 number_at(u64 address, u32 offset, u32 width, u64 otherwise)
{
	u64 value = 0;

	if (width > 8 || copy_from_kernel_nofault(&value, (void *)(address + offset), width))
		return otherwise;
	return value;
}

/* The ranges of the access plan; the rules stand at struct fgft_plan. */
static void add_plan(const struct fgft_entry *e, const u64 *args)
{
	static u64 address[FGFT_MAX_ARGS + 1024];
	u32 i, k;

	for (i = 0; i < e->nr_plan && i < ARRAY_SIZE(address); i++) {
		const struct fgft_plan *p = &e->plan[i];
		u64 base = p->from >= 0 ? address[p->from] : args[-1 - p->from];
		u64 size = p->size, count = p->count ?: 1;

		address[i] = 0;
		if (!base || (p->flags & FGFT_PL_PORT))
			continue;
		if (p->size_row >= 0)
			size *= number_at(address[p->size_row], p->size_off, p->size_width, 0);
		if (p->count_row >= 0)
			count = number_at(address[p->count_row], p->count_off, p->count_width, 0);
		for (k = 0; k < count && k < 4096; k++) {
			u64 start = base + p->offset + k * p->stride;

			if (p->flags & FGFT_PL_DEREF)
				start = number_at(start, 0, 8, 0);
			if (!k)
				address[i] = start;
			if (start && (p->flags & FGFT_PL_WRITE) &&
			    !(p->flags & (FGFT_PL_DEVICE | FGFT_PL_ADDR)))
				add((void *)start, size, "plan");
		}
	}
}

void guest_memory_take(const struct fgft_event *ev)
{
	struct net_device *dev = ev->entry->object ? ev->entry->object(ev->args) : NULL;

	if (atomic_cmpxchg(&busy, 0, 1)) {
		overlapped++;
		return;
	}
	nr_copies = 0;
	used = 0;
	device = dev;
	if (dev && !strcmp(ev->drv->class_name, "net")) {
		add(dev, sizeof(*dev), "net_device");
		add(netdev_priv(dev), dev->priv_len, "private");
	}
	add_plan(ev->entry, ev->args);
	taken++;
}

static bool within(const u8 *p, const void *object, u32 size)
{
	return p >= (const u8 *)object && p < (const u8 *)object + size;
}

static bool not_the_transactions(const u8 *p)
{
	u32 i;

	if (!device)
		return false;
	if (within(p, &device->state, sizeof(device->state)) ||
	    within(p, &device->carrier_up_count, sizeof(device->carrier_up_count)) ||
	    within(p, &device->watchdog_timer, sizeof(device->watchdog_timer)) ||
	    within(p, &device->link_watch_list, sizeof(device->link_watch_list)) ||
	    within(p, &device->carrier_down_count, sizeof(device->carrier_down_count)))
		return true;
	for (i = 0; i < device->num_tx_queues; i++) {
		struct netdev_queue *q = &device->_tx[i];

		if (within(p, &q->state, sizeof(q->state)) ||
		    within(p, &q->trans_start, sizeof(q->trans_start)))
			return true;
#ifdef CONFIG_BQL
		if (within(p, &q->dql, sizeof(q->dql)))
			return true;
#endif
	}
	return false;
}

void guest_memory_compare(const struct fgft_event *ev)
{
	u32 i, k;

	if (!atomic_read(&busy))
		return;
	for (i = 0; i < nr_copies; i++) {
		const struct copy *c = &copies[i];

		for (k = 0; k < c->size; k++) {
			u8 old = bytes[c->offset + k], now = 0;

			if (copy_from_kernel_nofault(&now, c->at + k, 1))
				now = ~old;
			if (now == old || not_the_transactions(c->at + k))
				continue;
			if (!different++) {
				first_what = c->what;
				first_offset = k;
				first_old = old;
				first_new = now;
				strscpy(first_entry, ev->entry->name, sizeof(first_entry));
			}
		}
	}
	compared++;
	atomic_set(&busy, 0);
}

/* For the test of this test: one byte of the copy is no longer what was there. */
void guest_memory_spoil(void)
{
	if (atomic_read(&busy) && used)
		bytes[used - 1] ^= 0xff;
}

/* The call is over; what was not compared was not rolled back. */
void guest_memory_reset(void)
{
	atomic_set(&busy, 0);
}

void guest_memory_show(struct seq_file *m)
{
	seq_printf(m, "memory_taken %u\nmemory_compared %u\nmemory_overlapped %u\n",
		   taken, compared, overlapped);
	seq_printf(m, "memory_too_large %u\nmemory_bytes %u\nmemory_different %u\n",
		   too_large, used, different);
	if (different)
		seq_printf(m, "memory_first %s:%s+%u:%02x->%02x\n", first_entry,
			   first_what, first_offset, first_old, first_new);
	taken = compared = overlapped = too_large = different = 0;
}

int guest_memory_init(void)
{
	bytes = vmalloc(BYTES);
	return bytes ? 0 : -ENOMEM;
}

void guest_memory_exit(void)
{
	vfree(bytes);
}
