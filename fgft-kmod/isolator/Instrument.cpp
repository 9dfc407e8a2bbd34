// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Puts fgft.ko's calls before the memory accesses of the clones (rule 2) and at their loops' back-edges (rule
// 7). Runs last: what the optimiser turned into registers costs nothing, and nothing moves an access away
// from its check afterwards.

#include "AsmOperands.h"
#include "Functions.h"
#include "Runtime.h"
#include "llvm/Analysis/CFG.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/IntrinsicInst.h"

using namespace llvm;

namespace fgft::isolator {

namespace {

/// The only accesses that need no check: a constant offset inside a local of this function.
bool isInsideLocal(const Value* pointer, uint64_t size, const DataLayout& layout) {
  APInt offset(layout.getIndexTypeSizeInBits(pointer->getType()), 0);
  const Value* base = pointer->stripAndAccumulateConstantOffsets(layout, offset, /*AllowNonInbounds=*/true);
  const auto* local = dyn_cast<AllocaInst>(base);
  if (!local)
    return false;
  auto whole = local->getAllocationSize(layout);
  if (!whole || whole->isScalable() || offset.isNegative())
    return false;
  uint64_t limit = whole->getFixedValue();
  return offset.getZExtValue() <= limit && size <= limit - offset.getZExtValue();
}

/// Instruments one clone. Instructions are collected first, because calls are added between them.
class AccessInstrumenter {
public:
  AccessInstrumenter(Function& function, const Context& context)
      : function_(function), context_(context), layout_(function.getDataLayout()) {}

  void run();

private:
  void instrument(Instruction& instruction);
  void load(LoadInst& load);
  void store(StoreInst& store);
  void atomic(AtomicRMWInst& atomic);
  void exchange(AtomicCmpXchgInst& exchange);
  void memory(MemIntrinsic& intrinsic);
  void call(CallBase& call);
  void directCall(CallBase& call, const KernelCall& row);
  void loops();
  void unreachables();
  uint64_t sizeOf(Type* type) const { return layout_.getTypeStoreSize(type); }

