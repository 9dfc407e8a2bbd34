// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Plays header records; see HeaderReplay.h.
#include "analyze/HeaderReplay.h"

#include <clang/Lex/Lexer.h>
#include <clang/Lex/MacroInfo.h>
#include <clang/Lex/PPCallbacks.h>

#include <algorithm>
#include <tuple>

using namespace clang;

namespace fgft {

using Op = HeaderRecord::Op;

const char* toString(PlainReason reason) {
  switch (reason) {
  case PlainReason::None:
    return "";
  case PlainReason::NoState:
    return "no header state for these flags";
  case PlainReason::Error:
    return "does not parse on top of the header state";
  case PlainReason::DefinesMacro:
    return "defines a macro that shared headers depend on";
  case PlainReason::ForeignMacro:
    return "uses a macro of a header it does not include";
  case PlainReason::HeaderOrder:
    return "includes shared headers in another order";
  }
  return "";
}

class HeaderReplay : public PPCallbacks {
public:
  HeaderReplay(Preprocessor& preprocessor, const HeaderRecord& record, RecordFiles& files, const Roots& roots,
               ReplayResult& result)
      : preprocessor_(preprocessor), record_(record), files_(files), roots_(roots), result_(result),
        plain_(record.initial), fast_(record.final), visited_(record.files.size(), 0) {
    result_.included.assign(record.files.size(), 0);
  }

  void LexedFileChanged(FileID file, LexedFileChangeReason reason, SrcMgr::CharacteristicKind, FileID,
                        SourceLocation) override {
    const SourceManager& sources = preprocessor_.getSourceManager();
    bool isMain = file == sources.getMainFileID();
    if (reason != LexedFileChangeReason::EnterFile) {
      // The lexer comes back to the main file from what the command line puts before it. Whether the forced
      // includes stand there as directives is up to the precompiled header's reader.
      if (isMain && !started_)
        start();
      return;
    }
    if (auto entry = sources.getFileEntryRefForID(file))
      note(*entry);
  }

  void InclusionDirective(SourceLocation, const Token&, StringRef, bool, CharSourceRange,
                          OptionalFileEntryRef entry, StringRef, StringRef, const Module*, bool,
                          SrcMgr::CharacteristicKind) override {
    if (!entry)
      return;
    int file = note(*entry);
    if (file < 0 || visited_[file] > 0)
      return; // where the preprocessor reads an unguarded header once more, it does so before our eyes
    if (record_.files[file].guarded)
      include(static_cast<uint32_t>(file));
    else
      includeAnew(static_cast<uint32_t>(file));
  }

  void HasInclude(SourceLocation, StringRef, bool, OptionalFileEntryRef entry,
                  SrcMgr::CharacteristicKind) override {
    if (entry)
      note(*entry);
  }

  void MacroExpands(const Token& name, const MacroDefinition&, SourceRange, const MacroArgs*) override {
    test(name.getIdentifierInfo());
  }
  void Defined(const Token& name, const MacroDefinition&, SourceRange) override { testDefined(name); }
  void Ifdef(SourceLocation, const Token& name, const MacroDefinition&) override {
    if (!onlyUndefines(name))
      testDefined(name);
  }
  void Ifndef(SourceLocation, const Token& name, const MacroDefinition&) override { testDefined(name); }
  void Elifdef(SourceLocation, const Token& name, const MacroDefinition&) override { testDefined(name); }
  void Elifndef(SourceLocation, const Token& name, const MacroDefinition&) override { testDefined(name); }
  void If(SourceLocation, SourceRange range, ConditionValueKind) override { testText(range); }
  void Elif(SourceLocation, SourceRange range, ConditionValueKind value, SourceLocation) override {
    if (value != CVK_NotEvaluated)
      testText(range);
  }

  void MacroDefined(const Token& token, const MacroDirective* directive) override {
    bool function = directive->getMacroInfo()->isFunctionLike();
    uint32_t own = function ? HeaderRecord::foreignFunction : HeaderRecord::foreign;
    if (!started_)
      predefine(token.getIdentifierInfo(), own);
    else
      set(token.getIdentifierInfo(), own);
  }
  void MacroUndefined(const Token& token, const MacroDefinition&, const MacroDirective*) override {
    set(token.getIdentifierInfo(), HeaderRecord::undefined);
  }

  bool reads(FileEntryRef file) {
    int number = numberOf(file);
    return number < 0 || result_.included[number];
  }

