// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Reads what fgft-cc has written.
#include "capture/CommandIndex.h"

#include "support/Error.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <tuple>
#include <unistd.h>

namespace fgft {

namespace {

bool isRecord(const CommandLogHeader& header) {
  return std::memcmp(header.mark, "FGCC", 4) == 0;
}

/// Directory and arguments.
std::vector<std::string> wordsOf(const std::string& payload) {
  std::vector<std::string> words;
  for (std::size_t begin = 0; begin < payload.size();) {
    std::size_t end = payload.find('\0', begin);
    words.push_back(payload.substr(begin, end - begin));
    begin = end == std::string::npos ? payload.size() : end + 1;
  }
  return words;
}

} // namespace

std::size_t CommandCounter::count() {
  int file = open(path_.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0)
    return count_;
  CommandLogHeader header;
  while (pread(file, &header, sizeof header, static_cast<off_t>(offset_)) == sizeof header &&
         isRecord(header)) {
    if (header.kind == LogKernelC)
      ++count_;
    offset_ += sizeof header + header.size;
  }
  close(file);
  return count_;
}

CommandIndex::CommandIndex(const std::string& path) : path_(path) {
  std::FILE* stream = std::fopen(path.c_str(), "rbe");
  if (!stream)
    throw Error("{}: cannot read the recorded commands: {}", path, std::strerror(errno));
  std::uint64_t offset = 0;
  std::string payload;
  CommandLogHeader header;
  bool whole = true;
  while (std::fread(&header, sizeof header, 1, stream) == 1) {
    payload.resize(header.size);
    whole = isRecord(header) && std::fread(payload.data(), 1, payload.size(), stream) == payload.size();
    if (!whole)
      break;
    take(header, offset, payload);
    offset += sizeof header + header.size;
  }
  std::fclose(stream);
  if (!whole)
    throw Error("{}: byte {}: expected a whole record of fgft-cc", path, offset);
  auto order = [](const Entry& a, const Entry& b) {
    return std::tie(a.kind, a.output, a.source, a.offset) < std::tie(b.kind, b.output, b.source, b.offset);
  };
  std::sort(entries_.begin(), entries_.end(), order);
  std::vector<Entry> unique;
  for (Entry& entry : entries_) {
    if (!unique.empty() && unique.back().kind == entry.kind && unique.back().output == entry.output &&
        unique.back().source == entry.source)
      unique.back() = std::move(entry);
    else
      unique.push_back(std::move(entry));
  }
  entries_ = std::move(unique);
  file_ = open(path.c_str(), O_RDONLY | O_CLOEXEC);
}

CommandIndex::~CommandIndex() {
  if (file_ >= 0)
    close(file_);
}

void CommandIndex::take(const CommandLogHeader& header, std::uint64_t offset, const std::string& payload) {
  Entry entry;
  entry.offset = offset + sizeof header;
  entry.size = header.size;
  entry.kind = header.kind;
  std::vector<std::string> words = wordsOf(payload);
  for (std::size_t i = 2; i < words.size(); ++i) {
    if (words[i] == "-o" && i + 1 < words.size())
      entry.output = words[++i];
    else if (words[i] == "-include" || words[i] == "-isystem")
      ++i;
    else if (!words[i].starts_with('-') && (words[i].ends_with(".c") || words[i].ends_with(".S")))
      entry.source = words[i];
  }
  entries_.push_back(std::move(entry));
}

CompileCommand CommandIndex::command(const Entry& entry) const {
  std::string payload(entry.size, '\0');
  if (pread(file_, payload.data(), payload.size(), static_cast<off_t>(entry.offset)) !=
      static_cast<ssize_t>(payload.size()))
    throw Error("{}: cannot read {} bytes at {}: {}", path_, entry.size, entry.offset, std::strerror(errno));
  CompileCommand command;
  command.arguments = wordsOf(payload);
  command.directory = command.arguments.front();
  command.arguments.erase(command.arguments.begin());
  command.file = entry.source;
  command.output = entry.output;
  return command;
}

} // namespace fgft
