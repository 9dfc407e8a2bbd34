// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Which bodies of a TU's own functions a PM-only survey has to read. Most say nothing of power management but
// what they call, and that their tokens tell. So before the parser comes to a body, its tokens are taken from
// the preprocessor, as the parser would see them: macros expanded, conditions decided. If they name anything
// that the facts of PM may come from (facts/PmRelevance.h), the parser gets them back; else it is given the
// closing brace alone, and the calls are kept here.
#pragma once

#include "extract/BodyTokens.h"
#include "extract/MaybeDead.h"
#include "extract/Objects.h"
#include "extract/OwnFiles.h"
#include "extract/Values.h"
#include "facts/Facts.h"
#include "facts/PmRelevance.h"

#include <clang/AST/Decl.h>
#include <llvm/ADT/DenseMap.h>
#include <llvm/ADT/DenseSet.h>

#include <array>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace fgft {

class PmBodies {
public:
  PmBodies(clang::Sema& sema, const Roots& roots, const std::set<std::string>& driverTags,
           const PmRelevance& relevance);

  /// Call when the parser asks whether to skip the body of an own function, the opening brace being the last
  /// token read. True: it is to be skipped, and what comes next is the closing brace.
  bool skip(const clang::FunctionDecl* function);

  /// The calls in a body that was skipped: of functions by name, without arguments.
  std::vector<Call> callsOf(const clang::FunctionDecl* function) const;

  /// At the TU's end: whether what skip() was sure of is so. A variable that was declared when a body named
  /// it may have become an object of interest by an initialiser further down; then the TU has to be read
  /// whole.
  bool isSureOf(const TuFacts& facts) const;

private:
  // What a word may mean wherever it stands; bits.
  enum Word : uint8_t {
    Plain = 0,
    Registration = 1,
    Followed = 2,
    Telling = 4,
    Member = 8,
    FlagMember = 16,
    Known = 32
  };

  struct FoundCall {
    const clang::FunctionDecl* callee = nullptr;
    clang::SourceLocation where;
  };

  bool isTelling(const clang::FunctionDecl* function);
  bool isTellingToken(size_t at);
  bool isTellingWord(size_t at);
  bool isTellingFunction(size_t at, const clang::FunctionDecl* named);
  bool isTellingVariable(const clang::VarDecl* variable);
  bool isTellingStatic(size_t at);
  bool namesFlag() const;
  bool hasApiMacros() const;
  Name apiMacroAt(clang::SourceLocation where) const;
  bool isTellingDeclaration(size_t at);
  bool isBehindType(size_t at) const;
  bool isOddName(size_t at) const;
  bool isWrittenHere(const clang::Token& token);
  void addCall(const clang::Token& token, const clang::FunctionDecl* callee);
  uint8_t wordOf(const clang::IdentifierInfo* name);
  bool holds(const clang::RecordDecl* record, bool orPoints, unsigned depth = 0);

  clang::ASTContext& context_;
  clang::IdentifierTable& identifiers_;
  OwnFiles own_;
  Values values_;
  Objects objects_;
  const PmRelevance& relevance_;

  // Of the body that is looked at.
  BodyTokens tokens_;
  MaybeDead maybeDead_;
  MaybeDead::Life life_ = MaybeDead::Life::Runs; // of the token that is looked at
  size_t unevaluated_ = 0; // before this one nothing is run: operands of typeof and the like
  size_t selected_ = 0;    // before this one an operand is chosen from several
  bool setsFlags_ = false; // names a member that may hold a flag
  std::vector<FoundCall> found_;
  std::vector<FoundCall> doubtful_; // in code that may be dead

  llvm::DenseMap<const clang::FunctionDecl*, std::vector<FoundCall>> calls_;
  mutable std::optional<bool> hasApiMacros_;
  llvm::DenseMap<const clang::IdentifierInfo*, uint8_t> words_;
  llvm::DenseMap<const clang::VarDecl*, bool> variables_;
  std::array<llvm::DenseMap<const clang::RecordDecl*, bool>, 2> records_; // holds(), by orPoints
  std::set<Name> passedOver_; // variables that were taken to be of no interest
};

} // namespace fgft
