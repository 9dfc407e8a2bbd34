// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The compile commands of a kernel, or of a part of it, without compiling it and without touching it.
//
// Kbuild itself is asked: it runs with a recording wrapper as its compiler, in a folder of ours below the
// cache folder. What generated files the commands need (headers, sources made by the build) stay there, and
// the commands point at them, so that they parse as long as the cache lives and whatever is built meanwhile.
#pragma once

#include "capture/Invocation.h"

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace fgft {

struct CaptureOptions {
  std::string kernel;             ///< a configured build folder: a tree configured in place, or an O= folder
  std::string arch;               ///< as the user says it (x86_64, arm64 …); "" = what .config says
  std::vector<std::string> scope; ///< folders or C files relative to the source; default: drivers, sound
  std::string output = "compile_commands.json";
  unsigned jobs = 0;       ///< 0 = one for each CPU
  std::string llvmSuffix;  ///< for LLVM=, e.g. "-22"; "" = this program's own LLVM version
  std::string cacheFolder; ///< "" = $FGFT_CACHE, $XDG_CACHE_HOME/fgft or ~/.cache/fgft
  std::string wrapper;     ///< the fgft-cc program; "" = beside this program
};

/// A C file of the scope that no command compiles.
struct NotBuilt {
  std::string file;   ///< relative to the source
  std::string reason; ///< "not built", "included by FILE", "host program"
};

struct CaptureResult {
  std::string output;        ///< the database
  std::string sidecar;       ///< its <name>.capture.json
  std::size_t count = 0;     ///< commands in the database
  DropCounts dropped;        ///< what was compiled in the scope and is no C file of the kernel
  std::string sourceRoot;    ///< of the kernel, as the commands name it
  std::string buildRoot;     ///< the folder below the cache that the commands run in
  std::string kernel;        ///< the configured folder that was asked for
  std::string kernelRelease; ///< e.g. 6.12.117
  std::string arch;          ///< x86_64, arm64 …: the kernel's name for it, x86 made precise
  std::string configHash;    ///< hash of the CONFIG_ lines
  std::vector<std::string> scope;
  std::vector<NotBuilt> notBuilt;
  std::vector<std::string> failures; ///< targets that make could not make, as it said them
  std::vector<std::string> notes;    ///< what else the user should know
  std::string command;               ///< the make command that was run
  std::string log;                   ///< its output
};

/// $FGFT_CACHE, else $XDG_CACHE_HOME/fgft, else ~/.cache/fgft. Throws Error if none of them is set.
std::string defaultCacheFolder();

/// Called now and then with what is done and how many commands there are so far.
using CaptureProgress = std::function<void(const std::string& step, std::size_t commands)>;

/// Captures. Throws Error on what is no kernel, is not configured, lacks CONFIG_PM or CONFIG_PM_SLEEP, on an
/// unknown architecture, on a scope that is not there. Interrupt (SIGINT, SIGTERM) ends make and throws
/// Interrupted.
CaptureResult capture(const CaptureOptions& options, const CaptureProgress& progress = {});

/// Reads the sidecar of a database; nullopt where there is none (a database that somebody else made).
std::optional<CaptureResult> readCaptureSidecar(const std::string& database);

} // namespace fgft
