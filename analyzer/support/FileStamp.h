// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the system says of a file without reading it. A file whose stamp is the same has the same content,
// provided that the stamp was settled when the content was read: a file system's clock ticks, and of two
// writes within one tick the second leaves no trace.
#pragma once

#include <cstdint>
#include <string>

namespace fgft {

struct FileStamp {
  int64_t size = -1;     ///< -1: nothing is there
  int64_t modified = -1; ///< nanoseconds since the epoch, as the others
  int64_t changed = -1;  ///< of content, name or owner; no program can set it back
  int64_t inode = -1;

  bool operator==(const FileStamp&) const = default;
  bool exists() const { return size >= 0; }

  /// Whether no write since `time` (nanoseconds) could have left this stamp.
  bool settledAt(int64_t time) const;

  /// A stamp that no file has: its owner is read again.
  static FileStamp unsure() { return {.size = -1, .modified = -2, .changed = -2, .inode = -2}; }

  /// Of what `path` leads to.
  static FileStamp of(const char* path);
  static FileStamp of(const std::string& path) { return of(path.c_str()); }
};

/// The time now, in nanoseconds since the epoch.
int64_t wallClock();

} // namespace fgft
