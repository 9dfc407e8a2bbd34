// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Where in a list the atom with some key stands: a flat hash table, as it is asked for each atom of each
// callee of each function.
#pragma once

#include "effects/AtomPool.h"

#include <vector>

namespace fgft {

class AtomIndex {
public:
  static constexpr uint32_t none = ~uint32_t(0);

  size_t size() const { return size_; }

  /// The position in `atoms`, the list that this is of, of the atom with this key, or none.
  uint32_t find(const AtomKey& key, const std::vector<Reached>& atoms) const {
    if (slots_.empty())
      return none;
    auto hash = static_cast<uint32_t>(AtomKeyHash()(key));
    size_t mask = slots_.size() - 1;
    for (size_t at = hash & mask;; at = (at + 1) & mask) {
      const Slot& slot = slots_[at];
      if (slot.position == none || (slot.hash == hash && keyOf(atoms[slot.position]) == key))
        return slot.position;
    }
  }

  /// Adds `position` under a key that is not there yet.
  void add(const AtomKey& key, uint32_t position) {
    if (2 * (size_ + 1) > slots_.size())
      grow();
    put({static_cast<uint32_t>(AtomKeyHash()(key)), position});
    ++size_;
  }

private:
  // The key is the atom's to tell: a large component has all its functions' indexes in memory.
  struct Slot {
    uint32_t hash = 0;
    uint32_t position = none;
  };

  void put(Slot slot) {
    size_t mask = slots_.size() - 1;
    size_t at = slot.hash & mask;
    while (slots_[at].position != none)
      at = (at + 1) & mask;
    slots_[at] = slot;
  }

  void grow() {
    std::vector<Slot> old = std::move(slots_);
    slots_ = std::vector<Slot>(old.empty() ? 32 : 2 * old.size());
    for (const Slot& one : old)
      if (one.position != none)
        put(one);
  }

  std::vector<Slot> slots_;
  size_t size_ = 0;
};

} // namespace fgft
