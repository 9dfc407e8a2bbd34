// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a call through a member of a struct may do where the caller's own modules put nothing into that
// member: the functions that any module of the survey puts there. They are known only when all modules are
// closed, so rows that wait for them are settled at the end.
#pragma once

#include "effects/Verdict.h"
#include "facts/Facts.h"

#include <deque>
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
  /// What functions do is kept in `pool`.
  Members(const EffectModel& model, AtomPool& pool) : model_(model), pool_(pool) {}

  /// First pass: which members the code calls through, which structs the survey's own files declare.
  void note(const TuFacts& facts);

  /// After all note(): whether the survey's own files declare the struct.
  bool isOwnTag(Name tag) const { return ownTags_.count(tag) != 0; }

  /// Second pass, libraries first: the functions that a group puts into such members, before it is closed.
  void find(const Graph& graph);
  /// Whether one of them is this node: what it does is asked for.
  bool needs(const Graph::Node& node) const { return needed_.count(&node) != 0; }
  /// What they do, when the group is closed.
  void take(const Graph& graph, const Surroundings& around, PoolTransfer& transfer);

  /// Whether a row waits for what others put into members.
  static bool isOpen(const EntryPointRow& row);

  /// After the last take(): puts what the functions in the members do in place of the calls through them, and
  /// concludes the row once more. A member of which not all is known leaves the names that nobody knows.
  void settle(EntryPointRow& row, Circumstances circumstances);

private:
  struct Does {                   // vectors, sorted: there are a hundred thousand of it
    std::vector<Reached> effects; // the nearest of each, by effect
    std::vector<Name> members;    // called through, unknown in the function's own group
    std::vector<Name> unknown;
    Tristate sleeps = Tristate::No;
  };
  struct Member {
    std::vector<uint32_t> fillers; // of does_
    std::set<Name> copies;         // members whose functions are put here
    bool opaque = false;           // something is put here of which it is not known what it is
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

  void want(const Value& pointer);
  bool isWanted(Name member) const { return wanted_.count(member) != 0; }
  void fill(Name member, Name function, Name unit, const Graph& graph);
  uint32_t fillerOf(Name function, Name unit, const Graph& graph, const Surroundings& around,
                    PoolTransfer& transfer);
  uint32_t doesOf(const std::vector<Reached>& atoms, PoolTransfer& transfer);
  std::vector<Reached> atomsOf(Name function, const CallModel* row);
  bool addParameter(const FunctionNode& function, unsigned index, const std::set<Name>& members);
  void addStores(const Graph& graph);
  bool addPassed(const Graph& graph);
  bool passes(const FunctionNode& from, const Argument& argument, const std::set<Name>& members,
              const Graph& graph);
  const Resolved& resolved(Name member);
  bool isIrrevocable(Name member) const;
  bool isNeverFilled(Name member, const Member* known) const;
  void resolveInto(Name member, Resolved& result) const;
  void nameRegisters(const EffectRow& call, const Resolved& does,
                     std::map<std::pair<std::string, std::string>, EffectRow>& found) const;

  const EffectModel& model_;
  AtomPool& pool_;
  struct Found {
    Name member, function, unit;
  };

  std::vector<Found> found_; // of the group in hand
  std::unordered_set<const Graph::Node*> needed_;
  std::unordered_set<Name> wanted_;
  std::unordered_set<Name> ownTags_;
  std::unordered_set<Name> tableTags_; // of file-scope objects that hold functions
  std::unordered_map<Name, Member> members_;
  std::deque<Does> does_;
  std::map<std::pair<Name, Name>, uint32_t> doesByFunction_; // by name and, for static ones, unit
  std::map<ParameterOf, std::set<Name>> parameters_;         // the members that it is put into
  std::unordered_set<Name> takers_;                          // the functions of parameters_
  std::unordered_map<Name, Resolved> resolved_;
};

} // namespace fgft
