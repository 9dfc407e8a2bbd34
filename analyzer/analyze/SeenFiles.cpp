// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// See SeenFiles.h.
#include "analyze/SeenFiles.h"

#include "support/Hash.h"

namespace fgft {

uint32_t SeenFiles::note(llvm::StringRef path, Kind kind) {
  auto [it, isNew] = numbers_.try_emplace(path, static_cast<uint32_t>(files_.size()));
  if (isNew)
    files_.push_back({.path = it->first()});
  File& file = files_[it->second];
  // Who reads a file depends on more of it than who asks whether it is there; the first look counts.
  if (!isNew && kind <= file.kind)
    return it->second;
  int64_t before = wallClock();
  file.kind = kind;
  file.stamp = FileStamp::of(it->first().str());
  if (kind == Kind::Content && !file.stamp.settledAt(before))
    file.hash = hashOfFile(path.str());
  if (kind == Kind::Folder && !file.stamp.settledAt(before))
    file.stamp = FileStamp::unsure();
  return it->second;
}

uint32_t SeenFiles::add(llvm::StringRef path, Kind kind, const FileStamp& stamp, std::string hash) {
  auto [it, isNew] = numbers_.try_emplace(path, static_cast<uint32_t>(files_.size()));
  if (isNew)
    files_.push_back({it->first(), kind, stamp, std::move(hash)});
  return it->second;
}

} // namespace fgft
