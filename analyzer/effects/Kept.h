// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What one merge keeps of a group of modules, so that the next need not look at those where nothing changed:
// what the group exports, what it puts into members of structs, and all that it asked of the survey around
// it. As bytes (support/Pack.h); bytes that cannot be read are an Error.
#pragma once

#include "effects/Graph.h"
#include "effects/Links.h"
#include "support/Pack.h"

#include <set>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

namespace fgft {

/// An exported function: what it does, and into which members (tag.member) its parameters are put.
struct Exported {
  Summary summary;
  std::vector<std::pair<unsigned, std::set<Name>>> takes;
};

/// What a function does that stands in a member: of each effect the nearest, by effect.
struct Does {
  std::vector<Reached> effects;
  std::vector<Name> members; // called through, unknown in the function's own group
  std::vector<Name> unknown;
  Tristate sleeps = Tristate::No;
};

/// What one group puts into members.
struct MemberGifts {
  struct Gift {
    Name member;
    std::vector<uint32_t> fillers; // the group's own functions, of `does`
    std::set<Name> foreign;        // functions that it does not define
    std::set<Name> copies;         // members whose functions are put here
    bool opaque = false;           // something is put here of which it is not known what it is
    bool byParameter = false;      // something that a function gets from its caller
  };
  std::vector<Does> does;
  std::vector<Gift> gifts; // by member
};

/// A question about the survey around a group, and the answer that it got.
struct Question {
  enum class Of : uint8_t { LibraryCalls, Wanted };
  Of of = Of::Wanted;
  NameHash member = 0;
  NameHash tag = 0;
  bool answer = false;
};

/// What tells whether the group must be looked at again, and whom that concerns.
struct GroupHead {
  std::vector<std::string> modules; // sorted
  std::vector<Question> questions;
  std::vector<NameHash> exports;                    // functions
  std::vector<NameHash> gives;                      // members that it puts something into
  std::vector<std::pair<NameHash, NameHash>> leads; // from a member or an exported function to a member
  std::vector<NameHash> tableTags;                  // structs of file-scope objects that hold functions
  std::vector<Name> waits; // members that its entry points call through, unknown to it
};

struct KeptGroup {
  GroupHead head;
  std::string exported; // packed
  std::string gifts;    // packed
};

/// The groups of an earlier merge of the same configuration.
class EarlierGroups {
public:
  virtual ~EarlierGroups() = default;
  virtual const std::vector<GroupHead>& heads() const = 0;
  /// Structs that the TUs' own files declared then.
  virtual const std::unordered_set<NameHash>& ownTags() const = 0;
  virtual std::string exported(size_t group) const = 0;
  virtual std::string gifts(size_t group) const = 0;
};

std::string packExported(const std::vector<Exported>& all, const EffectModel& model);
std::vector<Exported> unpackExported(std::string_view bytes, AtomPool& pool, const EffectModel& model);

std::string packGifts(const MemberGifts& gifts, const EffectModel& model);
MemberGifts unpackGifts(std::string_view bytes, AtomPool& pool, const EffectModel& model);

/// Whether two lists say the same by the same paths, in the same order. Both stand in one pool.
bool areSame(const std::vector<Reached>& a, const std::vector<Reached>& b);

template <typename Pack>
void archive(Pack& pack, Question& one) {
  pack(one.of, one.member, one.tag, one.answer);
}
template <typename Pack>
void archive(Pack& pack, GroupHead& one) {
  pack(one.modules, one.questions, one.exports, one.gives, one.leads, one.tableTags, one.waits);
}

} // namespace fgft
