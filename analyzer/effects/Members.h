// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a call through a member of a struct may do where the caller's own modules put nothing into that
// member: the functions that any module of the survey puts there. They are known only when all modules are
// closed, so rows that wait for them are settled at the end.
#pragma once

#include "effects/Grouping.h"
#include "effects/Kept.h"
#include "effects/Verdict.h"

#include <deque>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace fgft {

class Members {
public:
  /// What functions do is kept in `pool`. `grouping` answers which members are called through, `around` what
  /// functions of other groups do; `ownTags`: structs that the survey's own files declare.
  Members(const EffectModel& model, AtomPool& pool, const Grouping& grouping, const Surroundings& around,
          const std::unordered_set<NameHash>& ownTags)
      : model_(model), pool_(pool), grouping_(grouping), around_(around), ownTags_(ownTags) {}

  AtomPool& pool() const { return pool_; }

  /// Where more gifts come from when a member is asked for: it add()s what groups that were not looked at
  /// gave to it.
  void askFirst(std::function<void(Name)> more) { more_ = std::move(more); }

  /// Libraries first: the functions that a group puts into members that others call through, before it is
  /// closed.
  void find(const Graph& graph);
  /// Whether one of them is this node: what it does is asked for.
  bool needs(const Graph::Node& node) const { return needed_.count(&node) != 0; }
  /// What they do, when the group is closed. To be added.
  MemberGifts take(const Graph& graph, PoolTransfer& transfer);
  void add(const MemberGifts& gifts);

  /// Structs of file-scope objects that hold functions: of the group in hand, to be added.
  std::vector<NameHash> tableTags() const { return {tableTagsHere_.begin(), tableTagsHere_.end()}; }
  void addTableTags(const std::vector<NameHash>& tags) { tableTags_.insert(tags.begin(), tags.end()); }
  const std::unordered_set<NameHash>& allTableTags() const { return tableTags_; }

  /// What find() asked of the survey, and was told.
  const std::unordered_map<Name, bool>& asked() const { return asked_; }

  /// The members that a parameter of a function is put into, of functions that others call.
  std::vector<std::pair<unsigned, std::set<Name>>> takesOf(Name function) const;
  void addTakes(Name function, const std::vector<std::pair<unsigned, std::set<Name>>>& takes);

  /// Whether a row waits for what others put into members.
  static bool isOpen(const EntryPointRow& row);

  /// After the last add(): puts what the functions in the members do in place of the calls through them, and
  /// concludes the row once more. A member of which not all is known leaves the names that nobody knows.
  void settle(EntryPointRow& row, Circumstances circumstances);

  /// Whether a call through the member means the same here and there, as far as rows can tell. Both have one
  /// pool.
  bool meansTheSame(Name member, Members& other);

private:
  struct Member {
    std::vector<uint32_t> fillers; // of does_
    std::vector<Name> foreign;     // functions of other groups that are not among the fillers yet
    std::set<Name> copies;
    bool opaque = false;
    bool byParameter = false;
  };
  struct Resolved {
    std::map<Effect, const Reached*> effects; // in does_
    std::set<Name> unknown;
    Tristate sleeps = Tristate::No;
  };
  /// A parameter of a function; with the TU's output where the function is static.
  struct ParameterOf {
    Name function, unit;
    unsigned index = 0;
    bool operator<(const ParameterOf& other) const {
      return std::tie(function, unit, index) < std::tie(other.function, other.unit, other.index);
    }
  };
  struct Found {
    Name member, function, unit;
  };

  bool isWanted(Name member);
  void fill(Name member, Name function, Name unit, const Graph& graph);
  uint32_t foreign(Name function);
  Does doesOf(const std::vector<Reached>& atoms, PoolTransfer& transfer);
  std::vector<Reached> atomsOf(Name function, const CallModel* row);
  bool addParameter(const FunctionNode& function, unsigned index, const std::set<Name>& members);
  void addStores(const Graph& graph);
  bool addPassed(const Graph& graph);
  bool passes(const FunctionNode& from, const Argument& argument, const std::set<Name>& members,
              const Graph& graph);
  const Member* member(Name name);
  const Resolved& resolved(Name member);
  bool isIrrevocable(Name member);
  bool isNeverFilled(Name member, const Member* known) const;
  void resolveInto(Name member, Resolved& result);
  void nameRegisters(const EffectRow& call, const Resolved& does,
                     std::map<std::pair<std::string, std::string>, EffectRow>& found) const;

  const EffectModel& model_;
  AtomPool& pool_;
  const Grouping& grouping_;
  const Surroundings& around_;
  const std::unordered_set<NameHash>& ownTags_;
  std::function<void(Name)> more_;

  // Of the group in hand.
  std::vector<Found> found_;
  std::unordered_set<const Graph::Node*> needed_;
  std::unordered_map<Name, bool> asked_;
  std::map<Name, MemberGifts::Gift> gifts_;
  std::set<NameHash> tableTagsHere_;

  std::unordered_set<NameHash> tableTags_;
  std::unordered_map<Name, Member> members_;
  std::deque<Does> does_;
  std::unordered_map<Name, uint32_t> foreign_;       // functions of other groups: of does_
  std::map<ParameterOf, std::set<Name>> parameters_; // the members that it is put into
  std::unordered_set<Name> takers_;                  // the functions of parameters_
  std::unordered_map<Name, Resolved> resolved_;
};

} // namespace fgft
