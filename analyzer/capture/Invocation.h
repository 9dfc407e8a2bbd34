// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A compile command reduced to what decides the facts: preprocessor, language and target. All roads (plugin,
// in-process, gcc- or clang-configured) meet here, so keys and facts do not depend on the road.
#pragma once

#include "capture/CompileDb.h"
#include "capture/GccFlags.h"

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace fgft {

/// Why an entry of a database is no translation unit of the kernel.
enum class DropReason {
  HostTool,    ///< compiled for the machine that builds (no -D__KERNEL__)
  Assembler,   ///< assembler source
  NotACompile, ///< preprocesses, links or asks the compiler something
  NoSource,    ///< no C file among the arguments
  NotAKernel,  ///< -D__KERNEL__, but no header that tells where the kernel's source is
};
inline constexpr std::size_t dropReasons = 5;

/// The reason in words, for counters and logs.
const char* toString(DropReason reason);

/// Entries dropped, by reason.
struct DropCounts {
  std::array<std::size_t, dropReasons> count{};
  void add(DropReason reason) { ++count[static_cast<std::size_t>(reason)]; }
  std::size_t total() const;
};

/// One translation unit's compilation, normalised.
struct Invocation {
  std::string file;       ///< relative to the source root, else to the build root, else absolute
  std::string path;       ///< the same file, absolute: what the front end opens
  std::string output;     ///< the object, relative to the build root where it lies there
  std::string directory;  ///< where the front end has to run: paths in `args` are relative to it
  std::string sourceRoot; ///< the kernel's source
  std::string buildRoot; ///< where the kernel is configured; equals sourceRoot for a tree configured in place
  bool generated = false; ///< `file` is made by the build: it lies in the build root, not in the source
  bool modular = false;   ///< compiled for a loadable module (-DMODULE), not for the kernel image

  /// The modules that the object goes into, as paths without suffix (drivers/net/ethernet/realtek/8139cp);
  /// several if Kbuild links it into several.
  std::vector<std::string> modules;
  bool modulesGuessed = false; ///< the command has no KBUILD_MODFILE; see ModuleNames.h

  /// Arguments for clang's driver, without the compiler, the file, -c and -o, dependency output, sparse,
  /// analyzer and PCH options, warnings, debug info, and what only optimises, instruments or loads plugins.
  /// -O stays: it decides __OPTIMIZE__.
  std::vector<std::string> args;

  /// Options of gcc that the table does not know; dropped, and to be told to the user.
  std::vector<std::string> unknownFlags;

  /// `args` less the -D that differ from file to file (KBUILD_MODNAME …), as one string: files with equal
  /// groups see the same kernel headers.
  std::string flagGroup() const;

  /// `args` with the source root written as $S and the build root as $B: equal for equal commands on every
  /// machine. What keys are made of.
  std::vector<std::string> portableArgs() const;

  /// What flagGroup() leaves out: true for -DKBUILD_MODNAME=… and its like.
  static bool isPerFile(const std::string& argument);
};

/// Reduces one command; nullopt, with the reason, for an entry that is no C file of the kernel.
std::optional<Invocation> normalise(const CompileCommand& command, const GccFlags& flags,
                                    DropReason* reason = nullptr);

/// Normalises `path` without looking at the disk, relative to `directory` if it is not absolute.
std::string absolutePath(const std::string& path, const std::string& directory);

} // namespace fgft
