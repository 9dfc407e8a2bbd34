// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Expressions as values; see Values.h.
#include "extract/Values.h"

#include "extract/Evaluated.h"

#include <clang/AST/Decl.h>
#include <clang/Basic/CharInfo.h>
#include <clang/Basic/SourceManager.h>
#include <llvm/Support/raw_ostream.h>

#include <algorithm>

using namespace clang;

namespace fgft {

namespace {

// How far initialisers of local variables and nested choices are followed.
constexpr unsigned maxDepth = 6;
// Text of what is not understood is for people; longer is of no use to them.
constexpr size_t maxText = 60;

// Of the values that a local pointer is given, so many are kept.
constexpr size_t maxChoices = 4;

bool isNamed(ValueKind kind) {
  return kind == ValueKind::Function || kind == ValueKind::Object;
}

// Whether the value of a local pointer tells more than the pointer's name.
bool tellsMore(const Value& value) {
  if (value.kind == ValueKind::Choice)
    return std::all_of(value.choices.begin(), value.choices.end(),
                       [](const Value& one) { return isNamed(one.kind) || one.kind == ValueKind::Null; });
  return isNamed(value.kind) || value.kind == ValueKind::Parameter || value.kind == ValueKind::Local;
}

bool same(const Value& a, const Value& b) {
  return a.kind == b.kind && a.text == b.text && a.path == b.path;
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
  if (type.isNull())
    return {};
  const auto* record = type.getCanonicalType()->getAsRecordDecl();
  if (!record)
    return {};
  if (const IdentifierInfo* name = record->getIdentifier())
    return name->getName().str();
  if (const TypedefNameDecl* alias = record->getTypedefNameForAnonDecl())
    return alias->getName().str();
  return {};
}

Value Values::other(const Expr* expression) const {
  if (inArgument_)
    return {};
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

std::string Values::pointedTag(QualType type) {
  return tagOf(type->isPointerType() ? type->getPointeeType() : type);
}

Values::Access Values::accessOf(const Expr* expression) const {
  Access access;
  access.base = plainLvalue(expression);
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
        access.base = plainLvalue(address->getSubExpr());
        access.throughPointer = false;
        continue;
      }
      break;
    }
    access.base = plainLvalue(access.base);
    if (const auto* pointee = dyn_cast<UnaryOperator>(access.base);
        pointee && pointee->getOpcode() == UO_Deref) {
      access.base = pointee->getSubExpr()->IgnoreParenCasts();
      access.throughPointer = true;
      break;
    }
  }
  return access;
}

Values::Member Values::declaredMember(const MemberExpr* expression) {
  Member result;
  while (true) {
    const auto* field = dyn_cast<FieldDecl>(expression->getMemberDecl());
    if (!field)
      return result;
    result.member = joined(field->getName().str(), result.member);
    const RecordDecl* parent = field->getParent();
    if (std::string tag = tagOf(parent->getASTContext().getCanonicalTagType(parent)); !tag.empty()) {
      result.record = tag;
      result.declaration = parent;
      return result;
    }
    const Expr* outer = expression->isArrow() ? nullptr : plainLvalue(expression->getBase());
    while (const auto* element = dyn_cast_or_null<ArraySubscriptExpr>(outer))
      outer = plainLvalue(element->getBase());
    expression = dyn_cast_or_null<MemberExpr>(outer);
    if (!expression) {
      if (const auto* reference = dyn_cast_or_null<DeclRefExpr>(outer))
        result.record = nameOf(reference->getDecl());
      return result;
    }
  }
}

namespace {

// The lvalue that holds the pointer which a call goes through: `f` of `f()` and `(*f)()`.
const Expr* pointerOf(const CallExpr* call) {
  const Expr* pointer = plainLvalue(call->getCallee());
  if (const auto* pointee = dyn_cast<UnaryOperator>(pointer); pointee && pointee->getOpcode() == UO_Deref)
    pointer = plainLvalue(pointee->getSubExpr());
  return pointer;
}

std::string memberName(const Expr* pointer) {
  const MemberExpr* member = memberOf(pointer);
  if (!member)
    return {};
  Values::Member named = Values::declaredMember(member);
  return named.record + "." + named.member;
}

} // namespace

