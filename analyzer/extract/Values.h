// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What an expression may be (facts/Facts.h: Value), and the macros that something is written with.
#pragma once

#include "facts/Facts.h"

#include <clang/AST/ASTContext.h>
#include <clang/AST/Expr.h>
#include <llvm/ADT/DenseMap.h>

#include <string>
#include <vector>

namespace fgft {

/// Reads expressions of one TU.
class Values {
public:
  explicit Values(clang::ASTContext& context) : context_(context) {}

  Value of(const clang::Expr* expression, unsigned depth = 0);

  /// Looks through `body` for local pointers that are assigned just once: in the function they are read as
  /// what they are assigned. Holds until the next call.
  void enterFunction(const clang::Stmt* body);

  /// Names of the macros whose expansion wrote `where`, innermost first, without repeats.
  std::vector<Name> macrosAt(clang::SourceLocation where) const;

  /// A declaration's name; where __COUNTER__ made a part of it, without that number, which says how many
  /// other headers came before and nothing of the driver.
  static std::string nameOf(const clang::NamedDecl* declaration);

  /// The name of a struct or union type: its tag, else its typedef's name; empty for other types.
  static std::string tagOf(clang::QualType type);

  /// A chain of member accesses: what it starts from, the path, and the type the path is in.
  struct Access {
    const clang::Expr* base = nullptr; // never a member access
    std::string path;
    clang::QualType record;
    bool throughPointer = false; // the base is a pointer to `record`
  };
  /// The chain down to the outermost variable or the outermost pointer that is read.
  Access accessOf(const clang::Expr* expression) const;

private:
  Value ofReference(const clang::DeclRefExpr* reference, unsigned depth);
  Value ofAccess(const clang::Expr* expression, unsigned depth);
  Value ofChoice(const clang::AbstractConditionalOperator* choice, unsigned depth);
  Value ofConstant(const clang::Expr* expression);
  Value other(const clang::Expr* expression) const;
  void collectMacros(const clang::Stmt* statement, std::vector<Name>& names) const;

  clang::ASTContext& context_;
  // Local pointers without an initialiser and their one assigned value; null: assigned more than once.
  llvm::DenseMap<const clang::VarDecl*, const clang::Expr*> assignedOnce_;
};

} // namespace fgft
