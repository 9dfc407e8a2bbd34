// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Values that stand once however often they occur, and where they are as long as they are needed.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <vector>

namespace fgft {

template <typename T>
class Interned {
public:
  static constexpr size_t all = ~size_t(0);

  /// With a limit it forgets, each time it has added so many, which there are: those stay, but are not found
  /// again. For values that recur soon or never, and are smaller than what it takes to find them.
  explicit Interned(size_t limit = all) : limit_(limit) {}

  /// How many there are that were not given up.
  size_t size() const { return made_ - free_.size(); }

  /// The element that has this hash and that `isSame` holds for; else one made of `value`.
  template <typename IsSame>
  const T* add(const T& value, uint32_t hash, IsSame&& isSame) {
    if (2 * (known_ + 1) > slots_.size())
      makeRoom();
    size_t mask = slots_.size() - 1;
    for (size_t at = hash & mask;; at = (at + 1) & mask) {
      Slot& slot = slots_[at];
      if (slot.number == none) {
        slot = {hash, newNumber()};
        ++known_;
        return &(element(slot.number) = value);
      }
      if (slot.hash == hash && isSame(element(slot.number)))
        return &element(slot.number);
    }
  }

  /// Gives up the elements that `isLive` does not hold for, and forgets the others. Their places are for new
  /// ones; of those in such places it asks again.
  template <typename IsLive>
  void sweep(IsLive&& isLive) {
    free_.clear();
    for (uint32_t number = 0; number < made_; ++number)
      if (!isLive(element(number)))
        free_.push_back(number);
    forget();
  }

private:
  static constexpr uint32_t none = ~uint32_t(0);
  static constexpr size_t inBlock = 256;
  // A number instead of a pointer, and the hash beside it: half the bytes, and no look at an element unless
  // it is the one.
  struct Slot {
    uint32_t hash = 0;
    uint32_t number = none;
  };

  T& element(uint32_t number) { return blocks_[number / inBlock][number % inBlock]; }

  uint32_t newNumber() {
    if (!free_.empty()) {
      uint32_t number = free_.back();
      free_.pop_back();
      return number;
    }
    if (made_ % inBlock == 0)
      blocks_.push_back(std::make_unique<T[]>(inBlock));
    return made_++;
  }

  void forget() {
    std::ranges::fill(slots_, Slot());
    known_ = 0;
  }

  void makeRoom() {
    if (known_ >= limit_)
      return forget();
    std::vector<Slot> old = std::move(slots_);
    slots_ = std::vector<Slot>(old.empty() ? 64 : 2 * old.size());
    size_t mask = slots_.size() - 1;
    for (const Slot& one : old) {
      if (one.number == none)
        continue;
      size_t at = one.hash & mask;
      while (slots_[at].number != none)
        at = (at + 1) & mask;
      slots_[at] = one;
    }
  }

  std::vector<std::unique_ptr<T[]>> blocks_; // none moves
  std::vector<Slot> slots_;
  std::vector<uint32_t> free_;
  size_t limit_;
  size_t known_ = 0;  // in slots_
  uint32_t made_ = 0; // in blocks_
};

} // namespace fgft
