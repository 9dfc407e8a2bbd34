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

void writeFileAtomically(const std::string& path, std::string_view content) {
  // The process id keeps two processes that write the same file apart; the later rename wins whole.
  std::string temporary = fmt::format("{}.{}.tmp", path, ::getpid());
  std::ofstream out(temporary, std::ios::binary | std::ios::trunc);
  out.write(content.data(), static_cast<std::streamsize>(content.size()));
  out.close();
  if (!out) {
    int error = errno;
    ::unlink(temporary.c_str());
    throw Error("{}: cannot write: {}", path, std::strerror(error));
  }
  if (std::rename(temporary.c_str(), path.c_str()) != 0) {
    int error = errno;
    ::unlink(temporary.c_str());
    throw Error("{}: cannot rename into place: {}", path, std::strerror(error));
  }
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
