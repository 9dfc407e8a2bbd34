// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Walks a TU's own declarations; see Extract.h. Objects.cpp reads variables, Values.cpp expressions.
#include "extract/Extract.h"

#include "extract/Bodies.h"
#include "extract/Objects.h"
#include "extract/PmBodies.h"
#include "extract/Values.h"

#include <clang/AST/Attr.h>

using namespace clang;

namespace fgft {

namespace {

// The function that a built-in module's initcall entry names: file-scope assembly with a reference to it in a
// section of its own (linux/init.h); empty for other assembly.
std::string initcallOf(llvm::StringRef assembly) {
  if (!assembly.contains("initcall"))
    return {};
  llvm::StringRef rest = assembly.split(".long").second.ltrim();
  return rest.take_while([](char c) { return isalnum(static_cast<unsigned char>(c)) || c == '_'; }).str();
}

class Extractor {
public:
  Extractor(ASTContext& context, const Roots& roots, const std::set<std::string>& driverTags,
            const PmBodies* pm, TuFacts& facts)
      : context_(context), pm_(pm), own_(context.getSourceManager(), roots), values_(context),
        objects_(context, own_, values_, driverTags), bodies_(context, own_, values_, objects_, facts),
        facts_(facts) {}

  void add(const Decl* declaration) {
    if (!own_.isOwn(declaration->getLocation()))
      return;
    if (const auto* record = dyn_cast<RecordDecl>(declaration))
      addRecord(record);
    else if (const auto* variable = dyn_cast<VarDecl>(declaration))
      addVariable(variable);
    else if (const auto* function = dyn_cast<FunctionDecl>(declaration))
      function->doesThisDeclarationHaveABody() || function->hasSkippedBody() ? addFunction(function)
                                                                             : addAlias(function);
    else if (const auto* assembly = dyn_cast<FileScopeAsmDecl>(declaration))
      addModuleFunction("init", initcallOf(assembly->getAsmString()), assembly->getAsmLoc());
  }

  // A function of a shared header.
  void addForeign(const FunctionDecl* function) {
    if (!own_.isOwn(function->getLocation()))
      addFunction(function);
  }

  void finish() { facts_.records.assign(records_.begin(), records_.end()); }

private:
  // module_init() and module_exit() make their function the loader's by an alias.
  void addAlias(const FunctionDecl* declaration) {
    const auto* alias = declaration->getAttr<AliasAttr>();
    if (!alias)
      return;
    std::string name = declaration->getName().str();
    if (name == "init_module" || name == "cleanup_module")
      addModuleFunction(name == "init_module" ? "init" : "exit", alias->getAliasee().str(),
                        declaration->getLocation());
  }

  // As if `struct module` were given it as a member.
  void addModuleFunction(const char* member, const std::string& function, SourceLocation where) {
    if (function.empty())
      return;
    Assignment assignment;
    assignment.record = "module";
    assignment.path = member;
    assignment.value = Value{.kind = ValueKind::Function, .text = function};
    assignment.line = context_.getSourceManager().getExpansionLineNumber(where);
    facts_.assignments.push_back(std::move(assignment));
  }

  // A struct and those that are declared inside it.
  void addRecord(const RecordDecl* record) {
    if (!record->isThisDeclarationADefinition())
      return;
    if (std::string tag = Values::tagOf(context_.getCanonicalTagType(record)); !tag.empty())
      records_.insert(tag);
    for (const Decl* inner : record->decls())
      if (const auto* nested = dyn_cast<RecordDecl>(inner))
        addRecord(nested);
  }

  // Redeclarations (extern, tentative) and the definition make one object, the definition's where there is
  // one.
  void addVariable(const VarDecl* variable) {
    const VarDecl* first = variable->getCanonicalDecl();
    if (!seen_.insert(first).second)
      return;
    if (auto object = objects_.read(variable->getMostRecentDecl()))
      facts_.objects.push_back(std::move(*object));
    if (Bodies::isHook(variable))
      addHook(variable);
  }

  // What a static function pointer holds from the start; Bodies has what it is given later.
  void addHook(const VarDecl* variable) {
    const Expr* initial = variable->getAnyInitializer();
    Assignment assignment;
    assignment.base = Value{.kind = ValueKind::Object, .text = Values::nameOf(variable)};
    assignment.value = initial ? values_.of(initial) : Value{.kind = ValueKind::Null};
    assignment.line = context_.getSourceManager().getExpansionLineNumber(variable->getLocation());
    facts_.assignments.push_back(std::move(assignment));
  }

  void addFunction(const FunctionDecl* function) {
    Function& added = facts_.functions.emplace_back();
    added.name = Values::nameOf(function);
    added.place = {own_.path(function->getLocation()),
                   context_.getSourceManager().getExpansionLineNumber(function->getLocation())};
    added.internal = !function->isExternallyVisible();
    added.returns = function->getReturnType().getAsString(context_.getPrintingPolicy());
    for (const ParmVarDecl* parameter : function->parameters())
      added.params.push_back(Values::pointedTag(parameter->getType()));
    // Bodies add to facts_, but never to its functions: the reference stays good.
    if (function->doesThisDeclarationHaveABody())
      bodies_.read(function, added);
    else if (pm_)
      added.calls = pm_->callsOf(function);
  }

  ASTContext& context_;
  const PmBodies* pm_;
  OwnFiles own_;
  Values values_;
  Objects objects_;
  Bodies bodies_;
  TuFacts& facts_;
  std::set<const VarDecl*> seen_;
  std::set<Name> records_;
};

} // namespace

void extract(ASTContext& context, llvm::ArrayRef<Decl*> topLevel, const Roots& roots,
             const std::set<std::string>& driverTags, TuFacts& facts, const PmBodies* pm) {
  Extractor extractor(context, roots, driverTags, pm, facts);
  for (const Decl* declaration : topLevel)
    extractor.add(declaration);
  extractor.finish();
}

void extractHeaders(ASTContext& context, llvm::ArrayRef<Decl*> topLevel, const Roots& roots,
                    const std::set<std::string>& driverTags, TuFacts& facts) {
  Extractor extractor(context, roots, driverTags, /*pm=*/nullptr, facts);
  for (const Decl* declaration : topLevel)
    if (const auto* function = dyn_cast<FunctionDecl>(declaration))
      extractor.addForeign(function);
  facts.objects.clear();
}

} // namespace fgft
