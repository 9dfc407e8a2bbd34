// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Write-to-temporary and rename; see AtomicFile.h.
#include "support/AtomicFile.h"

#include "support/Error.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <unistd.h>
#include <utility>

namespace fgft {

// The process id keeps two processes that write the same file apart; the later rename wins whole.
AtomicFile::AtomicFile(std::string path)
    : path_(std::move(path)), temporary_(fmt::format("{}.{}.tmp", path_, ::getpid())),
      out_(::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666)) {
  if (out_ < 0)
    error_ = errno;
}

AtomicFile::~AtomicFile() {
  if (out_ >= 0)
    ::close(out_);
  if (!temporary_.empty())
    ::unlink(temporary_.c_str());
}

void AtomicFile::write(std::string_view content) {
  constexpr size_t piece = size_t(1) << 16;
  if (buffer_.empty() && content.size() >= piece)
    return writeOut(content);
  buffer_ += content;
  if (buffer_.size() < piece)
    return;
  writeOut(buffer_);
  buffer_.clear();
}

void AtomicFile::writeOut(std::string_view content) {
  while (error_ == 0 && !content.empty()) {
    const ssize_t written = ::write(out_, content.data(), content.size());
    if (written >= 0)
      content.remove_prefix(static_cast<size_t>(written));
    else if (errno != EINTR)
      error_ = errno;
  }
}

void AtomicFile::copy(int from, std::uint64_t offset, std::uint64_t size) {
  writeOut(buffer_);
  buffer_.clear();
  auto position = static_cast<off_t>(offset);
  while (error_ == 0 && size > 0) {
    ssize_t copied = ::copy_file_range(from, &position, out_, nullptr, size, 0);
    if (copied < 0 && errno != EINTR) { // not here: by hand
      char piece[size_t(1) << 16];
      copied = ::pread(from, piece, std::min<std::uint64_t>(size, sizeof piece), position);
      if (copied > 0) {
        writeOut({piece, static_cast<size_t>(copied)});
        position += copied;
      }
    }
    if (copied > 0)
      size -= static_cast<std::uint64_t>(copied);
    else if (copied == 0)
      error_ = ENODATA; // the other file is shorter than it was
    else if (errno != EINTR)
      error_ = errno;
  }
}

void AtomicFile::finish() {
  writeOut(buffer_);
  if (error_ == 0 && ::close(std::exchange(out_, -1)) != 0)
    error_ = errno;
  if (error_ != 0)
    throw Error("{}: cannot write: {}", path_, std::strerror(error_));
  if (std::rename(temporary_.c_str(), path_.c_str()) != 0)
    throw Error("{}: cannot rename into place: {}", path_, std::strerror(errno));
  temporary_.clear();
}

void writeFileAtomically(const std::string& path, std::string_view content) {
  AtomicFile file(path);
  file.write(content);
  file.finish();
}

std::string readFile(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::string content;
  constexpr size_t piece = size_t(1) << 16; // the size that a file says may be another one: pipes, /proc
  for (size_t got = piece; in && got == piece;) {
    size_t before = content.size();
    content.resize(before + piece);
    in.read(content.data() + before, piece);
    got = static_cast<size_t>(in.gcount());
    content.resize(before + got);
  }
  if (!in.eof() && !in)
    throw Error("{}: cannot read: {}", path, std::strerror(errno));
  return content;
}

void makeFolders(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error)
    throw Error("{}: cannot make the folder: {}", path, error.message());
}

} // namespace fgft
