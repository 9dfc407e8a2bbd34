// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Which identifiers a precompiled header knows. Of the identifiers of a TU four in five are its own, and to
// be told so by each precompiled header's table costs a twentieth of a parse that starts from one.
#pragma once

#include <clang/Basic/IdentifierTable.h>
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
    uint64_t bit = bitOf(name);
    words[bit / wordBits] |= uint64_t{1} << (bit % wordBits);
  }
  /// Everything, where no name was added.
  bool mayHave(llvm::StringRef name) const {
    uint64_t bit = bitOf(name);
    return words.size() != bits / wordBits || ((words[bit / wordBits] >> (bit % wordBits)) & 1) != 0;
  }

  std::vector<uint64_t> words; ///< for files

private:
  // For the 60,000 identifiers of a large state one foreign name in seventeen passes.
  static constexpr uint64_t bits = uint64_t{1} << 20;
  static constexpr uint64_t wordBits = 64;
  static uint64_t bitOf(llvm::StringRef name) { return llvm::xxh3_64bits(name) % bits; }
};

/// While it lives, a parse asks the precompiled header that it started from of no identifier that the filter
/// does not let through.
class FilteredLookup : public clang::IdentifierInfoLookup {
public:
  FilteredLookup(clang::IdentifierTable& table, const NameFilter& filter)
      : table_(table), filter_(filter), all_(table.getExternalIdentifierLookup()) {
    table_.setExternalIdentifierLookup(this);
  }
  ~FilteredLookup() override { table_.setExternalIdentifierLookup(all_); }
  FilteredLookup(const FilteredLookup&) = delete;
  FilteredLookup& operator=(const FilteredLookup&) = delete;

  clang::IdentifierInfo* get(llvm::StringRef name) override {
    return all_ && filter_.mayHave(name) ? all_->get(name) : nullptr;
  }

private:
  clang::IdentifierTable& table_;
  const NameFilter& filter_;
  clang::IdentifierInfoLookup* all_;
};

} // namespace fgft
