// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
/*
 * campaign DEVICE DRIVER CALLS [--from N] [--only ENTRY[:KIND[:SITE]]] [--sites-per-kind N]
 *
 * Fires every fault kind at every site of every protected entry point, one at a
 * time, and judges what came of it. CALLS is a file with lines "FUNCTION CALL",
 * CALL as in `poke DEVICE list`. One line is printed before each fault
 *
 *     @start INDEX ENTRY SITE KIND
 *
 * and one record after it, so that a reader knows what a crash belongs to; a new
 * guest goes on with --from. The order of faults is that of fgft.ko's site table.
 */
#include "campaign.h"
#include "calls.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct options {
	const char *device, *driver;
	unsigned long from;
	char only_entry[64], only_kind[32];
	long only_site;
	unsigned int sites_per_kind;
};

static struct options options = { .only_site = -1 };
static struct site sites[SITES];
static int nr_sites;
static struct { char function[64]; const struct call *call; } targets[ENTRIES];
static int nr_targets;
static unsigned long position, done;

/* What was seen around one fault. */
struct trial {
	const char *function, *kind;
	const struct call *call;
	const struct site *site;
	struct entry before[ENTRIES], after[ENTRIES];
	int nr_before, nr_after;
	struct seen seen;
	long reached, fired, references;
	int error, next_error;
	uint64_t next_ns;
	bool pinged;
};

static long aborts_of(const struct trial *t, const char *function)
{
	const struct entry *before = entry_find(t->before, t->nr_before, function);
	const struct entry *after = entry_find(t->after, t->nr_after, function);

	return before && after ? after->aborts - before->aborts : 0;
}

/* The fault fired below another protected entry point that the call passes through. */
static bool elsewhere(const struct trial *t)
{
	if (aborts_of(t, t->function))
		return false;
	for (int i = 0; i < t->nr_after; i++)
		if (aborts_of(t, t->after[i].name))
			return true;
	return false;
}

static const struct site *site_again(unsigned int id)
{
	static struct site again[SITES];
	int count = sites_read(options.driver, again);

	for (int i = 0; i < count; i++)
		if (again[i].id == id)
			return &again[i];
	return NULL;
}

static int arm(const struct trial *t)
{
	char line[160];

	snprintf(line, sizeof(line), "%s %u %s 1", options.driver, t->site->id, t->kind);
	return file_write("/sys/kernel/debug/fgft/arm", line);
}

static void fire(struct trial *t)
{
	const struct site *fired;

	t->error = t->call->run();
	fired = site_again(t->site->id);
	t->reached = fired ? fired->reached : 0;
	t->fired = fired ? fired->fired : 0;
	file_write("/sys/kernel/debug/fgft/arm", "off");
}

static long references_now(void)
{
	char path[96], text[16];
	struct seen seen;

	/* Reading the carrier makes the kernel finish a pending link watch, which holds a reference. */
	snprintf(path, sizeof(path), "/sys/class/net/%s/carrier", options.device);
	file_read(path, text, sizeof(text));
	return seen_read(&seen) ? -1 : seen.references;
}

/* What must go on afterwards: the same call without the fault, and the network. */
static void go_on(struct trial *t)
{
	uint64_t begin;

	if (t->call == call_find("tx_timeout")) {
		/* Its restore runs as work; the registers are compared when that is over. */
		usleep(30000);
		file_write("/sys/kernel/debug/fgft_guest/control", "compare");
	}
	seen_read(&t->seen);
	t->next_error = t->call->prepare();
	begin = now_ns();
	if (!t->next_error)
		t->next_error = t->call->run();
	t->next_ns = now_ns() - begin;
	if (!t->next_error)
		t->next_error = interface_up();
	t->pinged = !t->next_error && ping_gateway(3);
	for (int wait = 0; wait < 10 && references_now() > t->references; wait++)
		usleep(100000);
	t->seen.references = references_now();
}

