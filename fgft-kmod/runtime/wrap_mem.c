// SPDX-License-Identifier: GPL-2.0-only
/*
 * Allocation and release: what is allocated in a transaction is freed by its
 * abort, what is older is freed at the commit.
 */
#include <linux/dma-mapping.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/vmalloc.h>

#include "wrap.h"

static void act_kfree(struct fgft_txn *t, struct fgft_act *a)
{
	kfree((void *)a->a);
}

static void act_vfree(struct fgft_txn *t, struct fgft_act *a)
{
	vfree((void *)a->a);
}

static void act_kvfree(struct fgft_txn *t, struct fgft_act *a)
{
	kvfree((void *)a->a);
}

static void *allocated(struct fgft_txn *t, fgft_act_fn undo, void *p, size_t size)
{
	if (!p) {
		t->alloc_failed = true;
		return NULL;
	}
	fgft_undo(t, undo, (unsigned long)p, 0, 0, 0);
	if (size && !fgft_range_add(&t->ranges, (unsigned long)p, size,
				    FGFT_PL_READ | FGFT_PL_WRITE | FGFT_PL_FRESH))
		fgft_count(range_table_full);
	return p;
}

WRAP(void *, __kmalloc_noprof, size_t size, gfp_t gfp)
{
	struct fgft_txn *t = fgft_in();

	if (!t)
		return __kmalloc_noprof(size, gfp);
	check_gfp(t, gfp);
	fgft_act_reserve(t, 1);
	return allocated(t, act_kfree, __kmalloc_noprof(size, gfp), size);
}

WRAP(void *, __kmalloc_cache_noprof, struct kmem_cache *s, gfp_t gfp, size_t size)
{
	struct fgft_txn *t = fgft_in();

	if (!t)
		return __kmalloc_cache_noprof(s, gfp, size);
	check_gfp(t, gfp);
	fgft_act_reserve(t, 1);
	return allocated(t, act_kfree, __kmalloc_cache_noprof(s, gfp, size), size);
}

WRAP(void *, kmemdup_noprof, const void *src, size_t len, gfp_t gfp)
{
	struct fgft_txn *t = fgft_in();

	if (!t)
		return kmemdup_noprof(src, len, gfp);
	check_gfp(t, gfp);
	fgft_check_read(t, src, len);
	fgft_act_reserve(t, 1);
	return allocated(t, act_kfree, kmemdup_noprof(src, len, gfp), len);
}

WRAP(void *, vmalloc_noprof, unsigned long size)
{
	struct fgft_txn *t = fgft_in();

	if (!t)
		return vmalloc_noprof(size);
	fgft_might_sleep(t);
	fgft_act_reserve(t, 1);
	return allocated(t, act_vfree, vmalloc_noprof(size), size);
}

static bool older_free(struct fgft_txn *t, fgft_act_fn fn, const void *p)
{
	u32 i;

	if (!p)
		return false;
	fgft_check_object(t, p);
	fgft_act_reserve(t, 1);
	for (i = 0; i < t->nr_acts; i++)
		if (t->acts[i].kind == FGFT_A_DEFER && t->acts[i].fn == fn &&
		    t->acts[i].a == (unsigned long)p)
			fgft_raise(t, FGFT_C_DOUBLE_FREE, (unsigned long)p, "freed twice");
	fgft_range_del(&t->ranges, (unsigned long)p);
	return true;
}

WRAP(void, kfree, const void *p)
{
	struct fgft_txn *t = fgft_in();

	if (!t)
		kfree(p);
	else if (older_free(t, act_kfree, p))
		fgft_defer(t, act_kfree, (unsigned long)p, 0, 0, 0);
}

WRAP(void, vfree, const void *p)
{
	struct fgft_txn *t = fgft_in();

	if (!t)
		vfree(p);
	else if (older_free(t, act_vfree, p))
		fgft_defer(t, act_vfree, (unsigned long)p, 0, 0, 0);
}

WRAP(void, kvfree, const void *p)
{
	struct fgft_txn *t = fgft_in();

	if (!t)
		kvfree(p);
	else if (older_free(t, act_kvfree, p))
		fgft_defer(t, act_kvfree, (unsigned long)p, 0, 0, 0);
}

