// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The records of fgft-cc in order: an index in memory, the records themselves stay in the file.
#pragma once

#include "capture/CommandLog.h"
#include "capture/CompileDb.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace fgft {

/// Counts the records of a log that is still growing.
class CommandCounter {
public:
  explicit CommandCounter(std::string path) : path_(std::move(path)) {}
  /// Records that are there by now.
  std::size_t count();

private:
  std::string path_;
  std::uint64_t offset_ = 0;
  std::size_t count_ = 0;
};

/// A finished log.
class CommandIndex {
public:
  struct Entry {
    std::string output; ///< as the command names it; "" for programs of the build
    std::string source; ///< the same
    std::uint64_t offset = 0;
    std::uint32_t size = 0;
    char kind = 0;
  };

  /// Reads the log once. The entries are ordered by output; of two for one output the later is kept. Throws
  /// Error on a file that is none.
  explicit CommandIndex(const std::string& path);
  ~CommandIndex();
  CommandIndex(const CommandIndex&) = delete;
  CommandIndex& operator=(const CommandIndex&) = delete;

  const std::vector<Entry>& entries() const { return entries_; }

  /// The record as it was run; `file` is as in the command.
  CompileCommand command(const Entry& entry) const;

private:
  void take(const CommandLogHeader& header, std::uint64_t offset, const std::string& payload);

  std::string path_;
  int file_ = -1;
  std::vector<Entry> entries_;
};

} // namespace fgft
