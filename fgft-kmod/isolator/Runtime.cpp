// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Calls from generated code to fgft.ko.

#include "Runtime.h"

using namespace llvm;

namespace fgft::isolator {

FunctionCallee runtimeFunction(Module& module, StringRef name, Type* result, ArrayRef<Type*> parameters) {
  auto callee = module.getOrInsertFunction(name, FunctionType::get(result, parameters, false));
  if (auto* function = dyn_cast<Function>(callee.getCallee())) {
    function->setDoesNotThrow();
    if (name == "fgft_bug" || name == "fgft_refuse")
      function->setDoesNotReturn();
  }
  return callee;
}

CallInst* callRuntime(IRBuilder<>& builder, StringRef name, ArrayRef<Value*> arguments) {
  SmallVector<Type*> types;
  for (Value* argument : arguments)
    types.push_back(argument->getType());
  Module& module = *builder.GetInsertBlock()->getModule();
  CallInst* call = builder.CreateCall(runtimeFunction(module, name, builder.getVoidTy(), types), arguments);
  if (name == "fgft_bug")
    call->setDoesNotReturn();
  return call;
}

Value* asU64(IRBuilder<>& builder, Value* value, bool isSigned) {
  Type* type = value->getType();
  if (type->isPointerTy())
    return builder.CreatePtrToInt(value, builder.getInt64Ty());
  if (type->isFloatingPointTy()) {
    unsigned bits = type->getPrimitiveSizeInBits();
    if (!bits || bits > 64)
      return nullptr;
    value = builder.CreateBitCast(value, builder.getIntNTy(bits));
    type = value->getType();
  }
  if (!type->isIntegerTy() || type->getIntegerBitWidth() > 64)
    return nullptr;
  return isSigned ? builder.CreateSExt(value, builder.getInt64Ty())
                  : builder.CreateZExt(value, builder.getInt64Ty());
}

Value* fromU64(IRBuilder<>& builder, Value* value, Type* type) {
  if (type->isPointerTy())
    return builder.CreateIntToPtr(value, type);
  if (type->isIntegerTy())
    return builder.CreateTrunc(value, type);
  return builder.CreateBitCast(builder.CreateTrunc(value, builder.getIntNTy(type->getPrimitiveSizeInBits())),
                               type);
}

} // namespace fgft::isolator
