// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Which tokens of a body may be code that never runs in this configuration: behind a condition that the
// compiler may find to be constant. The parser can tell (Evaluated.h); here it only matters to leave none
// out.
#pragma once

#include "extract/BodyTokens.h"
#include "extract/OwnFiles.h"

#include <llvm/ADT/SmallPtrSet.h>

namespace fgft {

class MaybeDead {
public:
  MaybeDead(const BodyTokens& tokens, OwnFiles& own, const clang::SourceManager& sources)
      : tokens_(tokens), own_(own), sources_(sources) {}

  /// Before the first token of a body.
  void enter();

  /// Looks at a body's tokens one after the other: whether the one at `at` may be dead.
  bool mayBe(size_t at);

private:
  void noteCondition(size_t at);
  void noteConstants(size_t at);
  size_t beginOfOperand(size_t at) const;
  size_t endOfOperand(size_t at) const;
  bool mayFold(size_t begin, size_t end) const;
  bool mayFoldAll(size_t begin, size_t end) const;
  bool mayBeConstant(size_t at) const;

  const BodyTokens& tokens_;
  OwnFiles& own_;
  const clang::SourceManager& sources_;
  size_t doubtful_ = 0;                                          // before this one all may be dead
  llvm::SmallPtrSet<const clang::IdentifierInfo*, 4> constants_; // own variables
};

} // namespace fgft
