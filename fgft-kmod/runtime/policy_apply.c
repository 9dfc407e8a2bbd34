// SPDX-License-Identifier: GPL-2.0-only
/*
 * Parses a whole policy text into new per-entry policies, and swaps them in
 * only when every line was good.
 *
 *	fgft-policy 1
 *	driver NAME
 *	module NAME
 *	kernel BUILD-ID
 *	sources SHA256
 *	entry NAME mode=M when=W count=N log_full=F on_abort=A context=C
 *	      log_bytes=N loops=N wall_ms=N	(one line)
 *	end NUMBER-OF-ENTRY-LINES
 *
 * Several drivers: driver ... entry blocks one after the other.
 */
#include <linux/jump_label.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "compat/compat.h"
#include "fgft.h"

#define LINE_MAX	256
#define DRIVERS_MAX	16

struct block {
	struct fgft_driver_rt *rt;
	struct fgft_policy *policies;
	unsigned long *seen;
};

struct parser {
	char *err;
	size_t err_len;
	u32 line, entries, nr_blocks;
	bool end;
	char driver[65], module[65], kernel[65];
	int stage;		/* index of want[] in header_line, 5: entries */
	struct block blocks[DRIVERS_MAX];
};

static int __printf(2, 3) fail(struct parser *p, const char *fmt, ...)
{
	int n = scnprintf(p->err, p->err_len, "error: line %u: ", p->line);
	va_list va;

	va_start(va, fmt);
	vscnprintf(p->err + n, p->err_len - n, fmt, va);
	va_end(va);
	return -EINVAL;
}

/* Switches a driver's keys to what its entries and the runtime say. */
void fgft_keys_set(struct fgft_driver_rt *rt)
{
	bool any = false;
	u32 i, pass;

	for (i = 0; i < rt->drv->nr_entries; i++)
		any |= rt->entries[i].on;
	for (pass = 0; pass < 2; pass++) {
		for (i = 0; i < rt->drv->nr_entries; i++) {
			struct fgft_entry *e = &rt->drv->entries[i];
			struct fgft_entry_rt *r = &rt->entries[i];
			bool callback = e->flags & FGFT_EF_CALLBACK;
			bool on = READ_ONCE(fgft_armed) && (callback ? any : r->on);

			/* call-backs are on before and off after the entries */
			if (callback != (on ? pass == 0 : pass == 1))
				continue;
			if (on && !r->key_on)
				static_key_enable(e->key);
			else if (!on && r->key_on)
				static_key_disable(e->key);
			r->key_on = on;
		}
	}
}

static struct fgft_driver_rt *find_driver(const char *name, const char *module)
{
	struct fgft_driver_rt *d;

	list_for_each_entry(d, &fgft_drivers, node)
		if (!strcmp(d->drv->name, name) && !strcmp(module_name(d->drv->owner), module))
			return d;
	return NULL;
}

static int begin_block(struct parser *p, const char *sources)
{
	struct fgft_driver_rt *d = find_driver(p->driver, p->module);
	struct block *b;
	u32 i;

	if (!d)
		return fail(p, "no protected driver %s of module %s is loaded", p->driver, p->module);
	if (!(d->drv->flags & FGFT_DF_TEST) && strcmp(d->drv->source_hash, sources))
		return fail(p, "sources %.16s...: the module was built from %.16s...",
			    sources, d->drv->source_hash);
	for (i = 0; i < p->nr_blocks; i++)
		if (p->blocks[i].rt == d)
			return fail(p, "driver %s appears twice", p->driver);
	if (p->nr_blocks == DRIVERS_MAX)
		return fail(p, "more than %d drivers", DRIVERS_MAX);
	b = &p->blocks[p->nr_blocks];
	b->policies = kvcalloc(d->drv->nr_entries, sizeof(*b->policies), GFP_KERNEL);
	b->seen = kvcalloc(BITS_TO_LONGS(d->drv->nr_entries) ?: 1, sizeof(long), GFP_KERNEL);
	b->rt = d;
	p->nr_blocks++;
	if (!b->policies || !b->seen)
		return fail(p, "out of memory");
	return 0;
}

