// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// From a parsed TU to facts. One code for all roads: the checker under any analyzer driver, and the
// in-process front end (analyze/).
#pragma once

#include "extract/OwnFiles.h"
#include "facts/Facts.h"

#include <llvm/ADT/ArrayRef.h>

#include <set>
#include <string>

namespace clang {
class ASTContext;
class Decl;
} // namespace clang

namespace fgft {

class PmBodies;

/// Adds what the TU's own declarations among `topLevel` say to `facts`. Other declarations are passed over,
/// so that a caller may hand in all of a translation unit. `driverTags`: struct tags of the model's driver
/// structs. `pm`: who had bodies skipped, if anybody did.
void extract(clang::ASTContext& context, llvm::ArrayRef<clang::Decl*> topLevel, const Roots& roots,
             const std::set<std::string>& driverTags, TuFacts& facts, const PmBodies* pm = nullptr);

/// Adds the functions among `topLevel`, which shared headers define: calls, stores, reads and assembly, no
/// objects.
void extractHeaders(clang::ASTContext& context, llvm::ArrayRef<clang::Decl*> topLevel, const Roots& roots,
                    const std::set<std::string>& driverTags, TuFacts& facts);

} // namespace fgft
