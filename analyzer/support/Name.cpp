// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The pool of names; see Name.h. Two million texts of twenty bytes each: they stand one behind the other in
// large blocks, so that a text takes little more than its bytes, and what is freed around the blocks can be
// given back to the system.
#include "support/Name.h"

#include "support/Error.h"

#include <llvm/Support/LEB128.h>
#include <llvm/Support/xxhash.h>

#include <array>
#include <cstring>
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
    const size_t bytes = sizeOf(text);
    if (bytes > blocks_.size() * blockSize - end_)
      addBlocks((bytes + blockSize - 1) / blockSize);
    const auto number = static_cast<uint32_t>(end_);
    uint8_t* place = placeOf(number);
    std::memcpy(place + llvm::encodeULEB128(text.size(), place), text.data(), text.size());
    end_ += bytes;
    return number;
  }

  /// Calls `visit` with each text that is not empty, and its number.
  template <typename Visit>
  void forEach(Visit&& visit) const {
    for (size_t number = sizeOf(""); number < end_;) {
      const std::string_view text = at(static_cast<uint32_t>(number));
      if (text.empty()) { // the next one was too long for the rest of the block
        number = (number / blockSize + 1) * blockSize;
        continue;
      }
      visit(text, static_cast<uint32_t>(number));
      number += sizeOf(text);
    }
  }

private:
  static constexpr size_t blockSize = size_t(1) << 20;

  static size_t sizeOf(std::string_view text) { return llvm::getULEB128Size(text.size()) + text.size(); }
  uint8_t* placeOf(uint32_t number) const { return blocks_[number / blockSize] + number % blockSize; }

  // One behind the other: a long text takes several.
  void addBlocks(size_t count) {
    end_ = blocks_.size() * blockSize;
    if (end_ + count * blockSize - 1 > UINT32_MAX)
      throw Error("more than 4 GiB of names");
    auto* memory = new uint8_t[count * blockSize]();
    for (size_t i = 0; i < count; ++i)
      blocks_.push_back(memory + i * blockSize);
  }

  std::vector<uint8_t*> blocks_;
  size_t end_ = 0;
};

// Finds texts: a hash table of their numbers alone, as it would else be as large as the texts are.
class Pool {
public:
  std::string_view at(uint32_t number) const { return texts_.at(number); }

  uint32_t numberOf(std::string_view text) {
    if (text.empty())
      return 0;
    const uint32_t hash = hashOf(text);
    Recent& recent = recent_[hash % recent_.size()];
    if (recent.hash != hash || at(recent.number) != text)
      recent = {hash, find(text, hash)};
    return recent.number;
  }

private:
  // Names recur nearby: of the last ones no look into the table is needed, which is in no processor's cache.
  struct Recent {
    uint32_t hash = 0;
    uint32_t number = 0;
  };

  static uint32_t hashOf(std::string_view text) {
    return static_cast<uint32_t>(llvm::xxh3_64bits(llvm::StringRef(text)));
  }

  uint32_t find(std::string_view text, uint32_t hash) {
    size_t mask = slots_.size() - 1;
    size_t slot = hash & mask;
    for (; slots_[slot] != 0; slot = (slot + 1) & mask)
      if (at(slots_[slot]) == text)
        return slots_[slot];
    const uint32_t number = texts_.add(text);
    slots_[slot] = number;
    if (++count_ * 4 > slots_.size() * 3)
      grow();
    return number;
  }

  // The old table goes first: the texts tell all that is in it.
  void grow() {
    const size_t size = 2 * slots_.size();
    slots_ = std::vector<uint32_t>();
    slots_ = std::vector<uint32_t>(size);
    texts_.forEach([&](std::string_view text, uint32_t number) {
      size_t slot = hashOf(text) & (size - 1);
      while (slots_[slot] != 0)
        slot = (slot + 1) & (size - 1);
      slots_[slot] = number;
    });
  }

  Texts texts_;
  std::vector<uint32_t> slots_ = std::vector<uint32_t>(1024); // 0: free, as the empty text is in none
  size_t count_ = 0;
  std::array<Recent, 4096> recent_;
};

Pool& pool() {
  // Never destroyed: names outlive whatever order the program ends in.
  static Pool& only = *new Pool;
  return only;
}

} // namespace

Name::Name(std::string_view text) : id_(pool().numberOf(text)) {}

std::string_view Name::str() const {
  return pool().at(id_);
}

} // namespace fgft
