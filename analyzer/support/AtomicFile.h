// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Files that are there whole or not at all.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace fgft {

/// Writes `content` beside `path` and renames it into place. Throws Error with the path and the reason.
void writeFileAtomically(const std::string& path, std::string_view content);

/// A file that is written piece by piece beside `path`; it is there once finish() was called, and gone
/// without.
class AtomicFile {
public:
  explicit AtomicFile(std::string path);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  void write(std::string_view content);

  /// The same for a part of another file, which does not pass through this process where the file system can
  /// share or copy it.
  void copy(int from, std::uint64_t offset, std::uint64_t size);

  /// Renames the file into place. Throws Error with the path and the reason if it, or any write, failed.
  void finish();

private:
  void writeOut(std::string_view content);

  std::string path_;
  std::string temporary_;
  std::string buffer_;
  int out_;
  int error_ = 0; // the first errno
};

/// The whole file. Throws Error if it cannot be read.
std::string readFile(const std::string& path);

/// Makes a folder and its parents. Throws Error if it cannot.
void makeFolders(const std::string& path);

} // namespace fgft
