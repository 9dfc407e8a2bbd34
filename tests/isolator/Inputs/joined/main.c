// The file with the module's init function and one entry point, which stores through the other file.
#include "small.h"

int other_store(struct thing *thing, int value);
int other_reset(struct thing *thing);

static int set_value(struct thing *thing, int value) {
  thing->value = value;
  return other_store(thing, value + 1);
}

static int set_other(struct thing *thing, int value) { return other_reset(thing); }

struct thing_ops ops = {set_value, set_other};

DRIVER_MODULE
