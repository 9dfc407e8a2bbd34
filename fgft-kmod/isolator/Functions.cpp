// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Helpers to add functions to a driver.

#include "Functions.h"

#include "Runtime.h"
#include "llvm/IR/AttributeMask.h"
#include "llvm/Transforms/Utils/ModuleUtils.h"

using namespace llvm;

namespace fgft::isolator {

namespace {
constexpr StringLiteral keptMark = "fgft-kept";
}

FunctionType* thunkType(LLVMContext& context) {
  return FunctionType::get(Type::getInt64Ty(context), {PointerType::get(context, 0)}, false);
}

Function* newFunction(Module& module, StringRef name, FunctionType* type, const Function& model) {
  auto* function = Function::Create(type, GlobalValue::InternalLinkage, name, module);
  AttrBuilder attributes(module.getContext(), model.getAttributes().getFnAttrs());
  for (StringRef mark :
       {StringRef(cloneMark), StringRef(entryMark), StringRef(restoreMark), StringRef(keptMark),
        StringRef("fgft-parameters"), StringRef("fentry-call"), StringRef("mrecord-mcount")})
    attributes.removeAttribute(mark);
  for (Attribute::AttrKind kind :
       {Attribute::StackProtect, Attribute::StackProtectReq, Attribute::StackProtectStrong,
        Attribute::AlwaysInline, Attribute::InlineHint, Attribute::Memory, Attribute::WillReturn,
        Attribute::NoReturn, Attribute::NoSync, Attribute::NoFree, Attribute::NoRecurse,
        Attribute::MustProgress})
    attributes.removeAttribute(kind);
  attributes.addAttribute(Attribute::NoInline);
  function->addFnAttrs(attributes);
  return function;
}

Function* newThunk(Function& target, StringRef name) {
  Module& module = *target.getParent();
  Function* thunk = newFunction(module, name, thunkType(module.getContext()), target);
  IRBuilder<> builder(BasicBlock::Create(module.getContext(), "", thunk));
  SmallVector<Value*> arguments;
  for (Argument& argument : target.args()) {
    Value* slot =
        builder.CreateConstInBoundsGEP1_64(builder.getInt64Ty(), thunk->getArg(0), argument.getArgNo());
    arguments.push_back(fromU64(builder, builder.CreateLoad(builder.getInt64Ty(), slot), argument.getType()));
  }
  CallInst* call = builder.CreateCall(&target, arguments);
  call->setAttributes(target.getAttributes().removeFnAttributes(module.getContext()));
  if (target.getReturnType()->isVoidTy())
    builder.CreateRet(builder.getInt64(0));
  else
    builder.CreateRet(asU64(
        builder, call, target.hasRetAttribute(Attribute::SExt) || target.getReturnType()->isIntegerTy(32)));
  return thunk;
}

void loosenAttributes(Function& function) {
  LLVMContext& types = function.getContext();
  AttributeMask onFunction;
  for (Attribute::AttrKind kind :
       {Attribute::Memory, Attribute::WillReturn, Attribute::NoSync, Attribute::NoFree, Attribute::NoRecurse,
        Attribute::Speculatable, Attribute::MustProgress, Attribute::NoReturn})
    onFunction.addAttribute(kind);
  AttributeMask onArgument;
  for (Attribute::AttrKind kind :
       {Attribute::ReadNone, Attribute::ReadOnly, Attribute::WriteOnly, Attribute::Captures,
        Attribute::NoFree, Attribute::Returned, Attribute::Initializes, Attribute::NoAlias, Attribute::Range,
        Attribute::NonNull, Attribute::Dereferenceable, Attribute::DereferenceableOrNull})
    onArgument.addAttribute(kind);
  auto loosen = [&](AttributeList attributes, unsigned arguments) {
    attributes = attributes.removeFnAttributes(types, onFunction);
    attributes = attributes.removeRetAttributes(types, onArgument);
    for (unsigned i = 0; i < arguments; ++i)
      attributes = attributes.removeParamAttributes(types, i, onArgument);
    return attributes;
  };
  function.setAttributes(loosen(function.getAttributes(), function.arg_size()));
  for (User* user : function.users())
    if (auto* call = dyn_cast<CallBase>(user); call && call->getCalledOperand() == &function)
      call->setAttributes(loosen(call->getAttributes(), call->arg_size()));
}

void keepFunction(Function& function) {
  function.addFnAttr(keptMark);
  appendToCompilerUsed(*function.getParent(), {&function});
}

void releaseFunctions(Module& module) {
  removeFromUsedLists(module, [](Constant* constant) {
    auto* function = dyn_cast<Function>(constant->stripPointerCasts());
    return function && function->hasFnAttribute(keptMark);
  });
}

} // namespace fgft::isolator