/* c: size and attributes in one value */
static void act_dma_free(struct fgft_txn *t, struct fgft_act *a)
{
	dma_free_attrs((struct device *)a->d, (u32)a->c, (void *)a->a, a->b, a->c >> 32);
}

WRAP(void *, dma_alloc_attrs, struct device *dev, size_t size, dma_addr_t *handle,
	gfp_t gfp, unsigned long attrs)
{
	struct fgft_txn *t = fgft_in();
	void *p;
	bool log;

	if (!t)
		return dma_alloc_attrs(dev, size, handle, gfp, attrs);
	check_gfp(t, gfp);
	fgft_check_object(t, dev);
	fgft_act_reserve(t, 1);
	if (size > U32_MAX || attrs > U32_MAX)
		fgft_raise(t, FGFT_C_ARGUMENT, size, "absurd DMA allocation");
	log = out_before(t, handle, sizeof(*handle));
	p = dma_alloc_attrs(dev, size, handle, gfp, attrs);
	out_after(t, log, handle, sizeof(*handle));
	if (!p) {
		t->alloc_failed = true;
		return NULL;
	}
	fgft_undo(t, act_dma_free, (unsigned long)p, *handle, size | attrs << 32,
		  (unsigned long)dev);
	if (!fgft_range_add(&t->ranges, (unsigned long)p, size,
			    FGFT_PL_READ | FGFT_PL_WRITE | FGFT_PL_FRESH))
		fgft_count(range_table_full);
	return p;
}

WRAP(void, dma_free_attrs, struct device *dev, size_t size, void *p, dma_addr_t handle,
	unsigned long attrs)
{
	struct fgft_txn *t = fgft_in();

	if (!t) {
		dma_free_attrs(dev, size, p, handle, attrs);
		return;
	}
	fgft_check_object(t, dev);
	if (older_free(t, act_dma_free, p))
		fgft_defer(t, act_dma_free, (unsigned long)p, handle, size | attrs << 32,
			   (unsigned long)dev);
}

/* d: direction and attributes in one value */
static void act_dma_unmap(struct fgft_txn *t, struct fgft_act *a)
{
	dma_unmap_page_attrs((struct device *)a->b, a->a, a->c, (u8)a->d, a->d >> 8);
}

WRAP(dma_addr_t, dma_map_page_attrs, struct device *dev, struct page *page, size_t offset,
	size_t size, enum dma_data_direction dir, unsigned long attrs)
{
	struct fgft_txn *t = fgft_in();
	dma_addr_t addr;

	if (!t)
		return dma_map_page_attrs(dev, page, offset, size, dir, attrs);
	fgft_check_object(t, dev);
	fgft_check_object(t, page);
	fgft_act_reserve(t, 1);
	addr = dma_map_page_attrs(dev, page, offset, size, dir, attrs);
	if (addr == DMA_MAPPING_ERROR)
		t->alloc_failed = true;
	else
		fgft_undo(t, act_dma_unmap, addr, (unsigned long)dev, size, dir | attrs << 8);
	return addr;
}

/*
 * A mapping of this transaction goes away at once.  An older one cannot be had
 * back at the same address, so it stays until the commit; what the device has
 * put there is made visible now.
 */
WRAP(void, dma_unmap_page_attrs, struct device *dev, dma_addr_t addr, size_t size,
	enum dma_data_direction dir, unsigned long attrs)
{
	struct fgft_txn *t = fgft_in();
	struct fgft_act *a;

	if (!t) {
		dma_unmap_page_attrs(dev, addr, size, dir, attrs);
		return;
	}
	fgft_check_object(t, dev);
	fgft_act_reserve(t, 1);
	a = fgft_act_find(t, act_dma_unmap, addr);
	if (a && a->kind == FGFT_A_UNDO) {
		a->state = FGFT_A_DONE;
		dma_unmap_page_attrs(dev, addr, size, dir, attrs);
		return;
	}
	if (dir != DMA_TO_DEVICE && !(attrs & DMA_ATTR_SKIP_CPU_SYNC))
		dma_sync_single_for_cpu(dev, addr, size, dir);
	fgft_defer(t, act_dma_unmap, addr, (unsigned long)dev, size, dir | attrs << 8);
}