std::string Values::calleeName(const CallExpr* call) {
  const FunctionDecl* callee = call->getDirectCallee();
  return callee ? nameOf(callee) : memberName(pointerOf(call));
}

std::string Values::pointedCallee(const CallExpr* call) const {
  const auto* reference = dyn_cast<DeclRefExpr>(pointerOf(call));
  const auto* variable = reference ? dyn_cast<VarDecl>(reference->getDecl()) : nullptr;
  const Expr* only = variable ? variables_.onlyValue(variable, /*orMoved=*/false) : nullptr;
  return only ? memberName(only) : std::string();
}

Value Values::tableCallee(const CallExpr* call) {
  const auto* element = dyn_cast<ArraySubscriptExpr>(pointerOf(call));
  const Expr* array = element ? plainLvalue(element->getBase()) : nullptr;
  const auto* reference = dyn_cast_or_null<DeclRefExpr>(array);
  const auto* table = reference ? dyn_cast<VarDecl>(reference->getDecl()) : nullptr;
  if (!table || !table->hasGlobalStorage() || !table->getType()->isArrayType() ||
      !table->getType().isConstant(context_))
    return {};
  const auto* list = dyn_cast_or_null<InitListExpr>(table->getAnyInitializer());
  Value functions{.kind = ValueKind::Choice};
  for (unsigned i = 0; list && i < list->getNumInits(); ++i) {
    Value one = of(list->getInit(i));
    if (one.kind == ValueKind::Function && std::none_of(functions.choices.begin(), functions.choices.end(),
                                                        [&](const Value& known) { return same(known, one); }))
      functions.choices.push_back(std::move(one));
  }
  return functions.choices.empty() ? Value{} : functions;
}

Value Values::ofReference(const DeclRefExpr* reference, unsigned depth) {
  const ValueDecl* declaration = reference->getDecl();
  Value value;
  value.text = nameOf(declaration);
  if (isa<FunctionDecl>(declaration)) {
    value.kind = ValueKind::Function;
  } else if (const auto* parameter = dyn_cast<ParmVarDecl>(declaration)) {
    value.record = pointedTag(parameter->getType());
    value.kind = variables_.isReplaced(parameter) ? ValueKind::Local : ValueKind::Parameter;
    if (value.kind == ValueKind::Parameter)
      value.text = std::to_string(parameter->getFunctionScopeIndex());
    if (variables_.isMoved(parameter))
      value.offset = {Value{.kind = ValueKind::Computed}};
  } else if (const auto* variable = dyn_cast<VarDecl>(declaration)) {
    const Expr* initial = variable->getAnyInitializer();
    bool pointer = variable->getType()->isPointerType();
    // A constant pointer is for its whole life what it was initialised with.
    if (pointer && initial && variable->getType().isConstQualified() && depth < maxDepth)
      return of(initial, depth + 1);
    if (!variable->hasGlobalStorage())
      return ofLocal(variable, depth);
    value.kind = ValueKind::Object;
  } else if (isa<EnumConstantDecl>(declaration)) {
    return ofInteger(reference, depth);
  }
  return value;
}

