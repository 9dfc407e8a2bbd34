// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Walks a TU's own declarations; see Extract.h. Objects.cpp reads variables, Values.cpp expressions.
#include "extract/Extract.h"

#include "extract/Objects.h"
#include "extract/Values.h"

#include <clang/AST/RecursiveASTVisitor.h>

#include <map>

using namespace clang;

namespace fgft {

namespace {

bool isAddress(const Value& value) {
  return value.kind == ValueKind::Function || value.kind == ValueKind::Object ||
         value.kind == ValueKind::Parameter || value.kind == ValueKind::Local ||
         value.kind == ValueKind::Choice;
}

// Calls, assignments and static local objects of one function body.
class BodyVisitor : public RecursiveASTVisitor<BodyVisitor> {
public:
  BodyVisitor(ASTContext& context, Values& values, Objects& objects, Function& function, TuFacts& facts)
      : context_(context), values_(values), objects_(objects), function_(function), facts_(facts) {}

  bool VisitCallExpr(CallExpr* expression) { // NOLINT(readability-identifier-naming): the visitor's name
    Call call;
    if (const FunctionDecl* callee = expression->getDirectCallee()) {
      call.callee = Values::nameOf(callee);
    } else {
      call.indirect = true;
      Values::Access access = values_.accessOf(expression->getCallee()->IgnoreParenImpCasts());
      if (access.path.empty())
        return true;
      call.callee = Values::tagOf(access.record) + "." + access.path;
    }
    bool keepArgs = false;
    for (const Expr* argument : expression->arguments()) {
      bool pointer = argument->getType()->isPointerType() || argument->getType()->isArrayType() ||
                     argument->getType()->isFunctionType();
      Value value = pointer ? values_.of(argument) : Value{};
      bool keep = pointer && isAddress(value);
      keepArgs |= keep;
      call.args.push_back(keep ? std::move(value) : Value{});
    }
    call.line = line(expression->getBeginLoc());
    // Of the macros around a call the outermost is what the driver's author wrote.
    if (auto macros = values_.macrosAt(expression->getBeginLoc()); !macros.empty())
      call.macros = {macros.back()};
    if (keepArgs)
      function_.calls.push_back(std::move(call));
    else if (bare_.insert(call.callee).second) {
      // Calls that pass nothing worth following differ by their line alone: the first stands for all.
      call.args.clear();
      function_.calls.push_back(std::move(call));
    }
    return true;
  }

  bool VisitBinaryOperator(BinaryOperator* expression) { // NOLINT(readability-identifier-naming)
    if (!expression->isAssignmentOp())
      return true;
    Values::Access target = values_.accessOf(expression->getLHS());
    QualType type = expression->getType();
    bool pointer = type->isPointerType();
    Assignment assignment;
    assignment.function = function_.name;
    assignment.base = values_.of(target.base);
    assignment.record = Values::tagOf(target.path.empty() ? type : target.record);
    if (const auto* member = dyn_cast<MemberExpr>(expression->getLHS()->IgnoreParenCasts()))
      if (const auto* field = dyn_cast<FieldDecl>(member->getMemberDecl());
          field && field->getParent()->getIdentifier())
        assignment.record = field->getParent()->getName().str();
    assignment.path = target.path;
    assignment.line = line(expression->getOperatorLoc());
    if (type->isRecordType())
      return addStruct(assignment, expression->getRHS());
    assignment.value = values_.of(expression->getRHS());
    bool flags = type->isIntegralOrEnumerationType() && !assignment.value.macros.empty();
    bool address = pointer && (isAddress(assignment.value) || assignment.value.kind == ValueKind::Null);
    // Of plain variables only those that come to point to a file-scope object matter.
    if (target.path.empty() && assignment.value.kind != ValueKind::Object)
      return true;
    if (address || flags)
      facts_.assignments.push_back(std::move(assignment));
    return true;
  }

  bool VisitVarDecl(VarDecl* variable) { // NOLINT(readability-identifier-naming)
    if (variable->isStaticLocal())
      if (auto object = objects_.read(variable))
        facts_.objects.push_back(std::move(*object));
    return true;
  }

private:
  // `x = y` or `*x = (struct t){ ... }`: a literal is taken apart, else the whole is noted as a copy.
  bool addStruct(Assignment& assignment, const Expr* from) {
    std::vector<Field> fields;
    const Expr* inner = from->IgnoreParenCasts();
    if (isa<CompoundLiteralExpr, InitListExpr>(inner)) {
      objects_.readInitialiser(inner, assignment.path, assignment.record, fields);
      Objects::sortBySource(fields);
      for (Field& field : fields) {
        assignment.path = field.path;
        assignment.value = std::move(field.value);
        facts_.assignments.push_back(assignment);
      }
      return true;
    }
    assignment.value = values_.of(from);
    if (assignment.value.kind == ValueKind::Object)
      facts_.assignments.push_back(std::move(assignment));
    return true;
  }

  unsigned line(SourceLocation where) const {
    return context_.getSourceManager().getExpansionLineNumber(where);
  }

  ASTContext& context_;
  Values& values_;
  Objects& objects_;
  Function& function_;
  TuFacts& facts_;
  std::set<std::string> bare_; // callees of calls already kept without arguments
};

class Extractor {
public:
  Extractor(ASTContext& context, const Roots& roots, const std::set<std::string>& driverTags, TuFacts& facts)
      : context_(context), own_(context.getSourceManager(), roots), values_(context),
        objects_(context, own_, values_, driverTags), facts_(facts) {}

  void add(const Decl* declaration) {
    if (!own_.isOwn(declaration->getLocation()))
      return;
    if (const auto* variable = dyn_cast<VarDecl>(declaration))
      addVariable(variable);
    else if (const auto* function = dyn_cast<FunctionDecl>(declaration);
             function && function->doesThisDeclarationHaveABody())
      addFunction(function);
  }

private:
  // Redeclarations (extern, tentative) and the definition make one object, the definition's where there is
  // one.
  void addVariable(const VarDecl* variable) {
    const VarDecl* first = variable->getCanonicalDecl();
    if (!seen_.insert(first).second)
      return;
    if (auto object = objects_.read(variable->getMostRecentDecl()))
      facts_.objects.push_back(std::move(*object));
  }

  void addFunction(const FunctionDecl* function) {
    Function& added = facts_.functions.emplace_back();
    added.name = Values::nameOf(function);
    added.place = {own_.path(function->getLocation()),
                   context_.getSourceManager().getExpansionLineNumber(function->getLocation())};
    added.internal = !function->isExternallyVisible();
    values_.enterFunction(function->getBody());
    // The visitor appends to facts_, but never to its functions: the reference stays good.
    BodyVisitor visitor(context_, values_, objects_, added, facts_);
    visitor.TraverseStmt(function->getBody());
  }

  ASTContext& context_;
  OwnFiles own_;
  Values values_;
  Objects objects_;
  TuFacts& facts_;
  std::set<const VarDecl*> seen_;
};

} // namespace

void extract(ASTContext& context, llvm::ArrayRef<Decl*> topLevel, const Roots& roots,
             const std::set<std::string>& driverTags, TuFacts& facts) {
  Extractor extractor(context, roots, driverTags, facts);
  for (const Decl* declaration : topLevel)
    extractor.add(declaration);
}

} // namespace fgft
