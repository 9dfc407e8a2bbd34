// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Boots one scenario: makes the initial file system, runs QEMU under a time limit, keeps console and output.
#pragma once

#include "Scenario.h"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace fgft {

/// What is the same for all scenarios of a run.
struct GuestOptions {
  std::string kernel; ///< release, e.g. the name of a folder of /lib/modules
  std::filesystem::path testbed;
  std::filesystem::path output;
  std::vector<std::filesystem::path> moduleFolders; ///< where own .ko files are looked for, first match wins
  bool shell = false; ///< RUN, then a shell on this terminal, without a time limit
};

/// How a guest's life ended; the checks are the verdict's business.
struct GuestRun {
  enum class End { PoweredOff, TimeLimit, Stalled, QemuFailed };
  End end = End::PoweredOff;
  int qemuStatus = 0;
  double seconds = 0;
  std::filesystem::path console;
  std::filesystem::path result;
};

/// The file of one of our own modules, if it was built.
std::optional<std::filesystem::path> findOwnModule(const GuestOptions& options, const std::string& name);

/// The reason why a scenario cannot run here, or nothing.
std::optional<std::string> whySkipped(const GuestOptions& options, const Scenario& scenario);

/// Runs the guest to its end. Throws fgft::Error when the initial file system cannot be made or QEMU not
/// started.
GuestRun runGuest(const GuestOptions& options, const Scenario& scenario);

} // namespace fgft
