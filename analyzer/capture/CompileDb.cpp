// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A compilation database as a stream: the array is cut into its objects here, each object is parsed alone.
#include "capture/CompileDb.h"

#include "support/Error.h"

#include <nlohmann/json.hpp>

#include <cerrno>
#include <cstring>
#include <unistd.h>

namespace fgft {

namespace {

/// One step of a shell's word splitting inside double quotes: which characters a backslash protects there.
bool escapableInQuotes(char c) {
  return c == '"' || c == '\\' || c == '$' || c == '`' || c == '\n';
}

const char* kindOf(const nlohmann::json& value) {
  return value.type_name();
}

} // namespace

std::vector<std::string> splitShellWords(std::string_view command) {
  std::vector<std::string> words;
  std::string word;
  bool inWord = false;
  for (std::size_t i = 0; i < command.size(); ++i) {
    char c = command[i];
    if (c == '\'' || c == '"') {
      std::size_t begin = i;
      inWord = true;
      for (++i; i < command.size() && command[i] != c; ++i) {
        if (c == '"' && command[i] == '\\' && i + 1 < command.size() && escapableInQuotes(command[i + 1]))
          ++i;
        word += command[i];
      }
      if (i == command.size())
        throw Error("the quote {} at column {} of the command is not closed", c, begin + 1);
    } else if (c == '\\' && i + 1 < command.size()) {
      inWord = true;
      if (command[++i] != '\n')
        word += command[i];
    } else if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
      if (inWord)
        words.push_back(std::move(word));
      word.clear();
      inWord = false;
    } else {
      inWord = true;
      word += c;
    }
  }
  if (inWord)
    words.push_back(std::move(word));
  return words;
}

CompileDbReader::CompileDbReader(std::string path) : path_(std::move(path)), buffer_(1 << 16) {
  file_ = std::fopen(path_.c_str(), "rbe");
  if (!file_)
    throw Error("{}: cannot open the compilation database: {}", path_, std::strerror(errno));
}

CompileDbReader::~CompileDbReader() {
  if (file_)
    std::fclose(file_);
}

void CompileDbReader::fail(const std::string& what) const {
  throw Error("{}:{}: byte {}: {}", path_, line_, byte_, what);
}

int CompileDbReader::get() {
  if (position_ == filled_) {
    position_ = 0;
    filled_ = std::fread(buffer_.data(), 1, buffer_.size(), file_);
    if (filled_ == 0) {
      if (std::ferror(file_))
        throw Error("{}: cannot read: {}", path_, std::strerror(errno));
      return EOF;
    }
  }
  ++byte_;
  char c = buffer_[position_++];
  if (c == '\n')
    ++line_;
  return static_cast<unsigned char>(c);
}

int CompileDbReader::skipSpace() {
  int c = get();
  while (c == ' ' || c == '\t' || c == '\n' || c == '\r')
    c = get();
  return c;
}

/// Takes one object, whose '{' was read, up to its '}'.
bool CompileDbReader::readObject(std::string& text) {
  text = "{";
  std::size_t depth = 1;
  bool inString = false;
  while (depth > 0) {
    int c = get();
    if (c == EOF)
      return false;
    text += static_cast<char>(c);
    if (inString) {
      if (c == '"') {
        inString = false;
      } else if (c == '\\') {
        c = get();
        if (c != EOF)
          text += static_cast<char>(c);
      }
    } else if (c == '"') {
      inString = true;
    } else if (c == '{' || c == '[') {
      ++depth;
    } else if (c == '}' || c == ']') {
      --depth;
    }
  }
  return true;
}

