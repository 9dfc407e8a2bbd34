// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Bodies of functions; see Bodies.h.
#include "extract/Bodies.h"

#include "extract/Evaluated.h"

#include <clang/AST/Attr.h>
#include <clang/Basic/Builtins.h>
#include <clang/Basic/CharInfo.h>

#include <algorithm>

using namespace clang;

namespace fgft {

namespace {

bool isAddress(const Value& value) {
  return value.kind == ValueKind::Function || value.kind == ValueKind::Object ||
         value.kind == ValueKind::Parameter || value.kind == ValueKind::Local ||
         value.kind == ValueKind::Choice;
}

bool isUnknown(const Value& value) {
  return value.kind == ValueKind::Other || value.kind == ValueKind::String;
}

// Whether a value that is no address says more than that it is a number.
bool isTelling(const Value& value) {
  return !value.macros.empty() || !value.from.empty() || !value.offset.empty() ||
         value.kind == ValueKind::Parameter;
}

// A text that two equal values share, and no others.
void addTo(std::string& text, const Value& value) {
  auto number = [&text](uint32_t n) { text.append(reinterpret_cast<const char*>(&n), sizeof n); };
  auto list = [&](const auto& names) {
    number(static_cast<uint32_t>(names.size()));
    for (Name name : names)
      number(name.id());
  };
  text += static_cast<char>(value.kind);
  number(value.text.id());
  number(value.path.id());
  number(value.record.id());
  list(value.macros);
  list(value.from);
  number(static_cast<uint32_t>(value.choices.size()));
  for (const Value& choice : value.choices)
    addTo(text, choice);
  number(static_cast<uint32_t>(value.offset.size()));
  for (const Value& offset : value.offset)
    addTo(text, offset);
}

std::string textOf(const Call& call) {
  std::string text = "c" + call.callee + '\0';
  addTo(text, call.through);
  addTo(text, call.result);
  for (const Value& argument : call.args)
    addTo(text, argument);
  return text;
}

bool isWritable(QualType type) {
  return type->isPointerType() && !type->getPointeeType().isConstQualified();
}

// A builtin that does nothing to memory or devices: neither a library's function nor given a place to write
// to.
bool isComputation(const ASTContext& context, const FunctionDecl* callee) {
  unsigned id = callee->getBuiltinID();
  if (id == 0)
    return false;
  if (context.BuiltinInfo.isConst(id) || context.BuiltinInfo.isUnevaluated(id))
    return true;
  return !context.BuiltinInfo.isLibFunction(id) && !context.BuiltinInfo.isPredefinedLibFunction(id) &&
         std::none_of(callee->param_begin(), callee->param_end(),
                      [](const ParmVarDecl* parameter) { return isWritable(parameter->getType()); });
}

// Local labels of assembly (`12:`, `12b`) by their order: __COUNTER__ makes some of them, which counts what
// other headers do. Long templates are cut.
std::string templateOf(std::string_view text) {
  constexpr size_t longest = 96;
  std::string result;
  std::vector<std::string_view> labels;
  for (size_t at = 0; at < text.size() && result.size() < longest;) {
    size_t end = at;
    while (end < text.size() && isDigit(text[end]))
      ++end;
    bool inWord =
        at > 0 && (isAsciiIdentifierContinue(text[at - 1], /*AllowDollar=*/true) || text[at - 1] == '%');
    bool reference = end < text.size() && (text[end] == 'b' || text[end] == 'f') &&
                     (end + 1 == text.size() || !isAsciiIdentifierContinue(text[end + 1]));
    if (end == at || inWord || !(reference || (end < text.size() && text[end] == ':'))) {
      result += text.substr(at, std::max(end - at, size_t(1)));
      at = std::max(end, at + 1);
      continue;
    }
    std::string_view label = text.substr(at, end - at);
    auto known = std::find(labels.begin(), labels.end(), label);
    result += std::to_string(known - labels.begin() + 1);
    if (known == labels.end())
      labels.push_back(label);
    at = end;
  }
  return result.substr(0, longest);
}

} // namespace

unsigned Bodies::line(SourceLocation where) const {
  return context_.getSourceManager().getExpansionLineNumber(where);
}

bool Bodies::isHook(const VarDecl* variable) {
  return variable->isFileVarDecl() && !variable->isExternallyVisible() &&
         variable->getType()->isFunctionPointerType();
}

bool Bodies::isCall(const ASTContext& context, const FunctionDecl* callee) {
  return !callee->hasAttr<ErrorAttr>() && !isComputation(context, callee);
}

bool Bodies::isOwn(const RecordDecl* record) {
  return record && own_.isOwn(record->getLocation());
}

void Bodies::read(const FunctionDecl* definition, Function& function) {
  function_ = &function;
  seen_.clear();
  reads_.clear();
  results_.clear();
  std::vector<const Stmt*> statements = evaluated(definition->getBody(), context_);
  values_.enterFunction(statements);
  for (const Stmt* statement : statements)
    readStatement(statement);
  function.reads.assign(reads_.begin(), reads_.end());
}

void Bodies::readStatement(const Stmt* statement) {
  if (const auto* call = dyn_cast<CallExpr>(statement)) {
    readCall(call);
  } else if (const auto* binary = dyn_cast<BinaryOperator>(statement)) {
    if (!binary->isAssignmentOp())
      return;
    readAssignment(binary);
    addStore(binary->getLHS(), binary->getRHS(), binary->getOpcode());
    if (binary->isCompoundAssignmentOp())
      addRead(binary->getLHS());
  } else if (const auto* unary = dyn_cast<UnaryOperator>(statement)) {
    if (!unary->isIncrementDecrementOp())
      return;
    addStore(unary->getSubExpr());
    addRead(unary->getSubExpr());
  } else if (const auto* cast = dyn_cast<ImplicitCastExpr>(statement)) {
    if (cast->getCastKind() == CK_LValueToRValue)
      addRead(cast->getSubExpr());
  } else if (const auto* declaration = dyn_cast<DeclStmt>(statement)) {
    for (const Decl* one : declaration->decls())
      if (const auto* variable = dyn_cast<VarDecl>(one))
        readVariable(variable);
  } else if (const auto* assembly = dyn_cast<GCCAsmStmt>(statement)) {
    readAssembly(assembly);
  }
}

void Bodies::readCall(const CallExpr* expression) {
  Call call;
  call.callee = Values::calleeName(expression);
  const FunctionDecl* callee = expression->getDirectCallee();
  if (!callee) {
    call.indirect = true;
    if (call.callee.empty())
      call.callee = values_.pointedCallee(expression);
    if (call.callee.empty())
      call.through = values_.tableCallee(expression);
    if (call.callee.empty() && isUnknown(call.through))
      call.through = values_.ofArgument(expression->getCallee(), expression->getBeginLoc());
  } else if (!isCall(context_, callee)) {
    return;
  } else if (callee->getBuiltinID() != 0 || call.callee->starts_with("__builtin_")) {
    // By name as well: with sanitizers it is a function under the builtin's label (Values::nameOf).
    for (unsigned i = 0; i < std::min(expression->getNumArgs(), callee->getNumParams()); ++i)
      if (isWritable(callee->getParamDecl(i)->getType()))
        addStoreBehind(expression->getArg(i));
  }
  readArguments(expression, call);
  if (auto it = results_.find(expression); it != results_.end())
    call.result = it->second;
  if (!seen_.insert(textOf(call)).second)
    return;
  call.line = line(expression->getBeginLoc());
  // Of the macros around a call the outermost is what the driver's author wrote.
  if (const auto& macros = values_.macros().at(expression->getBeginLoc()); !macros.empty())
    call.macros = {macros.back()};
  function_->calls.push_back(std::move(call));
}

void Bodies::readArguments(const CallExpr* expression, Call& call) {
  unsigned count = expression->getNumArgs();
  // What is printed is of no interest; what comes before it is where the function does more than print.
  if (const FunctionDecl* callee = expression->getDirectCallee())
    if (const auto* format = callee->getAttr<FormatAttr>())
      count =
          callee->getReturnType()->isVoidType() ? 0 : std::min<unsigned>(count, format->getFormatIdx() - 1);
  bool passesAddress = false;
  for (unsigned i = 0; i < count; ++i) {
    Value value = values_.ofArgument(expression->getArg(i), expression->getBeginLoc());
    if (isUnknown(value))
      value = {};
    passesAddress |= isAddress(value) && !expression->getArg(i)->getType()->isIntegralOrEnumerationType();
    call.args.push_back(std::move(value));
  }
  for (Value& value : call.args)
    if (!passesAddress && !isAddress(value) && !isTelling(value))
      value = {};
  while (!call.args.empty() && isUnknown(call.args.back()))
    call.args.pop_back();
}

void Bodies::readAssignment(const BinaryOperator* expression) {
  setResult(expression->getRHS(), values_.of(plainLvalue(expression->getLHS())));
  Values::Access target = values_.accessOf(expression->getLHS());
  QualType type = expression->getType();
  Assignment assignment;
  assignment.function = function_->name;
  assignment.record = Values::tagOf(target.path.empty() ? type : target.record);
  if (const auto* member = dyn_cast<MemberExpr>(expression->getLHS()->IgnoreParenCasts()))
    if (const auto* field = dyn_cast<FieldDecl>(member->getMemberDecl());
        field && field->getParent()->getIdentifier())
      assignment.record = field->getParent()->getName().str();
  assignment.path = target.path;
  assignment.line = line(expression->getOperatorLoc());
  bool isStruct = type->isRecordType();
  if (!isStruct && !type->isPointerType() && !type->isIntegralOrEnumerationType())
    return;
  assignment.base =
      target.path.empty() || target.throughPointer ? values_.of(target.base) : values_.ofAddress(target.base);
  if (isStruct)
    return readStruct(assignment, expression->getRHS());
  assignment.value = values_.of(expression->getRHS());
  bool flags = type->isIntegralOrEnumerationType() && !assignment.value.macros.empty();
  bool address =
      type->isPointerType() && (isAddress(assignment.value) || assignment.value.kind == ValueKind::Null);
  const auto* named = dyn_cast<DeclRefExpr>(target.base);
  const auto* variable = named ? dyn_cast<VarDecl>(named->getDecl()) : nullptr;
  if (target.path.empty() && variable && isHook(variable))
    return facts_.assignments.push_back(std::move(assignment));
  // Of plain variables only those that come to point to a file-scope object matter.
  if (target.path.empty() && assignment.value.kind != ValueKind::Object)
    return;
  if (address || flags)
    facts_.assignments.push_back(std::move(assignment));
}

// `x = y` or `*x = (struct t){ ... }`: a literal is taken apart, else the whole is noted as a copy.
void Bodies::readStruct(Assignment& assignment, const Expr* from) {
  const Expr* inner = from->IgnoreParenCasts();
  if (isa<CompoundLiteralExpr, InitListExpr>(inner)) {
    std::vector<Field> fields;
    objects_.readInitialiser(inner, std::string(assignment.path), std::string(assignment.record), fields);
    Objects::sortBySource(fields);
    for (Field& field : fields) {
      assignment.path = field.path;
      assignment.value = std::move(field.value);
      facts_.assignments.push_back(assignment);
    }
    return;
  }
  assignment.value = values_.of(from);
  if (assignment.value.kind == ValueKind::Object)
    facts_.assignments.push_back(std::move(assignment));
}

void Bodies::readVariable(const VarDecl* variable) {
  if (variable->isStaticLocal()) {
    if (auto object = objects_.read(variable))
      facts_.objects.push_back(std::move(*object));
    return;
  }
  const Expr* initial = variable->getInit();
  if (!initial || !variable->hasLocalStorage())
    return;
  Value to{.kind = ValueKind::Local, .text = Values::nameOf(variable)};
  if (!variable->getType()->isRecordType()) {
    to.record = Values::tagOf(variable->getType()->getPointeeType());
    return setResult(initial, to);
  }
  // A table that lives on the stack for the time of a call has call-backs as well.
  std::vector<Field> fields;
  objects_.readInitialiser(initial, "", Values::tagOf(variable->getType()), fields);
  Objects::sortBySource(fields);
  to.text = "&" + to.text;
  to.record = Values::tagOf(variable->getType());
  for (Field& field : fields)
    if (field.value.kind == ValueKind::Function || field.value.kind == ValueKind::Object ||
        field.value.kind == ValueKind::Choice)
      facts_.assignments.push_back(
          {function_->name, to, field.record, field.path, std::move(field.value), field.line});
}

// The calls whose result an expression is.
void Bodies::setResult(const Expr* from, const Value& to) {
  from = from->IgnoreParenCasts();
  if (const auto* call = dyn_cast<CallExpr>(from)) {
    results_[call] = to;
  } else if (const auto* choice = dyn_cast<AbstractConditionalOperator>(from)) {
    setResult(valueIfTrue(choice), to);
    setResult(choice->getFalseExpr(), to);
  } else if (const auto* block = dyn_cast<StmtExpr>(from)) {
    const CompoundStmt* body = block->getSubStmt();
    if (const auto* last = body->body_empty() ? nullptr : dyn_cast<Expr>(body->body_back()))
      setResult(last, to);
  } else if (const auto* assignment = dyn_cast<BinaryOperator>(from);
             assignment && assignment->getOpcode() == BO_Assign) {
    setResult(assignment->getRHS(), to); // a = b = f()
  }
}

void Bodies::readAssembly(const GCCAsmStmt* assembly) {
  Assembly added{templateOf(assembly->getAsmString()), line(assembly->getBeginLoc()),
                 values_.macros().at(assembly->getBeginLoc())};
  for (const Expr* output : assembly->outputs())
    addStore(output);
  std::string text = "a" + added.text;
  for (Name macro : added.macros)
    text += "," + macro;
  if (seen_.insert(text).second)
    function_->assembly.push_back(std::move(added));
}

void Bodies::addRead(const Expr* lvalue) {
  const MemberExpr* expression = memberOf(lvalue);
  if (!expression || ownStorage(expression))
    return;
  Values::Member member = Values::declaredMember(expression);
  reads_.insert(member.record + "." + member.member);
}

// A static variable inside a kernel macro (`WARN_ONCE` notes that it has warned) is no doing of the driver's.
bool Bodies::isKernelMacros(const Expr* lvalue) {
  const auto* reference = dyn_cast<DeclRefExpr>(lvalue);
  const auto* variable = reference ? dyn_cast<VarDecl>(reference->getDecl()) : nullptr;
  if (!variable || !variable->isStaticLocal() || !variable->getLocation().isMacroID())
    return false;
  return !own_.isOwn(context_.getSourceManager().getSpellingLoc(variable->getLocation()));
}

void Bodies::addStore(const Expr* lvalue, const Expr* value, BinaryOperatorKind how) {
  const Expr* plain = plainLvalue(lvalue);
  if (ownStorage(plain) || isKernelMacros(plain))
    return;
  Store store;
  store.line = line(plain->getExprLoc());
  if (value && (how == BO_Assign || how == BO_AddAssign)) {
    Value stored = values_.ofArgument(value, plain->getExprLoc());
    if (how == BO_AddAssign) {
      if (stored.text == asItCame)
        store.adds = std::move(stored.from);
    } else if (stored.kind == ValueKind::Null || (stored.kind == ValueKind::Integer && !stored.text.empty()))
      store.value = std::move(stored);
  }
  if (const MemberExpr* expression = memberOf(plain)) {
    Values::Member member = Values::declaredMember(expression);
    Values::Access access = values_.accessOf(plain);
    store.record = member.record;
    store.member = member.member;
    store.base = values_.ofArgument(access.base, plain->getExprLoc());
    store.own = isOwn(member.declaration);
  } else {
    Values::Access access = values_.accessOf(plain);
    // `*p = x`: behind what p says, not what stands there.
    const auto* pointee = dyn_cast<UnaryOperator>(access.base);
    bool behind = pointee && pointee->getOpcode() == UO_Deref && !access.throughPointer;
    store.base = values_.ofArgument(behind ? pointee->getSubExpr() : access.base, plain->getExprLoc());
    store.record = Values::tagOf(plain->getType());
    store.own = isOwn(plain->getType()->getAsRecordDecl());
    if (const auto* reference = dyn_cast<DeclRefExpr>(access.base);
        reference && !access.throughPointer && isa<VarDecl>(reference->getDecl()))
      store.own = own_.isOwn(reference->getDecl()->getLocation());
  }
  keepStore(std::move(store));
}

// A builtin that writes memory gets its address.
void Bodies::addStoreBehind(const Expr* pointer) {
  const Expr* inner = pointer->IgnoreParenCasts();
  if (const auto* address = dyn_cast<UnaryOperator>(inner); address && address->getOpcode() == UO_AddrOf)
    return addStore(address->getSubExpr());
  if (inner->getType()->isArrayType())
    return addStore(inner);
  Store store;
  store.line = line(inner->getExprLoc());
  store.base = values_.ofArgument(inner, inner->getExprLoc());
  if (QualType pointee = inner->getType()->getPointeeType(); !pointee.isNull()) {
    store.record = Values::tagOf(pointee);
    store.own = isOwn(pointee->getAsRecordDecl());
  }
  keepStore(std::move(store));
}

void Bodies::keepStore(Store store) {
  // A pointer to an own variable leads to nothing that others see.
  if (store.base.kind == ValueKind::Local && store.base.text->starts_with('&'))
    return;
  if (isUnknown(store.base))
    store.base = {};
  std::string text = "s" + store.record + "." + store.member + (isUnknown(store.value) ? "?" : "=");
  addTo(text, store.base);
  for (Name added : store.adds)
    text += "+" + added;
  if (seen_.insert(text).second)
    function_->stores.push_back(std::move(store));
}

} // namespace fgft