// Where a local pointer is given one value, or few that have names, those are the best reading of it.
Value Values::ofLocal(const VarDecl* variable, unsigned depth) {
  Value local{.kind = ValueKind::Local, .text = nameOf(variable), .record = pointedTag(variable->getType())};
  if (!variable->getType()->isPointerType() || depth >= maxDepth)
    return local;
  bool outside = inArgument_;
  inArgument_ = true; // nobody reads the text of what is not taken
  Value found = local;
  if (const Expr* only = variables_.onlyValue(variable, /*orMoved=*/true)) {
    found = of(only, depth + 1);
    if (tellsMore(found) && !variables_.onlyValue(variable, /*orMoved=*/false))
      addOffset(found, Value{.kind = ValueKind::Computed});
  } else {
    found = Value{.kind = ValueKind::Choice};
    for (const Expr* given : variables_.values(variable)) {
      Value one = of(given, depth + 1);
      if (std::none_of(found.choices.begin(), found.choices.end(),
                       [&](const Value& known) { return same(known, one); }))
        found.choices.push_back(std::move(one));
    }
    if (found.choices.empty() || found.choices.size() > maxChoices)
      found = local;
    else if (found.choices.size() == 1)
      found = Value(found.choices.front()); // not assigned from a part of itself
  }
  inArgument_ = outside;
  return tellsMore(found) ? found : local;
}

Value Values::ofAccess(const Expr* expression, unsigned depth) {
  Access access = accessOf(expression);
  Value value;
  if (const auto* reference = dyn_cast<DeclRefExpr>(access.base))
    value = ofReference(reference, depth + 1);
  else if (access.throughPointer && depth < maxDepth)
    value = of(access.base, depth + 1);
  if (value.kind != ValueKind::Object && value.kind != ValueKind::Parameter && value.kind != ValueKind::Local)
    return other(expression);
  value.path = joined(value.path, access.path);
  return value;
}

Value Values::ofAddress(const Expr* lvalue, unsigned depth) {
  const Expr* plain = plainLvalue(lvalue);
  if (const VarDecl* own = ownStorage(plain)) {
    Value value{.kind = ValueKind::Local, .text = "&" + nameOf(own), .record = pointedTag(own->getType())};
    value.path = accessOf(plain).path;
    return value;
  }
  if (const auto* element = dyn_cast<ArraySubscriptExpr>(plain);
      element && !element->getType()->isRecordType()) {
    const Expr* array = element->getBase()->IgnoreParenCasts();
    if (!array->getType()->isArrayType())
      return ofSum(array, element->getIdx(), /*minus=*/false, depth);
  }
  return of(plain, depth + 1);
}

// `pointer + index`.
Value Values::ofSum(const Expr* pointer, const Expr* index, bool minus, unsigned depth) {
  // container_of() goes to another object: its place in there is no offset that anyone wrote.
  if (minus && isa<OffsetOfExpr>(index->IgnoreParenCasts()))
    return {};
  Value base = of(pointer, depth + 1);
  const Expr* array = pointer->IgnoreParenCasts();
  if (base.kind == ValueKind::Object && array->getType()->isArrayType() &&
      array->getType()->getArrayElementTypeNoTypeQual()->isRecordType()) {
    base.path = base.path + "[]";
    return base;
  }
  if (base.kind == ValueKind::Other || base.kind == ValueKind::Null || base.kind == ValueKind::Integer)
    return {};
  Value offset = ofInteger(index, depth + 1);
  if (minus && offset.kind == ValueKind::Integer && !offset.text.empty())
    offset.text = offset.text->starts_with('-') ? Name(offset.text->substr(1)) : Name("-" + offset.text);
  else if (minus)
    offset = Value{.kind = ValueKind::Computed, .macros = offset.macros, .from = variables_.from(index)};
  addOffset(base, std::move(offset));
  return base;
}

