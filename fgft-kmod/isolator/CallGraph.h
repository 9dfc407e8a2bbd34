// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a driver of several source files reaches: one compilation sees one file, a transaction's clones go
// through all. The driver is compiled twice: first each file notes its functions and calls (FGFT_CALLS_OUT),
// then each reads all notes.
#pragma once

#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/IR/Module.h"

#include <string>
#include <vector>

namespace fgft::isolator {

struct CallGraph {
  llvm::StringSet<> external;                      ///< functions that the driver defines for all of its files
  llvm::StringMap<std::vector<std::string>> calls; ///< key of a function -> keys of those that it calls
  llvm::StringSet<> reached;                       ///< keys reached from the protected entry points

  [[nodiscard]] bool empty() const { return calls.empty(); }
  /// A reached function that reaches itself through functions of all files, or an empty string.
  [[nodiscard]] std::string cycle() const;
};

/// True for a function that only this file has, or that each file has for itself.
bool isOwn(const llvm::Function& function);

/// A function's name in the graph: its own, with the file in front if it is the file's own.
std::string keyOf(const llvm::Function& function);

/// Writes this file's functions and calls to FOLDER/NAME.calls. Throws std::runtime_error.
void writeCalls(const llvm::Module& module, const std::string& folder);

/// Reads all notes of a folder and follows the calls from the functions of these names, wherever they are
/// defined.
CallGraph readCalls(const std::string& folder, const std::vector<std::string>& roots);

} // namespace fgft::isolator
