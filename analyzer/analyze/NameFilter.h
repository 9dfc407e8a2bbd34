// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Which identifiers a precompiled header knows. Of the identifiers of a TU four in five are its own, and to
// be told so by each precompiled header's table costs a twentieth of a parse that starts from one.
#pragma once

#include <llvm/ADT/StringRef.h>
#include <llvm/Support/xxhash.h>

#include <cstdint>
#include <vector>

namespace fgft {

/// A set of names that may say yes of others too: a bit for each value of a hash.
class NameFilter {
public:
  void add(llvm::StringRef name) {
    words.resize(bits / wordBits);
    uint64_t bit = llvm::xxh3_64bits(name) % bits;
    words[bit / wordBits] |= uint64_t{1} << (bit % wordBits);
  }
  /// Of a name with this hash (xxh3_64bits). Yes to everything, where no name was added.
  bool mayHave(uint64_t hash) const {
    uint64_t bit = hash % bits;
    return words.size() != bits / wordBits || ((words[bit / wordBits] >> (bit % wordBits)) & 1) != 0;
  }

  std::vector<uint64_t> words; ///< for files

private:
  // For the 60,000 identifiers of a large state one foreign name in seventeen passes.
  static constexpr uint64_t bits = uint64_t{1} << 20;
  static constexpr uint64_t wordBits = 64;
};

} // namespace fgft