static const char *outcome(const struct trial *t, char *detail, size_t size)
{
	const struct entry *after = entry_find(t->after, t->nr_after, t->function);
	bool aborted = aborts_of(t, t->function) > 0;

	snprintf(detail, size, "%s:%s,cause=%s,error=%d", t->site->function, t->site->where,
		 aborted && after ? after->cause : "none", t->error);
	if (!t->fired)
		return "not-reached";
	if (t->seen.memory_different)
		snprintf(detail, size, "memory_differs:%s", t->seen.memory_first);
	else if (t->seen.registers_different && aborted)
		snprintf(detail, size, "register_differs:%s", t->seen.registers_first);
	else if (aborted && !t->seen.memory_compared)
		snprintf(detail, size, "memory_was_not_compared");
	else if (t->next_error)
		snprintf(detail, size, "next_call_failed:%d", t->next_error);
	else if (!t->pinged)
		snprintf(detail, size, "ping_failed");
	else if (t->seen.references > t->references)
		snprintf(detail, size, "references:%ld->%ld", t->references, t->seen.references);
	else
		return aborted ? "recovered" : "undetected-harmless";
	return "undetected-harm";
}

static void report(const struct trial *t)
{
	char detail[256];
	const char *word = outcome(t, detail, sizeof(detail));
	const struct entry *after = entry_find(t->after, t->nr_after, t->function);
	unsigned long long ns = 0;

	if (!strcmp(word, "recovered") && after)
		ns = after->last_ns + t->next_ns;
	/* Not-reached is said once, for the entry point that the site belongs to. */
	if (!strcmp(word, "not-reached") && strcmp(t->site->entry, t->function))
		return;
	printf("@record index=%lu entry=%s site=%u fault=%s outcome=%s recovery_ns=%llu detail=%s\n", position,
	       t->function, t->site->id, t->kind, word, ns, detail);
	fflush(stdout);
	done++;
}

/*
 * What no fault may do: taint the kernel (but for out-of-tree and unsigned), or
 * make fgft.ko switch itself off. Nothing after it would mean anything.
 */
static void still_whole(void)
{
	const long ours = 1 << 12 | 1 << 13;
	long taint = taint_read();

	if (taint < 0 || taint & ~ours)
		printf("campaign: the kernel is tainted: %ld\n", taint);
	else if (counter_read("armed") != 1)
		printf("campaign: fgft.ko has switched itself off\n");
	else
		return;
	exit(1);
}

/* Sites that a call went past once; the other kinds at a site that many share are not tried then. */
static bool unreached[ENTRIES][SITES];

static void try_one(int target, const struct site *site, const char *kind)
{
	const char *function = targets[target].function;
	const struct call *call = targets[target].call;
	static struct trial t;
	char marker[160];
	int error;

	memset(&t, 0, sizeof(t));
	t.function = function;
	t.kind = kind;
	t.call = call;
	t.site = site;
	snprintf(marker, sizeof(marker), "fgft-campaign: start %lu %s %u %s\n", position, function, site->id, kind);
	file_write("/dev/kmsg", marker);
	printf("@start %lu %s %u %s\n", position, function, site->id, kind);
	fflush(stdout);
	/* Counted with the interface up, before and after. */
	t.references = references_now();
	error = call->prepare();
	if (error) {
		printf("campaign: %s cannot be prepared: %s\n", call->name, strerror(-error));
		exit(1);
	}
	seen_read(&t.seen);
	t.nr_before = entries_read(options.driver, t.before);
	error = arm(&t);
	if (error) {
		printf("campaign: site %u %s cannot be armed: %s\n", site->id, kind, strerror(-error));
		exit(1);
	}
	fire(&t);
	t.nr_after = entries_read(options.driver, t.after);
	go_on(&t);
	unreached[target][site - sites] = !t.reached;
	still_whole();
	if (!elsewhere(&t))
		report(&t);
}

static bool shared(const struct site *site)
{
	return !strcmp(site->entry, "-");
}

