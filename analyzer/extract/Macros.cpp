// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Macros by expansion; see Macros.h.
#include "extract/Macros.h"

#include "extract/Evaluated.h"

#include <clang/AST/Decl.h>
#include <clang/AST/Expr.h>
#include <clang/Basic/SourceManager.h>
#include <clang/Lex/Lexer.h>

#include <algorithm>

using namespace clang;

namespace fgft {

void addOnce(std::vector<Name>& names, Name name) {
  if (!name.empty() && std::find(names.begin(), names.end(), name) == names.end())
    names.push_back(name);
}

// All that one expansion writes has the same macros around it: arguments stand in expansions of their own.
const std::vector<Name>& Macros::at(SourceLocation where) const {
  static const std::vector<Name> none;
  if (!where.isMacroID())
    return none;
  const SourceManager& sources = context_.getSourceManager();
  const FileID expansion = sources.getFileID(where);
  if (auto known = known_.find(expansion); known != known_.end())
    return *known->second;
  auto names = std::make_unique<std::vector<Name>>();
  // Where tokens were pasted, this step is the paste, not a macro.
  if (!isScratch(sources.getSpellingLoc(where)))
    addOnce(*names, std::string_view(Lexer::getImmediateMacroName(where, sources, context_.getLangOpts())));
  for (Name name : at(sources.getImmediateMacroCallerLoc(where)))
    addOnce(*names, name);
  return *(known_[expansion] = std::move(names));
}

// As SourceManager::isWrittenInScratchSpace() has it, which counts lines for it.
bool Macros::isScratch(SourceLocation where) const {
  const SourceManager& sources = context_.getSourceManager();
  const FileID file = sources.getFileID(where);
  if (sources.getFileEntryForID(file))
    return false;
  auto buffer = sources.getBufferOrNone(file);
  return buffer && buffer->getBufferIdentifier() == "<scratch space>";
}

void Macros::collect(const Stmt* statement, std::vector<Name>& names) const {
  if (!statement)
    return;
  if (isa<IntegerLiteral, DeclRefExpr, CharacterLiteral>(statement))
    for (Name name : at(statement->getBeginLoc()))
      addOnce(names, name);
  if (const auto* reference = dyn_cast<DeclRefExpr>(statement))
    if (const auto* constant = dyn_cast<EnumConstantDecl>(reference->getDecl()))
      addOnce(names, constant->getName().str());
  for (const Stmt* child : statement->children())
    collect(child, names);
}

// Of each literal and enumerator the outermost macro that wrote it, but for those that wrote the call around.
void Macros::collectOuter(const Stmt* statement, const std::vector<Name>& ofCall,
                          std::vector<Name>& names) const {
  if (!statement || isa<UnaryExprOrTypeTraitExpr, OffsetOfExpr>(statement))
    return;
  if (const auto* choice = dyn_cast<AbstractConditionalOperator>(statement)) {
    collectOuter(valueIfTrue(choice), ofCall, names);
    return collectOuter(choice->getFalseExpr(), ofCall, names);
  }
  if (const auto* reference = dyn_cast<DeclRefExpr>(statement)) {
    if (const auto* constant = dyn_cast<EnumConstantDecl>(reference->getDecl()))
      addOnce(names, constant->getName().str());
  } else if (isa<IntegerLiteral, CharacterLiteral>(statement)) {
    const std::vector<Name>& around = at(statement->getBeginLoc());
    auto isOwn = [&ofCall](Name name) {
      return std::find(ofCall.begin(), ofCall.end(), name) == ofCall.end();
    };
    if (auto own = std::find_if(around.rbegin(), around.rend(), isOwn); own != around.rend())
      addOnce(names, *own);
  }
  for (const Stmt* child : statement->children())
    collectOuter(child, ofCall, names);
}

} // namespace fgft
