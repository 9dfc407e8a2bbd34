// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Writes header records; see HeaderRecorder.h.
#include "analyze/HeaderRecorder.h"

#include "capture/Invocation.h"

#include <clang/Basic/CharInfo.h>
#include <clang/Lex/HeaderSearch.h>
#include <clang/Lex/Lexer.h>
#include <clang/Lex/MacroArgs.h>
#include <llvm/Support/xxhash.h>

#include <algorithm>

using namespace clang;

namespace fgft {

using Op = HeaderRecord::Op;

// Whether a macro stands for nothing but an attribute that tells the code generator how to instrument.
static bool isCodeAttribute(const MacroInfo& macro, const Preprocessor& preprocessor) {
  // __attribute__((NAME or __NAME__, maybe with arguments))
  constexpr unsigned namePosition = 3;
  if (macro.getNumTokens() <= namePosition ||
      preprocessor.getSpelling(macro.getReplacementToken(0)) != "__attribute__")
    return false;
  for (unsigned i = namePosition; i < macro.getNumTokens(); ++i)
    if (macro.getReplacementToken(i).is(tok::semi))
      return false;
  std::string spelling = preprocessor.getSpelling(macro.getReplacementToken(namePosition));
  llvm::StringRef name = spelling;
  name = name.trim('_');
  return name == "no_instrument_function" || name == "patchable_function_entry" || name == "hotpatch";
}

// Whether a macro's text has a parameter where its argument is expanded first: not beside # or ##.
static bool isExpandedInside(const MacroInfo& macro, const IdentifierInfo* parameter) {
  auto tokens = macro.tokens();
  for (std::size_t i = 0; i < tokens.size(); ++i)
    if (tokens[i].getIdentifierInfo() == parameter &&
        !(i > 0 && tokens[i - 1].isOneOf(tok::hash, tok::hashhash)) &&
        !(i + 1 < tokens.size() && tokens[i + 1].is(tok::hashhash)))
      return true;
  return false;
}

// Passes the preprocessor's events on; owned by the preprocessor.
class RecorderCallbacks : public PPCallbacks {
public:
  explicit RecorderCallbacks(HeaderRecorder& recorder) : recorder_(recorder) {}

