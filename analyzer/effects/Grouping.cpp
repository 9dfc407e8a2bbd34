// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// See Grouping.h.
#include "effects/Grouping.h"

#include "effects/Components.h"

#include <algorithm>

namespace fgft {

uint32_t Grouping::moduleIndex(const std::string& name) {
  auto [it, isNew] = moduleIds_.try_emplace(name, static_cast<uint32_t>(moduleNames_.size()));
  if (isNew) {
    moduleNames_.push_back(name);
    moduleTus_.emplace_back();
  }
  return it->second;
}

void Grouping::add(const std::string& output, const std::vector<std::string>& modules, TuLinks links) {
  auto id = static_cast<uint32_t>(tus_.size());
  Tu& tu = tus_.emplace_back();
  byOutput_.try_emplace(output, id);
  for (const std::string& module : modules) {
    tu.modules.push_back(moduleIndex(module));
    moduleTus_[tu.modules.back()].push_back(id);
  }
  for (NameHash member : links.calledMembers) {
    std::vector<uint32_t>& callers = memberCallers_[member];
    for (uint32_t module : tu.modules)
      if (std::find(callers.begin(), callers.end(), module) == callers.end())
        callers.push_back(module);
  }
  wanted_.insert(links.wanted.begin(), links.wanted.end());
  ownTags_.insert(links.ownTags.begin(), links.ownTags.end());
  tu.functions = std::move(links.functions);
  tu.uses = std::move(links.uses);
}

void Grouping::addEverywhere(const TuLinks& links) {
  wanted_.insert(links.wanted.begin(), links.wanted.end());
  ownTags_.insert(links.ownTags.begin(), links.ownTags.end());
  tagsOfHeaders_.insert(links.ownTags.begin(), links.ownTags.end());
}

void Grouping::addHeader(NameHash function, std::vector<NameHash>&& uses) {
  headerUses_.try_emplace(function, std::move(uses));
}

// With what functions of headers use, in turn.
std::vector<NameHash> Grouping::withHeaders(const std::vector<NameHash>& uses) const {
  std::vector<NameHash> all = uses;
  for (NameHash one : uses)
    if (auto header = headerUses_.find(one); header != headerUses_.end())
      all.insert(all.end(), header->second.begin(), header->second.end());
  return all;
}

const std::vector<std::vector<uint32_t>>& Grouping::link(bool allUses) {
  std::vector<NameHash> used;
  for (Tu& tu : tus_) {
    tu.uses = withHeaders(tu.uses);
    used.insert(used.end(), tu.uses.begin(), tu.uses.end());
  }
  std::sort(used.begin(), used.end());
  used.erase(std::unique(used.begin(), used.end()), used.end());
  for (Tu& tu : tus_) {
    for (NameHash name : tu.functions)
      if (std::binary_search(used.begin(), used.end(), name)) {
        auto& modules = definedBy_[name];
        modules.insert(modules.end(), tu.modules.begin(), tu.modules.end());
      }
    tu.functions = std::vector<NameHash>();
  }
  usedModules_.resize(moduleNames_.size());
  for (Tu& tu : tus_) {
    if (!allUses) {
      std::erase_if(tu.uses, [this](NameHash name) { return definedBy_.count(name) == 0; });
      tu.uses.shrink_to_fit();
    }
    for (NameHash name : tu.uses) {
      const std::vector<uint32_t>& definers = this->definers(name);
      for (uint32_t user : tu.modules) {
        if (std::find(definers.begin(), definers.end(), user) != definers.end())
          continue; // its own
        usedElsewhere_.insert(name);
        usedModules_[user].insert(usedModules_[user].end(), definers.begin(), definers.end());
      }
    }
  }
  for (auto& list : usedModules_) {
    std::sort(list.begin(), list.end());
    list.erase(std::unique(list.begin(), list.end()), list.end());
  }
  groups_ = stronglyConnected(usedModules_.size(), [&](uint32_t module, size_t n) -> int64_t {
    return n < usedModules_[module].size() ? static_cast<int64_t>(usedModules_[module][n]) : -1;
  });
  groupOf_.resize(moduleNames_.size());
  for (uint32_t group = 0; group < groups_.size(); ++group)
    for (uint32_t module : groups_[group])
      groupOf_[module] = group;
  return groups_;
}

std::vector<std::string> Grouping::namesOf(uint32_t group) const {
  std::vector<std::string> names;
  for (uint32_t module : groups_[group])
    names.push_back(moduleNames_[module]);
  std::sort(names.begin(), names.end());
  return names;
}

int64_t Grouping::moduleOf(const std::string& name) const {
  auto found = moduleIds_.find(name);
  return found == moduleIds_.end() ? -1 : static_cast<int64_t>(found->second);
}

const std::vector<uint32_t>& Grouping::modulesOf(Name output) const {
  static const std::vector<uint32_t> none;
  auto found = byOutput_.find(output);
  return found == byOutput_.end() ? none : tus_[found->second].modules;
}

const std::vector<uint32_t>& Grouping::definers(NameHash function) const {
  static const std::vector<uint32_t> none;
  auto found = definedBy_.find(function);
  return found == definedBy_.end() ? none : found->second;
}

void Grouping::usesOf(uint32_t module, const std::function<void(NameHash)>& each) const {
  for (uint32_t tu : moduleTus_[module])
    for (NameHash name : tus_[tu].uses)
      each(name);
}

bool Grouping::isCalledByLibrary(NameHash member, NameHash tag, const std::vector<uint32_t>& group) const {
  auto callers = memberCallers_.find(member);
  if (callers == memberCallers_.end())
    return false;
  bool own = ownTags_.count(tag) != 0;
  return std::ranges::any_of(callers->second, [&](uint32_t one) {
    if (std::ranges::find(group, one) != group.end())
      return false;
    return !own || std::ranges::any_of(group, [&](uint32_t module) {
      return std::ranges::binary_search(usedModules_[module], one);
    });
  });
}

} // namespace fgft
