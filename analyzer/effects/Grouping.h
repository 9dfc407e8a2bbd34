// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Which modules of a configuration are looked at together, in which order, and what one of them may ask of
// all others: who defines a name, who uses it, who calls through a member.
#pragma once

#include "effects/Links.h"

#include <functional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace fgft {

class Grouping {
public:
  /// One TU. The order of calls decides the order of modules.
  void add(const std::string& output, const std::vector<std::string>& modules, TuLinks links);

  /// What headers call and declare.
  void addEverywhere(const TuLinks& links);
  /// A function of a header, and what it uses that the headers do not define.
  void addHeader(NameHash function, std::vector<NameHash>&& uses);

  /// After all of these: modules that call each other, libraries before what uses them. `allUses`: usesOf()
  /// also gives functions that nobody defines now.
  const std::vector<std::vector<uint32_t>>& link(bool allUses = false);
  const std::vector<std::vector<uint32_t>>& groups() const { return groups_; }
  /// Of a group, sorted: what names it over runs.
  std::vector<std::string> namesOf(uint32_t group) const;
  /// The group's place in groups().
  uint32_t groupOf(uint32_t module) const { return groupOf_[module]; }

  size_t modules() const { return moduleNames_.size(); }
  const std::string& nameOf(uint32_t module) const { return moduleNames_[module]; }
  /// The number of a module; -1: there is none of that name.
  int64_t moduleOf(const std::string& name) const;
  const std::vector<uint32_t>& tusOf(uint32_t module) const { return moduleTus_[module]; }
  /// The modules of a TU, by its output; none for an unknown one.
  const std::vector<uint32_t>& modulesOf(Name output) const;

  /// Whether modules that do not define the function use it.
  bool isUsedElsewhere(NameHash function) const { return usedElsewhere_.count(function) != 0; }
  /// The modules that define a function.
  const std::vector<uint32_t>& definers(NameHash function) const;
  /// `each` gets every function that the module's TUs use and do not define themselves, some more than once.
  void usesOf(uint32_t module, const std::function<void(NameHash)>& each) const;

  /// Whether a module outside of the group calls through the member: of a struct that the survey's own files
  /// declare, one that the group uses, as others may have a struct of that name.
  bool isCalledByLibrary(NameHash member, NameHash tag, const std::vector<uint32_t>& group) const;
  bool isWanted(NameHash member) const { return wanted_.count(member) != 0; }
  const std::unordered_set<NameHash>& ownTags() const { return ownTags_; }
  const std::unordered_set<NameHash>& tagsOfHeaders() const { return tagsOfHeaders_; }

private:
  struct Tu {
    std::vector<uint32_t> modules;
    std::vector<NameHash> functions;
    std::vector<NameHash> uses;
  };
  uint32_t moduleIndex(const std::string& name);
  std::vector<NameHash> withHeaders(const std::vector<NameHash>& uses) const;

  std::vector<Tu> tus_;
  std::unordered_map<Name, uint32_t> byOutput_;
  std::unordered_map<std::string, uint32_t> moduleIds_;
  std::vector<std::string> moduleNames_;
  std::vector<std::vector<uint32_t>> moduleTus_;
  std::unordered_map<NameHash, std::vector<NameHash>> headerUses_;
  std::unordered_map<NameHash, std::vector<uint32_t>> definedBy_; // of what others use
  std::unordered_set<NameHash> usedElsewhere_;
  std::vector<std::vector<uint32_t>> usedModules_; // by module, sorted: whose functions it calls
  std::unordered_map<NameHash, std::vector<uint32_t>> memberCallers_;
  std::unordered_set<NameHash> wanted_, ownTags_, tagsOfHeaders_;
  std::vector<std::vector<uint32_t>> groups_;
  std::vector<uint32_t> groupOf_;
};

} // namespace fgft
