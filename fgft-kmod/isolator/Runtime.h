// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Declares fgft.ko's functions in a module (fgft-kmod/include/fgft_abi.h) and builds calls to them.
#pragma once

#include "llvm/ADT/StringRef.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/Module.h"

namespace fgft::isolator {

/// A function of fgft.ko, declared in the module at first use. Types are the ABI's: pointers and u64/u32/s64.
llvm::FunctionCallee runtimeFunction(llvm::Module& module, llvm::StringRef name, llvm::Type* result,
                                     llvm::ArrayRef<llvm::Type*> parameters);

/// Calls a void function of fgft.ko; the parameter types are those of the values.
llvm::CallInst* callRuntime(llvm::IRBuilder<>& builder, llvm::StringRef name,
                            llvm::ArrayRef<llvm::Value*> arguments);

/// An integer, pointer or floating-point value as u64, zero- or sign-extended. nullptr if it is wider or no
/// scalar.
llvm::Value* asU64(llvm::IRBuilder<>& builder, llvm::Value* value, bool isSigned = false);

/// The value of a function's type that a u64 of the runtime stands for.
llvm::Value* fromU64(llvm::IRBuilder<>& builder, llvm::Value* value, llvm::Type* type);

} // namespace fgft::isolator
