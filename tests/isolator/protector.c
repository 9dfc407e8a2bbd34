// Clones never reach __stack_chk_fail, which panics (rule 10); the driver's own code keeps its protector. Nothing of ftrace is
// in a clone.
// RUN: rm -rf %t.d && mkdir -p %t.d && cp %s %t.d/ && sh %S/Inputs/make-config.sh set_value %t.d/protector.c %t.d/small.fgft
// RUN: cd %t.d && env FGFT_CONFIG=small.fgft FGFT_SOURCE=. FGFT_KERNEL=6.12.0-test %assembly -fstack-protector-strong -pg -mfentry -o out.s protector.c
// RUN: FileCheck %s --input-file=%t.d/out.s
#include "small.h"

static int set_value(struct thing *thing, int value) {
  u32 local[16];
  fill_words(local, sizeof(local));
  thing->value = local[value & 15];
  return 0;
}

static int set_other(struct thing *thing, int value) {
  u32 local[16];
  fill_words(local, sizeof(local));
  thing->other = local[value & 15];
  return 0;
}

struct thing_ops ops = {set_value, set_other};

DRIVER_MODULE

// CHECK-LABEL: {{^}}set_value:
// CHECK: __fentry__
// CHECK-LABEL: {{^}}set_other:
// CHECK: __fentry__
// CHECK: __stack_chk_fail
// CHECK-LABEL: {{^}}set_value.fgft:
// CHECK-NOT: {{__stack_chk_fail|__fentry__}}
// CHECK: {{^}}set_value.fgft.plain:
// CHECK: __stack_chk_fail
