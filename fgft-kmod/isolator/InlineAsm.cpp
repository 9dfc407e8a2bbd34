// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Inline assembly in clones (rule 2). The direction of an operand is not enough to know what is written: a
// bit operation with a variable number writes beside its operand, string I/O writes through a register. So
// every assembly goes by a row of asm_templates.csv, and one without a row fails the build.

#include "llvm/IR/InlineAsm.h"

#include "AsmOperands.h"
#include "Runtime.h"
#include "llvm/IR/Instructions.h"

using namespace llvm;

namespace fgft::isolator {

namespace {

const InlineAsm& assemblyOf(const CallBase& call) {
  return *cast<InlineAsm>(call.getCalledOperand());
}

/// Applies one effect of a template to one assembly.
class AsmInstrumenter {
public:
  AsmInstrumenter(CallBase& call, const AsmTemplate& row)
      : call_(call), row_(row), operands_(asmOperands(call)), builder_(&call) {}

  /// Returns true if the assembly was replaced and must be erased.
  bool apply(const AsmOperandEffect& effect);

private:
  void bad(const Twine& why) {
    failAt(call_, why + " (" + row_.place + "): " + assemblyOf(call_).getAsmString());
  }
  Value* operand(int number);
  Value* address(const AsmOperandEffect& effect);
  Value* size(const AsmOperandEffect& effect);
  Value* value(const AsmOperandEffect& effect, bool isSigned);
  void after(StringRef name, ArrayRef<Value*> arguments);
  void bits(const AsmOperandEffect& effect);
  void bitOperation(const AsmOperandEffect& effect);
  void port(const AsmOperandEffect& effect);
  bool bug(const AsmOperandEffect& effect);