void Values::addOffset(Value& base, Value offset) const {
  if (offset.kind == ValueKind::Integer && offset.text == "0" && offset.macros.empty())
    return;
  if (base.offset.empty()) {
    base.offset.push_back(std::move(offset));
    return;
  }
  Value& sum = base.offset.front();
  for (Name macro : offset.macros)
    addOnce(sum.macros, macro);
  int64_t a = 0;
  int64_t b = 0;
  auto number = [](const Value& value, int64_t& to) {
    return value.kind == ValueKind::Integer && !llvm::StringRef(value.text.str()).getAsInteger(10, to);
  };
  if (number(sum, a) && number(offset, b)) {
    sum.text = std::to_string(static_cast<int64_t>(static_cast<uint64_t>(a) + static_cast<uint64_t>(b)));
    return;
  }
  for (Value* part : {&sum, &offset}) {
    if (part->kind == ValueKind::Parameter)
      part->from.push_back(part->text);
    for (const Value& choice : part->choices)
      for (Name macro : choice.macros)
        addOnce(sum.macros, macro);
  }
  sum.choices.clear();
  sum.from.insert(sum.from.end(), offset.from.begin(), offset.from.end());
  std::sort(sum.from.begin(), sum.from.end());
  sum.from.erase(std::unique(sum.from.begin(), sum.from.end()), sum.from.end());
  sum.kind = ValueKind::Computed;
  sum.text = Name();
}

Value Values::ofChoice(const AbstractConditionalOperator* choice, unsigned depth) {
  bool taken = false;
  if (conditionOf(choice)->EvaluateAsBooleanCondition(taken, context_))
    return of(taken ? valueIfTrue(choice) : choice->getFalseExpr(), depth + 1);
  Value value;
  value.kind = ValueKind::Choice;
  value.choices = {of(valueIfTrue(choice), depth + 1), of(choice->getFalseExpr(), depth + 1)};
  return value;
}

// What a call returns, unless the compiler computes it.
static bool isResult(const Expr* expression) {
  const auto* call = dyn_cast<CallExpr>(expression);
  return call && !(call->getDirectCallee() && call->getDirectCallee()->getBuiltinID() != 0);
}

// Whether a variable only ever gets what calls of one function return.
bool Values::isResultOfOne(const VarDecl* variable) const {
  ArrayRef<const Expr*> given = variables_.values(variable);
  std::string callee;
  return !given.empty() && std::ranges::all_of(given, [&](const Expr* one) {
    const Expr* inner = plainLvalue(one);
    if (!isResult(inner))
      return false;
    std::string name = calleeName(cast<CallExpr>(inner));
    bool same = callee.empty() || callee == name;
    callee = name;
    return same;
  });
}

