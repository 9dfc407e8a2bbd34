// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The pool of names; see Name.h.
#include "support/Name.h"

#include <deque>
#include <unordered_map>

namespace fgft {

namespace {

struct Pool {
  std::deque<std::string> texts{""}; // elements stay where they are
  std::unordered_map<std::string_view, uint32_t> ids{{texts.front(), 0}};
};

// Never destroyed: names outlive whatever order the program ends in.
Pool& pool() {
  static Pool& all = *new Pool;
  return all;
}

} // namespace

Name::Name(std::string_view text) {
  Pool& all = pool();
  auto it = all.ids.find(text);
  if (it == all.ids.end()) {
    const std::string& kept = all.texts.emplace_back(text);
    it = all.ids.emplace(kept, static_cast<uint32_t>(all.texts.size() - 1)).first;
  }
  id_ = it->second;
}

const std::string& Name::str() const {
  return pool().texts[id_];
}

} // namespace fgft
