// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What one TU gives to and takes from others, by hashes of the names: what decides which modules belong
// together, and, when a TU changed, whom that may concern. A survey has twenty thousand of it.
#pragma once

#include "facts/Facts.h"
#include "model/Model.h"

#include <cstdint>
#include <string_view>
#include <vector>

namespace fgft {

/// 64 bits for a name's text, the same in every run. Two of a survey's two million names share one with a
/// probability of 1 in ten million.
using NameHash = uint64_t;
NameHash nameHash(std::string_view text);
inline NameHash nameHash(Name name) {
  return nameHash(std::string_view(name));
}

/// Lists are sorted, each name once.
struct TuLinks {
  std::vector<NameHash> functions;     // it defines, not static
  std::vector<NameHash> objects;       // likewise
  std::vector<NameHash> uses;          // functions of others, that the model has no row for
  std::vector<NameHash> modelled;      // likewise, with a row
  std::vector<NameHash> usedObjects;   // objects of others
  std::vector<NameHash> calledMembers; // tag.member of calls through pointers
  std::vector<NameHash> wanted;        // of those, and of other pointers that are called: what no row tells
  std::vector<NameHash> ownTags;       // structs that the TU's own files declare
  std::vector<Name> driverMembers;     // of calledMembers those of driver structs
  bool operator==(const TuLinks&) const = default;
};

TuLinks linksOf(const TuFacts& facts, const Model& model);

template <typename Pack>
void archive(Pack& pack, TuLinks& one) {
  pack(one.functions, one.objects, one.uses, one.modelled, one.usedObjects, one.calledMembers, one.wanted,
       one.ownTags, one.driverMembers);
}

} // namespace fgft