  void LexedFileChanged(FileID file, LexedFileChangeReason reason, SrcMgr::CharacteristicKind, FileID,
                        SourceLocation) override {
    if (reason == LexedFileChangeReason::EnterFile)
      recorder_.enterFile(file);
    else
      recorder_.leaveFile();
  }
  void InclusionDirective(SourceLocation hash, const Token&, StringRef, bool, CharSourceRange,
                          OptionalFileEntryRef file, StringRef, StringRef, const Module*, bool,
                          SrcMgr::CharacteristicKind) override {
    if (file)
      recorder_.include(*file, hash);
  }
  void HasInclude(SourceLocation, StringRef, bool, OptionalFileEntryRef file,
                  SrcMgr::CharacteristicKind) override {
    if (file)
      recorder_.add(Op::Look, recorder_.fileOf(*file), 0);
  }
  void MacroExpands(const Token& name, const MacroDefinition& definition, SourceRange,
                    const MacroArgs* args) override {
    recorder_.mention(recorder_.nameOf(name.getIdentifierInfo()));
    if (recorder_.preprocessor_.isParsingIfOrElifDirective())
      mentionPasted(*definition.getMacroInfo(), args);
    if (!args)
      return;
    // A name that is expanded to itself here and pasted to another further on is never seen as a token.
    const MacroInfo& macro = *definition.getMacroInfo();
    for (unsigned i = 0; i < args->getNumMacroArguments() && i < macro.getNumParams(); ++i) {
      if (!isExpandedInside(macro, macro.params()[i]))
        continue;
      for (const Token* token = args->getUnexpArgument(i); token->isNot(tok::eof); ++token)
        if (const IdentifierInfo* identifier = token->getIdentifierInfo())
          recorder_.mention(recorder_.nameOf(identifier), token[1].is(tok::l_paren) ? Op::Mention : Op::Word);
    }
  }
  void MacroDefined(const Token& name, const MacroDirective* directive) override {
    uint32_t id = recorder_.nameOf(name.getIdentifierInfo());
    recorder_.define(id, recorder_.definitionOf(id, directive->getMacroInfo()));
  }
  void MacroUndefined(const Token& name, const MacroDefinition&, const MacroDirective*) override {
    recorder_.define(recorder_.nameOf(name.getIdentifierInfo()), HeaderRecord::undefined);
  }
  void Defined(const Token& name, const MacroDefinition&, SourceRange) override { test(name); }
  void Ifdef(SourceLocation, const Token& name, const MacroDefinition&) override { test(name); }
  void Ifndef(SourceLocation where, const Token& name, const MacroDefinition& definition) override {
    if (!definition && !recorder_.inBody_)
      recorder_.guess(where, recorder_.nameOf(name.getIdentifierInfo()));
    else
      test(name);
  }
  void Elifdef(SourceLocation, const Token& name, const MacroDefinition&) override { test(name); }
  void Elifndef(SourceLocation, const Token& name, const MacroDefinition&) override { test(name); }
  void If(SourceLocation, SourceRange range, ConditionValueKind) override { recorder_.mentionText(range); }
  void Elif(SourceLocation, SourceRange range, ConditionValueKind value, SourceLocation ifLoc) override {
    forget(ifLoc);
    if (value != CVK_NotEvaluated)
      recorder_.mentionText(range);
  }
  void Else(SourceLocation, SourceLocation ifLoc) override { forget(ifLoc); }
  void Endif(SourceLocation, SourceLocation ifLoc) override { recorder_.endif(ifLoc); }

private:
  void test(const Token& name) {
    recorder_.mention(recorder_.nameOf(name.getIdentifierInfo()), Op::Test, /*inDirective=*/true);
  }
  // A name that ## makes in a condition and that is no macro is reported by nothing else.
  void mentionPasted(const MacroInfo& macro, const MacroArgs* args) {
    auto tokens = macro.tokens();
    for (std::size_t i = 0; i < tokens.size(); ++i) {
      if (i + 1 == tokens.size() || tokens[i + 1].isNot(tok::hashhash))
        continue;
      std::string made;
      add(made, tokens[i], macro, args, /*first=*/true);
      for (; i + 2 < tokens.size() && tokens[i + 1].is(tok::hashhash); i += 2)
        add(made, tokens[i + 2], macro, args, /*first=*/false);
      mentionName(made);
    }
  }
  // Joins an operand of ## to what was made so far: of an argument of several tokens only the one beside it.
  void add(std::string& made, const Token& operand, const MacroInfo& macro, const MacroArgs* args,
           bool first) {
    int parameter = args ? macro.getParameterNum(operand.getIdentifierInfo()) : -1;
    if (parameter < 0) {
      made += recorder_.preprocessor_.getSpelling(operand);
      return;
    }
    const Token* token = args->getUnexpArgument(static_cast<unsigned>(parameter));
    if (first) {
      for (; token->isNot(tok::eof); ++token)
        made = recorder_.preprocessor_.getSpelling(*token);
      return;
    }
    for (bool beside = true; token->isNot(tok::eof); ++token, beside = false) {
      if (!beside) {
        mentionName(made);
        made.clear();
      }
      made += recorder_.preprocessor_.getSpelling(*token);
    }
  }
  void mentionName(llvm::StringRef text) {
    if (isValidAsciiIdentifier(text))
      recorder_.mention(recorder_.nameOf(text), Op::Mention, /*inDirective=*/true);
  }
  // A block with another branch is no mere default.
  void forget(SourceLocation ifLoc) {
    if (!recorder_.guesses_.empty() && recorder_.guesses_.back().ifLoc == ifLoc)
      recorder_.guesses_.pop_back();
  }
  HeaderRecorder& recorder_;
};

HeaderRecorder::HeaderRecorder(Preprocessor& preprocessor, const Roots& roots, const HeaderRecord* base)
    : preprocessor_(preprocessor), roots_(roots) {
  readings_.emplace_back();
  stack_.push_back(0);
  if (base)
    goOnFrom(*base);
  else {
    record_.hasParameters.push_back(0);
    record_.texts.push_back(0);
  }
}

// Takes over what the base knows, its readings but the main file's included. A name that was no macro there
// may become one now: which of its mentions are plain is found out at the end, of all.
void HeaderRecorder::goOnFrom(const HeaderRecord& base) {
  for (llvm::StringRef name : base.names)
    record_.numberOf(name);
  record_.initial = base.initial;
  record_.everMacro = base.everMacro;
  record_.files = base.files;
  record_.forced = base.forced;
  record_.hasParameters = base.hasParameters;
  record_.texts = base.texts;
  record_.missing = base.missing;
  record_.identifiers = base.identifiers;
  record_.fileIndex = base.fileIndex;
  current_ = base.final;
  baseNames_ = base.names.size();
  entries_.resize(base.files.size());
  for (uint32_t definition = 1; definition < base.texts.size(); ++definition)
    definitions_.try_emplace(base.texts[definition], definition);
  for (auto visit = base.visits.begin() + 1; visit != base.visits.end(); ++visit) {
    Reading& reading = readings_.emplace_back();
    reading.file = visit->file;
    reading.events.assign(base.events.begin() + visit->eventsBegin, base.events.begin() + visit->eventsEnd);
    for (uint32_t i = visit->plainBegin; i != visit->plainEnd; ++i) {
      uint32_t mention = base.plainMentions[i];
      reading.events.push_back(
          {(mention & 1) != 0 ? Op::Mention : Op::Word, mention / 2, HeaderRecord::undefined});
    }
  }
}

void HeaderRecorder::attach() {
  preprocessor_.addPPCallbacks(std::make_unique<RecorderCallbacks>(*this));
  preprocessor_.setTokenWatcher([this](const Token& seen) { token(seen); });
}

uint32_t HeaderRecorder::nameOf(llvm::StringRef text) {
  uint32_t name = record_.numberOf(text);
  if (name == current_.size()) {
    record_.everMacro.push_back(0);
    current_.push_back(HeaderRecord::undefined);
  }
  return name;
}

uint32_t HeaderRecorder::nameOf(const IdentifierInfo* identifier) {
  auto it = byIdentifier_.find(identifier);
  if (it != byIdentifier_.end())
    return it->second;
  uint32_t name = nameOf(identifier->getName());
  byIdentifier_[identifier] = name;
  return name;
}

uint32_t HeaderRecorder::fileOf(FileEntryRef file) {
  auto [it, isNew] = byEntry_.try_emplace(&file.getFileEntry(), static_cast<uint32_t>(entries_.size()));
  if (!isNew)
    return it->second;
  HeaderRecord::File added;
  added.path = absolutePath(file.getName().str(), roots_.directory);
  added.name = relativePath(roots_, added.path);
  if (auto known = record_.fileIndex.find(added.name); known != record_.fileIndex.end())
    return it->second = known->second;
  entries_.emplace_back(file);
  record_.files.push_back(std::move(added));
  return it->second;
}

void HeaderRecorder::add(Op op, uint32_t subject, uint32_t definition) {
  reading().events.push_back({op, subject, definition});
}

void HeaderRecorder::mention(uint32_t name, Op kind, bool inDirective) {
  if (inBody_ && !bodyStrict_) {
    if (inDirective || preprocessor_.isParsingIfOrElifDirective())
      bodyMentions_.push_back(name);
    return;
  }
  if (inBody_ && !inDirective && !preprocessor_.isParsingIfOrElifDirective())
    return;
  uint64_t key = uint64_t{name} << 8 | static_cast<uint8_t>(kind);
  auto [it, isNew] = reading().mentioned.try_emplace(key, current_[name]);
  if (!isNew && it->second == current_[name])
    return;
  it->second = current_[name];
  add(kind, name, current_[name]);
}

// A name that reaches the parser is a call of a macro with parameters only if a parenthesis follows.
void HeaderRecorder::endWord(bool call) {
  if (word_ && !inBody_)
    mention(nameOf(word_), call ? Op::Mention : Op::Word);
  word_ = nullptr;
}

// Names in a condition that are no macros are reported by no callback.
void HeaderRecorder::mentionText(SourceRange range) {
  llvm::StringRef text = Lexer::getSourceText(CharSourceRange::getTokenRange(range),
                                              preprocessor_.getSourceManager(), preprocessor_.getLangOpts());
  namesInCondition(text, [this](llvm::StringRef name) { mention(nameOf(name), Op::Mention, true); });
}

// The conditions in a body count if the body defines a macro or includes a file.
void HeaderRecorder::strictBody() {
  if (!inBody_ || bodyStrict_)
    return;
  bodyStrict_ = true;
  for (uint32_t name : bodyMentions_)
    mention(name, Op::Mention, true);
}

void HeaderRecorder::define(uint32_t name, uint32_t definition) {
  // What the command line and the compiler define is the base's own where the base has the name.
  if (!started_ && name < baseNames_)
    return;
  endWord(/*call=*/true);
  strictBody();
  if (definition != HeaderRecord::undefined)
    record_.everMacro[name] = 1;
  current_[name] = definition;
  add(Op::Define, name, definition);
}

uint32_t HeaderRecorder::definitionOf(uint32_t name, const MacroInfo* macro) {
  std::string text = record_.names[name].str();
  if (macro->isFunctionLike()) {
    text += macro->isVariadic() ? "(..." : "(";
    for (const IdentifierInfo* parameter : macro->params())
      text += ("," + parameter->getName()).str();
  }
  if (macro->isBuiltinMacro())
    text += " builtin";
  for (const Token& token : macro->tokens()) {
    text += token.hasLeadingSpace() ? '\n' : '\1';
    text += preprocessor_.getSpelling(token);
  }
  if (!macro->isFunctionLike() && isCodeAttribute(*macro, preprocessor_))
    text = (record_.names[name] + " attribute").str();
  uint64_t hash = llvm::xxh3_64bits(text) >> 1; // less than the numbers that DenseMap keeps for itself
  auto [it, isNew] = definitions_.try_emplace(hash, static_cast<uint32_t>(record_.texts.size()));
  if (isNew) {
    record_.hasParameters.push_back(macro->isFunctionLike() ? 1 : 0);
    record_.texts.push_back(hash);
  }
  return it->second;
}

void HeaderRecorder::token(const Token& seen) {
  ++tokens_;
  endWord(seen.is(tok::l_paren));
  if (seen.is(tok::l_brace))
    ++depth_;
  else if (seen.is(tok::r_brace) && --depth_ <= 0) {
    inBody_ = bodyStrict_ = false;
    bodyMentions_.clear();
  }
  if (!seen.isAnnotation())
    word_ = seen.getIdentifierInfo();
}

void HeaderRecorder::enterBody() {
  inBody_ = depth_ > 0;
}

void HeaderRecorder::noteError(SourceLocation where) {
  auto position = static_cast<unsigned>(included_.size());
  if (failed_.empty() || failed_.back() != position)
    failed_.push_back(position);
  const SourceManager& sources = preprocessor_.getSourceManager();
  if (where.isValid())
    if (auto file = sources.getFileEntryRefForID(sources.getFileID(sources.getExpansionLoc(where))))
      failedFiles_.push_back(fileOf(*file));
}

void HeaderRecorder::enterFile(FileID file) {
  endWord(/*call=*/false);
  auto entry = preprocessor_.getSourceManager().getFileEntryRefForID(file);
  if (!entry || file == preprocessor_.getSourceManager().getMainFileID()) {
    stack_.push_back(0);
    return;
  }
  auto id = static_cast<uint32_t>(readings_.size());
  readings_.emplace_back().file = fileOf(*entry);
  record_.files[readings_.back().file].visits.push_back(id);
  stack_.push_back(id);
}

void HeaderRecorder::leaveFile() {
  endWord(/*call=*/true);
  if (stack_.size() > 1)
    stack_.pop_back();
}

void HeaderRecorder::include(FileEntryRef file, SourceLocation hash) {
  strictBody();
  if (!started_) {
    started_ = true;
    record_.initial.insert(record_.initial.end(), current_.begin() + static_cast<std::ptrdiff_t>(baseNames_),
                           current_.end());
  }
  uint32_t id = fileOf(file);
  if (stack_.back() == 0) {
    if (preprocessor_.getSourceManager().isWrittenInMainFile(hash))
      included_.push_back(id);
    else if (baseNames_ == 0)
      record_.forced.push_back(id);
  }
  add(Op::Include, id, 0);
}

void HeaderRecorder::guess(SourceLocation ifLoc, uint32_t name) {
  guesses_.push_back({ifLoc, name, reading().events.size(), stack_.back(), tokens_});
  // Not by mention(), which may leave a repeated test out.
  add(Op::Test, name, HeaderRecord::undefined);
}

void HeaderRecorder::endif(SourceLocation ifLoc) {
  if (guesses_.empty() || guesses_.back().ifLoc != ifLoc)
    return;
  Guess guess = guesses_.back();
  guesses_.pop_back();
  if (guess.reading != stack_.back() || guess.tokens != tokens_)
    return;
  auto& events = reading().events;
  if (events.size() != guess.event + 2 || events.back().op != Op::Define ||
      events.back().subject != guess.name)
    return;
  uint32_t definition = events.back().definition;
  events.resize(guess.event);
  add(Op::Default, guess.name, definition);
}

HeaderRecord HeaderRecorder::finish() {
  for (const auto& identifier : preprocessor_.getIdentifierTable())
    record_.identifiers.add(identifier.getKey());
  record_.initial.resize(record_.names.size(), HeaderRecord::undefined);
  for (uint32_t name = 0; name < current_.size(); ++name)
    if (record_.everMacro[name] && current_[name] == HeaderRecord::undefined)
      record_.fleeting.push_back(name);
  for (std::size_t i = 0; i < entries_.size(); ++i)
    if (entries_[i])
      record_.files[i].guarded =
          preprocessor_.getHeaderSearchInfo().isFileMultipleIncludeGuarded(*entries_[i]);
  for (Reading& reading : readings_) {
    HeaderRecord::Visit visit;
    visit.file = reading.file;
    visit.eventsBegin = static_cast<uint32_t>(record_.events.size());
    visit.plainBegin = static_cast<uint32_t>(record_.plainMentions.size());
    for (const HeaderRecord::Event& event : reading.events)
      if (event.op <= Op::Test && !record_.everMacro[event.subject])
        record_.plainMentions.push_back(2 * event.subject + (event.op != Op::Word));
      else
        record_.events.push_back(event);
    std::sort(record_.plainMentions.begin() + visit.plainBegin, record_.plainMentions.end());
    visit.eventsEnd = static_cast<uint32_t>(record_.events.size());
    visit.plainEnd = static_cast<uint32_t>(record_.plainMentions.size());
    record_.visits.push_back(visit);
  }
  record_.final = std::move(current_);
  return std::move(record_);
}

} // namespace fgft
