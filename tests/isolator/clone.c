// Clones take along what an entry point reaches; calls in clones stay among clones; the driver's own code stays as it is.
// RUN: %protect set_value,set_other && %checked
#include "small.h"

int table[4];

static noinline int helper(int index, int value) {
  table[index & 3] = value;
  return value;
}

static noinline int unreached(int value) { return helper(value, value); }

static int set_value(struct thing *thing, int value) {
  thing->value = value;
  return helper(value, 7);
}

static int set_other(struct thing *thing, int value) {
  thing->other = value;
  return 0;
}

struct thing_ops ops = {set_value, set_other, unreached};

DRIVER_MODULE

// The protected function keeps its name and its place in the table of operations.
// CHECK: @ops = {{.*}}@set_value{{.*}}@set_other{{.*}}@unreached

// The original calls the original, as far as it has a body of its own; the protected function's is in the plain copy.
// CHECK-LABEL: define internal {{.*}}@set_value(
// CHECK: callbr
// CHECK: call {{.*}}@set_value.fgft.plain(
// CHECK-LABEL: define internal {{.*}}@unreached(
// CHECK-NOT: {{fgft_|callbr}}
// CHECK: ret
// CHECK-LABEL: define internal {{.*}}@helper(
// CHECK-NOT: fgft_
// CHECK: ret

// The clone lies in the clones' section, stores through the runtime, and calls the helper's clone. What is not reached has none.
// CHECK-NOT: @unreached.fgft
// CHECK-LABEL: define internal {{.*}}@set_value.fgft(
// CHECK-SAME: section ".text.fgft"
// CHECK: call void @fgft_store4(ptr
// CHECK: call {{.*}}@helper.fgft(
// CHECK-LABEL: define internal {{.*}}@helper.fgft(
// CHECK: call void @fgft_store4(
// CHECK-LABEL: define internal {{.*}}@set_value.fgft.plain(
// CHECK-NOT: {{fgft_|callbr}}
// CHECK: call {{.*}}@helper(
// CHECK: ret
