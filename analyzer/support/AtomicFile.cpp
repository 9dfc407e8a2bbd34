// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Write-to-temporary and rename; see AtomicFile.h.
#include "support/AtomicFile.h"

#include "support/Error.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <unistd.h>

namespace fgft {

// The process id keeps two processes that write the same file apart; the later rename wins whole.
AtomicFile::AtomicFile(std::string path)
    : path_(std::move(path)), temporary_(fmt::format("{}.{}.tmp", path_, ::getpid())),
      out_(temporary_, std::ios::binary | std::ios::trunc) {}

AtomicFile::~AtomicFile() {
  if (!temporary_.empty())
    ::unlink(temporary_.c_str());
}

void AtomicFile::write(std::string_view content) {
  out_.write(content.data(), static_cast<std::streamsize>(content.size()));
}

void AtomicFile::finish() {
  out_.close();
  if (!out_)
    throw Error("{}: cannot write: {}", path_, std::strerror(errno));
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
