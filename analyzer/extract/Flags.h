// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The part of an invocation that facts may depend on, the same however the front end was started.
#pragma once

#include "extract/OwnFiles.h"

#include <string>
#include <vector>

namespace clang {
class HeaderSearchOptions;
class LangOptions;
class PreprocessorOptions;
class TargetOptions;
} // namespace clang

namespace fgft {

/// Macros, forced includes, search folders, language and target; without analyzer, output, precompiled header
/// and code generation options and without __clang_analyzer__ and __CHECKER__. Paths below a root are
/// relative to it.
std::vector<std::string> significantFlags(const clang::PreprocessorOptions& preprocessor,
                                          const clang::HeaderSearchOptions& search,
                                          const clang::LangOptions& language,
                                          const clang::TargetOptions& target, const Roots& roots);

/// The kernel's source root, taken from the forced include of include/linux/kconfig.h; empty if there is
/// none.
std::string sourceRootOf(const clang::PreprocessorOptions& preprocessor, const std::string& directory);

} // namespace fgft