static int parse_number(struct parser *p, const char *key, const char *v, u64 max, u64 *out)
{
	if (kstrtou64(v, 10, out) || *out > max)
		return fail(p, "%s: expected a number up to %llu, found %.40s", key, max, v);
	return 0;
}

static int choice(struct parser *p, const char *key, const char *v,
		  const char *const *words, u32 n, u32 *out)
{
	int i = match_string(words, n, v);

	if (i < 0)
		return fail(p, "%s: unknown value %.40s", key, v);
	*out = i;
	return 0;
}

static const char *const modes[] = { "transaction", "commit-before", "refuse" };
static const char *const whens[] = { "always", "after-failures", "first-calls",
				     "unprivileged", "never" };
static const enum fgft_when when_of[] = { FGFT_W_ALWAYS, FGFT_W_AFTER, FGFT_W_FIRST,
					  FGFT_W_UNPRIV, FGFT_W_OFF };
static const char *const fulls[] = { "abort", "retry-plain" };
static const char *const aborts[] = { "fail", "retry-plain" };
static const char *const contexts[] = { "direct", "gate" };
static const char *const keys[] = { "mode", "when", "count", "log_full", "on_abort",
				    "context", "log_bytes", "loops", "wall_ms" };

static int pair(struct parser *p, const char *key, const char *v, struct fgft_policy *pol,
		u32 *mode, u32 *have)
{
	int k = match_string(keys, ARRAY_SIZE(keys), key), ret;
	u32 c = 0;

	if (k < 0)
		return fail(p, "unknown key %.40s", key);
	if (*have & (1u << k))
		return fail(p, "%s appears twice", key);
	*have |= 1u << k;
	switch (k) {
	case 0:
		return choice(p, key, v, modes, ARRAY_SIZE(modes), mode);
	case 1:
		ret = choice(p, key, v, whens, ARRAY_SIZE(whens), &c);
		pol->when = when_of[c];
		return ret;
	case 2:
		return parse_number(p, key, v, U32_MAX, &pol->n);
	case 3:
		ret = choice(p, key, v, fulls, ARRAY_SIZE(fulls), &c);
		pol->retry_full = c;
		return ret;
	case 4:
		ret = choice(p, key, v, aborts, ARRAY_SIZE(aborts), &c);
		pol->retry_plain = c;
		return ret;
	case 5:
		ret = choice(p, key, v, contexts, ARRAY_SIZE(contexts), &c);
		pol->gate = c;
		return ret;
	case 6:
		return parse_number(p, key, v, 64 << 20, &pol->log_bytes);
	case 7:
		return parse_number(p, key, v, 1ull << 40, &pol->budget);
	default:
		return parse_number(p, key, v, 600000, &pol->wall_ms);
	}
}

static int entry_line(struct parser *p, char *name, char *rest)
{
	struct block *b = &p->blocks[p->nr_blocks - 1];
	struct fgft_driver *d = b->rt->drv;
	struct fgft_policy pol = { .when = FGFT_W_OFF };
	u32 i, mode = ~0u, have = 0;
	char *word, *v;
	int ret;

	for (i = 0; i < d->nr_entries && strcmp(d->entries[i].name, name); i++)
		;
	while ((word = strsep(&rest, " "))) {
		v = strchr(word, '=');
		if (!v)
			return fail(p, "expected key=value, found %.40s", word);
		*v++ = 0;
		ret = pair(p, word, v, &pol, &mode, &have);
		if (ret)
			return ret;
	}
	if (!(have & 1))
		return fail(p, "entry %.40s: mode is missing", name);
	p->entries++;
	if (mode == 2) {	/* refused: no stub was built, or it stays off */
		if (i < d->nr_entries)
			set_bit(i, b->seen);
		return 0;
	}
	if (have != (1u << ARRAY_SIZE(keys)) - 1)
		return fail(p, "entry %.40s: not every key is given", name);
	if (i == d->nr_entries)
		return fail(p, "%.40s was not built as an entry point of this driver", name);
	if (d->entries[i].flags & FGFT_EF_CALLBACK)
		return fail(p, "%.40s is a call-back and has no policy", name);
	if (test_and_set_bit(i, b->seen))
		return fail(p, "entry %.40s appears twice", name);
	b->policies[i] = pol;
	return 0;
}

