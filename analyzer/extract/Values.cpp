// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Expressions as values; see Values.h.
#include "extract/Values.h"

#include <clang/AST/Decl.h>
#include <clang/Basic/CharInfo.h>
#include <clang/Basic/SourceManager.h>
#include <clang/Lex/Lexer.h>
#include <llvm/Support/raw_ostream.h>

#include <algorithm>

using namespace clang;

namespace fgft {

namespace {

// How far initialisers of local variables and nested choices are followed.
constexpr unsigned maxDepth = 6;
// Text of what is not understood is for people; longer is of no use to them.
constexpr size_t maxText = 60;

void addOnce(std::vector<Name>& names, Name name) {
  if (!name.empty() && std::find(names.begin(), names.end(), name) == names.end())
    names.push_back(name);
}

// Whether a variable is for its whole life what it was initialised with.
bool isFixed(const VarDecl* variable) {
  return variable->getType().isConstQualified();
}

// The tag of the struct that a variable is or points to.
std::string pointedTag(QualType type) {
  return Values::tagOf(type->isPointerType() ? type->getPointeeType() : type);
}

// Takes the numbers of __COUNTER__ out of names that the kernel makes with it (linux/compiler.h).
void dropCounters(std::string& text) {
  for (llvm::StringRef prefix : {"__UNIQUE_ID_", "__compiletime_assert_"})
    for (size_t at = text.find(prefix); at != std::string::npos; at = text.find(prefix, at + prefix.size())) {
      auto isWord = [](unsigned char c) { return clang::isAsciiIdentifierContinue(c); };
      size_t end = at + prefix.size();
      while (end < text.size() && isWord(text[end]))
        ++end;
      size_t digits = end;
      while (digits > at && clang::isDigit(text[digits - 1]))
        --digits;
      text.erase(digits, end - digits);
    }
}

} // namespace

std::string Values::nameOf(const NamedDecl* declaration) {
  std::string name = declaration->getName().str();
  llvm::StringRef rest(name);
  // With a sanitizer the memory functions have this front (linux/fortify-string.h); analyzer drivers leave
  // sanitizers out, and the facts must not tell.
  if (rest.consume_front("__underlying_"))
    return "__builtin_" + rest.str();
  if (rest.starts_with("__"))
    dropCounters(name);
  return name;
}

std::string Values::tagOf(QualType type) {
  const auto* record = type.getCanonicalType()->getAsRecordDecl();
  if (!record)
    return {};
  if (const IdentifierInfo* name = record->getIdentifier())
    return name->getName().str();
  if (const TypedefNameDecl* alias = record->getTypedefNameForAnonDecl())
    return alias->getName().str();
  return {};
}

std::vector<Name> Values::macrosAt(SourceLocation where) const {
  std::vector<Name> names;
  const SourceManager& sources = context_.getSourceManager();
  while (where.isMacroID()) {
    addOnce(names, Lexer::getImmediateMacroName(where, sources, context_.getLangOpts()).str());
    where = sources.getImmediateMacroCallerLoc(where);
  }
  return names;
}

void Values::collectMacros(const Stmt* statement, std::vector<Name>& names) const {
  if (!statement)
    return;
  if (isa<IntegerLiteral, DeclRefExpr, CharacterLiteral>(statement))
    for (Name name : macrosAt(statement->getBeginLoc()))
      addOnce(names, name);
  if (const auto* reference = dyn_cast<DeclRefExpr>(statement))
    if (const auto* constant = dyn_cast<EnumConstantDecl>(reference->getDecl()))
      addOnce(names, constant->getName().str());
  for (const Stmt* child : statement->children())
    collectMacros(child, names);
}

Value Values::other(const Expr* expression) const {
  std::string text;
  llvm::raw_string_ostream stream(text);
  PrintingPolicy policy(context_.getLangOpts());
  policy.TerseOutput = true;
  expression->printPretty(stream, nullptr, policy);
  dropCounters(text);
  if (text.size() > maxText)
    text = text.substr(0, maxText) + "...";
  std::replace(text.begin(), text.end(), '\n', ' ');
  Value value;
  value.text = text;
  return value;
}

Values::Access Values::accessOf(const Expr* expression) const {
  Access access;
  access.base = expression->IgnoreParenCasts();
  while (true) {
    std::string step;
    const Expr* next = nullptr;
    if (const auto* member = dyn_cast<MemberExpr>(access.base)) {
      const auto* field = dyn_cast<FieldDecl>(member->getMemberDecl());
      step = field && !field->getDeclName().isEmpty() ? field->getName().str() : std::string();
      next = member->getBase()->IgnoreParenCasts();
      access.throughPointer = member->isArrow();
      access.record =
          member->isArrow() ? member->getBase()->getType()->getPointeeType() : member->getBase()->getType();
    } else if (const auto* element = dyn_cast<ArraySubscriptExpr>(access.base)) {
      const Expr* array = element->getBase()->IgnoreParenCasts();
      Expr::EvalResult index;
      step = element->getIdx()->EvaluateAsInt(index, context_)
                 ? "[" + llvm::toString(index.Val.getInt(), 10) + "]"
                 : "[]";
      next = array;
      access.throughPointer = !array->getType()->isArrayType();
      access.record = element->getType();
    } else
      break;
    bool join = !access.path.empty() && access.path[0] != '[' && !step.empty();
    access.path = step + (join ? "." : "") + access.path;
    access.base = next;
    // A pointer that is read ends the chain, but `(&x)->y` and array decay go on.
    if (access.throughPointer) {
      if (const auto* address = dyn_cast<UnaryOperator>(access.base);
          address && address->getOpcode() == UO_AddrOf) {
        access.base = address->getSubExpr()->IgnoreParenCasts();
        access.throughPointer = false;
        continue;
      }
      break;
    }
  }
  return access;
}

void Values::enterFunction(const Stmt* body) {
  assignedOnce_.clear();
  std::vector<const Stmt*> open = {body};
  while (!open.empty()) {
    const Stmt* statement = open.back();
    open.pop_back();
    for (const Stmt* child : statement->children())
      if (child)
        open.push_back(child);
    const auto* assignment = dyn_cast<BinaryOperator>(statement);
    if (!assignment || assignment->getOpcode() != BO_Assign || !assignment->getType()->isPointerType())
      continue;
    const auto* target = dyn_cast<DeclRefExpr>(assignment->getLHS()->IgnoreParens());
    const auto* variable = target ? dyn_cast<VarDecl>(target->getDecl()) : nullptr;
    if (!variable || !variable->hasLocalStorage() || isa<ParmVarDecl>(variable) || variable->hasInit())
      continue;
    auto [it, isNew] = assignedOnce_.try_emplace(variable, assignment->getRHS());
    if (!isNew)
      it->second = nullptr;
  }
}

Value Values::ofReference(const DeclRefExpr* reference, unsigned depth) {
  const ValueDecl* declaration = reference->getDecl();
  Value value;
  value.text = nameOf(declaration);
  if (isa<FunctionDecl>(declaration)) {
    value.kind = ValueKind::Function;
  } else if (const auto* parameter = dyn_cast<ParmVarDecl>(declaration)) {
    value.kind = ValueKind::Parameter;
    value.text = std::to_string(parameter->getFunctionScopeIndex());
    value.record = pointedTag(parameter->getType());
  } else if (const auto* variable = dyn_cast<VarDecl>(declaration)) {
    const Expr* initial = variable->getAnyInitializer();
    bool pointer = variable->getType()->isPointerType();
    if (pointer && initial && isFixed(variable) && depth < maxDepth)
      return of(initial, depth + 1);
    if (variable->hasGlobalStorage()) {
      value.kind = ValueKind::Object;
    } else {
      // Where a local pointer was set at its declaration, or later and only there, that is the best reading
      // of it.
      if (!initial)
        initial = assignedOnce_.lookup(variable);
      if (pointer && initial && depth < maxDepth) {
        Value first = of(initial, depth + 1);
        if (first.kind == ValueKind::Object || first.kind == ValueKind::Parameter)
          return first;
      }
      value.kind = ValueKind::Local;
      value.record = pointedTag(variable->getType());
    }
  } else if (isa<EnumConstantDecl>(declaration)) {
    return ofConstant(reference);
  }
  return value;
}

Value Values::ofAccess(const Expr* expression, unsigned depth) {
  Access access = accessOf(expression);
  const auto* reference = dyn_cast<DeclRefExpr>(access.base);
  if (!reference)
    return other(expression);
  Value value = ofReference(reference, depth + 1);
  if (value.kind != ValueKind::Object && value.kind != ValueKind::Parameter && value.kind != ValueKind::Local)
    return other(expression);
  value.path = joined(value.path, access.path);
  return value;
}

Value Values::ofChoice(const AbstractConditionalOperator* choice, unsigned depth) {
  bool taken = false;
  if (choice->getCond()->EvaluateAsBooleanCondition(taken, context_))
    return of(taken ? choice->getTrueExpr() : choice->getFalseExpr(), depth + 1);
  Value value;
  value.kind = ValueKind::Choice;
  value.choices = {of(choice->getTrueExpr(), depth + 1), of(choice->getFalseExpr(), depth + 1)};
  return value;
}

Value Values::ofConstant(const Expr* expression) {
  Value value;
  value.kind = ValueKind::Integer;
  Expr::EvalResult result;
  if (expression->EvaluateAsInt(result, context_))
    value.text = llvm::toString(result.Val.getInt(), 10);
  collectMacros(expression, value.macros);
  return value;
}

Value Values::of(const Expr* expression, unsigned depth) {
  if (!expression || depth > maxDepth)
    return expression ? other(expression) : Value{};
  expression = expression->IgnoreParenCasts();
  QualType type = expression->getType();
  if (const auto* choice = dyn_cast<AbstractConditionalOperator>(expression))
    return ofChoice(choice, depth);
  if (const auto* choose = dyn_cast<ChooseExpr>(expression))
    return of(choose->getChosenSubExpr(), depth + 1);
  if (const auto* generic = dyn_cast<GenericSelectionExpr>(expression))
    return of(generic->getResultExpr(), depth + 1);
  if (const auto* block = dyn_cast<StmtExpr>(expression)) {
    const auto* body = block->getSubStmt();
    const auto* last = body->body_empty() ? nullptr : dyn_cast<Expr>(body->body_back());
    return last ? of(last, depth + 1) : other(expression);
  }
  if (const auto* text = dyn_cast<StringLiteral>(expression)) {
    Value value;
    value.kind = ValueKind::String;
    value.text = text->getCharByteWidth() == 1 ? text->getString().str() : std::string();
    return value;
  }
  if (const auto* reference = dyn_cast<DeclRefExpr>(expression))
    return ofReference(reference, depth);
  if (const auto* unary = dyn_cast<UnaryOperator>(expression);
      unary && (unary->getOpcode() == UO_AddrOf || unary->getOpcode() == UO_Deref ||
                unary->getOpcode() == UO_Extension))
    return of(unary->getSubExpr(), depth + 1);
  if (isa<MemberExpr, ArraySubscriptExpr>(expression))
    return ofAccess(expression, depth);
  if (expression->isNullPointerConstant(context_, Expr::NPC_ValueDependentIsNotNull))
    return Value{.kind = ValueKind::Null};
  if (type->isIntegralOrEnumerationType())
    return ofConstant(expression);
  return other(expression);
}

} // namespace fgft
