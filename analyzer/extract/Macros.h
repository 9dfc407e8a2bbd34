// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The macros that something is written with.
#pragma once

#include "support/Name.h"

#include <clang/AST/ASTContext.h>
#include <clang/AST/Stmt.h>
#include <clang/Basic/SourceLocation.h>
#include <llvm/ADT/DenseMap.h>

#include <memory>
#include <vector>

namespace fgft {

/// Adds a name unless it is empty or there.
void addOnce(std::vector<Name>& names, Name name);

/// Macros of one TU.
class Macros {
public:
  explicit Macros(const clang::ASTContext& context) : context_(context) {}

  /// Names of the macros whose expansion wrote `where`, innermost first, without repeats.
  const std::vector<Name>& at(clang::SourceLocation where) const;

  /// Adds the macros and enumerators that literals and names in a statement are written with.
  void collect(const clang::Stmt* statement, std::vector<Name>& names) const;
  /// The same for a call's argument, of macros the outermost each, without `ofCall`: those that write the
  /// call.
  void collectOuter(const clang::Stmt* statement, const std::vector<Name>& ofCall,
                    std::vector<Name>& names) const;

private:
  bool isScratch(clang::SourceLocation where) const;

  const clang::ASTContext& context_;
  mutable llvm::DenseMap<clang::FileID, std::unique_ptr<std::vector<Name>>> known_; // by expansion
};

} // namespace fgft
