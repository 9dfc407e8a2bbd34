; Which accesses of a clone are checked (rule 2): all but those at a constant offset inside a local of the same function.
; RUN: mkdir -p %t.d && cp %s %t.d/access.ll && sh %S/Inputs/make-config.sh entry %t.d/access.ll %t.d/small.fgft
; RUN: cd %t.d && env FGFT_CONFIG=small.fgft FGFT_SOURCE=. FGFT_KERNEL=6.12.0-test %opt -passes=fgft-access access.ll -o out.ll
; RUN: %checked
target datalayout = "e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-i128:128-f80:128-n8:16:32:64-S128"
target triple = "x86_64-unknown-linux-gnu"
source_filename = "access.ll"

@init_module = alias i32 (), ptr @start

define internal i32 @start() {
  ret i32 0
}

define i32 @entry(ptr %p, i64 %n) {
  ret i32 0
}

define internal i32 @entry.fgft.plain(ptr %p, i64 %n) {
  ret i32 0
}

; CHECK-LABEL: define internal i32 @entry.fgft(
define internal i32 @entry.fgft(ptr %p, i64 %n) "fgft-clone"="entry" "fgft-entry" {
  ; CHECK: %local = alloca
  %local = alloca [16 x i8]
  br label %body

body:
  ; CHECK: call void @fgft_load(ptr {{.*}}, i64 4)
  ; CHECK-NEXT: %a = load i32
  %a = load i32, ptr %p
  ; CHECK: call void @fgft_store2(ptr {{.*}}, i64 7)
  ; CHECK-NEXT: store i16 7
  store i16 7, ptr %p
  ; CHECK: ptrtoint ptr %p to i64
  ; CHECK-NEXT: call void @fgft_store8(
  ; CHECK-NEXT: store ptr %p
  store ptr %p, ptr %p
  ; An odd size is logged before and after.
  ; CHECK: call void @fgft_store(ptr [[ODD:%.*]], i64 3)
  ; CHECK-NEXT: store i24 1, ptr [[ODD]]
  ; CHECK-NEXT: call void @fgft_stored(ptr [[ODD]], i64 3)
  store i24 1, ptr %p
  ; Inside a local: no call; the last byte as well.
  ; CHECK-NOT: @fgft
  ; CHECK: %inside = getelementptr
  %inside = getelementptr i8, ptr %local, i64 12
  ; CHECK-NEXT: store i32 5, ptr %inside
  store i32 5, ptr %inside
  ; One byte beyond it: checked.
  %beyond = getelementptr i8, ptr %local, i64 13
  ; CHECK: call void @fgft_store4(ptr {{.*}}, i64 5)
  ; CHECK-NEXT: store i32 5
  store i32 5, ptr %beyond
  ; Before it: checked.
  %before = getelementptr i8, ptr %local, i64 -1
  ; CHECK: call void @fgft_load(ptr {{.*}}, i64 1)
  ; CHECK-NEXT: %b = load i8
  %b = load i8, ptr %before
  ; A variable offset: checked, even into a local.
  %somewhere = getelementptr i8, ptr %local, i64 %n
  ; CHECK: call void @fgft_store1(
  ; CHECK-NEXT: store i8 1
  store i8 1, ptr %somewhere
  ; Volatile and atomic accesses are accesses.
  ; CHECK: call void @fgft_load(ptr {{.*}}, i64 8)
  ; CHECK-NEXT: %v = load atomic volatile i64
  %v = load atomic volatile i64, ptr %p acquire, align 8
  ; CHECK: call void @fgft_arith(ptr {{.*}}, i64 4, i64 3)
  ; CHECK-NEXT: atomicrmw add
  %r1 = atomicrmw add ptr %p, i32 3 seq_cst
  ; CHECK: call void @fgft_arith(ptr {{.*}}, i64 4, i64 -3)
  ; CHECK-NEXT: atomicrmw sub
  %r2 = atomicrmw sub ptr %p, i32 3 seq_cst
  ; CHECK: call void @fgft_bits(ptr {{.*}}, i64 8, i64 4, i64 4)
  ; CHECK-NEXT: atomicrmw or
  %r3 = atomicrmw or ptr %p, i64 4 seq_cst
  ; The bits that `and` can change are those that are not in its mask.
  ; CHECK: call void @fgft_bits(ptr {{.*}}, i64 8, i64 -5, i64 0)
  ; CHECK-NEXT: atomicrmw and
  %r4 = atomicrmw and ptr %p, i64 4 seq_cst
  ; CHECK: call void @fgft_cmpxchg(ptr [[PLACE:.*]], i64 4)
  ; CHECK-NEXT: %x = cmpxchg
  ; CHECK: call void @fgft_cmpxchged(ptr [[PLACE]], i64 4, i64 1, i64 2, i32
  %x = cmpxchg ptr %p, i32 1, i32 2 seq_cst seq_cst
  ; CHECK: call void @fgft_memset(ptr {{.*}}, i32 0, i64 %n)
  call void @llvm.memset.p0.i64(ptr %p, i8 0, i64 %n, i1 false)
  ; CHECK: call void @fgft_memcpy(ptr {{.*}}, ptr %local, i64 16)
  call void @llvm.memcpy.p0.p0.i64(ptr %p, ptr %local, i64 16, i1 false)
  ; Into a local, from elsewhere: only what is read is checked.
  ; CHECK: call void @fgft_load_range(ptr %p, i64 16)
  ; CHECK-NEXT: call void @llvm.memcpy
  call void @llvm.memcpy.p0.p0.i64(ptr %local, ptr %p, i64 16, i1 false)
  ; The loop's budget.
  ; CHECK: call void @fgft_loop()
  ; CHECK-NEXT: br i1
  %again = icmp eq i32 %a, 1
  br i1 %again, label %body, label %out

out:
  ; An indirect call goes where the runtime says.
  ; CHECK: %f = load ptr
  %f = load ptr, ptr %p
  ; CHECK: [[TARGET:%.*]] = call ptr @fgft_resolve(ptr %f)
  ; CHECK-NEXT: call void [[TARGET]]()
  call void %f()
  ; CHECK: ret i32 0
  ret i32 0
}
declare void @llvm.memset.p0.i64(ptr, i8, i64, i1)
declare void @llvm.memcpy.p0.p0.i64(ptr, ptr, i64, i1)