static bool wanted(const char *function, const struct site *site, const char *kind)
{
	return (!*options.only_entry || !strcmp(options.only_entry, function)) &&
	       (!*options.only_kind || !strcmp(options.only_kind, kind)) &&
	       (options.only_site < 0 || options.only_site == (long)site->id);
}

static bool has_kind(const struct site *site, const char *kind)
{
	size_t length = strlen(kind);

	for (const char *at = site->kinds; (at = strstr(at, kind)); at += length)
		if ((at == site->kinds || at[-1] == ',') && (at[length] == 0 || at[length] == ','))
			return true;
	return false;
}

/* With --sites-per-kind, a few sites spread evenly over those of a kind. */
static bool sampled(unsigned int rank, unsigned int of)
{
	unsigned int most = options.sites_per_kind;

	if (!most || of <= most)
		return true;
	return (rank + 1) * most / of != rank * most / of;
}

static void one_kind(int target, const char *kind)
{
	const char *function = targets[target].function;
	unsigned int of = 0, rank = 0;

	for (int pass = 0; pass < 2; pass++) {
		for (int i = 0; i < nr_sites; i++) {
			const struct site *s = &sites[i];

			if ((strcmp(s->entry, function) && !shared(s)) || !has_kind(s, kind) ||
			    !wanted(function, s, kind))
				continue;
			if (!pass) {
				of++;
			} else if (sampled(rank++, of)) {
				if (position >= options.from && !(shared(s) && unreached[target][i]))
					try_one(target, s, kind);
				position++;
			}
		}
	}
}

static int read_targets(const char *path)
{
	static char text[8192];
	char *at = text, *line, function[64], name[64];
	long length = file_read(path, text, sizeof(text));

	if (length < 0)
		return length;
	while ((line = strsep(&at, "\n"))) {
		if (*line == '#' || sscanf(line, "%63s %63s", function, name) != 2)
			continue;
		targets[nr_targets].call = call_find(name);
		if (!targets[nr_targets].call) {
			fprintf(stderr, "campaign: %s: %s: no such call\n", path, name);
			return -1;
		}
		strcpy(targets[nr_targets++].function, function);
	}
	return 0;
}

static int usage(const char *what)
{
	fprintf(stderr, "campaign: %s\n", what);
	return 1;
}

static int read_options(int argc, char **argv)
{
	for (int i = 4; i + 1 < argc; i += 2) {
		if (!strcmp(argv[i], "--from"))
			options.from = strtoul(argv[i + 1], NULL, 10);
		else if (!strcmp(argv[i], "--sites-per-kind"))
			options.sites_per_kind = strtoul(argv[i + 1], NULL, 10);
		else if (!strcmp(argv[i], "--only"))
			sscanf(argv[i + 1], "%63[^:]:%31[^:]:%ld", options.only_entry, options.only_kind,
			       &options.only_site);
		else
			return usage("unknown option");
	}
	return 0;
}

int main(int argc, char **argv)
{
	long references;
	static const char *const kinds[] = { "null", "wild",	     "oob",	   "div",    "bug",
					     "loop", "lost-unlock", "alloc-fail", "garbage" };

	if (argc < 4)
		return usage("DEVICE DRIVER CALLS were expected");
	options.device = argv[1];
	options.driver = argv[2];
	if (read_options(argc, argv) || read_targets(argv[3]))
		return usage("bad arguments");
	if (calls_open(options.device) || interface_up())
		return usage("the device is not there or does not come up");
	sleep(2);
	references = references_now();
	nr_sites = sites_read(options.driver, sites);
	if (nr_sites <= 0)
		return usage("no fault sites: is this driver protected, and fgft.ko loaded?");
	for (int target = 0; target < nr_targets; target++)
		for (unsigned int k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++)
			one_kind(target, kinds[k]);
	/* Without a pending link change: no call may have kept a reference. */
	interface_up();
	sleep(3);
	if (references_now() > references) {
		printf("campaign: %ld references to the device before, %ld after\n", references, references_now());
		return 1;
	}
	printf("@done %lu faults, %d sites\n", done, nr_sites);
	return 0;
}
