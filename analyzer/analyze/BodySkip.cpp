// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Finds closing braces; see BodySkip.h.
#include "analyze/BodySkip.h"

#include <clang/Basic/SourceManager.h>
#include <clang/Lex/Lexer.h>
#include <clang/Lex/Preprocessor.h>

#include <vector>

using namespace clang;

namespace fgft {

namespace {

// Braces and conditions on the way to the closing brace.
class Nesting {
public:
  void open() { ++depth_; }
  // Whether it was the body's own.
  bool close() { return --depth_ == 0; }
  bool inCondition() const { return !conditions_.empty(); }

  // False where it matters what the directive does. A condition does not if each of its branches closes what
  // it opens.
  bool directive(StringRef name) {
    if (name == "if" || name == "ifdef" || name == "ifndef") {
      conditions_.push_back(depth_);
      return true;
    }
    if (!inCondition() || conditions_.back() != depth_)
      return false;
    if (name == "endif") {
      conditions_.pop_back();
      return true;
    }
    return name == "else" || name == "elif" || name == "elifdef" || name == "elifndef";
  }

private:
  unsigned depth_ = 1;
  std::vector<unsigned> conditions_; // the depth at each open one's start
};

} // namespace

// By the tokens as they are written. A directive may define a macro or include a file: such a body is left to
// the parser.
unsigned BodySkip::endOf(const Preprocessor& preprocessor, const Lexer& lexer, unsigned begin) {
  StringRef buffer = lexer.getBuffer();
  SourceLocation start = preprocessor.getSourceManager().getLocForStartOfFile(lexer.getFileID());
  Lexer raw(start, preprocessor.getLangOpts(), buffer.begin(), buffer.begin() + begin, buffer.end());
  Nesting nesting;
  for (Token token; !raw.LexFromRawLexer(token) || token.isNot(tok::eof);) {
    if (token.is(tok::hash) && token.isAtStartOfLine()) {
      raw.LexFromRawLexer(token);
      if (token.isNot(tok::raw_identifier) || !nesting.directive(token.getRawIdentifier()))
        return nowhere;
    } else if (token.is(tok::l_brace))
      nesting.open();
    else if (token.is(tok::r_brace) && nesting.close())
      return nesting.inCondition() ? nowhere : raw.getCurrentBufferOffset() - token.getLength();
  }
  return nowhere;
}

bool BodySkip::skip(Preprocessor& preprocessor) {
  // Null within a macro's expansion, and where tokens were read ahead.
  auto* lexer = static_cast<Lexer*>(preprocessor.getCurrentLexer());
  if (!lexer)
    return false;
  auto file = preprocessor.getSourceManager().getFileEntryRefForID(lexer->getFileID());
  StringRef buffer = lexer->getBuffer();
  unsigned begin = lexer->getCurrentBufferOffset();
  if (!file || begin == 0 || buffer[begin - 1] != '{')
    return false;
  auto [it, isNew] = ends_.try_emplace({&file->getFileEntry(), begin}, nowhere);
  if (isNew)
    it->second = endOf(preprocessor, *lexer, begin);
  // The file may have changed meanwhile.
  if (it->second == nowhere || it->second >= buffer.size() || buffer[it->second] != '}')
    return false;
  lexer->seek(it->second, /*IsAtStartOfLine=*/false);
  return true;
}

} // namespace fgft
