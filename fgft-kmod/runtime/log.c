// SPDX-License-Identifier: GPL-2.0-only
/*
 * The write set of a transaction and its rollback (rules 2 and 3).
 *
 * A word enters the set with its old value on the first write to it; later
 * writes only update what the transaction last wrote.  So the set is bounded by
 * the number of distinct words, and rollback needs no order.  Everything is
 * put back by compare-and-exchange: where memory no longer holds what the
 * transaction wrote, somebody else wrote, and theirs stays.
 */
#include <linux/hash.h>
#include <linux/uaccess.h>

#include "fgft.h"

void fgft_log_reset(struct fgft_log *l)
{
	u32 i;

	/* Only the used buckets: clearing them all would cost more than most runs. */
	for (i = 0; i < l->nr_words; i++) {
		u32 h = hash_64(l->words[i].addr, 13);

		while (l->hash[h]) {
			l->hash[h] = 0;
			h = (h + 1) % FGFT_WORD_HASH;
		}
	}
	l->nr_words = 0;
	l->nr_deltas = 0;
	l->limit = FGFT_WORDS;
}

static struct fgft_word *find(struct fgft_log *l, unsigned long word, u32 *slot)
{
	u32 h = hash_64(word, 13);

	while (l->hash[h]) {
		struct fgft_word *w = &l->words[l->hash[h] - 1];

		if (w->addr == word)
			return w;
		h = (h + 1) % FGFT_WORD_HASH;
	}
	*slot = h;
	return NULL;
}

/* The element of a word, made on first use; aborts t when the set is full. */
static struct fgft_word *get(struct fgft_txn *t, unsigned long word)
{
	struct fgft_log *l = &t->log;
	struct fgft_word *w;
	u32 slot;

	w = find(l, word, &slot);
	if (w)
		return w;
	if (l->nr_words >= l->limit)
		fgft_raise(t, FGFT_C_LOG_FULL, word, "undo log full");
	w = &l->words[l->nr_words];
	memset(w, 0, sizeof(*w));
	w->addr = word;
	l->hash[slot] = ++l->nr_words;
	return w;
}

static u64 byte_bits(u8 bytes)
{
	u64 m = 0;
	int i;

	for (i = 0; i < 8; i++)
		if (bytes & (1 << i))
			m |= 0xffull << (8 * i);
	return m;
}

/* Takes bytes into the element; their old value comes from memory `now`. */
static void cover(struct fgft_word *w, u8 bytes, u64 now)
{
	u8 fresh = bytes & ~w->bytes;
	u64 m = byte_bits(fresh) & ~w->bits;

	w->old = (w->old & ~m) | (now & m);
	w->cur = (w->cur & ~m) | (now & m);
	/* Bits that a bit operation touched keep their first old value. */
	w->bits &= ~byte_bits(bytes);
	w->bytes |= bytes;
}

/* One piece of a store that lies within one word. */
static void store_piece(struct fgft_txn *t, unsigned long p, u32 size, u64 value)
{
	unsigned long word = p & ~7ul;
	u32 off = p & 7;
	u8 bytes = ((1u << size) - 1) << off;
	u64 now = fgft_probe_read((void *)word);
	struct fgft_word *w = get(t, word);
	u64 m = byte_bits(bytes);

	cover(w, bytes, now);
	w->cur = (w->cur & ~m) | ((value << (8 * off)) & m);
	w->joined |= ((1u << (size - 1)) - 1) << off;
	w->unsure &= ~bytes;
}

void fgft_log_store(struct fgft_txn *t, unsigned long p, u64 size, u64 value)
{
	u32 room = 8 - (p & 7);

	if (size <= room) {
		store_piece(t, p, size, value);
		return;
	}
	store_piece(t, p, room, value);
	store_piece(t, p + room, size - room, value >> (8 * room));
}

/* Somebody else is about to write [p, p + len): remember it, cur unknown. */
void fgft_log_before(struct fgft_txn *t, unsigned long p, u64 len)
{
	while (len) {
		unsigned long word = p & ~7ul;
		u32 off = p & 7, n = min_t(u64, 8 - off, len);
		u8 bytes = ((1u << n) - 1) << off;
		u64 now = fgft_probe_read((void *)word);
		struct fgft_word *w = get(t, word);

		cover(w, bytes, now);
		w->unsure |= bytes;
		p += n;
		len -= n;
	}
}