static int header_line(struct parser *p, char *word, char *value)
{
	static const char *const want[] = { "fgft-policy", "driver", "module", "kernel", "sources" };

	if (strcmp(word, want[p->stage]))
		return fail(p, "expected %s, found %.40s", want[p->stage], word);
	if (!value || strchr(value, ' ') || strlen(value) > 64)
		return fail(p, "%s: expected one word of at most 64 characters", word);
	switch (p->stage++) {
	case 0:
		return strcmp(value, "1") ? fail(p, "version %.20s is not known", value) : 0;
	case 1:
		strscpy(p->driver, value, sizeof(p->driver));
		return 0;
	case 2:
		strscpy(p->module, value, sizeof(p->module));
		return 0;
	case 3:
		strscpy(p->kernel, value, sizeof(p->kernel));
		if (strcmp(value, fgft_compat_build_id()))
			return fail(p, "kernel %.16s...: this one is %.16s...", value,
				    fgft_compat_build_id());
		return 0;
	default:
		return begin_block(p, value);
	}
}

static int one_line(struct parser *p, char *line)
{
	char *rest = line, *word = strsep(&rest, " ");
	u64 n;

	if (p->end)
		return fail(p, "text behind the `end` line");
	if (p->stage == 5 && !strcmp(word, "driver"))
		p->stage = 1;
	if (p->stage < 5)
		return header_line(p, word, rest);
	if (!strcmp(word, "entry")) {
		word = strsep(&rest, " ");
		return word && rest ? entry_line(p, word, rest) : fail(p, "entry: name and keys expected");
	}
	if (strcmp(word, "end"))
		return fail(p, "expected entry, driver or end, found %.40s", word);
	if (!rest || parse_number(p, "end", rest, U32_MAX, &n))
		return fail(p, "end: expected the number of entry lines");
	if (n != p->entries)
		return fail(p, "end says %llu entry lines, there are %u", n, p->entries);
	p->end = true;
	return 0;
}

static void swap_in(struct parser *p)
{
	struct fgft_driver_rt *d;
	u32 i, j;

	list_for_each_entry(d, &fgft_drivers, node) {
		struct block *b = NULL;

		for (i = 0; i < p->nr_blocks; i++)
			if (p->blocks[i].rt == d)
				b = &p->blocks[i];
		for (j = 0; j < d->drv->nr_entries; j++) {
			struct fgft_entry_rt *r = &d->entries[j];

			WRITE_ONCE(r->on, false);
			if (b)
				r->policy = b->policies[j];
			else
				memset(&r->policy, 0, sizeof(r->policy));
			atomic64_set(&r->failures, 0);
			WRITE_ONCE(r->on, r->policy.when != FGFT_W_OFF);
		}
		fgft_keys_set(d);
	}
}

/* text is changed.  0, or -EINVAL with what and where in err. */
int fgft_policy_apply(char *text, char *err, size_t len)
{
	struct parser *p = kzalloc(sizeof(*p), GFP_KERNEL);
	char *line;
	int ret = 0;
	u32 i;

	if (!p)
		return -ENOMEM;
	p->err = err;
	p->err_len = len;
	mutex_lock(&fgft_mutex);
	if (!READ_ONCE(fgft_armed))
		ret = fail(p, "the runtime has switched itself off");
	while (!ret && (line = strsep(&text, "\n"))) {
		p->line++;
		if (!*line || *line == '#')
			continue;
		ret = strlen(line) > LINE_MAX ? fail(p, "longer than %d characters", LINE_MAX) :
						one_line(p, line);
	}
	if (!ret && !p->end)
		ret = fail(p, "the `end` line is missing");
	if (!ret)
		swap_in(p);
	mutex_unlock(&fgft_mutex);
	for (i = 0; i < p->nr_blocks; i++) {
		kvfree(p->blocks[i].policies);
		kvfree(p->blocks[i].seen);
	}
	kfree(p);
	return ret;
}