  Function& function_;
  const Context& context_;
  const DataLayout& layout_;
};

void AccessInstrumenter::load(LoadInst& load) {
  uint64_t size = sizeOf(load.getType());
  if (load.getPointerAddressSpace()) {
    failAt(load, "a load from address space " + Twine(load.getPointerAddressSpace()));
    return;
  }
  if (isInsideLocal(load.getPointerOperand(), size, layout_))
    return;
  IRBuilder<> builder(&load);
  callRuntime(builder, "fgft_load", {load.getPointerOperand(), builder.getInt64(size)});
}

void AccessInstrumenter::store(StoreInst& store) {
  Value* pointer = store.getPointerOperand();
  uint64_t size = sizeOf(store.getValueOperand()->getType());
  if (store.getPointerAddressSpace()) {
    failAt(store, "a store to address space " + Twine(store.getPointerAddressSpace()));
    return;
  }
  if (isInsideLocal(pointer, size, layout_))
    return;
  IRBuilder<> builder(&store);
  bool scalar = size == 1 || size == 2 || size == 4 || size == 8;
  if (Value* value = scalar ? asU64(builder, store.getValueOperand()) : nullptr) {
    callRuntime(builder, "fgft_store" + std::to_string(size), {pointer, value});
    return;
  }
  callRuntime(builder, "fgft_store", {pointer, builder.getInt64(size)});
  builder.SetInsertPoint(store.getNextNode());
  callRuntime(builder, "fgft_stored", {pointer, builder.getInt64(size)});
}

void AccessInstrumenter::atomic(AtomicRMWInst& atomic) {
  IRBuilder<> builder(&atomic);
  Value* pointer = atomic.getPointerOperand();
  Value* size = builder.getInt64(sizeOf(atomic.getType()));
  auto operation = atomic.getOperation();
  bool arithmetic = operation == AtomicRMWInst::Add || operation == AtomicRMWInst::Sub;
  Value* value = asU64(builder, atomic.getValOperand(), arithmetic);
  if (!value) {
    failAt(atomic, "an atomic operation on a type that is no scalar");
    return;
  }
  switch (operation) {
  case AtomicRMWInst::Add:
    callRuntime(builder, "fgft_arith", {pointer, size, value});
    break;
  case AtomicRMWInst::Sub:
    callRuntime(builder, "fgft_arith", {pointer, size, builder.CreateNeg(value)});
    break;
  case AtomicRMWInst::Or:
    callRuntime(builder, "fgft_bits", {pointer, size, value, value});
    break;
  case AtomicRMWInst::And:
    callRuntime(builder, "fgft_bits", {pointer, size, builder.CreateNot(value), builder.getInt64(0)});
    break;
  case AtomicRMWInst::Xor:
    callRuntime(builder, "fgft_bits_flip", {pointer, size, value});
    break;
  case AtomicRMWInst::Xchg:
    callRuntime(builder, "fgft_store", {pointer, size});
    builder.SetInsertPoint(atomic.getNextNode());
    callRuntime(builder, "fgft_stored", {pointer, size});
    break;
  default:
    failAt(atomic, "an atomic operation without an inverse: " + AtomicRMWInst::getOperationName(operation));
  }
}

void AccessInstrumenter::exchange(AtomicCmpXchgInst& exchange) {
  IRBuilder<> builder(&exchange);
  Value* size = builder.getInt64(sizeOf(exchange.getCompareOperand()->getType()));
  callRuntime(builder, "fgft_cmpxchg", {exchange.getPointerOperand(), size});
  builder.SetInsertPoint(exchange.getNextNode());
  Value* done = builder.CreateZExt(builder.CreateExtractValue(&exchange, 1), builder.getInt32Ty());
  Value* expected = asU64(builder, exchange.getCompareOperand());
  Value* wanted = asU64(builder, exchange.getNewValOperand());
  if (!expected || !wanted) {
    failAt(exchange, "a compare-and-exchange wider than 8 bytes");
    return;
  }
  callRuntime(builder, "fgft_cmpxchged", {exchange.getPointerOperand(), size, expected, wanted, done});
}

void AccessInstrumenter::memory(MemIntrinsic& intrinsic) {
  IRBuilder<> builder(&intrinsic);
  Value* length = builder.CreateZExt(intrinsic.getLength(), builder.getInt64Ty());
  auto* constant = dyn_cast<ConstantInt>(intrinsic.getLength());
  auto local = [&](const Value* pointer) {
    return constant && isInsideLocal(pointer, constant->getZExtValue(), layout_);
  };
  bool toLocal = local(intrinsic.getDest());
  if (auto* transfer = dyn_cast<MemTransferInst>(&intrinsic)) {
    bool fromLocal = local(transfer->getSource());
    if (toLocal && fromLocal)
      return;
    if (toLocal) {
      callRuntime(builder, "fgft_load_range", {transfer->getSource(), length});
      return;
    }
    callRuntime(builder, isa<MemMoveInst>(intrinsic) ? "fgft_memmove" : "fgft_memcpy",
                {intrinsic.getDest(), transfer->getSource(), length});
  } else {
    if (toLocal)
      return;
    Value* byte = builder.CreateZExt(cast<MemSetInst>(intrinsic).getValue(), builder.getInt32Ty());
    callRuntime(builder, "fgft_memset", {intrinsic.getDest(), byte, length});
  }
  intrinsic.eraseFromParent();
}

/// A kernel function that is called as it is: what it reads and writes for the driver is checked and logged
/// before.
void AccessInstrumenter::directCall(CallBase& call, const KernelCall& row) {
  IRBuilder<> builder(&call);
  for (unsigned i = 0; i < row.roles.size() && i < call.arg_size(); ++i) {
    const ParameterRole& role = row.roles[i];
    if (!row.checks(i))
      continue;
    if (role.kind == ParameterRole::String || role.kind == ParameterRole::Object) {
      // Only whether it points anywhere: a bad pointer is to be met here and not in the kernel (rule 1).
      Value* pointer = call.getArgOperand(i);
      if (pointer->getType()->isPointerTy() && !isa<Constant>(pointer))
        callRuntime(builder, "fgft_load", {pointer, builder.getInt64(1)});
      continue;
    }
    Value* size = role.size >= 0 ? builder.getInt64(role.size) : nullptr;
    if (!size && role.sizeFrom >= 0 && static_cast<unsigned>(role.sizeFrom) < call.arg_size())
      size = asU64(builder, call.getArgOperand(role.sizeFrom));
    if (!size) {
      failAt(call, "the size of argument " + Twine(i) + " is not known (" + row.place + ")");
      continue;
    }
    callRuntime(builder, role.kind == ParameterRole::Reads ? "fgft_load_range" : "fgft_store",
                {call.getArgOperand(i), size});
    if (role.kind == ParameterRole::Writes && call.getNextNode()) {
      IRBuilder<> behind(call.getNextNode());
      behind.SetCurrentDebugLocation(call.getDebugLoc());
      callRuntime(behind, "fgft_stored", {call.getArgOperand(i), size});
    }
  }
}

void AccessInstrumenter::call(CallBase& call) {
  if (call.isInlineAsm()) {
    instrumentAsm(call, context_);
    return;
  }
  auto* callee = dyn_cast<Function>(call.getCalledOperand()->stripPointerCastsAndAliases());
  if (!callee) {
    IRBuilder<> builder(&call);
    auto resolve =
        runtimeFunction(*function_.getParent(), "fgft_resolve", builder.getPtrTy(), {builder.getPtrTy()});
    call.setCalledOperand(builder.CreateCall(resolve, {call.getCalledOperand()}));
    return;
  }
  if (callee->isIntrinsic()) {
    // What is left after memory intrinsics only marks, measures or computes; anything that goes through a
    // pointer is not known.
    if (!isa<IntrinsicInst>(call) || isa<LifetimeIntrinsic>(call) || isa<AssumeInst>(call) ||
        isa<DbgInfoIntrinsic>(call))
      return;
    Intrinsic::ID id = callee->getIntrinsicID();
    bool harmless = id == Intrinsic::prefetch || id == Intrinsic::vastart || id == Intrinsic::vaend ||
                    id == Intrinsic::sideeffect || id == Intrinsic::experimental_noalias_scope_decl ||
                    id == Intrinsic::invariant_start || id == Intrinsic::invariant_end;
    bool pointer = any_of(call.args(), [](const Use& use) { return use->getType()->isPointerTy(); });
    if (!harmless && pointer && call.mayReadOrWriteMemory())
      failAt(call, "an intrinsic that touches memory: " + callee->getName());
    return;
  }
  for (unsigned i = 0; i < call.arg_size(); ++i)
    if (call.isByValArgument(i)) {
      uint64_t size = sizeOf(call.getParamByValType(i));
      if (isInsideLocal(call.getArgOperand(i), size, layout_))
        continue;
      IRBuilder<> builder(&call);
      callRuntime(builder, "fgft_load_range", {call.getArgOperand(i), builder.getInt64(size)});
    }
  if (const KernelCall* row = context_.model.findCall(callee->getName()))
    directCall(call, *row);
}

void AccessInstrumenter::instrument(Instruction& instruction) {
  if (instruction.hasMetadata(ownAccess))
    return;
  if (auto* found = dyn_cast<LoadInst>(&instruction))
    load(*found);
  else if (auto* found = dyn_cast<StoreInst>(&instruction))
    store(*found);
  else if (auto* found = dyn_cast<AtomicRMWInst>(&instruction))
    atomic(*found);
  else if (auto* found = dyn_cast<AtomicCmpXchgInst>(&instruction))
    exchange(*found);
  else if (auto* found = dyn_cast<MemIntrinsic>(&instruction))
    memory(*found);
  else if (auto* found = dyn_cast<CallBase>(&instruction))
    call(*found);
}

void AccessInstrumenter::loops() {
  SmallVector<std::pair<const BasicBlock*, const BasicBlock*>> edges;
  FindFunctionBackedges(function_, edges);
  SmallPtrSet<const BasicBlock*, 8> done;
  for (auto [from, to] : edges) {
    if (!done.insert(from).second)
      continue;
    IRBuilder<> builder(const_cast<BasicBlock*>(from)->getTerminator());
    callRuntime(builder, "fgft_loop", {});
  }
}

/// Code that the compiler holds for impossible must not run into the function behind it; and objtool, which
/// does not know the runtime's functions that do not return, wants to see an end.
void AccessInstrumenter::unreachables() {
  for (BasicBlock& block : function_) {
    auto* end = dyn_cast<UnreachableInst>(block.getTerminator());
    if (!end)
      continue;
    IRBuilder<> builder(end);
    auto* last = dyn_cast_or_null<CallInst>(end->getPrevNode());
    if (!last || last->isInlineAsm() || !last->doesNotReturn())
      callRuntime(builder, "fgft_bug", {});
    builder.CreateIntrinsic(Intrinsic::trap, {});
  }
}

void AccessInstrumenter::run() {
  SmallVector<Instruction*> work;
  for (Instruction& instruction : instructions(function_))
    work.push_back(&instruction);
  for (Instruction* instruction : work)
    instrument(*instruction);
  loops();
  unreachables();
}

} // namespace

void instrumentAccesses(Module& module, const Context& context) {
  for (Function& function : module)
    if (isClone(function)) {
      loosenAttributes(function);
      AccessInstrumenter(function, context).run();
    }
}

} // namespace fgft::isolator
