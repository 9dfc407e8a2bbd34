// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The part of an invocation that facts may depend on, the same however the front end was started.
#pragma once

#include "extract/OwnFiles.h"

#include <string>
#include <vector>

namespace clang {
class CompilerInvocation;
}

namespace fgft {

/// Macros, forced includes, search folders, language and target; without analyzer, output, precompiled header
/// and code generation options and without __clang_analyzer__ and __CHECKER__. Paths below a root are
/// relative to it.
std::vector<std::string> significantFlags(const clang::CompilerInvocation& invocation, const Roots& roots);

/// The kernel's source root, taken from the forced include of include/linux/kconfig.h; empty if there is
/// none.
std::string sourceRootOf(const clang::CompilerInvocation& invocation, const std::string& directory);

} // namespace fgft
