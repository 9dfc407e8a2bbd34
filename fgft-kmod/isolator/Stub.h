// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The stub at the entry of a protected function.
#pragma once

#include "Isolator.h"

namespace fgft::isolator {

/// Moves the body of a function into NAME.fgft.plain, where it stays what the compiler made of it; the
/// function itself is empty until placeStub. Throws std::runtime_error for a function whose arguments do not
/// fit into the runtime's eight words.
llvm::Function* takeBody(llvm::Function& function);

/// Fills an emptied function with the stub: a five-byte no-op that the static key turns into a jump to the
/// slow path, and a jump to the body.
void placeStub(llvm::Function& function, llvm::Function& plain, llvm::Constant* key, llvm::Constant* entry);

} // namespace fgft::isolator
