// Checkpoint and restore are suspend and resume without the calls that only a real sleep needs, dropped in pairs (rule 9).
// RUN: sed -n 's/^\/\/ GOOD: //p' %s > %t.good && %protect %t.good && %checked
// RUN: sed 's/"call": "pci_enable_device", "value": 0, "why": "test" },/"call": "clk_enable", "why": "test" },/' %t.good > %t.unpaired
// RUN: not %protect %t.unpaired 2> %t.err; %messages --check-prefix=UNPAIRED
// RUN: sed 's/{ "call": "pci_disable_device", "value": 0, "why": "test" },//' %t.good > %t.half
// RUN: not %protect %t.half 2> %t.err; %messages --check-prefix=HALF
// RUN: sed 's/"keep": \[ /&"never_called", /' %t.good > %t.keep
// RUN: not %protect %t.keep 2> %t.err; %messages --check-prefix=KEEP
// RUN: sed 's/cp->own/cp->nothing/' %t.good > %t.path
// RUN: not %protect %t.path 2> %t.err; %messages --check-prefix=PATH
#include "small.h"

int pci_disable_device(struct device *device);
int pci_enable_device(struct device *device);
int device_set_wakeup_enable(struct device *device, int on);
void quiesce(struct device *device);
void restart(struct device *device);

static noinline int power(struct device *device, int on) { return on ? pci_enable_device(device) : pci_disable_device(device); }

static noinline int small_suspend(struct device *device) {
  quiesce(device);
  device_set_wakeup_enable(device, 1);
  return power(device, 0);
}

static noinline int small_resume(struct device *device) {
  int failed = power(device, 1);
  if (failed)
    return failed;
  restart(device);
  return 0;
}

static noinline void reap(struct thing *thing) { thing->other = 0; }

void *keep_functions[] = {small_suspend, small_resume, reap};

static int set_value(struct thing *thing, int value) {
  thing->value = value;
  return 0;
}

struct thing_ops ops = {set_value};

DRIVER_MODULE

// GOOD: "objects": [ { "name": "thing", "type": "struct thing" },
// GOOD:   { "name": "cp", "type": "struct thing", "path": "thing" },
// GOOD:   { "name": "regs", "path": "thing->regs", "device": true, "count": 256 } ],
// GOOD: "registers": [ { "name": "Mode", "object": "regs", "offset": 8, "width": 16, "mask": 255, "unlock": "Gate" } ],
// GOOD: "unlocks": [ { "name": "Gate", "object": "regs", "offset": 4, "width": 8, "unlock": 192, "lock": 0 } ],
// GOOD: "checkpoints": [ { "name": "running", "suspend": "small_suspend", "resume": "small_resume", "device": "&cp->own",
// GOOD:   "may_sleep": true, "keep": [ "quiesce", "restart" ],
// GOOD:   "drop": [ { "call": "pci_enable_device", "value": 0, "why": "test" }, { "call": "pci_disable_device", "value": 0, "why": "test" },
// GOOD:     { "call": "device_set_wakeup_enable", "value": 0, "why": "test" } ],
// GOOD:   "before_restore": [ { "function": "reap", "arguments": [ "cp" ], "lock": "cp->lock", "why": "test" } ],
// GOOD:   "save_registers": [ "Mode" ], "save_memory": [ "cp->narrow" ], "compare": [] } ],
// GOOD: "entry_points": [ { "function": "set_value", "kind": "config", "mode": "transaction", "why": "test",
// GOOD:   "access": [ { "object": "thing", "mode": "rw" } ],
// GOOD:   "checkpoint": "running", "failure": "-EIO", "policy": { "when": "always" } } ]

// The driver's own suspend is what it was; the clone has no dropped call; the calls of a real function keep their name.
// CHECK-LABEL: define internal {{.*}}@power(
// CHECK: @pci_enable_device
// CHECK-LABEL: define internal {{.*}}@small_suspend.fgft.pm.running(
// CHECK: call void @quiesce(
// CHECK-NOT: call {{.*}}@{{pci_disable_device|device_set_wakeup_enable|power\(}}
// CHECK: ret i32
// CHECK-LABEL: define internal {{.*}}@small_resume.fgft.pm.running(
// CHECK: call void @restart(
// CHECK-NOT: call {{.*}}@pci_enable_device
// CHECK: ret i32

// The functions that the runtime calls find the device by the config's path in the arguments.
// CHECK-LABEL: define internal i64 @set_value.fgft.checkpoint(
// CHECK: [[OWN:%.*]] = getelementptr i8, ptr {{%.*}}, i64 24
// CHECK: call i32 @small_suspend.fgft.pm.running(ptr [[OWN]])
// Before the restore: the driver's function, under the lock.
// CHECK-LABEL: define internal i64 @set_value.fgft.restore(
// CHECK: call i64 @_raw_spin_lock_irqsave(
// CHECK: call {{.*}}@reap.fgft.pm.running(
// CHECK: call void @_raw_spin_unlock_irqrestore(
// CHECK: call i32 @small_resume.fgft.pm.running(
// Saved: the register, and the storage of the bit field; written back: behind the unlock, and only the bits that are meant.
// CHECK-LABEL: define internal void @set_value.fgft.save(
// CHECK: load volatile i16
// CHECK: load i32
// CHECK-LABEL: define internal void @set_value.fgft.unsave(
// CHECK: store volatile i8 -64
// CHECK: and i16 {{%.*}}, 255
// CHECK: and i16 {{%.*}}, -256
// CHECK: store volatile i16
// CHECK: store volatile i8 0
// CHECK: and i32 {{%.*}}, 24
// CHECK: and i32 {{%.*}}, -25

// UNPAIRED: checkpoint running: drops clk_enable, which neither suspend nor resume calls
// HALF: checkpoint running: drops pci_enable_device without the call that takes it back
// KEEP: checkpoint running: keeps never_called, which neither suspend nor resume calls
// PATH: small.fgft:{{[0-9]+}}: checkpoint running: struct thing has no field "nothing"
