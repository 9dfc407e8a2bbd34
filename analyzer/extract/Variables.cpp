// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Own variables of a function; see Variables.h.
#include "extract/Variables.h"

#include "extract/Evaluated.h"
#include "extract/Values.h"

#include <algorithm>

using namespace clang;

namespace fgft {

namespace {

const UnaryOperator* asUnary(const Expr* expression, UnaryOperatorKind kind) {
  const auto* unary = dyn_cast<UnaryOperator>(expression);
  return unary && unary->getOpcode() == kind ? unary : nullptr;
}

// What stands before the last step of an lvalue, as long as no pointer is crossed; null otherwise.
const Expr* container(const Expr* lvalue) {
  if (const auto* member = dyn_cast<MemberExpr>(lvalue)) {
    const Expr* base = member->getBase()->IgnoreParenCasts();
    if (!member->isArrow())
      return plainLvalue(base);
    const auto* address = asUnary(base, UO_AddrOf);
    return address ? plainLvalue(address->getSubExpr()) : nullptr;
  }
  if (const auto* element = dyn_cast<ArraySubscriptExpr>(lvalue)) {
    const Expr* array = element->getBase()->IgnoreParenCasts();
    return array->getType()->isArrayType() ? plainLvalue(array) : nullptr;
  }
  return nullptr;
}

bool isNull(const Expr* expression) {
  const Expr* inner = expression->IgnoreParenCasts();
  return isa<IntegerLiteral>(inner) && cast<IntegerLiteral>(inner)->getValue().isZero();
}

} // namespace

const Expr* plainLvalue(const Expr* expression) {
  while (true) {
    expression = expression->IgnoreParenCasts();
    if (const auto* extension = asUnary(expression, UO_Extension)) {
      expression = extension->getSubExpr();
      continue;
    }
    const auto* pointee = asUnary(expression, UO_Deref);
    const auto* address = pointee ? asUnary(pointee->getSubExpr()->IgnoreParenCasts(), UO_AddrOf) : nullptr;
    if (!address)
      return expression;
    expression = address->getSubExpr();
  }
}

const VarDecl* ownStorage(const Expr* lvalue) {
  const Expr* at = plainLvalue(lvalue);
  while (const Expr* outer = container(at))
    at = outer;
  const auto* reference = dyn_cast<DeclRefExpr>(at);
  const auto* variable = reference ? dyn_cast<VarDecl>(reference->getDecl()) : nullptr;
  return variable && variable->hasLocalStorage() ? variable : nullptr;
}

const MemberExpr* memberOf(const Expr* lvalue) {
  const Expr* at = plainLvalue(lvalue);
  while (at && isa<ArraySubscriptExpr>(at))
    at = container(at);
  return dyn_cast_or_null<MemberExpr>(at);
}

void Variables::enter(const std::vector<const Stmt*>& statements) {
  variables_.clear();
  uses_.clear();
  answered_.clear();
  for (const Stmt* statement : statements)
    note(statement);
}

void Variables::note(const Stmt* statement) {
  if (const auto* declaration = dyn_cast<DeclStmt>(statement)) {
    for (const Decl* one : declaration->decls())
      if (const auto* variable = dyn_cast<VarDecl>(one);
          variable && variable->hasLocalStorage() && variable->getInit())
        variables_[variable].values.push_back(variable->getInit());
  } else if (const auto* binary = dyn_cast<BinaryOperator>(statement)) {
    if (binary->isAssignmentOp())
      noteAssignment(binary);
  } else if (const auto* unary = dyn_cast<UnaryOperator>(statement)) {
    if (unary->isIncrementDecrementOp()) {
      if (const VarDecl* variable = ownStorage(unary->getSubExpr()))
        variables_[variable].moved = true;
    } else if (unary->getOpcode() == UO_Deref) {
      answered_.insert(unary->getSubExpr()->IgnoreParenCasts()); // `*&x` gives no address away
    } else if (unary->getOpcode() == UO_AddrOf && !answered_.contains(unary)) {
      noteAddress(unary->getSubExpr());
    }
  } else if (const auto* cast = dyn_cast<ImplicitCastExpr>(statement)) {
    const Expr* array = cast->getSubExpr()->IgnoreParens();
    if (cast->getCastKind() == CK_ArrayToPointerDecay && !answered_.contains(array))
      noteAddress(array);
  } else if (const auto* element = dyn_cast<ArraySubscriptExpr>(statement)) {
    answered_.insert(element->getBase()->IgnoreParenImpCasts());
  } else if (const auto* member = dyn_cast<MemberExpr>(statement)) {
    answered_.insert(member->getBase()->IgnoreParenCasts());
  } else if (const auto* call = dyn_cast<CallExpr>(statement)) {
    noteArguments(call);
  } else if (const auto* assembly = dyn_cast<GCCAsmStmt>(statement)) {
    for (const Expr* output : assembly->outputs())
      if (const VarDecl* variable = ownStorage(output)) {
        variables_[variable].fills.push_back("asm()");
        variables_[variable].escapes = true;
      }
  }
}

void Variables::noteAssignment(const BinaryOperator* assignment) {
  const VarDecl* variable = ownStorage(assignment->getLHS());
  if (!variable)
    return;
  Variable& noted = variables_[variable];
  bool whole = isa<DeclRefExpr>(plainLvalue(assignment->getLHS()));
  if (whole && assignment->getOpcode() == BO_Assign) {
    noted.values.push_back(assignment->getRHS());
    return;
  }
  noted.parts.push_back(assignment->getRHS());
  if (whole && (assignment->getOpcode() == BO_AddAssign || assignment->getOpcode() == BO_SubAssign))
    noted.moved = true;
}

// An own variable whose address goes to a function comes back with what the function puts there.
void Variables::noteArguments(const CallExpr* call) {
  for (const Expr* argument : call->arguments()) {
    const Expr* inner = argument->IgnoreParenCasts();
    const Expr* lvalue = nullptr;
    if (const auto* address = asUnary(inner, UO_AddrOf))
      lvalue = address->getSubExpr();
    else if (inner->getType()->isArrayType())
      lvalue = inner;
    const VarDecl* variable = lvalue ? ownStorage(lvalue) : nullptr;
    if (!variable)
      continue;
    answered_.insert(inner);
    if (argument->getType()->isPointerType() && argument->getType()->getPointeeType().isConstQualified())
      continue;
    Variable& noted = variables_[variable];
    noted.escapes = true;
    std::string callee = Values::calleeName(call);
    noted.fills.push_back((callee.empty() ? "?" : callee) + "()");
  }
}

void Variables::noteAddress(const Expr* lvalue) {
  if (const VarDecl* variable = ownStorage(lvalue))
    variables_[variable].escapes = true;
}

ArrayRef<const Expr*> Variables::values(const VarDecl* variable) const {
  auto it = variables_.find(variable);
  if (it == variables_.end() || it->second.escapes || it->second.moved || !it->second.parts.empty())
    return {};
  return it->second.values;
}

const Expr* Variables::onlyValue(const VarDecl* variable, bool orMoved) const {
  auto it = variables_.find(variable);
  if (it == variables_.end())
    return nullptr;
  const Variable& noted = it->second;
  if (noted.escapes || (!orMoved && (noted.moved || !noted.parts.empty())))
    return nullptr;
  const Expr* only = nullptr;
  for (const Expr* value : noted.values) {
    if (variable->getType()->isPointerType() && isNull(value) && noted.values.size() > 1)
      continue;
    if (only)
      return nullptr;
    only = value;
  }
  return only;
}

bool Variables::isOnlyFilled(const VarDecl* variable) const {
  auto it = variables_.find(variable);
  if (it == variables_.end())
    return false;
  const Variable& noted = it->second;
  return noted.values.empty() && noted.parts.empty() && !noted.moved && !noted.fills.empty() &&
         std::ranges::all_of(noted.fills, [&](Name one) { return one == noted.fills.front(); });
}

bool Variables::isUnchanged(const ParmVarDecl* parameter) const {
  auto it = variables_.find(parameter);
  if (it == variables_.end())
    return true;
  const Variable& noted = it->second;
  return noted.values.empty() && noted.parts.empty() && noted.fills.empty() && !noted.moved && !noted.escapes;
}

bool Variables::isReplaced(const ParmVarDecl* parameter) const {
  auto it = variables_.find(parameter);
  return it != variables_.end() && (!it->second.values.empty() || !it->second.fills.empty());
}

bool Variables::isMoved(const ParmVarDecl* parameter) const {
  auto it = variables_.find(parameter);
  return it != variables_.end() && parameter->getType()->isPointerType() && it->second.moved;
}

void Variables::collectCall(const CallExpr* call, Uses& uses) const {
  const FunctionDecl* callee = call->getDirectCallee();
  // A builtin that computes (byte order, expect) is what it is given.
  if (callee && callee->getBuiltinID() != 0) {
    for (const Expr* argument : call->arguments())
      collect(argument, uses);
    return;
  }
  std::string name = Values::calleeName(call);
  uses.names.push_back((name.empty() ? "?" : name) + "()");
}

void Variables::collect(const Stmt* statement, Uses& uses) const {
  if (!statement || isa<UnaryExprOrTypeTraitExpr, OffsetOfExpr>(statement))
    return;
  if (const auto* call = dyn_cast<CallExpr>(statement))
    return collectCall(call, uses);
  if (const auto* generic = dyn_cast<GenericSelectionExpr>(statement))
    return collect(generic->getResultExpr(), uses);
  if (const auto* choose = dyn_cast<ChooseExpr>(statement))
    return collect(choose->getChosenSubExpr(), uses);
  if (const auto* choice = dyn_cast<AbstractConditionalOperator>(statement)) {
    collect(valueIfTrue(choice), uses);
    return collect(choice->getFalseExpr(), uses);
  }
  if (const auto* block = dyn_cast<StmtExpr>(statement)) {
    const CompoundStmt* body = block->getSubStmt();
    if (!body->body_empty())
      collect(body->body_back(), uses);
    return;
  }
  if (const auto* expression = dyn_cast<Expr>(statement)) {
    if (const VarDecl* variable = ownStorage(expression)) {
      const auto* parameter = dyn_cast<ParmVarDecl>(variable);
      if (parameter)
        uses.names.push_back(std::to_string(parameter->getFunctionScopeIndex()));
      if (!parameter || !isUnchanged(parameter))
        uses.variables.push_back(variable);
      return;
    }
    if (const MemberExpr* member = memberOf(expression)) {
      Values::Member named = Values::declaredMember(member);
      uses.names.push_back(named.record + "." + named.member);
      return;
    }
    if (const auto* reference = dyn_cast<DeclRefExpr>(expression)) {
      if (const auto* variable = dyn_cast<VarDecl>(reference->getDecl()))
        uses.names.push_back(Values::nameOf(variable));
      return;
    }
  }
  for (const Stmt* child : statement->children())
    collect(child, uses);
}

const Variables::Uses& Variables::usesOf(const VarDecl* variable) {
  auto [it, isNew] = uses_.try_emplace(variable);
  auto noted = variables_.find(variable);
  if (isNew && noted != variables_.end()) {
    Uses uses;
    for (const Expr* value : noted->second.values)
      collect(value, uses);
    for (const Expr* value : noted->second.parts)
      collect(value, uses);
    uses.names.append(noted->second.fills.begin(), noted->second.fills.end());
    it->second = std::move(uses);
  }
  return it->second;
}

std::vector<Name> Variables::from(const Expr* expression) {
  Uses start;
  collect(expression, start);
  std::vector<Name> names(start.names.begin(), start.names.end());
  llvm::SmallVector<const VarDecl*, 8> open(start.variables.begin(), start.variables.end());
  llvm::DenseSet<const VarDecl*> seen;
  while (!open.empty()) {
    const VarDecl* variable = open.pop_back_val();
    if (!seen.insert(variable).second)
      continue;
    const Uses& uses = usesOf(variable);
    names.insert(names.end(), uses.names.begin(), uses.names.end());
    open.append(uses.variables.begin(), uses.variables.end());
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

} // namespace fgft
