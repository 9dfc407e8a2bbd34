// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a function's body does: calls, assignments of addresses, stores, reads, inline assembly.
#pragma once

#include "extract/Objects.h"
#include "extract/OwnFiles.h"
#include "extract/Values.h"
#include "facts/Facts.h"

#include <llvm/ADT/DenseMap.h>

#include <set>
#include <string>

namespace fgft {

class Bodies {
public:
  Bodies(clang::ASTContext& context, OwnFiles& own, Values& values, Objects& objects, TuFacts& facts)
      : context_(context), own_(own), values_(values), objects_(objects), facts_(facts) {}

  /// Fills `function` from the definition's body; assignments and static local objects go to the TU's facts.
  void read(const clang::FunctionDecl* definition, Function& function);

  /// Whether a call of a function by its name counts as one: not what the compiler must be able to remove, or
  /// to compute.
  static bool isCall(const clang::ASTContext& context, const clang::FunctionDecl* callee);

  /// A static function pointer: all that it may hold is told by this TU.
  static bool isHook(const clang::VarDecl* variable);

private:
  void readStatement(const clang::Stmt* statement);
  void readCall(const clang::CallExpr* expression);
  void readArguments(const clang::CallExpr* expression, Call& call);
  void readAssignment(const clang::BinaryOperator* expression);
  void readVariable(const clang::VarDecl* variable);
  void readAssembly(const clang::GCCAsmStmt* assembly);
  void readStruct(Assignment& assignment, const clang::Expr* from);
  void addRead(const clang::Expr* lvalue);
  void addStore(const clang::Expr* lvalue, const clang::Expr* value = nullptr,
                clang::BinaryOperatorKind how = clang::BO_Assign);
  void addStoreBehind(const clang::Expr* pointer);
  void keepStore(Store store);
  void setResult(const clang::Expr* from, const Value& to);
  bool isOwn(const clang::RecordDecl* record);
  bool isKernelMacros(const clang::Expr* lvalue);
  unsigned line(clang::SourceLocation where) const;

  clang::ASTContext& context_;
  OwnFiles& own_;
  Values& values_;
  Objects& objects_;
  TuFacts& facts_;

  // Of the function that is read.
  Function* function_ = nullptr;
  std::set<std::string> seen_; // calls, stores and assembly that are there already
  std::set<Name> reads_;
  llvm::DenseMap<const clang::CallExpr*, Value> results_;
};

} // namespace fgft
