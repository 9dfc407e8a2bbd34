// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Small functions that the isolator adds to a driver: thunks, slow paths, save and restore.
#pragma once

#include "Isolator.h"

namespace fgft::isolator {

/// An internal function compiled as `model` is (retpolines, return thunks, call padding), without stack
/// protector, without ftrace's call, never inlined.
llvm::Function* newFunction(llvm::Module& module, llvm::StringRef name, llvm::FunctionType* type,
                            const llvm::Function& model);

/// u64 name(u64 *args): unpacks the arguments, calls, packs the result (zero- or sign-extended as its type
/// says).
llvm::Function* newThunk(llvm::Function& target, llvm::StringRef name);

/// The type u64 (u64 *).
llvm::FunctionType* thunkType(llvm::LLVMContext& context);

/// Takes away what the optimiser inferred from a body that gets more to do: effects on memory, on its
/// arguments, on its result.
void loosenAttributes(llvm::Function& function);

/// Keeps a function, with its signature, until the end of the pipeline.
void keepFunction(llvm::Function& function);
/// Undoes keepFunction for all.
void releaseFunctions(llvm::Module& module);

} // namespace fgft::isolator
