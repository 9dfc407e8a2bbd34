// The stub costs one no-op while its key is off, keeps every reference to the function, and hands the arguments over as
// 64-bit words; the module registers itself when it starts and unregisters when it stops or fails to start.
// RUN: %protect set_value && %checked
// RUN: %object set_value && llvm-objdump -d --no-show-raw-insn %t.d/out.o | FileCheck %s --check-prefix=CODE
// RUN: llvm-readelf -SW %t.d/out.o | FileCheck %s --check-prefix=SECTIONS
#include "small.h"

static int set_value(struct thing *thing, int value) {
  thing->value = value;
  return 0;
}

struct thing_ops ops = {set_value};

DRIVER_MODULE

// CHECK: @set_value.fgft.key = internal global { i64, i64 } zeroinitializer, align 8
// CHECK: @fgft.entries = internal global [1 x {{.*}}ptr @set_value.fgft.thunk, ptr @set_value.fgft.plainthunk, ptr @set_value.fgft.key, i32 1, i32 0, i64 -5,
// CHECK: @fgft.driver = internal global {{.*}}{ i32 1, i32 136, {{.*}}ptr @__this_module,

// CHECK-LABEL: define internal {{.*}}@set_value(
// CHECK: callbr void asm sideeffect "1:\09.byte 0x0f,0x1f,0x44,0x00,0x00{{.*}}__jump_table{{.*}}(ptr @set_value.fgft.key)
// CHECK-NEXT: to label %[[BODY:.*]] [label %[[SLOW:.*]]]
// CHECK: [[BODY]]:
// CHECK: tail call i32 @set_value.fgft.plain(
// CHECK-NEXT: ret
// CHECK: [[SLOW]]:
// CHECK: tail call i32 @set_value.fgft.slow(
// CHECK-NEXT: ret

// CHECK-LABEL: define dso_local i32 @init_module(
// CHECK: call i32 @fgft_driver_register(ptr @fgft.driver)
// CHECK: [[RESULT:%.*]] = {{.*}}call i32 @may_start
// CHECK: icmp ne i32 [[RESULT]], 0
// CHECK: call void @fgft_driver_unregister(ptr @fgft.driver)
// CHECK-LABEL: define dso_local void @cleanup_module(
// CHECK: call void @has_stopped
// CHECK: call void @fgft_driver_unregister(ptr @fgft.driver)

// CHECK-LABEL: define internal {{.*}}@set_value.fgft.thunk(
// CHECK-SAME: section ".text.fgft"
// CHECK: sext i32 {{.*}} to i64
// CHECK-LABEL: define internal {{.*}}@set_value.fgft.slow(
// CHECK: call i64 @fgft_run(ptr @fgft.entries, ptr

// Off: the no-op and the jump; the body is what it would be without.
// CODE-LABEL: <set_value>:
// CODE-NEXT: nopl (%rax,%rax)
// CODE-NEXT: jmp {{.*}}<set_value.fgft.plain>
// CODE: jmp
// CODE-LABEL: <set_value.fgft.plain>:
// CODE-NEXT: movl %esi, (%rdi)
// CODE-NEXT: xorl %eax, %eax
// CODE-NEXT: retq

// SECTIONS: .text.fgft
// SECTIONS: __jump_table
