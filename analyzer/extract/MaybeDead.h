// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Which tokens of a body are code that never runs in this configuration, as Evaluated.h has it of the parsed
// body: behind a condition that is constant. Of conditions whose value takes more than tokens to tell, all
// that they may keep from running is in doubt.
#pragma once

#include "extract/BodyTokens.h"

#include <llvm/ADT/SmallPtrSet.h>

#include <utility>
#include <vector>

namespace fgft {

class MaybeDead {
public:
  MaybeDead(const BodyTokens& tokens, const clang::SourceManager& sources)
      : tokens_(tokens), sources_(sources) {}

  enum class Life { Runs, InDoubt, Dead };

  /// Before the first token of a body.
  void enter();
  /// Looks at a body's tokens one after the other.
  Life at(size_t at);

private:
  // What the compiler knows of a condition; Unclear: something.
  enum class Truth { Varies, Unclear, False, True };
  // What stands from the first token on, before the second.
  using Range = std::pair<size_t, size_t>;

  static constexpr size_t none = ~size_t(0);

  void noteIf(size_t at);
  void noteSwitch(size_t at);
  bool noteCases(size_t condition, size_t block);
  void noteLogical(size_t at);
  void noteChoice(size_t at);
  void noteConstants(size_t at);
  void noteDead(Range range, size_t doubtfulTo);
  bool hasLabel(Range range) const;
  bool isGotoLabel(size_t at) const;
  Range statement(size_t at) const;
  size_t beginOfOperand(size_t at) const;
  size_t endOfOperand(size_t at, clang::tok::TokenKind of) const;
  Truth fold(size_t begin, size_t end, size_t block = none) const;
  Truth foldSimple(size_t begin, size_t end, size_t block) const;
  Truth foldIsType(size_t begin, size_t end) const;
  Truth foldGroup(size_t open, size_t close, size_t block) const;
  Truth foldIsConstant(size_t begin, size_t end, size_t block) const;
  bool isDeclaredSince(size_t block, size_t at) const;
  bool mayBeConstant(size_t at, size_t block) const;

  const BodyTokens& tokens_;
  const clang::SourceManager& sources_;
  size_t doubtful_ = 0; // before this one all may be dead
  std::vector<Range> dead_;
  llvm::SmallPtrSet<const clang::IdentifierInfo*, 4> constants_; // own variables
};

} // namespace fgft