/* ... and has written it: what is there now is the transaction's. */
void fgft_log_after(struct fgft_txn *t, unsigned long p, u64 len)
{
	while (len) {
		unsigned long word = p & ~7ul;
		u32 slot, off = p & 7, n = min_t(u64, 8 - off, len);
		u8 bytes = ((1u << n) - 1) << off;
		struct fgft_word *w = find(&t->log, word, &slot);
		u64 m = byte_bits(bytes);

		if (w) {
			w->cur = (w->cur & ~m) | (fgft_probe_read((void *)word) & m);
			w->unsure &= ~bytes;
		}
		p += n;
		len -= n;
	}
}

/* A bit operation on the word(s) at p: mask bits become `set`, or flip. */
void fgft_log_bits(struct fgft_txn *t, unsigned long p, u64 size, u64 mask,
		   u64 set, bool flip)
{
	unsigned long word = p & ~7ul;
	u32 off = 8 * (p & 7);
	u64 now = fgft_probe_read((void *)word);
	struct fgft_word *w = get(t, word);
	u64 m = (size < 8 ? mask & ((1ull << (8 * size)) - 1) : mask) << off;
	u64 fresh = m & ~(w->bits | byte_bits(w->bytes));

	if (off + 8 * size > 64)
		fgft_raise(t, FGFT_C_ARGUMENT, p, "bit operation across words");
	w->old = (w->old & ~fresh) | (now & fresh);
	w->cur = (w->cur & ~fresh) | (now & fresh);
	w->cur = flip ? w->cur ^ m : (w->cur & ~m) | ((set << off) & m);
	w->bits |= m & ~byte_bits(w->bytes);
}

/* A compare-and-exchange that succeeded: both values are known exactly. */
void fgft_log_known(struct fgft_txn *t, unsigned long p, u64 size, u64 old, u64 new)
{
	u64 m = (size < 8 ? (1ull << (8 * size)) - 1 : ~0ull) << (8 * (p & 7));
	u32 slot;
	struct fgft_word *w = find(&t->log, p & ~7ul, &slot);
	bool fresh = !w || !(w->bytes & (((1u << size) - 1) << (p & 7)));

	fgft_log_store(t, p, size, new);
	w = find(&t->log, p & ~7ul, &slot);
	if (w && fresh)
		w->old = (w->old & ~m) | ((old << (8 * (p & 7))) & m);
}

void fgft_log_delta(struct fgft_txn *t, unsigned long p, u64 size, s64 delta)
{
	struct fgft_log *l = &t->log;
	u32 slot, i, off = 8 * (p & 7);
	struct fgft_word *w = find(l, p & ~7ul, &slot);
	u8 bytes = ((1u << size) - 1) << (p & 7);

	/* Stored by this transaction before: the sum is what it last wrote. */
	if (w && (w->bytes & bytes) == bytes) {
		u64 m = byte_bits(bytes);
		u64 sum = ((w->cur >> off) + delta) << off;

		w->cur = (w->cur & ~m) | (sum & m);
		return;
	}
	for (i = 0; i < l->nr_deltas; i++) {
		if (l->deltas[i].addr == p && l->deltas[i].size == size) {
			l->deltas[i].delta += delta;
			return;
		}
	}
	if (l->nr_deltas == FGFT_DELTAS)
		fgft_raise(t, FGFT_C_LOG_FULL, p, "too many atomic counters");
	fgft_probe_byte((void *)p);
	l->deltas[l->nr_deltas++] = (struct fgft_delta){ p, delta, size, 0 };
}

/*
 * A committed inner transaction of the same driver becomes part of the outer
 * one.  False when it does not fit.
 */
