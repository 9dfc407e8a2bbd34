// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Kbuild under our wrapper: the make commands of a capture and what they say.
#pragma once

#include "capture/Capture.h"
#include "capture/KernelTree.h"

#include <functional>
#include <string>
#include <vector>

namespace fgft {

/// The folders of one kernel and configuration below the cache.
struct CaptureFolders {
  std::string base;     ///< <cache>/capture/<key>
  std::string work;     ///< where Kbuild builds; may be deleted at any time
  std::string snapshot; ///< what the commands point to
  std::string mirror;   ///< a clean view of the source, where it needs one; gone after the capture
  std::string records;  ///< what fgft-cc writes
  std::string log;      ///< what make prints
};

/// Runs make for one capture.
class Kbuild {
public:
  using Poll = std::function<void()>;

  /// `source` is the source that Kbuild reads: the kernel's own, or the mirror. Throws Error if the compiler
  /// or the wrapper is missing.
  Kbuild(const KernelTree& tree, const CaptureOptions& options, CaptureFolders folders, std::string source);

  /// Brings the configuration over and makes what Kbuild generates before the first object. Nothing is
  /// recorded. Throws Error with the end of the log if that fails. Returns what has changed in the
  /// configuration.
  std::vector<std::string> prepare(const Poll& poll);

  /// Records `targets` (folders with '/', objects). Errors of single targets are no failure: see failures().
  void record(const std::vector<std::string>& targets, const Poll& poll);

  /// The last recording command, as a user would type it.
  const std::string& command() const { return command_; }

  /// What make could not make while recording, each once, in the order of the text.
  std::vector<std::string> failures() const;

private:
  std::vector<std::string> make() const;
  std::string seedScript() const;
  void writeSeedScript() const;
  int runMake(std::vector<std::string> arguments, const std::string& scope, const Poll& poll);

  const KernelTree& tree_;
  CaptureFolders folders_;
  std::string source_;
  std::string wrapper_;
  std::string llvm_;     ///< LLVM='s value; "" for gcc
  std::string compiler_; ///< the real one
  std::string host_;     ///< the real one for programs of the build
  unsigned jobs_;
  std::size_t recordingFrom_ = 0; ///< where in the log recording begins
  std::string command_;
};

/// The name of a program on PATH; throws Error, with what it is needed for, if there is none.
void requireProgram(const std::string& name, const std::string& purpose);

/// `text` as one word of a shell.
std::string shellQuoted(const std::string& text);

} // namespace fgft
