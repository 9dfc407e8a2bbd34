// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What an expression may be (facts/Facts.h: Value).
#pragma once

#include "extract/Macros.h"
#include "extract/Variables.h"
#include "facts/Facts.h"

#include <clang/AST/ASTContext.h>
#include <clang/AST/Expr.h>

#include <string>
#include <vector>

namespace fgft {

/// Reads expressions of one TU.
class Values {
public:
  explicit Values(clang::ASTContext& context) : context_(context) {}

  Value of(const clang::Expr* expression, unsigned depth = 0);

  /// The value of a call's argument: without text, and with the macros and constants that the argument itself
  /// is written with, not those that write the call at `call`.
  Value ofArgument(const clang::Expr* argument, clang::SourceLocation call);

  /// Reads what the function's own variables hold from its evaluated statements. Holds until the next call.
  void enterFunction(const std::vector<const clang::Stmt*>& statements) { variables_.enter(statements); }

  const Macros& macros() const { return macros_; }

  /// A declaration's name; where __COUNTER__ made a part of it, without that number, which says how many
  /// other headers came before and nothing of the driver.
  static std::string nameOf(const clang::NamedDecl* declaration);

  /// The name of a struct or union type: its tag, else its typedef's name; empty for other types.
  static std::string tagOf(clang::QualType type);

  /// The tag of the struct that a type is or points to.
  static std::string pointedTag(clang::QualType type);

  /// A chain of member accesses: what it starts from, the path, and the type the path is in.
  struct Access {
    const clang::Expr* base = nullptr; // never a member access
    std::string path;
    clang::QualType record;
    bool throughPointer = false; // the base is a pointer to `record`
  };
  /// The chain down to the outermost variable or the outermost pointer that is read.
  Access accessOf(const clang::Expr* expression) const;

  /// A member and the struct that declares it: its tag; without one that of the struct around it, or the
  /// variable's name, and `member` is the path in there, without elements.
  struct Member {
    std::string record;
    std::string member;
    const clang::RecordDecl* declaration = nullptr; // null where `record` is no tag
  };
  static Member declaredMember(const clang::MemberExpr* expression);

  /// The function that a call names, or "tag.member" of the pointer it goes through; empty for others.
  static std::string calleeName(const clang::CallExpr* call);

  /// "tag.member" of the pointer that a local variable holds through which a call goes; else empty.
  std::string pointedCallee(const clang::CallExpr* call) const;

  /// The functions in a constant table of function pointers that a call takes its callee from; Other for
  /// calls that do not.
  Value tableCallee(const clang::CallExpr* call);

  /// The value of `&lvalue`.
  Value ofAddress(const clang::Expr* lvalue, unsigned depth = 0);

private:
  Value ofReference(const clang::DeclRefExpr* reference, unsigned depth);
  Value ofLocal(const clang::VarDecl* variable, unsigned depth);
  Value ofAccess(const clang::Expr* expression, unsigned depth);
  Value ofSum(const clang::Expr* pointer, const clang::Expr* index, bool minus, unsigned depth);
  Value ofChoice(const clang::AbstractConditionalOperator* choice, unsigned depth);
  Value ofInteger(const clang::Expr* expression, unsigned depth);
  bool isResultOfOne(const clang::VarDecl* variable) const;
  Value other(const clang::Expr* expression) const;
  void addOffset(Value& base, Value offset) const;

  clang::ASTContext& context_;
  Variables variables_;
  Macros macros_{context_};
  bool inArgument_ = false;
  std::vector<Name> macrosOfCall_; // that write the call whose argument is read
};

} // namespace fgft