bool fgft_log_merge(struct fgft_txn *to, struct fgft_txn *from)
{
	struct fgft_log *l = &to->log;
	u32 i, slot;

	if (l->nr_words + from->log.nr_words > l->limit ||
	    l->nr_deltas + from->log.nr_deltas > FGFT_DELTAS)
		return false;
	for (i = 0; i < from->log.nr_words; i++) {
		const struct fgft_word *f = &from->log.words[i];
		struct fgft_word *w = find(l, f->addr, &slot);
		u64 m = byte_bits(f->bytes) | f->bits;
		u64 fresh;

		if (!w)
			w = get(to, f->addr);
		fresh = m & ~(byte_bits(w->bytes) | w->bits);
		w->old = (w->old & ~fresh) | (f->old & fresh);
		w->cur = (w->cur & ~m) | (f->cur & m);
		w->bytes |= f->bytes;
		w->joined |= f->joined;
		w->unsure |= f->unsure;
		w->bits = (w->bits | f->bits) & ~byte_bits(w->bytes);
	}
	for (i = 0; i < from->log.nr_deltas; i++)
		l->deltas[l->nr_deltas++] = from->log.deltas[i];
	return true;
}

/* -------------------------------------------------------------- rollback */

static bool readable(unsigned long word)
{
	u64 dummy;

	return !copy_from_kernel_nofault(&dummy, (void *)word, sizeof(dummy));
}

static void conflict(struct fgft_txn *t)
{
	t->conflicts++;
	fgft_count(conflicts);
}

static bool swap_unit(unsigned long p, u32 size, u64 from, u64 to)
{
	switch (size) {
	case 1:
		return cmpxchg((u8 *)p, (u8)from, (u8)to) == (u8)from;
	case 2:
		return cmpxchg((u16 *)p, (u16)from, (u16)to) == (u16)from;
	case 4:
		return cmpxchg((u32 *)p, (u32)from, (u32)to) == (u32)from;
	default:
		return cmpxchg((u64 *)p, from, to) == from;
	}
}

/* Restores n joined bytes from offset off: whole where they are aligned. */
static void undo_unit(struct fgft_txn *t, struct fgft_word *w, u32 off, u32 n)
{
	bool power = n == 1 || n == 2 || n == 4 || n == 8;
	u8 bytes = ((1u << n) - 1) << off;
	u64 m = byte_bits(bytes);
	u64 now, next;

	if ((w->unsure & bytes) == 0 && power && !(off & (n - 1))) {
		if (!swap_unit(w->addr + off, n, w->cur >> (8 * off), w->old >> (8 * off)))
			conflict(t);
		return;
	}
	/* Odd or unaligned units, and half-done writes of kernel functions. */
	now = READ_ONCE(*(u64 *)w->addr);
	do {
		if (!(w->unsure & bytes) && ((now ^ w->cur) & m)) {
			conflict(t);
			return;
		}
		next = (now & ~m) | (w->old & m);
	} while (!try_cmpxchg((u64 *)w->addr, &now, next));
}

static void undo_bits(struct fgft_txn *t, struct fgft_word *w)
{
	u64 now = READ_ONCE(*(u64 *)w->addr), mine;

	do {
		mine = w->bits & ~(now ^ w->cur);
	} while (!try_cmpxchg((u64 *)w->addr, &now, (now & ~mine) | (w->old & mine)));
	if (mine != w->bits) {
		conflict(t);
		fgft_count(conflict_bits);
	}
}

static void undo_word(struct fgft_txn *t, struct fgft_word *w)
{
	u32 i = 0, n;

	while (i < 8) {
		if (!(w->bytes & (1 << i))) {
			i++;
			continue;
		}
		for (n = 1; i + n < 8 && (w->joined & (1 << (i + n - 1))); n++)
			;
		undo_unit(t, w, i, n);
		i += n;
	}
	if (w->bits)
		undo_bits(t, w);
}

static void undo_delta(const struct fgft_delta *d)
{
	switch (d->size) {
	case 1:
		xadd((u8 *)d->addr, (u8)-d->delta);
		break;
	case 2:
		xadd((u16 *)d->addr, (u16)-d->delta);
		break;
	case 4:
		xadd((u32 *)d->addr, (u32)-d->delta);
		break;
	default:
		xadd((u64 *)d->addr, (u64)-d->delta);
	}
}

void fgft_log_rollback(struct fgft_txn *t)
{
	struct fgft_log *l = &t->log;
	u32 i;

	for (i = l->nr_words; i-- > 0;) {
		if (readable(l->words[i].addr))
			undo_word(t, &l->words[i]);
		else
			conflict(t);
	}
	for (i = 0; i < l->nr_deltas; i++) {
		if (readable(l->deltas[i].addr & ~7ul))
			undo_delta(&l->deltas[i]);
		else
			conflict(t);
	}
}
