// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The stub at the entry of a protected function.
#pragma once

#include "Isolator.h"

namespace fgft::isolator {

/// Puts the stub into a function: a five-byte no-op that the static key turns into a jump to the slow path.
/// Throws std::runtime_error for a function whose arguments do not fit into the runtime's eight words.
void placeStub(llvm::Function& function, llvm::Constant* key, llvm::Constant* entry);

} // namespace fgft::isolator
