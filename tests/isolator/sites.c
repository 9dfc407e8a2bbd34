// Fault sites: at accesses, at wrapped calls, at the start; each with the place in the driver and the faults it can do.
// RUN: %protect set_value && %checked
#include "small.h"

static int set_value(struct thing *thing, int value) {
  u32 *words = get_memory(64);
  if (!words)
    return -12;
  take_lock(&thing->lock);
  thing->value = value;
  value = thing->other;
  drop_lock(&thing->lock);
  return value;
}

struct thing_ops ops = {set_value};

DRIVER_MODULE

// kinds are bits: 1 NULL, 2 wild, 3 out of bounds, 4 divide, 5 BUG, 6 loop, 7 lost unlock, 8 failed allocation, 9 garbage.
// CHECK: @fgft.sites = internal global [6 x { ptr, ptr, i32, i32, i32, i32, i64, i64, i64 }] [
// An allocation with a constant argument: divide, BUG, loop, allocation.
// CHECK-SAME: i32 6, i32 0, i32 368, i32 0, i64 0, i64 0, i64 0 }
// A lock: divide, BUG, loop, garbage pointer.
// CHECK-SAME: i32 9, i32 1, i32 624, i32 0,
// A store: NULL, wild, out of bounds. A load: NULL, wild.
// CHECK-SAME: i32 10, i32 2, i32 14, i32 0,
// CHECK-SAME: i32 11, i32 3, i32 6, i32 0,
// An unlock: also lost.
// CHECK-SAME: i32 12, i32 4, i32 752, i32 0,
// The start: garbage argument.
// CHECK-SAME: i32 5, i32 5, i32 624, i32 0,

// Unarmed, the allocation is called; armed, the helper decides, and a failure does not call.
// CHECK-LABEL: define internal {{.*}}@set_value.fgft(
// CHECK: load volatile i32, ptr {{.*}}@fgft.sites
// CHECK: [[KIND:%.*]] = call i32 @fgft.site.control(ptr @fgft.sites)
// CHECK: [[SKIP:%.*]] = icmp eq i32 [[KIND]], 8
// CHECK: br i1 [[SKIP]], label %[[BEHIND:.*]], label
// CHECK: call {{.*}}@fgft_w_get_memory(
// CHECK: phi ptr [ {{.*}}, {{.*}} ], [ null, {{.*}} ]
// The pointer of an access is replaced before it is checked.
// CHECK: [[FAULTY:%.*]] = call ptr @fgft.site.pointer(ptr {{.*}}, ptr [[GOOD:%.*]])
// CHECK: [[CHOSEN:%.*]] = phi ptr [ [[GOOD]], {{.*}} ], [ [[FAULTY]], {{.*}} ]
// CHECK: call void @fgft_store4(ptr [[CHOSEN]],
// CHECK-NEXT: store i32 {{.*}}, ptr [[CHOSEN]]

// CHECK-LABEL: define internal i32 @fgft.site.control(
// CHECK: divl
// CHECK: call void @fgft_bug()
// CHECK: call void @fgft_loop()
// CHECK-NEXT: br label
// CHECK-LABEL: define internal ptr @fgft.site.pointer(
// CHECK: call i32 @fgft_site_fire(
// CHECK: select {{.*}} ptr null
// CHECK: call ptr @fgft_site_oob(