  // Uses of a name that would be a macro on the plain road and is none here raise no event; they leave the
  // name in the table of identifiers.
  void finish() {
    const IdentifierTable& identifiers = preprocessor_.getIdentifierTable();
    for (uint32_t name : record_.fleeting)
      if (plain_[name] != fast_[name] && identifiers.find(record_.names[name]) != identifiers.end())
        refuse(PlainReason::ForeignMacro, name, "uses");
  }

private:
  void start() {
    started_ = true;
    for (uint32_t forced : record_.forced)
      if (visited_[forced] == 0)
        include(forced);
  }

  // A definition by the compiler or the command line; those that the state has too are equal to the state's.
  void predefine(const IdentifierInfo* identifier, uint32_t own) {
    int name = nameOf(identifier);
    if (name >= 0 && record_.initial[name] != HeaderRecord::undefined)
      plain_[name] = fast_[name] = record_.initial[name];
    else
      set(identifier, own);
  }

  void include(uint32_t root) {
    result_.included[root] = 1;
    const HeaderRecord::File& file = record_.files[root];
    uint32_t& visited = visited_[root];
    if (visited > 0 && file.guarded)
      return;
    if (file.visits.empty()) {
      refuse(PlainReason::HeaderOrder, file.name + " was never read");
      return;
    }
    // Read more often than when the state was made, an unguarded header must give what it gave last.
    uint32_t reading = std::min<uint32_t>(visited++, static_cast<uint32_t>(file.visits.size()) - 1);
    play(record_.visits[file.visits[reading]]);
  }

  // The TU itself reads an unguarded header that the state has read as well. Where the state's reading is not
  // what the plain road would see, the TU's own is: it is then a file like any other of the TU.
  void includeAnew(uint32_t file) {
    if (result_.reason != PlainReason::None)
      return;
    auto before = std::tuple(plain_, visited_, result_.included);
    include(file);
    if (result_.reason == PlainReason::None)
      return;
    std::tie(plain_, visited_, result_.included) = std::move(before);
    result_.included[file] = 1;
    result_.reason = PlainReason::None;
    result_.detail.clear();
  }

  void play(const HeaderRecord::Visit& visit) {
    if (!ownPlain_.empty())
      checkPlain(visit);
    for (uint32_t i = visit.eventsBegin; i != visit.eventsEnd; ++i) {
      const HeaderRecord::Event& event = record_.events[i];
      switch (event.op) {
      case Op::Mention:
        if (plain_[event.subject] != event.definition)
          mismatch(event.subject, visit);
        break;
      case Op::Word:
        if (plain_[event.subject] != event.definition && record_.expandsAlone(plain_[event.subject]))
          mismatch(event.subject, visit);
        break;
      case Op::Test:
        if ((plain_[event.subject] == HeaderRecord::undefined) !=
            (event.definition == HeaderRecord::undefined))
          mismatch(event.subject, visit);
        break;
      case Op::Define:
        plain_[event.subject] = event.definition;
        break;
      case Op::Default:
        if (plain_[event.subject] == HeaderRecord::undefined)
          plain_[event.subject] = event.definition;
        break;
      case Op::Include:
        include(event.subject);
        break;
      case Op::Look:
        result_.included[event.subject] = 1;
        break;
      }
    }
  }

  // Names that no header makes a macro, but the TU did.
  void checkPlain(const HeaderRecord::Visit& visit) {
    auto begin = record_.plainMentions.begin() + visit.plainBegin;
    auto end = record_.plainMentions.begin() + visit.plainEnd;
    for (uint32_t name : ownPlain_)
      if (std::binary_search(begin, end, 2 * name + 1) ||
          (plain_[name] == HeaderRecord::foreign && std::binary_search(begin, end, 2 * name)))
        mismatch(name, visit);
  }

  void mismatch(uint32_t name, const HeaderRecord::Visit& visit) {
    bool own = plain_[name] >= HeaderRecord::foreignFunction || !record_.everMacro[name];
    refuse(own ? PlainReason::DefinesMacro : PlainReason::HeaderOrder,
           (record_.names[name] + " in " + record_.files[visit.file].name).str());
  }

  void refuse(PlainReason reason, std::string detail) {
    if (result_.reason != PlainReason::None)
      return;
    result_.reason = reason;
    result_.detail = std::move(detail);
  }
  void refuse(PlainReason reason, uint32_t name, const char* what) {
    refuse(reason, (llvm::Twine(what) + " " + record_.names[name]).str());
  }

  int nameOf(const IdentifierInfo* identifier) {
    auto [it, isNew] = names_.try_emplace(identifier, -1);
    if (isNew)
      if (auto found = record_.nameIndex.find(identifier->getName()); found != record_.nameIndex.end())
        it->second = static_cast<int>(found->second);
    return it->second;
  }

