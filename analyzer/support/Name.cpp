// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The pool of names; see Name.h. Two million texts of twenty bytes each: they stand one behind the other in
// large blocks, so that a text takes little more than its bytes, and what is freed around the blocks can be
// given back to the system.
#include "support/Name.h"

#include "support/Error.h"

#include <llvm/ADT/DenseSet.h>
#include <llvm/Support/LEB128.h>
#include <llvm/Support/xxhash.h>

#include <cstring>
#include <memory>
#include <vector>

namespace fgft {

namespace {

// A text's number is where it stands: in block number / blockSize, its length before it.
class Texts {
public:
  Texts() { add(""); }

  std::string_view at(uint32_t number) const {
    const uint8_t* place = placeOf(number);
    if (*place < 0x80) // as nearly all are
      return {reinterpret_cast<const char*>(place + 1), *place};
    unsigned bytes = 0;
    const auto length = static_cast<size_t>(llvm::decodeULEB128(place, &bytes));
    return {reinterpret_cast<const char*>(place + bytes), length};
  }

  uint32_t add(std::string_view text) {
    const size_t bytes = llvm::getULEB128Size(text.size()) + text.size();
    if (bytes > blocks_.size() * blockSize - end_)
      addBlocks((bytes + blockSize - 1) / blockSize);
    const auto number = static_cast<uint32_t>(end_);
    uint8_t* place = placeOf(number);
    std::memcpy(place + llvm::encodeULEB128(text.size(), place), text.data(), text.size());
    end_ += bytes;
    return number;
  }

private:
  static constexpr size_t blockSize = size_t(1) << 20;

  uint8_t* placeOf(uint32_t number) const { return blocks_[number / blockSize] + number % blockSize; }

  // One behind the other: a long text takes several.
  void addBlocks(size_t count) {
    end_ = blocks_.size() * blockSize;
    if (end_ + count * blockSize - 1 > UINT32_MAX)
      throw Error("more than 4 GiB of names");
    auto* memory = new uint8_t[count * blockSize];
    for (size_t i = 0; i < count; ++i)
      blocks_.push_back(memory + i * blockSize);
  }

  std::vector<uint8_t*> blocks_;
  size_t end_ = 0;
};

Texts& texts() {
  // Never destroyed: names outlive whatever order the program ends in.
  static Texts& all = *new Texts;
  return all;
}

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

constexpr uint32_t noId = ~uint32_t(0);

struct EntryInfo {
  static Entry getEmptyKey() { return {0, noId}; }
  static Entry getTombstoneKey() { return {1, noId}; }
  static unsigned getHashValue(Entry entry) { return entry.hash; }
  static unsigned getHashValue(const Wanted& wanted) { return wanted.hash; }
  static bool isEqual(Entry a, Entry b) { return a.id == b.id && a.hash == b.hash; }
  static bool isEqual(const Wanted& wanted, Entry entry) {
    return entry.hash == wanted.hash && entry.id != noId && texts().at(entry.id) == wanted.text;
  }
};

} // namespace

Name::Name(std::string_view text) {
  static auto& pool = *new llvm::DenseSet<Entry, EntryInfo>;
  if (text.empty())
    return;
  Wanted wanted{text, static_cast<uint32_t>(llvm::xxh3_64bits(llvm::StringRef(text)))};
  auto it = pool.find_as(wanted);
  if (it == pool.end())
    it = pool.insert({wanted.hash, texts().add(text)}).first;
  id_ = it->id;
}

std::string_view Name::str() const {
  return texts().at(id_);
}

} // namespace fgft
