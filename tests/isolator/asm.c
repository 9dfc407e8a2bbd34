// Inline assembly goes by the table of templates; one that the table does not have stops the build, but only in a clone.
// RUN: %protect set_value && %checked
// RUN: not %protect set_other 2> %t.err; %messages --check-prefix=UNKNOWN
#include "small.h"

static int set_value(struct thing *thing, int value) {
  u8 byte;
  // Device memory: never read for the log.
  asm volatile("movb %1,%0" : "=q"(byte) : "m"(*(volatile u8 *)thing->regs) : "memory");
  asm volatile("movb %0,%1" : : "q"(byte), "m"(*(volatile u8 *)(thing->regs + 4)) : "memory");
  // A bit operation with a variable number writes beside its operand.
  asm volatile(".pushsection .smp_locks,\"a\"\n.balign 4\n.long 671f - .\n.popsection\n671:\n\tlock  btsq  %1,%0"
               :
               : "m"(*(volatile long *)thing->words), "Ir"((long)value)
               : "memory");
  asm volatile("lock addl %1,%0" : "+m"(thing->value) : "ir"(value) : "memory");
  asm volatile("lock decl %0" : "+m"(thing->value) : : "memory");
  asm volatile("lock andb %b1,%0" : "+m"(*(volatile char *)&thing->other) : "iq"(~4));
  asm volatile("xchgl %0,%1" : "+r"(value), "+m"(thing->other) : : "memory");
  // String input writes through a register.
  void *to = thing->words;
  u64 count = thing->length;
  asm volatile("rep; insw" : "+D"(to), "+c"(count) : "d"(0x1f0) : "memory");
  asm volatile("sfence" ::: "memory");
  // BUG() is no return, WARN() is one.
  if (value == 3)
    asm volatile("1:\t.byte 0x0f, 0x0b\n.pushsection __bug_table,\"aw\"\n.long 1b - .\n.word %c1\n.word %c2\n.org .+%c3\n"
                 ".popsection"
                 :
                 : "i"(__FILE__), "i"(1), "i"(1), "i"(0));
  if (value == 4) {
    asm volatile("1:\t.byte 0x0f, 0x0b\n.pushsection __bug_table,\"aw\"\n.long 1b - .\n.word %c1\n.word %c2\n.org .+%c3\n"
                 ".popsection"
                 :
                 : "i"(__FILE__), "i"(1), "i"(0), "i"(0));
    __builtin_unreachable();
  }
  return 0;
}

// CHECK-LABEL: define internal {{.*}}@set_value.fgft(
// CHECK: call void @fgft_mmio_read(ptr {{.*}}, i64 1)
// CHECK-NEXT: asm sideeffect "movb $1,$0"
// CHECK: call void @fgft_mmio_write(ptr {{.*}}, i64 1)
// CHECK-NEXT: asm sideeffect "movb $0,$1"
// CHECK: call void @fgft_bitop(ptr {{.*}}, i64 {{.*}}, i32 0)
// CHECK-NEXT: asm sideeffect {{.*}}btsq
// CHECK: call void @fgft_arith(ptr {{.*}}, i64 4, i64 {{.*}})
// CHECK-NEXT: asm sideeffect "lock addl
// CHECK: call void @fgft_arith(ptr {{.*}}, i64 4, i64 -1)
// CHECK-NEXT: asm sideeffect "lock decl
// CHECK: call void @fgft_bits(ptr {{.*}}, i64 1, i64 {{.*}}, i64 0)
// CHECK-NEXT: asm sideeffect "lock andb
// CHECK: call void @fgft_store(ptr [[XCHG:.*]], i64 4)
// CHECK-NEXT: asm sideeffect "xchgl
// CHECK: call void @fgft_stored(ptr [[XCHG]], i64 4)
// CHECK: call void @fgft_port_read(i64 496, i64 2, i64 [[COUNT:%.*]])
// CHECK: [[BYTES:%.*]] = mul i64 [[COUNT]], 2
// CHECK: call void @fgft_store(ptr {{.*}}, i64 [[BYTES]])
// CHECK-NEXT: asm sideeffect "rep; insw"
// CHECK: call void @fgft_stored(
// CHECK: asm sideeffect "sfence"
// CHECK-DAG: asm sideeffect "1:\09.byte 0x0f, 0x0b
// CHECK-DAG: call void @fgft_bug()
// CHECK-LABEL: define internal {{.*}}@set_value.fgft.plain(
// CHECK-NOT: call void @fgft_{{mmio|bug|bits}}
// CHECK: ret

static int set_other(struct thing *thing, int value) {
  asm volatile("cmpxchg16b %0" : "+m"(thing->value) : "a"(value) : "memory");
  return 0;
}
// UNKNOWN: asm.c:[[# @LINE - 3]]: fgft: no template for the inline assembly "cmpxchg16b $0" with "{{.*}}" (set_other)

struct thing_ops ops = {set_value, set_other};

DRIVER_MODULE
