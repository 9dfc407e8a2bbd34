// Kernel calls of a clone go to fgft.ko, by each alias of the model's row; a call that is safe as it is stays, and what it
// writes for the driver is logged before.
// RUN: %protect set_value && %checked
// RUN: sed -n 's/^\/\/ HELD: //p' %s > %t.entries && %protect %t.entries && FileCheck %s --check-prefix=HOLD --input-file=%t.d/out.ll
// RUN: sed -n 's/^\/\/ COMMIT: //p' %s > %t.commit && %protect %t.commit && FileCheck %s --check-prefix=BEFORE --input-file=%t.d/out.ll
#include "small.h"

static int set_value(struct thing *thing, int value) {
  u32 local[2];
  take_lock_nested(&thing->lock);
  fill_words(thing->words, 8);
  fill_words(local, sizeof(local));
  thing->value = local[1];
  drop_lock(&thing->lock);
  return value;
}

static int set_other(struct thing *thing, int value) {
  take_lock(&thing->lock);
  thing->other = value;
  drop_lock(&thing->lock);
  return 0;
}

struct thing_ops ops = {set_value, set_other};

DRIVER_MODULE

// An unprotected function keeps its calls.
// CHECK-LABEL: define internal {{.*}}@set_other(
// CHECK: call {{.*}}@take_lock(
// CHECK-LABEL: define internal {{.*}}@set_value.fgft(
// CHECK: call {{.*}}@fgft_w_take_lock(
// CHECK: call void @fgft_store(ptr {{.*}}, i64 8)
// CHECK-NEXT: call void @fill_words(
// CHECK-NEXT: call void @fgft_stored(ptr {{.*}}, i64 8)
// CHECK: call void @fill_words(
// CHECK: call {{.*}}@fgft_w_drop_lock(

// CHECK-LABEL: define internal {{.*}}@set_value.fgft.plain(
// CHECK: call {{.*}}@take_lock_nested(
// CHECK: call {{.*}}@drop_lock(

// The config may say that a release is held back to the commit.
// HELD: "calls": [ { "call": "drop_lock", "action": "defer" } ],
// HELD: "entry_points": [ { "function": "set_value", "kind": "config", "mode": "transaction", "why": "test",
// HELD:   "access": [ { "object": "thing", "type": "struct thing", "mode": "rw" } ],
// HELD:   "checkpoint": null, "failure": "-EIO", "policy": { "when": "always" } } ]
// HOLD-LABEL: define internal {{.*}}@set_value.fgft(
// HOLD: call {{.*}}@fgft_h_drop_lock(

// Rule 5: the transaction ends before the call, and what the model would refuse is then allowed.
static int post(struct thing *thing, int value) {
  thing->value = value;
  never_undone(value);
  thing->other = value;
  return 0;
}
void *more = post;
// COMMIT: "calls": [ { "call": "never_undone", "action": "commit-before" } ],
// COMMIT: "entry_points": [ { "function": "post", "kind": "core I/O", "mode": "commit-before", "why": "test",
// COMMIT:   "access": [ { "object": "thing", "type": "struct thing", "mode": "rw" } ],
// COMMIT:   "checkpoint": null, "failure": "-EIO", "policy": { "when": "always" } } ]
// BEFORE-LABEL: define internal {{.*}}@post.fgft(
// BEFORE: call void @fgft_store4(
// BEFORE: call void @fgft_commit_before()
// BEFORE: call void @never_undone(
// BEFORE: call void @fgft_store4(
