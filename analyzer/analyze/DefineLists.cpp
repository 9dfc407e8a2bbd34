// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// See DefineLists.h.
#include "analyze/DefineLists.h"

#include <clang/Basic/CharInfo.h>
#include <clang/Basic/SourceManager.h>
#include <clang/Lex/Lexer.h>
#include <clang/Lex/MacroInfo.h>
#include <clang/Lex/PPCallbacks.h>
#include <clang/Lex/Preprocessor.h>
#include <llvm/Support/xxhash.h>

using namespace clang;

namespace fgft {

namespace {

// Less than the numbers that DenseMap keeps for itself.
uint64_t keyOf(uint64_t hash) {
  return hash >> 1;
}

// Reads a text line by line, as long as it is what a list may hold.
class ListReader {
public:
  explicit ListReader(StringRef text) : text_(text) {}

  std::size_t at() const { return at_; }
  bool atEnd() const { return at_ == text_.size(); }

  // Passes over blanks, empty lines and comments.
  void skipBlank() {
    for (;;) {
      at_ = std::min(text_.find_first_not_of(" \t\r\n", at_), text_.size());
      StringRef rest = text_.drop_front(at_);
      std::size_t end = StringRef::npos;
      if (rest.starts_with("//"))
        end = text_.find('\n', at_);
      else if (rest.starts_with("/*") && (end = text_.find("*/", at_ + 2)) != StringRef::npos)
        end += 2;
      else
        return;
      if (end == StringRef::npos)
        end = text_.size();
      // A backslash would join the next line to this comment.
      if (rest.starts_with("//") && text_.slice(at_, end).contains('\\'))
        return;
      at_ = end;
    }
  }

  // Takes `#` and this word; false, and nothing is taken, where they do not stand here.
  bool takeDirective(StringRef word) {
    StringRef rest = text_.drop_front(at_);
    if (!rest.consume_front("#"))
      return false;
    rest = rest.ltrim(" \t");
    if (!rest.consume_front(word) || (!rest.empty() && isAsciiIdentifierContinue(rest.front())))
      return false;
    at_ = text_.size() - rest.size();
    return true;
  }

  // Takes a name on the same line; empty where none stands here.
  StringRef takeName() {
    at_ = std::min(text_.find_first_not_of(" \t", at_), text_.size());
    StringRef name = text_.drop_front(at_).take_while([](char c) { return isAsciiIdentifierContinue(c); });
    if (name.empty() || isDigit(name.front()))
      return {};
    at_ += name.size();
    return name;
  }

  // Takes what a macro without parameters stands for; false where it does not end with the line, or takes
  // more than reading its tokens.
  bool takeReplacement() {
    if (at_ < text_.size() && !isWhitespace(text_[at_]))
      return false;
    for (; at_ < text_.size() && text_[at_] != '\n'; ++at_)
      switch (text_[at_]) {
      case '\\':
      case '"':
      case '\'':
      case '#':
        return false;
      case '/':
        if (!skipCommentInLine())
          return false;
        break;
      default:
        break;
      }
    return true;
  }

private:
  // At a slash; false where a comment begins that goes on in the next line.
  bool skipCommentInLine() {
    StringRef line = text_.slice(at_, text_.find('\n', at_));
    if (line.starts_with("//"))
      return !line.contains('\\');
    if (!line.starts_with("/*"))
      return true;
    std::size_t end = line.find("*/", 2);
    if (end == StringRef::npos)
      return false;
    at_ += end + 1;
    return true;
  }

