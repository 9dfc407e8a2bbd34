// What nobody vouches for stops the build, with the place and the chain of calls from the entry point.
// RUN: not %protect set_value 2> %t.err; %messages
// RUN: not %protect set_other 2> %t.err; %messages --check-prefix=LEVEL
// RUN: %protect spare && FileCheck %s --check-prefix=DEAD --input-file=%t.d/out.ll
// RUN: not %protect turns 2> %t.err; %messages --check-prefix=RECURSION
#include "small.h"

static noinline void deep(int value) { nobody_knows(value); }
static void middle(int value) { deep(value + 1); }

static int set_value(struct thing *thing, int value) {
  thing->value = value;
  middle(value);
  return 0;
}
// CHECK: refuse.c:[[# @LINE - 8]]: fgft: no model row for the kernel function nobody_knows (set_value -> middle -> deep)

static int set_other(struct thing *thing, int value) {
  never_undone(value);
  return 0;
}
// LEVEL: refuse.c:[[# @LINE - 3]]: fgft: never_undone cannot be undone ({{.*}}wrappers.csv:{{[0-9]+}}) (set_other)

// A call in code that the optimiser proves dead harms nobody.
static int spare(struct thing *thing, int value) {
  if (sizeof(thing->value) != 4)
    nobody_knows(value);
  thing->value = value;
  return 0;
}
// DEAD: @spare.fgft(

// The stack ends before any budget: recursion is refused.
static noinline int again(struct thing *thing, int value) {
  thing->words[value] = value;
  return value ? again(thing, value - 1) + again(thing, value / 2) : 0;
}
static int turns(struct thing *thing, int value) { return again(thing, value); }
// RECURSION: fgft: the recursion of again is bound by nothing (turns -> again)

struct thing_ops ops = {set_value, set_other, (void *)spare};
void *more = turns;

DRIVER_MODULE
