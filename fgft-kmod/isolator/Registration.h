// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// How a driver's descriptor reaches fgft.ko, and how the tables of several source files become one.
#pragma once

#include "Isolator.h"

namespace fgft::isolator {

/// True where the driver has several source files, whose tables the linker joins.
bool isJoined(const Context& context);
/// The section that holds a table of all files.
std::string tableSection(llvm::StringRef table);
/// The marker before a joined table: a symbol of the file that the driver build links first.
llvm::Constant* tableBegin(llvm::Module& module, llvm::StringRef table);

/// True if this file has the module's init function.
bool startsModule(llvm::Module& module);
/// Registers at the start of init_module, unregisters at its failing ends and at the end of cleanup_module.
/// joined: the numbers of rows are taken from the markers before.
void registerDriver(llvm::Module& module, llvm::GlobalVariable* descriptor, bool joined);

} // namespace fgft::isolator
