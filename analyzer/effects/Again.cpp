// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// See Again.h.
#include "effects/Again.h"

#include <algorithm>
#include <map>

namespace fgft {

namespace {

bool areSame(const Exported& a, const Exported& b) {
  return a.summary.place.file == b.summary.place.file && a.summary.place.line == b.summary.place.line &&
         a.summary.returns == b.summary.returns && a.takes == b.takes &&
         areSame(a.summary.atoms, b.summary.atoms);
}

bool areSame(const Does& a, const Does& b) {
  return a.members == b.members && a.unknown == b.unknown && a.sleeps == b.sleeps &&
         areSame(a.effects, b.effects);
}

bool areSame(const MemberGifts& all, const MemberGifts::Gift& a, const MemberGifts& others,
             const MemberGifts::Gift& b) {
  return a.foreign == b.foreign && a.copies == b.copies && a.opaque == b.opaque &&
         a.byParameter == b.byParameter &&
         std::ranges::equal(a.fillers, b.fillers, [&](uint32_t one, uint32_t other) {
           return areSame(all.does[one], others.does[other]);
         });
}

std::map<Name, const MemberGifts::Gift*> byMember(const MemberGifts& gifts) {
  std::map<Name, const MemberGifts::Gift*> all;
  for (const MemberGifts::Gift& one : gifts.gifts)
    all.emplace(one.member, &one);
  return all;
}

} // namespace

std::vector<std::pair<NameHash, NameHash>> leadsOf(const std::vector<Exported>& exports,
                                                   const MemberGifts& gifts) {
  // A function of another group stands between the member and what that function leads to.
  auto call = [](Name function) { return nameHash(std::string_view(function + "()")); };
  std::set<std::pair<NameHash, NameHash>> leads;
  auto add = [&leads](NameHash from, Name member) {
    leads.emplace(from, nameHash(member));
    leads.emplace(nameHash(member), tableOf(member));
  };
  for (const Exported& one : exports)
    for (const Atom& atom : one.summary.atoms)
      if (atom.indirect)
        add(call(one.summary.name), atom.what);
  for (const MemberGifts::Gift& gift : gifts.gifts) {
    NameHash from = nameHash(gift.member);
    for (Name copy : gift.copies)
      add(from, copy);
    for (Name function : gift.foreign)
      leads.emplace(from, call(function));
    for (uint32_t filler : gift.fillers)
      for (Name next : gifts.does[filler].members)
        add(from, next);
  }
  return {leads.begin(), leads.end()};
}

NameHash tableOf(Name member) {
  return tableOf(nameHash(member->substr(0, member->find('.'))));
}

Again::Again(const Grouping& grouping, const EarlierGroups& earlier)
    : grouping_(grouping), earlier_(earlier), heads_(grouping.groups().size(), -1),
      due_(grouping.groups().size(), false), done_(due_), used_(earlier.heads().size(), false) {
  std::map<std::vector<std::string>, size_t> places;
  for (size_t head = 0; head < earlier.heads().size(); ++head) {
    places.emplace(earlier.heads()[head].modules, head);
    kept_.insert(earlier.heads()[head].exports.begin(), earlier.heads()[head].exports.end());
  }
  for (uint32_t group = 0; group < grouping.groups().size(); ++group)
    if (auto found = places.find(grouping.namesOf(group)); found != places.end()) {
      heads_[group] = static_cast<int64_t>(found->second);
      used_[found->second] = true;
    }
}

const GroupHead* Again::before(uint32_t group) const {
  return heads_[group] < 0 ? nullptr : &earlier_.heads()[static_cast<size_t>(heads_[group])];
}

std::vector<size_t> Again::gone() const {
  std::vector<size_t> places;
  for (size_t head = 0; head < used_.size(); ++head)
    if (!used_[head])
      places.push_back(head);
  return places;
}

bool Again::isToldTheSame(uint32_t group) const {
  const GroupHead* head = before(group);
  return head && std::ranges::all_of(head->questions, [&](const Question& one) {
           bool now = one.of == Question::Of::Wanted
                          ? grouping_.isWanted(one.member)
                          : grouping_.isCalledByLibrary(one.member, one.tag, grouping_.groups()[group]);
           return now == one.answer;
         });
}

void Again::begin(const std::set<std::string>& modules) {
  for (uint32_t group = 0; group < due_.size(); ++group)
    if (!isToldTheSame(group))
      add(group);
  add(modules);
  // No more is a user of a lost function behind those that defined it, so it is due at once.
  std::unordered_set<NameHash> lost;
  for (size_t head : gone())
    lost.insert(earlier_.heads()[head].exports.begin(), earlier_.heads()[head].exports.end());
  for (uint32_t group = 0; group < due_.size(); ++group)
    if (const GroupHead* head = before(group); head && due_[group])
      for (NameHash name : head->exports)
        if (!isDefinedIn(group, name))
          lost.insert(name);
  dueUsersOf(lost);
  for (uint32_t group = 0; group < due_.size(); ++group)
    if (due_[group])
      dueIfNotKept(group);
}

bool Again::isDefinedIn(uint32_t group, NameHash function) const {
  return std::ranges::any_of(grouping_.definers(function),
                             [&](uint32_t module) { return grouping_.groupOf(module) == group; });
}

void Again::add(const std::set<std::string>& modules) {
  for (const std::string& name : modules)
    if (int64_t module = grouping_.moduleOf(name); module >= 0)
      add(grouping_.groupOf(static_cast<uint32_t>(module)));
}

// Groups whose functions this one uses, where nobody used them before.
void Again::dueIfNotKept(uint32_t group) {
  for (uint32_t module : grouping_.groups()[group])
    grouping_.usesOf(module, [&](NameHash name) {
      if (kept_.count(name) == 0)
        for (uint32_t definer : grouping_.definers(name))
          if (grouping_.groupOf(definer) != group)
            add(grouping_.groupOf(definer));
    });
}

void Again::dueUsersOf(const std::unordered_set<NameHash>& functions) {
  if (functions.empty())
    return;
  for (uint32_t module = 0; module < grouping_.modules(); ++module)
    grouping_.usesOf(module, [&](NameHash name) {
      if (functions.count(name) != 0)
        add(grouping_.groupOf(module));
    });
}

void Again::done(uint32_t group, const std::vector<Exported>& exports, const MemberGifts& gifts,
                 const std::vector<std::pair<NameHash, NameHash>>& leads, AtomPool& pool,
                 const EffectModel& model) {
  due_[group] = false;
  done_[group] = true;
  newLeads_.insert(newLeads_.end(), leads.begin(), leads.end());
  std::map<Name, const Exported*> now;
  for (const Exported& one : exports)
    now.emplace(one.summary.name, &one);
  std::vector<Exported> exported;
  MemberGifts given;
  if (heads_[group] >= 0) {
    auto place = static_cast<size_t>(heads_[group]);
    exported = unpackExported(earlier_.exported(place), pool, model);
    given = unpackGifts(earlier_.gifts(place), pool, model);
  }
  std::unordered_set<NameHash> changed;
  auto note = [&](Name function) {
    changed.insert(nameHash(function));
    changedFunctions_.insert(function);
  };
  for (const Exported& one : exported) {
    auto same = now.find(one.summary.name);
    if (same == now.end() || !areSame(one, *same->second))
      note(one.summary.name);
    if (same != now.end())
      now.erase(same);
  }
  for (const auto& [name, one] : now)
    note(name);
  dueUsersOf(changed);

  auto gives = byMember(gifts);
  auto gave = byMember(given);
  auto isChanged = [&](const MemberGifts::Gift& one) {
    auto other = gave.find(one.member);
    return other == gave.end() || !areSame(gifts, one, given, *other->second) ||
           std::ranges::any_of(one.foreign,
                               [&](Name function) { return changedFunctions_.count(function) != 0; });
  };
  for (const auto& [member, gift] : gives)
    if (isChanged(*gift))
      changedMembers_.insert(nameHash(member));
  for (const auto& [member, gift] : gave)
    if (gives.count(member) == 0)
      changedMembers_.insert(nameHash(member));
}

const std::unordered_set<NameHash>& Again::changedMembers() {
  for (size_t head : gone())
    changedMembers_.insert(earlier_.heads()[head].gives.begin(), earlier_.heads()[head].gives.end());
  if (changedMembers_.empty())
    return changedMembers_;
  std::unordered_map<NameHash, std::vector<NameHash>> back;
  for (const GroupHead& head : earlier_.heads())
    for (const auto& [from, to] : head.leads)
      back[to].push_back(from);
  for (const auto& [from, to] : newLeads_)
    back[to].push_back(from);
  std::vector<NameHash> open(changedMembers_.begin(), changedMembers_.end());
  while (!open.empty()) {
    NameHash member = open.back();
    open.pop_back();
    for (NameHash from : back[member])
      if (changedMembers_.insert(from).second)
        open.push_back(from);
  }
  return changedMembers_;
}

} // namespace fgft
