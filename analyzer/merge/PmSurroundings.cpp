// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// See PmSurroundings.h.
#include "merge/PmSurroundings.h"

namespace fgft {

void PmSurroundings::add(const std::string& output, const std::vector<std::string>& modules,
                         const TuLinks& links) {
  auto id = static_cast<uint32_t>(tus_.size());
  tus_.push_back({output, modules, &links});
  for (NameHash name : links.functions)
    functions_[name].push_back(id);
  for (NameHash name : links.objects)
    objects_[name].push_back(id);
  for (const std::string& module : modules)
    ofModule_[module].push_back(id);
}

template <typename Each>
void PmSurroundings::definersOf(const TuLinks& links, Each&& each) const {
  auto visit = [&](const Index& index, const std::vector<NameHash>& names) {
    for (NameHash name : names)
      if (auto found = index.find(name); found != index.end())
        for (uint32_t id : found->second)
          each(id);
  };
  visit(functions_, links.uses);
  visit(functions_, links.modelled);
  visit(objects_, links.usedObjects);
}

std::set<std::string> PmSurroundings::concernedBy(const std::set<std::string>& changed) const {
  std::unordered_map<uint32_t, std::vector<uint32_t>> users;
  for (uint32_t id = 0; id < tus_.size(); ++id)
    definersOf(*tus_[id].links, [&](uint32_t definer) { users[definer].push_back(id); });
  std::set<std::string> modules = changed;
  std::vector<std::string> open(changed.begin(), changed.end());
  auto add = [&](const std::string& module) {
    if (modules.insert(module).second)
      open.push_back(module);
  };
  while (!open.empty()) {
    auto tus = ofModule_.find(open.back());
    open.pop_back();
    if (tus == ofModule_.end())
      continue;
    for (uint32_t id : tus->second)
      for (uint32_t user : users[id])
        for (const std::string& module : tus_[user].modules)
          add(module);
  }
  std::set<std::string> all = modules;
  for (const std::string& module : modules)
    for (uint32_t id : ofModule_.at(module))
      for (NameHash name : tus_[id].links->usedObjects)
        if (auto found = objects_.find(name); found != objects_.end())
          for (uint32_t definer : found->second)
            all.insert(tus_[definer].modules.begin(), tus_[definer].modules.end());
  return all;
}

std::set<std::string> PmSurroundings::seenBy(const std::set<std::string>& modules) const {
  std::vector<bool> seen(tus_.size(), false);
  std::vector<uint32_t> open;
  auto visit = [&](uint32_t id) {
    if (!seen[id]) {
      seen[id] = true;
      open.push_back(id);
    }
  };
  std::set<NameHash> objects;
  for (const std::string& module : modules)
    if (auto tus = ofModule_.find(module); tus != ofModule_.end())
      for (uint32_t id : tus->second) {
        visit(id);
        objects.insert(tus_[id].links->objects.begin(), tus_[id].links->objects.end());
      }
  for (uint32_t id = 0; id < tus_.size() && !objects.empty(); ++id)
    for (NameHash name : tus_[id].links->usedObjects)
      if (objects.count(name) != 0)
        visit(id);
  while (!open.empty()) {
    uint32_t id = open.back();
    open.pop_back();
    definersOf(*tus_[id].links, visit);
  }
  std::set<std::string> outputs;
  for (uint32_t id = 0; id < tus_.size(); ++id)
    if (seen[id])
      outputs.insert(tus_[id].output);
  return outputs;
}

} // namespace fgft