  void test(const IdentifierInfo* identifier) {
    int name = nameOf(identifier);
    if (name >= 0 && plain_[name] != fast_[name])
      refuse(PlainReason::ForeignMacro, static_cast<uint32_t>(name), "tests");
  }

  void testDefined(const Token& token) {
    int name = nameOf(token.getIdentifierInfo());
    if (name >= 0 && (plain_[name] == HeaderRecord::undefined) != (fast_[name] == HeaderRecord::undefined))
      refuse(PlainReason::ForeignMacro, static_cast<uint32_t>(name), "tests");
  }

  void testText(SourceRange range) {
    llvm::StringRef text = Lexer::getSourceText(
        CharSourceRange::getTokenRange(range), preprocessor_.getSourceManager(), preprocessor_.getLangOpts());
    namesInCondition(text, [this](llvm::StringRef word) {
      auto found = record_.nameIndex.find(word);
      if (found != record_.nameIndex.end() && plain_[found->second] != fast_[found->second])
        refuse(PlainReason::ForeignMacro, found->second, "tests");
    });
  }

  // #ifdef X, #undef X, #endif leaves X undefined on both roads.
  bool onlyUndefines(const Token& name) const {
    const SourceManager& sources = preprocessor_.getSourceManager();
    auto [file, offset] = sources.getDecomposedSpellingLoc(name.getLocation());
    llvm::StringRef text = sources.getBufferData(file).drop_front(offset);
    llvm::StringRef word = name.getIdentifierInfo()->getName();
    auto directive = [&text](llvm::StringRef what) {
      text = text.ltrim();
      return text.consume_front("#") && (text = text.ltrim(" \t"), text.consume_front(what));
    };
    if (!text.consume_front(word) || !directive("undef"))
      return false;
    text = text.ltrim(" \t");
    return text.consume_front(word) && directive("endif");
  }

  // What the TU defines is the same on both roads from here on.
  void set(const IdentifierInfo* identifier, uint32_t definition) {
    int name = nameOf(identifier);
    if (name < 0)
      return;
    plain_[name] = fast_[name] = definition;
    if (record_.everMacro[name])
      return;
    if (definition == HeaderRecord::undefined)
      std::erase(ownPlain_, static_cast<uint32_t>(name));
    else
      ownPlain_.push_back(static_cast<uint32_t>(name));
  }

  // The record's number of a file, or -1.
  int numberOf(FileEntryRef entry) {
    auto [it, isNew] = files_.try_emplace(&entry.getFileEntry(), -1);
    if (isNew) {
      auto found = record_.fileIndex.find(relativePath(roots_, entry.getName()));
      if (found != record_.fileIndex.end())
        it->second = static_cast<int>(found->second);
    }
    return it->second;
  }

  // Notes an input; the record's number of it, or -1.
  int note(FileEntryRef entry) {
    int number = numberOf(entry);
    if (number >= 0)
      result_.included[number] = 1;
    else if (noted_.insert(&entry.getFileEntry()).second)
      result_.otherFiles.push_back({relativePath(roots_, entry.getName()), absolutePathOf(entry.getName())});
    return number;
  }

  std::string absolutePathOf(StringRef path) const {
    return path.starts_with("/") ? path.str() : roots_.directory + "/" + path.str();
  }

  Preprocessor& preprocessor_;
  const HeaderRecord& record_;
  RecordFiles& files_;
  const Roots& roots_;
  ReplayResult& result_;
  std::vector<uint32_t> plain_; // by name: definition that the plain road would have
  std::vector<uint32_t> fast_;  // by name: definition here
  std::vector<uint32_t> visited_;
  std::vector<uint32_t> ownPlain_;
  llvm::DenseMap<const IdentifierInfo*, int> names_;
  llvm::DenseSet<const FileEntry*> noted_;
  bool started_ = false; // past the command line's macros and includes
};

HeaderReplay& startReplay(Preprocessor& preprocessor, const HeaderRecord& record, RecordFiles& files,
                          const Roots& roots, ReplayResult& result) {
  auto replay = std::make_unique<HeaderReplay>(preprocessor, record, files, roots, result);
  HeaderReplay& registered = *replay;
  preprocessor.addPPCallbacks(std::move(replay));
  return registered;
}

void endReplay(HeaderReplay& replay) {
  replay.finish();
}

bool readsFile(HeaderReplay& replay, FileEntryRef file) {
  return replay.reads(file);
}

} // namespace fgft
