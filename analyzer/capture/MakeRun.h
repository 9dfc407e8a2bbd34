// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Runs make (or another program) so that nothing of it outlives us.
#pragma once

#include "support/Interrupted.h"

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace fgft {

struct MakeRun {
  std::vector<std::string> arguments;             ///< with the program's name first, searched on PATH
  std::map<std::string, std::string> environment; ///< beside our own
  std::vector<std::string> unset;                 ///< of our own environment
  std::string directory;                          ///< where it runs
  std::string log;                                ///< what it prints is added here
};

/// Runs to the end and returns the exit status (128 + signal if one killed it). `poll` is called twice a
/// second. The program has a process group of its own; on an interrupt the whole group is ended, then
/// Interrupted thrown. Throws Error if it cannot be started.
int run(const MakeRun& what, const std::function<void()>& poll = {});

} // namespace fgft
