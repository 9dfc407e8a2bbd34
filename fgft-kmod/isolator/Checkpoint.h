// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The functions through which fgft.ko quiesces, restores, saves and writes back the device for one entry
// point.
#pragma once

#include "Paths.h"

namespace fgft::isolator {

/// Members of struct fgft_entry that belong to the checkpoint; nullptr where there is nothing to do.
struct CheckpointFunctions {
  llvm::Function* checkpoint = nullptr;
  llvm::Function* restore = nullptr;
  llvm::Function* save = nullptr;
  llvm::Function* unsave = nullptr;
  llvm::Function* device = nullptr;
  unsigned slots = 0;
};

/// The checkpoint that an entry point names, or nullptr. Throws std::runtime_error if the config has none of
/// that name.
const protect::Checkpoint* checkpointOf(const protect::EntryPoint& entry, const Context& context);

/// Emits the functions for one entry point. Throws std::runtime_error with the config's file and line.
CheckpointFunctions emitCheckpoint(llvm::Module& module, const protect::EntryPoint& entry,
                                   const PathResolver& resolver, const Context& context);

} // namespace fgft::isolator