bool CompileDbReader::next(CompileCommand& command) {
  if (state_ == State::End)
    return false;
  int c = skipSpace();
  if (state_ == State::Start) {
    if (c != '[')
      fail("expected '[': a compilation database is an array of commands");
    state_ = State::First;
    c = skipSpace();
  }
  if (state_ == State::Between && c == ',') {
    c = skipSpace();
    if (c != '{' && c != EOF)
      fail("expected a command ({ … }) after ','");
  } else if (c == ']') {
    if (skipSpace() != EOF)
      fail("expected the end of the file after ']'");
    state_ = State::End;
    return false;
  } else if (state_ == State::Between && c != EOF) {
    fail("expected ',' or ']' after a command");
  }
  if (c == EOF)
    fail("the file ends inside the array: it was cut off");
  if (c != '{')
    fail("expected a command ({ … }) or ']'");
  objectLine_ = line_;
  if (!readObject(object_))
    fail(fmt::format("the file ends inside the command that begins in line {}: it was cut off", objectLine_));
  state_ = State::Between;

  auto entryError = [&](const std::string& what) {
    return Error("{}:{}: {} (the command ends at byte {})", path_, objectLine_, what, byte_);
  };
  nlohmann::json json;
  try {
    json = nlohmann::json::parse(object_);
  } catch (const nlohmann::json::exception& error) {
    throw entryError(error.what());
  }
  auto text = [&](const char* key, bool needed) -> std::string {
    auto found = json.find(key);
    if (found == json.end()) {
      if (needed)
        throw entryError(fmt::format("the command has no \"{}\"", key));
      return {};
    }
    if (!found->is_string())
      throw entryError(fmt::format("\"{}\" is {}, expected a string", key, kindOf(*found)));
    return found->get<std::string>();
  };
  command.directory = text("directory", true);
  command.file = text("file", true);
  command.output = text("output", false);
  command.arguments.clear();
  if (auto list = json.find("arguments"); list != json.end()) {
    if (!list->is_array())
      throw entryError(fmt::format("\"arguments\" is {}, expected an array of strings", kindOf(*list)));
    for (const nlohmann::json& argument : *list) {
      if (!argument.is_string())
        throw entryError(fmt::format("\"arguments\" holds {}, expected strings", kindOf(argument)));
      command.arguments.push_back(argument.get<std::string>());
    }
  } else if (json.contains("command")) {
    try {
      command.arguments = splitShellWords(text("command", true));
    } catch (const Error& error) {
      throw entryError(error.what());
    }
  }
  if (command.arguments.empty())
    throw entryError("the command has neither \"arguments\" nor \"command\", or they are empty");
  return true;
}

CompileDbWriter::CompileDbWriter(std::string path)
    : path_(std::move(path)), temporary_(fmt::format("{}.{}.tmp", path_, ::getpid())) {
  file_ = std::fopen(temporary_.c_str(), "wbe");
  if (!file_)
    fail(errno);
  std::fputs("[", file_);
}

CompileDbWriter::~CompileDbWriter() {
  if (!file_)
    return;
  std::fclose(file_);
  ::unlink(temporary_.c_str());
}

void CompileDbWriter::fail(int error) const {
  throw Error("{}: cannot write: {}", path_, std::strerror(error));
}

void CompileDbWriter::add(const CompileCommand& command) {
  // Compilers take bytes where JSON wants UTF-8: what is none is replaced, rather than losing the command.
  nlohmann::ordered_json json;
  json["directory"] = command.directory;
  json["file"] = command.file;
  if (!command.output.empty())
    json["output"] = command.output;
  json["arguments"] = command.arguments;
  std::string text = json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
  std::fputs(first_ ? "\n" : ",\n", file_);
  std::fwrite(text.data(), 1, text.size(), file_);
  first_ = false;
}

void CompileDbWriter::finish() {
  std::fputs("\n]\n", file_);
  bool bad = std::ferror(file_) != 0;
  int error = errno;
  std::FILE* file = file_;
  file_ = nullptr;
  if (std::fclose(file) != 0 && !bad) {
    bad = true;
    error = errno;
  }
  if (!bad && std::rename(temporary_.c_str(), path_.c_str()) == 0)
    return;
  if (!bad)
    error = errno;
  ::unlink(temporary_.c_str());
  fail(error);
}

} // namespace fgft
