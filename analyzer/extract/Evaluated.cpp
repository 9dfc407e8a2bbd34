// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Statements that may be run; see Evaluated.h.
#include "extract/Evaluated.h"

#include <clang/AST/Expr.h>

#include <algorithm>
#include <optional>

using namespace clang;

namespace fgft {

namespace {

std::optional<bool> constant(const Expr* condition, const ASTContext& context) {
  bool value = false;
  if (condition && condition->EvaluateAsBooleanCondition(value, context))
    return value;
  return std::nullopt;
}

// Code behind a false condition is run all the same where a jump leads into it.
bool hasLabel(const Stmt* statement) {
  if (!statement)
    return false;
  if (isa<LabelStmt, SwitchCase>(statement))
    return true;
  return std::any_of(statement->child_begin(), statement->child_end(), hasLabel);
}

class Collector {
public:
  Collector(const ASTContext& context, std::vector<const Stmt*>& all) : context_(context), all_(all) {}

  void add(const Stmt* statement) {
    if (!statement || isa<UnaryExprOrTypeTraitExpr, OffsetOfExpr>(statement))
      return;
    all_.push_back(statement);
    if (const auto* generic = dyn_cast<GenericSelectionExpr>(statement))
      add(generic->getResultExpr());
    else if (const auto* choose = dyn_cast<ChooseExpr>(statement))
      add(choose->getChosenSubExpr());
    else if (const auto* choice = dyn_cast<AbstractConditionalOperator>(statement))
      addBranches(conditionOf(choice),
                  isa<BinaryConditionalOperator>(choice) ? nullptr : choice->getTrueExpr(),
                  choice->getFalseExpr());
    else if (const auto* branch = dyn_cast<IfStmt>(statement))
      addBranches(branch->getCond(), branch->getThen(), branch->getElse());
    else if (const auto* choice = dyn_cast<SwitchStmt>(statement))
      addSwitch(choice);
    else if (const auto* binary = dyn_cast<BinaryOperator>(statement); binary && binary->isLogicalOp())
      addLogical(binary);
    else
      for (const Stmt* child : statement->children())
        add(child);
  }

private:
  void addBranches(const Expr* condition, const Stmt* whenTrue, const Stmt* whenFalse) {
    std::optional<bool> known = constant(condition, context_);
    add(condition);
    if (!known || *known || hasLabel(whenTrue))
      add(whenTrue);
    if (!known || !*known || hasLabel(whenFalse))
      add(whenFalse);
  }

  // `switch (sizeof(x))`: of a constant condition's cases the one that is taken, up to its break.
  void addSwitch(const SwitchStmt* choice) {
    Expr::EvalResult value;
    const auto* body = dyn_cast<CompoundStmt>(choice->getBody());
    if (!body || !choice->getCond()->EvaluateAsInt(value, context_)) {
      for (const Stmt* child : choice->children())
        add(child);
      return;
    }
    const SwitchCase* taken = nullptr;
    for (const SwitchCase* one = choice->getSwitchCaseList(); one; one = one->getNextSwitchCase()) {
      const auto* label = dyn_cast<CaseStmt>(one);
      if (!label)
        taken = taken ? taken : one;
      else if (label->caseStmtIsGNURange())
        taken = one; // not worth the arithmetic; what follows is added as well
      else if (llvm::APSInt::isSameValue(label->getLHS()->EvaluateKnownConstInt(context_),
                                         value.Val.getInt()))
        taken = one;
    }
    bool on = false;
    for (const Stmt* child : body->body()) {
      for (const auto* label = dyn_cast<SwitchCase>(child); label;
           label = dyn_cast<SwitchCase>(label->getSubStmt())) {
        on |= label == taken;
        child = label->getSubStmt();
      }
      if (on && isa<BreakStmt>(child))
        return;
      if (on || hasLabel(child))
        add(child);
    }
  }

  void addLogical(const BinaryOperator* binary) {
    std::optional<bool> known = constant(binary->getLHS(), context_);
    add(binary->getLHS());
    if (!known || *known == (binary->getOpcode() == BO_LAnd))
      add(binary->getRHS());
  }

  const ASTContext& context_;
  std::vector<const Stmt*>& all_;
};

} // namespace

const Expr* conditionOf(const AbstractConditionalOperator* choice) {
  const auto* binary = dyn_cast<BinaryConditionalOperator>(choice);
  return binary ? binary->getCommon() : choice->getCond();
}

const Expr* valueIfTrue(const AbstractConditionalOperator* choice) {
  const auto* binary = dyn_cast<BinaryConditionalOperator>(choice);
  return binary ? binary->getCommon() : choice->getTrueExpr();
}

std::vector<const Stmt*> evaluated(const Stmt* body, const ASTContext& context) {
  std::vector<const Stmt*> all;
  Collector(context, all).add(body);
  return all;
}

} // namespace fgft
