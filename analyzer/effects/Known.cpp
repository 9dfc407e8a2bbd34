// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// See Known.h.
#include "effects/Known.h"

#include <algorithm>

namespace fgft {

void Known::addEarlier(const EarlierGroups& earlier, std::vector<uint32_t> places, Taken taken) {
  earlier_ = &earlier;
  places_ = std::move(places);
  taken_ = std::move(taken);
  isDone_.assign(earlier.heads().size(), false);
  for (uint32_t group = 0; group < earlier.heads().size(); ++group)
    for (NameHash name : earlier.heads()[group].exports)
      earlierBy_[name].push_back(group);
}

const Summary* Known::function(Name name) const {
  if (earlier_)
    if (auto groups = earlierBy_.find(nameHash(name)); groups != earlierBy_.end())
      for (uint32_t group : groups->second)
        if (!isDone_[group] && places_[group] < place_)
          readEarlier(group);
  if (auto it = exported_.find(name); it != exported_.end())
    for (const OfModule& one : it->second)
      if (one.place < place_)
        return one.summary.get();
  auto it = headers_->find(name);
  return it == headers_->end() ? nullptr : &it->second;
}

void Known::readEarlier(size_t group) const {
  isDone_[group] = true;
  const std::string bytes = earlier_->exported(group);
  for (Exported& one : unpackExported(bytes, pool_, model_)) {
    if (taken_)
      taken_(one);
    const_cast<Known*>(this)->addExported(std::move(one.summary), earlier_->heads()[group].modules.front(),
                                          places_[group]);
  }
}

void Known::addExported(Summary&& summary, const std::string& module, uint32_t place) {
  std::vector<OfModule>& all = exported_[summary.name];
  auto at = std::ranges::find_if(all, [&](const OfModule& one) { return module <= one.module.str(); });
  if (at == all.end() || module != at->module.str())
    at = all.insert(at, {std::make_unique<Summary>(), module, place});
  *at->summary = std::move(summary);
}

} // namespace fgft
