// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Watches the preprocessor while a header state is made, and writes the HeaderRecord.
#pragma once

#include "analyze/HeaderRecord.h"
#include "extract/OwnFiles.h"

#include <clang/Lex/PPCallbacks.h>
#include <clang/Lex/Preprocessor.h>
#include <llvm/ADT/DenseMap.h>
#include <llvm/ADT/StringMap.h>

#include <vector>

namespace fgft {

/// Collects events; shared by the callbacks, the token watcher and the AST consumer of one compilation.
/// What is inside a function body that the parser skips does not count: it changes nothing in the state.
class HeaderRecorder {
public:
  /// `base`: the record of the state that this compilation starts from, if any; what is recorded then goes on
  /// from it, as if its headers had been read first. No macro of the command line that the base was made
  /// without may be one of the base's names.
  HeaderRecorder(clang::Preprocessor& preprocessor, const Roots& roots, const HeaderRecord* base);

  /// Registers callbacks and token watcher. The recorder must outlive the preprocessing.
  void attach();

  /// The parser is about to skip a function's body, whose opening brace is the last token seen.
  void enterBody();

  /// The parser met an error.
  void noteError(clang::SourceLocation where);
  /// The headers that the state's main file includes, by 1-based position, in or below which errors were met.
  const std::vector<unsigned>& failed() const { return failed_; }
  /// The files in which they were met.
  const std::vector<uint32_t>& failedFiles() const { return failedFiles_; }
  /// The files that the state's main file includes, by position.
  const std::vector<uint32_t>& included() const { return included_; }

  /// Ends the recording.
  HeaderRecord finish();

private:
  friend class RecorderCallbacks;
  struct Reading {
    uint32_t file = 0;
    std::vector<HeaderRecord::Event> events;
    llvm::DenseMap<uint64_t, uint32_t> mentioned; // name and kind → definition, to write repeats once
  };
  // An #ifndef X whose block may turn out to be a mere default of X.
  struct Guess {
    clang::SourceLocation ifLoc;
    uint32_t name = 0;
    std::size_t event = 0;
    uint32_t reading = 0;
    uint64_t tokens = 0;
  };

  void goOnFrom(const HeaderRecord& base);
  uint32_t nameOf(const clang::IdentifierInfo* identifier);
  uint32_t nameOf(llvm::StringRef text);
  uint32_t fileOf(clang::FileEntryRef file);
  Reading& reading() { return readings_[stack_.back()]; }
  void add(HeaderRecord::Op op, uint32_t subject, uint32_t definition);
  void mention(uint32_t name, HeaderRecord::Op kind = HeaderRecord::Op::Mention, bool inDirective = false);
  void guess(clang::SourceLocation ifLoc, uint32_t name);
  void endWord(bool call);
  void mentionText(clang::SourceRange range);
  void define(uint32_t name, uint32_t definition);
  void strictBody();
  uint32_t definitionOf(uint32_t name, const clang::MacroInfo* macro);
  void token(const clang::Token& token);
  void enterFile(clang::FileID file);
  void leaveFile();
  void include(clang::FileEntryRef file, clang::SourceLocation hash);
  void endif(clang::SourceLocation ifLoc);

  clang::Preprocessor& preprocessor_;
  const Roots& roots_;
  HeaderRecord record_;
  std::vector<uint32_t> current_; // by name
  llvm::DenseMap<const clang::IdentifierInfo*, uint32_t> byIdentifier_;
  llvm::DenseMap<const clang::FileEntry*, uint32_t> byEntry_;
  std::vector<clang::OptionalFileEntryRef> entries_; // by file; none for a base's
  llvm::DenseMap<uint64_t, uint32_t> definitions_;   // by the hash of their text
  std::vector<Reading> readings_;
  std::vector<uint32_t> stack_; // of readings; the first is all that is no header
  std::vector<Guess> guesses_;
  std::vector<uint32_t> bodyMentions_;
  std::vector<unsigned> failed_;
  std::vector<uint32_t> failedFiles_;
  const clang::IdentifierInfo* word_ = nullptr; // the last token, if the parser will see it
  std::vector<uint32_t> included_;              // by the include directives of the main file
  std::size_t baseNames_ = 0;                   // names of the base come first
  uint64_t tokens_ = 0;
  int depth_ = 0; // of braces
  bool inBody_ = false;
  bool bodyStrict_ = false;
  bool started_ = false;
};

} // namespace fgft