Value Values::ofInteger(const Expr* expression, unsigned depth) {
  Value value{.kind = ValueKind::Integer};
  auto addMacros = [&] {
    if (inArgument_)
      macros_.collectOuter(expression, macrosOfCall_, value.macros);
    else
      macros_.collect(expression, value.macros);
  };
  Expr::EvalResult result;
  if (expression->EvaluateAsInt(result, context_)) {
    value.text = llvm::toString(result.Val.getInt(), 10);
    addMacros();
    return value;
  }
  value.kind = ValueKind::Computed;
  const Expr* inner = plainLvalue(expression);
  if (const auto* reference = dyn_cast<DeclRefExpr>(inner); reference && depth < maxDepth) {
    const auto* variable = dyn_cast<VarDecl>(reference->getDecl());
    const auto* parameter = dyn_cast_or_null<ParmVarDecl>(variable);
    if (parameter && variables_.isUnchanged(parameter))
      return Value{.kind = ValueKind::Parameter, .text = std::to_string(parameter->getFunctionScopeIndex())};
    if (variable && variable->hasLocalStorage() && !parameter)
      if (const Expr* only = variables_.onlyValue(variable, /*orMoved=*/false))
        return ofInteger(only, depth + 1);
  }
  if (const auto* block = dyn_cast<StmtExpr>(inner); block && depth < maxDepth)
    if (const auto* body = block->getSubStmt(); !body->body_empty())
      if (const auto* last = dyn_cast<Expr>(body->body_back()))
        return ofInteger(last, depth + 1);
  if (const auto* choice = dyn_cast<AbstractConditionalOperator>(inner); choice && depth < maxDepth) {
    Value chosen{.kind = ValueKind::Choice};
    chosen.choices = {ofInteger(valueIfTrue(choice), depth + 1),
                      ofInteger(choice->getFalseExpr(), depth + 1)};
    if (std::all_of(chosen.choices.begin(), chosen.choices.end(), [](const Value& one) {
          return one.kind == ValueKind::Integer || one.kind == ValueKind::Choice;
        }))
      return chosen;
  }
  if (const auto* sum = dyn_cast<BinaryOperator>(inner);
      sum && sum->getOpcode() == BO_Add && depth < maxDepth) {
    // `base + REGISTER` of port numbers is read as a pointer's sum is; the register may be the caller's.
    auto isConstant = [&](const Expr* part) { return part->EvaluateAsInt(result, context_); };
    auto isPassed = [&](const Expr* part) {
      const auto* name = dyn_cast<DeclRefExpr>(plainLvalue(part));
      const auto* passed = name ? dyn_cast<ParmVarDecl>(name->getDecl()) : nullptr;
      return passed && variables_.isUnchanged(passed);
    };
    const Expr* offset = sum->getRHS();
    const Expr* rest = sum->getLHS();
    if (isConstant(rest) || (!isConstant(offset) && isPassed(rest)))
      std::swap(offset, rest);
    if (isConstant(offset) || (isPassed(offset) && !isPassed(rest))) {
      value = ofInteger(rest, depth + 1);
      addOffset(value, ofInteger(offset, depth + 1));
      return value;
    }
  }
  addMacros();
  value.from = variables_.from(expression);
  const auto* name = dyn_cast<DeclRefExpr>(inner);
  const auto* filled = name ? dyn_cast<VarDecl>(name->getDecl()) : nullptr;
  if (isResult(inner) || (filled && (variables_.isOnlyFilled(filled) || isResultOfOne(filled))))
    value.text = asItCame;
  return value;
}

Value Values::ofArgument(const Expr* argument, SourceLocation call) {
  macrosOfCall_ = macros_.at(call);
  inArgument_ = true;
  Value value;
  QualType type = argument->getType();
  if (type->isIntegralOrEnumerationType())
    value = ofInteger(argument, 0);
  else if (type->isPointerType() || type->isArrayType() || type->isFunctionType())
    value = of(argument);
  inArgument_ = false;
  macrosOfCall_.clear();
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
  if (type->isArrayType() && ownStorage(expression))
    return ofAddress(expression, depth);
  if (const auto* reference = dyn_cast<DeclRefExpr>(expression))
    return ofReference(reference, depth);
  if (const auto* unary = dyn_cast<UnaryOperator>(expression)) {
    if (unary->getOpcode() == UO_AddrOf)
      return ofAddress(unary->getSubExpr(), depth);
    if (unary->getOpcode() == UO_Deref || unary->getOpcode() == UO_Extension)
      return of(unary->getSubExpr(), depth + 1);
  }
  if (isa<MemberExpr, ArraySubscriptExpr>(expression))
    return ofAccess(expression, depth);
  if (const auto* sum = dyn_cast<BinaryOperator>(expression);
      sum && type->isPointerType() && sum->isAdditiveOp()) {
    bool first = sum->getLHS()->getType()->isPointerType();
    Value value = ofSum(first ? sum->getLHS() : sum->getRHS(), first ? sum->getRHS() : sum->getLHS(),
                        sum->getOpcode() == BO_Sub, depth);
    return value.kind == ValueKind::Other ? other(expression) : value;
  }
  if (const auto* call = dyn_cast<CallExpr>(expression); call && inArgument_ && type->isPointerType())
    return Value{.kind = ValueKind::Computed, .from = variables_.from(call)};
  if (expression->isNullPointerConstant(context_, Expr::NPC_ValueDependentIsNotNull))
    return Value{.kind = ValueKind::Null};
  if (type->isIntegralOrEnumerationType())
    return ofInteger(expression, depth);
  return other(expression);
}

} // namespace fgft
