// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The stub: what a protected entry point costs while protection is off, which is two instructions on every
// path through it: a no-op in the kernel's jump table, and a jump to the body. The function keeps its name
// and all references. The body moves to a function of its own, because a branch before it would change it:
// the arguments would live across the branch, which moves the prologue in front of early returns.

#include "Stub.h"

#include "Functions.h"
#include "Runtime.h"
#include "llvm/IR/DebugInfoMetadata.h"
#include "llvm/IR/InlineAsm.h"
#include "llvm/IR/Instructions.h"

#include <stdexcept>

using namespace llvm;

namespace fgft::isolator {

namespace {

constexpr unsigned maximumArguments = 8; // FGFT_MAX_ARGS

void checkSignature(const Function& function) {
  if (function.arg_size() > maximumArguments || function.isVarArg())
    throw std::runtime_error("it takes more arguments than a transaction can keep");
  auto fits = [&](Type* type) {
    return type->isPointerTy() || (type->isIntegerTy() && type->getIntegerBitWidth() <= 64);
  };
  for (const Argument& argument : function.args())
    if (!fits(argument.getType()) || argument.hasByValAttr() || argument.hasStructRetAttr())
      throw std::runtime_error("argument " + std::to_string(argument.getArgNo()) + " is no scalar");
  if (!function.getReturnType()->isVoidTy() && !fits(function.getReturnType()))
    throw std::runtime_error("its result is no scalar");
}

/// T name.fgft.slow(args...): packs the arguments, return (T)fgft_run(entry, args).
Function* slowPath(Function& function, Constant* entry) {
  Module& module = *function.getParent();
  Function* slow = newFunction(module, function.getName().str() + cloneSuffix.str() + ".slow",
                               function.getFunctionType(), function);
  slow->addFnAttr(Attribute::Cold);
  IRBuilder<> builder(BasicBlock::Create(module.getContext(), "", slow));
  auto* words = ArrayType::get(builder.getInt64Ty(), maximumArguments);
  Value* arguments = builder.CreateAlloca(words);
  for (Argument& argument : slow->args()) {
    bool isSigned = function.hasParamAttribute(argument.getArgNo(), Attribute::SExt);
    builder.CreateStore(
        asU64(builder, &argument, isSigned),
        builder.CreateConstInBoundsGEP1_64(builder.getInt64Ty(), arguments, argument.getArgNo()));
  }
  for (unsigned i = slow->arg_size(); i < maximumArguments; ++i)
    builder.CreateStore(builder.getInt64(0),
                        builder.CreateConstInBoundsGEP1_64(builder.getInt64Ty(), arguments, i));
  auto run =
      runtimeFunction(module, "fgft_run", builder.getInt64Ty(), {builder.getPtrTy(), builder.getPtrTy()});
  Value* result = builder.CreateCall(run, {entry, arguments});
  if (function.getReturnType()->isVoidTy())
    builder.CreateRetVoid();
  else
    builder.CreateRet(fromU64(builder, result, function.getReturnType()));
  return slow;
}

/// As the kernel's arch_static_branch: a no-op now, a jump to $1 while the key is on.
InlineAsm* staticBranch(LLVMContext& context) {
  auto* type = FunctionType::get(Type::getVoidTy(context), {PointerType::get(context, 0)}, false);
  return InlineAsm::get(type,
                        "1:\t.byte 0x0f,0x1f,0x44,0x00,0x00\n"
                        "\t.pushsection __jump_table, \"aw\"\n"
                        "\t.balign 8\n"
                        "\t.long 1b - .\n"
                        "\t.long ${1:l} - .\n"
                        "\t.quad ${0:c} - .\n"
                        "\t.popsection",
                        "i,!i,~{dirflag},~{fpsr},~{flags}", /*hasSideEffects=*/true);
}

} // namespace

Function* takeBody(Function& function) {
  checkSignature(function);
  auto* plain = Function::Create(function.getFunctionType(), GlobalValue::InternalLinkage,
                                 function.getName() + plainSuffix, function.getParent());
  plain->copyAttributesFrom(&function);
  plain->setVisibility(GlobalValue::DefaultVisibility);
  // The stub has ftrace's call, once is enough.
  for (StringRef kind : {"fentry-call", "mrecord-mcount", "mnop-mcount"})
    plain->removeFnAttr(kind);
  plain->splice(plain->end(), &function);
  for (unsigned i = 0; i < function.arg_size(); ++i) {
    function.getArg(i)->replaceAllUsesWith(plain->getArg(i));
    plain->getArg(i)->takeName(function.getArg(i));
  }
  plain->setSubprogram(function.getSubprogram());
  function.setSubprogram(nullptr);
  return plain;
}

void placeStub(Function& function, Function& plain, Constant* key, Constant* entry) {
  LLVMContext& types = function.getContext();
  Function* slow = slowPath(function, entry);
  BasicBlock* stub = BasicBlock::Create(types, "", &function);
  BasicBlock* off = BasicBlock::Create(types, "", &function);
  BasicBlock* on = BasicBlock::Create(types, "", &function);
  IRBuilder<> builder(stub);
  InlineAsm* branch = staticBranch(types);
  builder.CreateCallBr(branch->getFunctionType(), branch, off, {on}, {key});
  SmallVector<Value*> arguments;
  for (Argument& argument : function.args())
    arguments.push_back(&argument);
  for (auto [block, target] : {std::pair(off, &plain), std::pair(on, slow)}) {
    builder.SetInsertPoint(block);
    CallInst* call = builder.CreateCall(target, arguments);
    call->setTailCall();
    if (function.getReturnType()->isVoidTy())
      builder.CreateRetVoid();
    else
      builder.CreateRet(call);
  }
  loosenAttributes(function);
}

} // namespace fgft::isolator