  StringRef text_;
  std::size_t at_ = 0;
};

} // namespace

std::optional<DefineList> defineListIn(StringRef text,
                                       llvm::function_ref<void(StringRef, std::size_t)> found) {
  ListReader reader(text);
  reader.skipBlank();
  if (!reader.takeDirective("ifndef"))
    return {};
  StringRef guard = reader.takeName();
  if (guard.empty() || !reader.takeReplacement())
    return {};
  reader.skipBlank();
  if (!reader.takeDirective("define") || reader.takeName() != guard)
    return {};
  DefineList list{.guard = reader.at() - guard.size()};
  if (!reader.takeReplacement())
    return {};
  for (reader.skipBlank(); reader.takeDirective("define"); reader.skipBlank()) {
    StringRef name = reader.takeName();
    const std::size_t offset = reader.at() - name.size();
    if (name.empty() || !reader.takeReplacement())
      return {};
    found(name, offset);
  }
  list.end = reader.at();
  if (!reader.takeDirective("endif") || !reader.takeReplacement())
    return {};
  reader.skipBlank();
  if (!reader.atEnd())
    return {};
  return list;
}

class DefineLists::Callbacks : public PPCallbacks {
public:
  explicit Callbacks(DefineLists& lists) : lists_(lists) {}
  void MacroDefined(const Token& name, const MacroDirective*) override { lists_.enter(name); }

private:
  DefineLists& lists_;
};

DefineLists::DefineLists(Preprocessor& preprocessor, const HeaderRecord* record, std::size_t smallest)
    : preprocessor_(preprocessor), record_(record), smallest_(smallest),
      precompiled_(preprocessor.getIdentifierTable().getExternalIdentifierLookup()) {
  preprocessor_.getIdentifierTable().setExternalIdentifierLookup(this);
  preprocessor_.addPPCallbacks(std::make_unique<Callbacks>(*this));
}

DefineLists::~DefineLists() {
  preprocessor_.getIdentifierTable().setExternalIdentifierLookup(precompiled_);
}

// Asked once for each name, when a TU first has it.
IdentifierInfo* DefineLists::get(StringRef name) {
  const uint64_t hash = llvm::xxh3_64bits(name);
  IdentifierInfo* known = nullptr;
  if (precompiled_ && (!record_ || record_->identifiers.mayHave(hash)))
    known = precompiled_->get(name);
  // Of two definitions the later one holds.
  for (std::size_t i = lists_.size(); i-- > 0;)
    if (const uint32_t* offset = lists_[i].find(name, hash)) {
      if (!known)
        known = &preprocessor_.getIdentifierTable().getOwn(name);
      define(*known, lists_[i], *offset);
      break;
    }
  return known;
}

bool DefineLists::List::has(uint32_t offset, StringRef name) const {
  StringRef rest = text.drop_front(offset);
  return rest.consume_front(name) && (rest.empty() || !isAsciiIdentifierContinue(rest.front()));
}

const uint32_t* DefineLists::List::find(StringRef name, uint64_t hash) const {
  auto found = macros.find(keyOf(hash));
  return found != macros.end() && has(found->second, name) ? &found->second : nullptr;
}

void DefineLists::enter(const Token& guard) {
  auto* lexer = static_cast<Lexer*>(preprocessor_.getCurrentLexer());
  if (!lexer || lexer->getBuffer().size() < smallest_ || !entered_.insert(lexer->getFileID()).second)
    return;
  const SourceLocation start = preprocessor_.getSourceManager().getLocForStartOfFile(lexer->getFileID());
  const std::size_t offset = guard.getLocation().getRawEncoding() - start.getRawEncoding();
  List list;
  list.text = lexer->getBuffer();
  list.start = start;
  if (offset >= list.text.size())
    return;
  bool clash = false; // once in 2^63 pairs of names
  std::optional<DefineList> where = defineListIn(list.text, [&](StringRef name, std::size_t at) {
    auto [it, isNew] = list.macros.try_emplace(keyOf(llvm::xxh3_64bits(name)), static_cast<uint32_t>(at));
    clash |= !isNew && !list.has(it->second, name);
    it->second = static_cast<uint32_t>(at);
  });
  if (!where || where->guard != offset || clash)
    return;
  lists_.push_back(std::move(list));
  defineKnown(lists_.size() - 1);
  lexer->seek(static_cast<unsigned>(where->end), /*IsAtStartOfLine=*/true);
}

// Names that the TU has already, and those that the header state's record is about, as that has to be told.
void DefineLists::defineKnown(std::size_t number) {
  std::vector<std::pair<std::string, uint32_t>> known;
  auto take = [&](StringRef name) {
    List& list = lists_[number];
    const uint64_t hash = llvm::xxh3_64bits(name);
    if (const uint32_t* offset = list.find(name, hash)) {
      known.emplace_back(name, *offset);
      list.macros.erase(keyOf(hash));
    }
  };
  for (const auto& identifier : preprocessor_.getIdentifierTable())
    take(identifier.getKey());
  if (record_)
    for (StringRef name : record_->names)
      take(name);
  for (const auto& [name, offset] : known) {
    IdentifierInfo& identifier = *preprocessor_.getIdentifierInfo(name);
    define(identifier, lists_[number], offset);
    Token token;
    token.startToken();
    token.setKind(tok::identifier);
    token.setIdentifierInfo(&identifier);
    token.setLocation(lists_[number].start.getLocWithOffset(static_cast<int>(offset)));
    token.setLength(static_cast<unsigned>(name.size()));
    preprocessor_.getPPCallbacks()->MacroDefined(token, preprocessor_.getLocalMacroDirective(&identifier));
  }
}

// As the preprocessor does with a #define.
void DefineLists::define(IdentifierInfo& name, const List& list, uint32_t offset) {
  Lexer raw(list.start, preprocessor_.getLangOpts(), list.text.begin(), list.text.begin() + offset,
            list.text.end());
  Token token;
  raw.LexFromRawLexer(token); // the name
  MacroInfo* macro = preprocessor_.AllocateMacroInfo(token.getLocation());
  SourceLocation last = token.getLocation();
  llvm::SmallVector<Token, 8> tokens;
  for (raw.LexFromRawLexer(token); token.isNot(tok::eof) && !token.isAtStartOfLine();
       raw.LexFromRawLexer(token)) {
    if (token.is(tok::raw_identifier))
      preprocessor_.LookUpIdentifierInfo(token);
    if (tokens.empty())
      token.clearFlag(Token::LeadingSpace);
    tokens.push_back(token);
    last = token.getLocation();
  }
  macro->setTokens(tokens, preprocessor_.getPreprocessorAllocator());
  macro->setDefinitionEndLoc(last);
  preprocessor_.appendDefMacroDirective(&name, macro);
}

} // namespace fgft
