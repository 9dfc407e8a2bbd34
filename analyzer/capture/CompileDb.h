// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// compile_commands.json, read and written one command at a time: a kernel has 60,000 commands of 4 KB each,
// and no step needs more than one of them in memory.
#pragma once

#include <cstddef>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

namespace fgft {

/// One entry of a compilation database, as it stands there.
struct CompileCommand {
  std::string directory;              ///< where the compiler was started
  std::string file;                   ///< the source, absolute or relative to `directory`
  std::string output;                 ///< the object; "" where the entry names none
  std::vector<std::string> arguments; ///< with the compiler's name first, unquoted
};

/// Splits a command line as a POSIX shell does (quotes, backslashes; no expansion). Throws Error on a quote
/// that is not closed.
std::vector<std::string> splitShellWords(std::string_view command);

/// Reads a database front to back. Both forms are understood: "command" (shell-quoted) and "arguments".
class CompileDbReader {
public:
  /// Throws Error if `path` cannot be opened.
  explicit CompileDbReader(std::string path);
  ~CompileDbReader();
  CompileDbReader(const CompileDbReader&) = delete;
  CompileDbReader& operator=(const CompileDbReader&) = delete;

  /// The next entry; false at the end. Throws Error with path, line and byte where the JSON is broken, cut
  /// off, or an entry lacks what it needs.
  bool next(CompileCommand& command);

private:
  int get();
  int skipSpace();
  bool readObject(std::string& text);
  [[noreturn]] void fail(const std::string& what) const;

  std::string path_;
  std::FILE* file_ = nullptr;
  std::vector<char> buffer_;
  std::size_t position_ = 0;
  std::size_t filled_ = 0;
  std::size_t line_ = 1;
  std::size_t byte_ = 0;
  std::size_t objectLine_ = 1; ///< where the entry read last begins
  std::string object_;
  enum class State { Start, First, Between, End } state_ = State::Start;
};

/// Writes a database in the "arguments" form; nothing stands at `path` before finish() returned.
class CompileDbWriter {
public:
  explicit CompileDbWriter(std::string path);
  ~CompileDbWriter(); ///< takes an unfinished file away
  CompileDbWriter(const CompileDbWriter&) = delete;
  CompileDbWriter& operator=(const CompileDbWriter&) = delete;

  void add(const CompileCommand& command);

  /// Closes the array and renames into place. Throws Error with the reason if anything was not written.
  void finish();

private:
  [[noreturn]] void fail(int error) const;

  std::string path_;
  std::string temporary_;
  std::FILE* file_ = nullptr;
  bool first_ = true;
};

} // namespace fgft
