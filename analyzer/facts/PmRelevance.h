// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What of a TU's facts the PM coverage of drivers is judged by, as the model has it. One rule for both who
// ask: the program that is linked (merge/Program.h) keeps no more, and a PM-only survey reads no more bodies
// than may hold it (extract/PmBodies.h).
#pragma once

#include "facts/Facts.h"
#include "model/Model.h"

#include <set>
#include <string>
#include <string_view>

namespace fgft {

class PmRelevance {
public:
  /// Looks at the model's tables whenever it is asked: they have to outlive it.
  explicit PmRelevance(const Model& model);

  bool worthKeeping(const Object& object) const;
  bool worthKeeping(const Assignment& assignment) const;
  /// A call that registers something, or passes an object of `kept` or a parameter of a followed struct on.
  bool worthFollowing(const Call& call, const std::set<Name>& kept) const;

  /// Takes out of a TU's facts what is not worth keeping.
  void reduce(TuFacts& facts) const;

  bool isRegistration(std::string_view function) const;
  /// A struct whose instances are followed: a driver's, or a table of PM call-backs.
  bool isFollowed(std::string_view tag) const;
  /// A struct with a member that worthKeeping() may be about, whatever stands around it.
  bool isTelling(std::string_view tag) const;
  /// Whether an assignment to a member of this name may be worth keeping; by a flag's name: if that is in the
  /// value.
  bool isTellingMember(std::string_view member) const;
  bool isFlagMember(std::string_view member) const;

  /// Names that tell something where they are macros: of a call around it, and in a value.
  const ByName<std::pair<size_t, std::string>>& classApis() const { return model_.classApis; }
  const std::set<std::string, std::less<>>& flags() const { return flags_; }

  /// Hash of all of that: facts of a PM-only survey hold while it does.
  const std::string& hash() const { return hash_; }

private:
  const Model& model_;
  std::set<std::string, std::less<>> leaves_;      // last members of the paths whose assignments matter
  std::set<std::string, std::less<>> coreMembers_; // struct.member that a core's row names
  std::set<std::string, std::less<>> coreLeaves_;  // of these the member, where any value tells
  std::set<std::string, std::less<>> flagLeaves_;  // where a flag does
  std::set<std::string, std::less<>> flags_;
  std::set<std::string, std::less<>> coreTags_; // and the struct
  std::set<std::string, std::less<>> followedTags_;
  std::string hash_;
};

} // namespace fgft
