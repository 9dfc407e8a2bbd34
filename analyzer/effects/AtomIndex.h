// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Where in a list the atom with some key stands: a flat hash table, as it is asked for each atom of each
// callee of each function.
#pragma once

#include "effects/Atom.h"

#include <vector>

namespace fgft {

class AtomIndex {
public:
  static constexpr uint32_t none = ~uint32_t(0);

  size_t size() const { return size_; }

  /// The position of the atom with this key, or none.
  uint32_t find(const AtomKey& key) const { return slots_.empty() ? none : slots_[slotOf(key)].position; }

  /// Adds `position` under a key that is not there yet.
  void add(const AtomKey& key, uint32_t position) {
    if (2 * (size_ + 1) > slots_.size())
      grow();
    slots_[slotOf(key)] = {key, position};
    ++size_;
  }

private:
  struct Slot {
    AtomKey key;
    uint32_t position = none;
  };

  // The key's slot, or the free one that it goes into.
  size_t slotOf(const AtomKey& key) const {
    size_t mask = slots_.size() - 1;
    size_t slot = AtomKeyHash()(key) & mask;
    while (slots_[slot].position != none && !(slots_[slot].key == key))
      slot = (slot + 1) & mask;
    return slot;
  }

  void grow() {
    std::vector<Slot> old = std::move(slots_);
    slots_ = std::vector<Slot>(old.empty() ? 32 : 2 * old.size());
    for (const Slot& one : old)
      if (one.position != none)
        slots_[slotOf(one.key)] = one;
  }

  std::vector<Slot> slots_;
  size_t size_ = 0;
};

} // namespace fgft
