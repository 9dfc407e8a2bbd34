// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Passes over bodies of functions in headers faster than the parser does. Told to skip a body, the parser
// still expands every macro in it; of what it reads only the closing brace matters, and where that is, is
// found once for all TUs that read the header.
#pragma once

#include <llvm/ADT/DenseMap.h>

#include <utility>

namespace clang {
class FileEntry;
class Lexer;
class Preprocessor;
} // namespace clang

namespace fgft {

/// Where bodies end. Serves any number of TUs whose file managers outlive it.
class BodySkip {
public:
  /// Call when the parser is about to skip a function's body, its opening brace being the last token read:
  /// goes on reading at the closing brace. False, and nothing is done, where that is not certain: in a
  /// macro's expansion, and for bodies with directives other than conditions. A macro in the body that opens
  /// what a plain brace closes makes for a wrong place, and so for an error.
  bool skip(clang::Preprocessor& preprocessor);

private:
  static constexpr unsigned nowhere = 0;
  static unsigned endOf(const clang::Preprocessor& preprocessor, const clang::Lexer& lexer, unsigned begin);

  // File and offset behind the opening brace → offset of the closing one, or nowhere.
  llvm::DenseMap<std::pair<const clang::FileEntry*, unsigned>, unsigned> ends_;
};

} // namespace fgft
