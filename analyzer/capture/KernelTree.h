// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a folder that is said to be a configured kernel is: source, architecture, compiler, configuration.
#pragma once

#include <string>
#include <vector>

namespace fgft {

/// A configured kernel. Paths are real paths: Kbuild names its source so.
struct KernelTree {
  std::string build;         ///< the folder with .config
  std::string source;        ///< the folder with the source; equals `build` for a tree configured in place
  std::string arch;          ///< what ARCH= was at configuration (x86_64, arm64 …)
  std::string config;        ///< the text of .config
  std::string configHash;    ///< hash of its CONFIG_ lines, without those that name the compiler
  std::string release;       ///< include/config/kernel.release, else the version in the source's Makefile
  bool gcc = false;          ///< configured with gcc
  std::string compiler;      ///< gcc's name as it was at configuration (gcc-12); "" for clang
  std::string crossCompile;  ///< what stands before gcc in it (aarch64-linux-gnu-)
  bool sourceIsClean = true; ///< Kbuild takes the source for a build in another folder

  /// The scope as clean relative paths; default drivers and sound. Throws Error on what is not in the source,
  /// or neither a folder nor a C file.
  std::vector<std::string> resolveScope(const std::vector<std::string>& scope) const;
};

/// Looks at `folder`. `arch` is checked against the configuration ("" = take what it says). Throws Error,
/// saying what to do, on what is no kernel, not configured, without CONFIG_PM or CONFIG_PM_SLEEP, or of
/// another or unknown architecture.
KernelTree inspectKernelTree(const std::string& folder, const std::string& arch);

/// True if `path` is `folder` or lies below it; both relative to one root.
bool isWithin(const std::string& path, const std::string& folder);

} // namespace fgft
