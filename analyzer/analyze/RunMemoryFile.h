// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The file form of a remembered run (RunMemory.h), for the machine that wrote it.
#pragma once

#include "analyze/RunMemory.h"

#include <string>
#include <string_view>
#include <vector>

namespace fgft {

/// A file or folder whose stamp and content count.
struct RememberedFile {
  FileStamp stamp;
  uint32_t path = 0;   ///< where it begins in the paths
  uint32_t folder = 0; ///< bool: only its stamp counts
  char hash[64] = {};  ///< zeros: nothing was there
};

/// Where something was, or was not.
struct RememberedPlace {
  uint32_t path = 0;
  uint32_t exists = 0; ///< bool
};

/// For each of many things its readers, as pairs of a gap and a length: readers are numbered in the order of
/// TUs, and neighbours read the same.
struct ReaderLists {
  std::vector<uint32_t> ends; ///< by thing: where its list ends in `bytes`
  std::string bytes;

  /// Sets `readers` at all readers of `thing`.
  void mark(std::size_t thing, std::vector<char>& readers) const;
};

/// Makes lists; the readers of each thing come in ascending order.
class ReaderListsMaker {
public:
  void add(std::size_t thing, uint32_t reader);
  /// Adds the lists of `things` things, without a reader those that none was added for.
  void finish(std::size_t things, ReaderLists& lists);

private:
  struct List {
    std::string bytes;
    uint32_t written = 0;        // readers below are in bytes
    uint32_t begin = 0, end = 0; // a run that still grows
  };
  static void writeRun(List& list);
  std::vector<List> lists_;
};

/// The parts of the file. Readers are the TUs, then the header facts, the list, and last groups: sets of
/// inputs that many TUs share.
struct RunMemoryFile {
  std::string list;  ///< what is no file of a run's list
  std::string uses;  ///< of HeaderUses
  std::string units; ///< RunMemory::Run::units
  std::string paths; ///< each ends with a NUL
  std::vector<RememberedFile> files;
  std::vector<RememberedPlace> places;
  std::vector<uint32_t> sources; ///< files that the list was made from
  ReaderLists readers;           ///< of each file, then of each place
  ReaderLists groups;            ///< the TUs of each group

  /// Writes the file at `path`. Throws Error if it cannot.
  void write(const std::string& path, const std::string& question) const;
  /// False if there is none, or if it is not one that answers `question`, to the last byte.
  bool read(const std::string& path, const std::string& question);

  const char* pathOf(uint32_t begin) const { return paths.data() + begin; }
};

/// What is no file of a run's list, and its units.
std::string listBytes(const RunMemory::Run& run);
bool parseList(std::string_view bytes, RunMemory::Run& run);
std::string unitBytes(const std::vector<RunMemory::Unit>& units);
bool parseUnits(std::string_view bytes, std::vector<RunMemory::Unit>& units);

} // namespace fgft
