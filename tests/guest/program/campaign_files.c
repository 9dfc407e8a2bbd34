// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
/* See campaign.h. The first line of a file that starts with # names its columns; only those names are relied on. */
#include "campaign.h"
#include "calls.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FGFT "/sys/kernel/debug/fgft/"
#define COLUMNS 32

static char text[1 << 20];

/* The next line of a table split into words; the number of words, 0 at the end. */
static int split(char **at, char **words)
{
	char *line, *save = NULL;
	int count = 0;

	do {
		line = strsep(at, "\n");
	} while (line && !*line);
	if (!line)
		return 0;
	for (char *word = strtok_r(line, " ", &save); word && count < COLUMNS; word = strtok_r(NULL, " ", &save))
		words[count++] = word;
	return count;
}

struct table {
	char *at;
	char *names[COLUMNS];
	int columns;
};

/* Opens a table; the words after the # are its columns. */
static int table_open(struct table *table, const char *path)
{
	long length = file_read(path, text, sizeof(text));
	char *words[COLUMNS];
	int count;

	if (length < 0)
		return length;
	table->at = text;
	count = split(&table->at, words);
	table->columns = count - 1;
	for (int i = 1; i < count; i++)
		table->names[i - 1] = words[i];
	return 0;
}

static const char *cell(const struct table *table, char **words, int count, const char *name)
{
	for (int i = 0; i < table->columns && i < count; i++)
		if (!strcmp(table->names[i], name))
			return words[i];
	return "0";
}

static void copy(char *to, size_t size, const char *from)
{
	snprintf(to, size, "%s", from);
}

int entries_read(const char *driver, struct entry *entries)
{
	struct table table;
	char *words[COLUMNS];
	int rows = 0, count, error = table_open(&table, FGFT "entries");

	if (error)
		return error;
	while ((count = split(&table.at, words)) > 0 && rows < ENTRIES) {
		struct entry *e = &entries[rows];

#define NUMBER(name) strtol(cell(&table, words, count, name), NULL, 10)
		if (strcmp(words[0], driver))
			continue;
		copy(e->name, sizeof(e->name), cell(&table, words, count, "entry"));
		copy(e->cause, sizeof(e->cause), cell(&table, words, count, "last_cause"));
		e->on = NUMBER("on");
		e->calls = NUMBER("calls");
		e->plain = NUMBER("plain");
		e->commits = NUMBER("commits");
		e->aborts = NUMBER("aborts");
		e->busy = NUMBER("busy");
		e->refused = NUMBER("not_eligible");
		e->last_ns = NUMBER("last_ns");
		rows++;
	}
	return rows;
}

int sites_read(const char *driver, struct site *sites)
{
	struct table table;
	char *words[COLUMNS];
	int rows = 0, count, error = table_open(&table, FGFT "sites");

	if (error)
		return error;
	while ((count = split(&table.at, words)) > 0 && rows < SITES) {
		struct site *s = &sites[rows];

		if (strcmp(words[0], driver))
			continue;
		s->id = NUMBER("id");
		copy(s->entry, sizeof(s->entry), cell(&table, words, count, "entry"));
		copy(s->function, sizeof(s->function), cell(&table, words, count, "function"));
		copy(s->where, sizeof(s->where), cell(&table, words, count, "file:line"));
		copy(s->kinds, sizeof(s->kinds), cell(&table, words, count, "kinds"));
		s->reached = NUMBER("reached");
		s->fired = NUMBER("fired");
		rows++;
	}
	return rows;
}

const struct entry *entry_find(const struct entry *entries, int count, const char *name)
{
	for (int i = 0; i < count; i++)
		if (!strcmp(entries[i].name, name))
			return &entries[i];
	return NULL;
}

int seen_read(struct seen *seen)
{
	char *at = text, *words[COLUMNS];
	long length = file_read("/sys/kernel/debug/fgft_guest/status", text, sizeof(text));
	int count;

	memset(seen, 0, sizeof(*seen));
	if (length < 0)
		return length;
	while ((count = split(&at, words)) > 0) {
		if (count < 2)
			continue;
#define TAKE(name) if (!strcmp(words[0], #name)) seen->name = strtol(words[1], NULL, 10)
		TAKE(memory_compared);
		TAKE(memory_different);
		TAKE(registers_compared);
		TAKE(registers_different);
		TAKE(references);
		if (!strcmp(words[0], "memory_first"))
			copy(seen->memory_first, sizeof(seen->memory_first), words[1]);
		if (!strcmp(words[0], "registers_first"))
			copy(seen->registers_first, sizeof(seen->registers_first), words[1]);
	}
	return 0;
}

long counter_read(const char *name)
{
	char *at = text, *words[COLUMNS];
	int count;

	if (file_read(FGFT "counters", text, sizeof(text)) < 0)
		return -1;
	while ((count = split(&at, words)) > 0)
		if (count > 1 && !strcmp(words[0], name))
			return strtol(words[1], NULL, 10);
	return -1;
}

long taint_read(void)
{
	char number[32];

	return file_read("/proc/sys/kernel/tainted", number, sizeof(number)) < 0 ? -1 : strtol(number, NULL, 10);
}
