// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// See PmRelevance.h.
#include "facts/PmRelevance.h"

#include "support/Hash.h"

#include <algorithm>

namespace fgft {

namespace {

std::string_view lastMember(std::string_view path) {
  size_t dot = path.rfind('.');
  return dot == std::string_view::npos ? path : path.substr(dot + 1);
}

} // namespace

PmRelevance::PmRelevance(const Model& model) : model_(model) {
  for (const auto& [tag, row] : model.driverStructs) {
    leaves_.emplace(lastMember(row.pmPath));
    followedTags_.insert(tag);
    for (const auto& path : row.suspend)
      leaves_.emplace(lastMember(path));
    for (const auto& path : row.resume)
      leaves_.emplace(lastMember(path));
  }
  leaves_.insert("pm");
  for (const auto& [tag, members] : model.pmMembers) {
    followedTags_.insert(tag);
    for (const auto& [member, unused] : members)
      leaves_.insert(member);
  }
  for (const PmCore& core : model.pmCores)
    if (core.trigger == "flag" || core.trigger == "member") {
      coreMembers_.insert(core.name);
      // A number may be written in any way.
      const bool named =
          core.trigger == "flag" && numberOf(core.details.front()) == 0 && core.details.front() != "0";
      (named ? flagLeaves_ : coreLeaves_).emplace(lastMember(core.name));
      if (named)
        flags_.insert(core.details.front());
      coreTags_.insert(core.name.substr(0, core.name.find('.')));
    }
  followedTags_.insert("device_driver");
  leaves_.erase(std::string());
  Hasher hasher;
  hasher.add("pm").add(model.extractionHash());
  for (const auto* names : {&leaves_, &coreMembers_, &flags_, &followedTags_}) {
    hasher.add(std::to_string(names->size()));
    for (const std::string& name : *names)
      hasher.add(name);
  }
  for (const auto& [function, unused] : model.registrations)
    hasher.add(function);
  hasher.add("classes");
  for (const auto& [function, unused] : model.classApis)
    hasher.add(function);
  hash_ = hasher.hex();
}

bool PmRelevance::worthKeeping(const Object& object) const {
  if (!object.parts.empty() || followedTags_.count(object.tag) != 0)
    return true;
  return std::any_of(object.fields.begin(), object.fields.end(), [&](const Field& field) {
    return model_.pmMembers.count(field.record) != 0 ||
           coreMembers_.count(joined(field.record, lastMember(field.path))) != 0;
  });
}

bool PmRelevance::worthKeeping(const Assignment& assignment) const {
  if (assignment.path.empty())
    return followedTags_.count(assignment.record) != 0;
  std::string_view leaf = lastMember(assignment.path);
  return leaves_.count(leaf) != 0 || coreMembers_.count(joined(assignment.record, leaf)) != 0;
}

bool PmRelevance::worthFollowing(const Call& call, const std::set<Name>& kept) const {
  if (isRegistration(call.callee))
    return true;
  return std::any_of(call.args.begin(), call.args.end(), [&](const Value& value) {
    if (value.kind == ValueKind::Object)
      return kept.count(value.text) != 0;
    return value.kind == ValueKind::Parameter && followedTags_.count(value.record) != 0;
  });
}

void PmRelevance::reduce(TuFacts& facts) const {
  std::erase_if(facts.objects, [this](const Object& object) { return !worthKeeping(object); });
  std::set<Name> kept;
  for (const Object& object : facts.objects)
    kept.insert(object.name);
  std::erase_if(facts.assignments, [&](const Assignment& assignment) {
    bool names = assignment.value.kind == ValueKind::Object && kept.contains(assignment.value.text);
    return !names && !worthKeeping(assignment);
  });
  facts.records.clear();
  for (Function& function : facts.functions) {
    function.stores.clear();
    function.reads.clear();
    function.assembly.clear();
  }
}

bool PmRelevance::isRegistration(std::string_view function) const {
  return model_.registrations.contains(function);
}

bool PmRelevance::isFollowed(std::string_view tag) const {
  return followedTags_.contains(tag);
}

bool PmRelevance::isTelling(std::string_view tag) const {
  return followedTags_.contains(tag) || coreTags_.contains(tag);
}

bool PmRelevance::isTellingMember(std::string_view member) const {
  return leaves_.contains(member) || coreLeaves_.contains(member);
}

bool PmRelevance::isFlagMember(std::string_view member) const {
  return flagLeaves_.contains(member);
}

} // namespace fgft
