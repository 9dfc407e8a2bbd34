// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The files that something was learnt from, as they were just before: whoever remembers what was learnt has
// to know later whether it still holds (RunMemory.h).
#pragma once

#include "support/FileStamp.h"

#include <llvm/ADT/StringMap.h>

#include <cstdint>
#include <string>
#include <vector>

namespace fgft {

class SeenFiles {
public:
  enum class Kind : uint8_t {
    Place,   ///< only whether something is there was asked
    Content, ///< was read
    Folder,  ///< was listed
  };
  struct File {
    llvm::StringRef path;
    Kind kind = Kind::Place;
    FileStamp stamp;
    std::string hash; ///< of a content whose stamp does not vouch for it; else empty
  };

  /// Notes a file before it is read, a folder before it is listed, a place before it is looked at. Gives the
  /// file's number.
  uint32_t note(llvm::StringRef path, Kind kind);

  /// One that an earlier run saw.
  uint32_t add(llvm::StringRef path, Kind kind, const FileStamp& stamp, std::string hash);

  const File& file(uint32_t number) const { return files_[number]; }
  bool exists(uint32_t number) const { return files_[number].stamp.exists(); }
  std::size_t size() const { return files_.size(); }

private:
  llvm::StringMap<uint32_t> numbers_;
  std::vector<File> files_;
};

} // namespace fgft
