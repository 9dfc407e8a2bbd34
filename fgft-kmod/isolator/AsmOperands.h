// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What inline assemblies in clones do to memory, by the table of templates.
#pragma once

#include "Isolator.h"
#include "llvm/IR/InstrTypes.h"

namespace fgft::isolator {

/// A $-operand of an inline assembly.
struct AsmOperand {
  llvm::Value* value = nullptr;      ///< argument of the call; nullptr for a direct output or a label
  llvm::Type* elementType = nullptr; ///< of an indirect (memory) operand
  int argument = -1;                 ///< its number among the call's arguments
};

/// The operands in the order of their $-numbers.
llvm::SmallVector<AsmOperand> asmOperands(const llvm::CallBase& call);

/// Places the runtime's calls around one inline assembly of a clone, or fails with the place if the table has
/// no row for it. May erase the call.
void instrumentAsm(llvm::CallBase& call, const Context& context);

/// The $-operands that are addresses of memory or of the device, for fault sites; writes: the assembly writes
/// there.
struct AsmAddress {
  AsmOperand operand;
  bool writes = false;
};
llvm::SmallVector<AsmAddress> asmAddresses(const llvm::CallBase& call, const Context& context);

} // namespace fgft::isolator
