// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// After some TUs changed: which groups of modules must be looked at again, as what they say may have changed.
// A group's rows come of its own TUs and drivers, of what it was told of the survey around it, and of the
// functions of others that it uses; where one of these differs from what an earlier merge kept, it is again
// that group's turn. Order: libraries before what uses them, so that a change goes on as far as it shows.
#pragma once

#include "effects/Grouping.h"
#include "effects/Kept.h"

#include <set>
#include <string>
#include <unordered_set>
#include <vector>

namespace fgft {

/// Stands for the question whether there are tables of a struct, among members: all of the struct's members
/// lead there.
inline NameHash tableOf(NameHash tag) {
  return ~tag;
}
NameHash tableOf(Name member);

class Again {
public:
  Again(const Grouping& grouping, const EarlierGroups& earlier);

  /// Groups that hold one of the modules are due, those that are new, those that were told something else,
  /// and those whose functions are used now and were not kept.
  void begin(const std::set<std::string>& modules);
  void add(const std::set<std::string>& modules);
  void add(uint32_t group) { due_[group] = due_[group] || !done_[group]; }
  bool isDue(uint32_t group) const { return due_[group]; }
  bool isDone(uint32_t group) const { return done_[group]; }

  /// A group was looked at. The users of functions that do not do what they did are due.
  void done(uint32_t group, const std::vector<Exported>& exports, const MemberGifts& gifts,
            const std::vector<std::pair<NameHash, NameHash>>& leads, AtomPool& pool,
            const EffectModel& model);
  /// Whether anybody's tables are of that struct may be another answer now.
  void changedTable(NameHash tag) { changedMembers_.insert(tableOf(tag)); }

  /// The group's place in EarlierGroups::heads(); -1: it is new.
  int64_t headOf(uint32_t group) const { return heads_[group]; }
  /// What was kept of the group; null: it is new.
  const GroupHead* before(uint32_t group) const;
  /// Places of groups that there are no more.
  std::vector<size_t> gone() const;

  /// Members whose functions changed in what they do, and all that lead to them.
  const std::unordered_set<NameHash>& changedMembers();

private:
  bool isToldTheSame(uint32_t group) const;
  bool isDefinedIn(uint32_t group, NameHash function) const;
  void dueIfNotKept(uint32_t group);
  void dueUsersOf(const std::unordered_set<NameHash>& functions);

  const Grouping& grouping_;
  const EarlierGroups& earlier_;
  std::vector<int64_t> heads_; // by group
  std::vector<bool> due_, done_;
  std::vector<bool> used_;            // heads that are groups still
  std::unordered_set<NameHash> kept_; // functions that some group exported
  std::unordered_set<Name> changedFunctions_;
  std::unordered_set<NameHash> changedMembers_;
  std::vector<std::pair<NameHash, NameHash>> newLeads_;
};

/// GroupHead::leads.
std::vector<std::pair<NameHash, NameHash>> leadsOf(const std::vector<Exported>& exports,
                                                   const MemberGifts& gifts);

} // namespace fgft