  CallBase& call_;
  const AsmTemplate& row_;
  SmallVector<AsmOperand> operands_;
  IRBuilder<> builder_;
};

Value* AsmInstrumenter::operand(int number) {
  if (number < 0 || static_cast<size_t>(number) >= operands_.size() || !operands_[number].value) {
    bad("the template names operand " + Twine(number) + ", which the assembly does not have");
    return nullptr;
  }
  return operands_[number].value;
}

Value* AsmInstrumenter::address(const AsmOperandEffect& effect) {
  Value* found = operand(effect.operand);
  if (found && found->getType()->isIntegerTy())
    found = builder_.CreateIntToPtr(found, builder_.getPtrTy());
  return found ? found : PoisonValue::get(builder_.getPtrTy());
}

Value* AsmInstrumenter::size(const AsmOperandEffect& effect) {
  if (effect.size)
    return builder_.getInt64(effect.size);
  Type* type = effect.operand >= 0 && static_cast<size_t>(effect.operand) < operands_.size()
                   ? operands_[effect.operand].elementType
                   : nullptr;
  if (!type) {
    bad("the operand's size is not known");
    return builder_.getInt64(0);
  }
  return builder_.getInt64(call_.getDataLayout().getTypeStoreSize(type));
}

Value* AsmInstrumenter::value(const AsmOperandEffect& effect, bool isSigned) {
  Value* found = operand(effect.value);
  Value* wide = found ? asU64(builder_, found, isSigned) : nullptr;
  return wide ? wide : builder_.getInt64(0);
}

void AsmInstrumenter::after(StringRef name, ArrayRef<Value*> arguments) {
  if (call_.isTerminator()) {
    bad("an assembly with labels that stores");
    return;
  }
  IRBuilder<> behind(call_.getNextNode());
  behind.SetCurrentDebugLocation(call_.getDebugLoc());
  callRuntime(behind, name, arguments);
}

/// or, and, xor: which bits can change, and to what. Narrow operands are masked to their width by the
/// runtime's size.
void AsmInstrumenter::bits(const AsmOperandEffect& effect) {
  Value* mask = value(effect, false);
  if (effect.effect == AsmEffect::Xor) {
    callRuntime(builder_, "fgft_bits_flip", {address(effect), size(effect), mask});
  } else if (effect.effect == AsmEffect::Or) {
    callRuntime(builder_, "fgft_bits", {address(effect), size(effect), mask, mask});
  } else {
    mask = builder_.CreateNot(mask);
    callRuntime(builder_, "fgft_bits", {address(effect), size(effect), mask, builder_.getInt64(0)});
  }
}

void AsmInstrumenter::bitOperation(const AsmOperandEffect& effect) {
  Value* number = value(effect, true);
  if (effect.effect == AsmEffect::BitTest) {
    // The processor reads the word around base + nr/8, nr signed.
    Value* bytes = builder_.CreateShl(builder_.CreateAShr(number, 6), 3);
    callRuntime(builder_, "fgft_load",
                {builder_.CreateGEP(builder_.getInt8Ty(), address(effect), bytes), builder_.getInt64(8)});
    return;
  }
  unsigned operation = effect.effect == AsmEffect::BitSet ? 0 : effect.effect == AsmEffect::BitClear ? 1 : 2;
  callRuntime(builder_, "fgft_bitop", {address(effect), number, builder_.getInt32(operation)});
}

void AsmInstrumenter::port(const AsmOperandEffect& effect) {
  Value* number = operand(effect.operand);
  if (!number)
    return;
  Value* count = builder_.getInt64(1);
  if (effect.count >= 0)
    if (Value* elements = operand(effect.count))
      count = asU64(builder_, elements);
  Value* bytes = builder_.getInt64(effect.size);
  bool reads = effect.effect == AsmEffect::PortRead;
  callRuntime(builder_, reads ? "fgft_port_read" : "fgft_port_write",
              {asU64(builder_, number), bytes, count});
  if (effect.memory < 0)
    return;
  Value* memory = operand(effect.memory);
  if (!memory)
    return;
  if (memory->getType()->isIntegerTy())
    memory = builder_.CreateIntToPtr(memory, builder_.getPtrTy());
  Value* length = builder_.CreateMul(count, bytes);
  callRuntime(builder_, reads ? "fgft_store" : "fgft_load_range", {memory, length});
  if (reads)
    after("fgft_stored", {memory, length});
}

/// BUG() becomes the runtime's abort. A WARN() is the same instruction with a flag in its table entry, and
/// goes on.
bool AsmInstrumenter::bug(const AsmOperandEffect& effect) {
  constexpr uint64_t warningFlag = 1; // BUGFLAG_WARNING of include/asm-generic/bug.h
  if (effect.value >= 0) {
    auto* flags = dyn_cast_or_null<ConstantInt>(operand(effect.value));
    if (!flags || (flags->getZExtValue() & warningFlag))
      return false;
  }
  callRuntime(builder_, "fgft_bug", {});
  return true;
}

bool AsmInstrumenter::apply(const AsmOperandEffect& effect) {
  switch (effect.effect) {
  case AsmEffect::None:
    return false;
  case AsmEffect::Load:
    callRuntime(builder_, "fgft_load", {address(effect), size(effect)});
    return false;
  case AsmEffect::Store: {
    Value* where = address(effect);
    Value* bytes = size(effect);
    callRuntime(builder_, "fgft_store", {where, bytes});
    after("fgft_stored", {where, bytes});
    return false;
  }
  case AsmEffect::Add:
  case AsmEffect::Inc:
  case AsmEffect::Sub:
  case AsmEffect::Dec:
  case AsmEffect::GsAdd:
  case AsmEffect::GsInc:
  case AsmEffect::GsSub:
  case AsmEffect::GsDec: {
    auto in = [&](auto... kinds) { return ((effect.effect == kinds) || ...); };
    bool unit = in(AsmEffect::Inc, AsmEffect::Dec, AsmEffect::GsInc, AsmEffect::GsDec);
    Value* delta = unit ? builder_.getInt64(1) : value(effect, true);
    if (in(AsmEffect::Sub, AsmEffect::Dec, AsmEffect::GsSub, AsmEffect::GsDec))
      delta = builder_.CreateNeg(delta);
    bool perCpu = in(AsmEffect::GsAdd, AsmEffect::GsInc, AsmEffect::GsSub, AsmEffect::GsDec);
    callRuntime(builder_, perCpu ? "fgft_gs_arith" : "fgft_arith", {address(effect), size(effect), delta});
    return false;
  }
  case AsmEffect::Or:
  case AsmEffect::And:
  case AsmEffect::Xor:
    bits(effect);
    return false;
  case AsmEffect::BitSet:
  case AsmEffect::BitClear:
  case AsmEffect::BitFlip:
  case AsmEffect::BitTest:
    bitOperation(effect);
    return false;
  case AsmEffect::MmioRead:
    callRuntime(builder_, "fgft_mmio_read", {address(effect), size(effect)});
    return false;
  case AsmEffect::MmioWrite:
    callRuntime(builder_, "fgft_mmio_write", {address(effect), size(effect)});
    return false;
  case AsmEffect::PortRead:
  case AsmEffect::PortWrite:
    port(effect);
    return false;
  case AsmEffect::Bug:
    return bug(effect);
  case AsmEffect::IrqSave: {
    Value* flags =
        builder_.CreateCall(runtimeFunction(*call_.getModule(), "fgft_irq_save", builder_.getInt64Ty(), {}));
    call_.replaceAllUsesWith(flags);
    return true;
  }
  case AsmEffect::IrqRestore:
    callRuntime(builder_, "fgft_irq_restore", {value(effect, false)});
    return true;
  case AsmEffect::IrqDisable:
    callRuntime(builder_, "fgft_irq_disable", {});
    return true;
  case AsmEffect::IrqEnable:
    callRuntime(builder_, "fgft_irq_enable", {});
    return true;
  case AsmEffect::Refuse:
    bad("an inline assembly that cannot be undone");
    return false;
  }
  return false;
}

} // namespace

SmallVector<AsmOperand> asmOperands(const CallBase& call) {
  SmallVector<AsmOperand> operands;
  int argument = 0;
  for (const InlineAsm::ConstraintInfo& info : assemblyOf(call).ParseConstraints()) {
    if (info.Type == InlineAsm::isClobber)
      continue;
    AsmOperand operand;
    if (info.Type == InlineAsm::isInput || (info.Type == InlineAsm::isOutput && info.isIndirect)) {
      operand.argument = argument;
      operand.value = call.getArgOperand(argument);
      operand.elementType = call.getParamElementType(argument);
      ++argument;
    }
    operands.push_back(operand);
  }
  return operands;
}

SmallVector<AsmAddress> asmAddresses(const CallBase& call, const Context& context) {
  SmallVector<AsmAddress> addresses;
  const InlineAsm& assembly = assemblyOf(call);
  const AsmTemplate* row =
      context.model.findTemplate(assembly.getAsmString(), assembly.getConstraintString());
  if (!row)
    return addresses;
  auto operands = asmOperands(call);
  for (const AsmOperandEffect& effect : row->effects) {
    if (effect.operand < 0 || static_cast<size_t>(effect.operand) >= operands.size() ||
        !operands[effect.operand].value || !operands[effect.operand].value->getType()->isPointerTy())
      continue;
    switch (effect.effect) {
    case AsmEffect::None:
    case AsmEffect::GsAdd:
    case AsmEffect::GsSub:
    case AsmEffect::GsInc:
    case AsmEffect::GsDec:
      break;
    case AsmEffect::Load:
    case AsmEffect::BitTest:
    case AsmEffect::MmioRead:
      addresses.push_back({operands[effect.operand], false});
      break;
    default:
      addresses.push_back({operands[effect.operand], true});
    }
  }
  return addresses;
}

void instrumentAsm(CallBase& call, const Context& context) {
  const InlineAsm& assembly = assemblyOf(call);
  const AsmTemplate* row =
      context.model.findTemplate(assembly.getAsmString(), assembly.getConstraintString());
  if (!row) {
    failAt(call, "no template for the inline assembly \"" + normaliseAsm(assembly.getAsmString()) +
                     "\" with \"" + assembly.getConstraintString() + "\"");
    return;
  }
  AsmInstrumenter instrumenter(call, *row);
  bool replaced = false;
  for (const AsmOperandEffect& effect : row->effects)
    replaced |= instrumenter.apply(effect);
  if (!replaced)
    return;
  if (call.getNumUses())
    call.replaceAllUsesWith(PoisonValue::get(call.getType()));
  call.eraseFromParent();
}

} // namespace fgft::isolator
