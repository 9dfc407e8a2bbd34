// The file with what the entry point reaches, with an entry point of its own, and with something that nobody reaches.
#include "small.h"

static noinline void deep(struct thing *thing, int value) { thing->words[0] = value; }

int other_store(struct thing *thing, int value) {
  thing->other = value;
  deep(thing, value);
  return 0;
}

int other_reset(struct thing *thing) {
  never_undone(0);
  return 0;
}

static int spare(struct thing *thing, int value) {
  thing->length = value;
  return 0;
}

struct thing_ops other_ops = {0, spare};
