// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The pool of names; see Name.h.
#include "support/Name.h"

#include <llvm/ADT/DenseSet.h>
#include <llvm/Support/xxhash.h>

#include <deque>

namespace fgft {

namespace {

// A text of the pool. The hash stands beside the number: most texts that are looked up and not found are told
// apart without a look at any text.
struct Entry {
  uint32_t hash;
  uint32_t id;
};

struct Wanted {
  std::string_view text;
  uint32_t hash;
};

std::deque<std::string>& texts() {
  // Elements stay where they are. Never destroyed: names outlive whatever order the program ends in.
  static std::deque<std::string>& all = *new std::deque<std::string>{""};
  return all;
}

constexpr uint32_t noId = ~uint32_t(0);

struct EntryInfo {
  static Entry getEmptyKey() { return {0, noId}; }
  static Entry getTombstoneKey() { return {1, noId}; }
  static unsigned getHashValue(Entry entry) { return entry.hash; }
  static unsigned getHashValue(const Wanted& wanted) { return wanted.hash; }
  static bool isEqual(Entry a, Entry b) { return a.id == b.id && a.hash == b.hash; }
  static bool isEqual(const Wanted& wanted, Entry entry) {
    return entry.hash == wanted.hash && entry.id != noId && texts()[entry.id] == wanted.text;
  }
};

} // namespace

Name::Name(std::string_view text) {
  static auto& pool = *new llvm::DenseSet<Entry, EntryInfo>;
  if (text.empty())
    return;
  Wanted wanted{text, static_cast<uint32_t>(llvm::xxh3_64bits(llvm::StringRef(text)))};
  auto it = pool.find_as(wanted);
  if (it == pool.end()) {
    it = pool.insert({wanted.hash, static_cast<uint32_t>(texts().size())}).first;
    texts().emplace_back(text);
  }
  id_ = it->id;
}

const std::string& Name::str() const {
  return texts()[id_];
}

} // namespace fgft
