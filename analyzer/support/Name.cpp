// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The pool of names; see Name.h.
#include "support/Name.h"

#include <unordered_set>

namespace fgft {

namespace {

struct Hash {
  using is_transparent = void;
  size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
};

using Pool = std::unordered_set<std::string, Hash, std::equal_to<>>;

// Never destroyed: names outlive whatever order the program ends in.
Pool& pool() {
  static Pool& all = *new Pool;
  return all;
}

} // namespace

Name::Name(std::string_view text) {
  auto it = pool().find(text);
  text_ = it != pool().end() ? &*it : &*pool().emplace(text).first;
}

Name::Name() {
  static const Name empty{std::string_view()};
  text_ = empty.text_;
}

} // namespace fgft
