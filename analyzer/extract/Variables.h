// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the own variables (locals and parameters) of one function hold, whatever the order of its statements.
#pragma once

#include "support/Name.h"

#include <clang/AST/Decl.h>
#include <clang/AST/Expr.h>
#include <llvm/ADT/DenseMap.h>
#include <llvm/ADT/DenseSet.h>
#include <llvm/ADT/SmallVector.h>

#include <vector>

namespace fgft {

/// An lvalue without parentheses and casts, `*&x` taken as `x`.
const clang::Expr* plainLvalue(const clang::Expr* expression);

/// The own variable whose storage an lvalue is in; null if it is behind a pointer or in a file-scope
/// variable.
const clang::VarDecl* ownStorage(const clang::Expr* lvalue);

/// The struct member that an lvalue is or is an element of; null if it is none.
const clang::MemberExpr* memberOf(const clang::Expr* lvalue);

class Variables {
public:
  /// Reads a function's evaluated statements. Holds until the next call.
  void enter(const std::vector<const clang::Stmt*>& statements);

  /// The one value that a variable is given; null if there is none, several, or a way that is no expression.
  /// NULL beside another value does not count. A pointer may be moved on from it if `orMoved`.
  const clang::Expr* onlyValue(const clang::VarDecl* variable, bool orMoved) const;

  /// All values that a variable is assigned as a whole; empty if it is given others as well.
  llvm::ArrayRef<const clang::Expr*> values(const clang::VarDecl* variable) const;

  /// Whether all that a variable is given comes from calls of one function that get its address.
  bool isOnlyFilled(const clang::VarDecl* variable) const;

  /// Whether a parameter is what the caller passed, throughout.
  bool isUnchanged(const clang::ParmVarDecl* parameter) const;
  /// Whether it is given other values; whether, a pointer, it is moved on.
  bool isReplaced(const clang::ParmVarDecl* parameter) const;
  bool isMoved(const clang::ParmVarDecl* parameter) const;

  /// What goes into a value (facts/Facts.h: Value::from), sorted.
  std::vector<Name> from(const clang::Expr* expression);

private:
  struct Variable {
    llvm::SmallVector<const clang::Expr*, 2> values; // assigned to the whole of it
    llvm::SmallVector<const clang::Expr*, 2> parts;  // assigned to a part, or combined with what it held
    llvm::SmallVector<Name, 1> fills;                // "f()" that get its address
    bool moved = false;                              // ++, +=, -- or -=
    bool escapes = false;                            // its address is taken
  };
  // Of an expression: what it names itself, and the variables through which it gets at more.
  struct Uses {
    llvm::SmallVector<Name, 4> names;
    llvm::SmallVector<const clang::VarDecl*, 4> variables;
  };

  void note(const clang::Stmt* statement);
  void noteAssignment(const clang::BinaryOperator* assignment);
  void noteArguments(const clang::CallExpr* call);
  void noteAddress(const clang::Expr* lvalue);
  void collect(const clang::Stmt* expression, Uses& uses) const;
  void collectCall(const clang::CallExpr* call, Uses& uses) const;
  const Uses& usesOf(const clang::VarDecl* variable);

  llvm::DenseMap<const clang::VarDecl*, Variable> variables_;
  llvm::DenseMap<const clang::VarDecl*, Uses> uses_;
  llvm::DenseSet<const clang::Stmt*> answered_; // addresses that were understood where they are used
};

} // namespace fgft
