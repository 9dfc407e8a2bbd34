// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Looking things up in the tables of effects, and checking that they fit together; EffectTables.cpp reads
// them.
#include "model/EffectModel.h"

#include "support/Error.h"

#include <algorithm>

namespace fgft {

namespace {

template <typename Map>
auto* found(Map& map, std::string_view key) {
  auto it = map.find(key);
  return it == map.end() ? nullptr : &it->second;
}

} // namespace

std::optional<unsigned> CallModel::argument(ArgumentRole role) const {
  auto it = roles.find(role);
  return it == roles.end() ? std::nullopt : std::optional(it->second.front());
}

const CallModel* EffectModel::call(std::string_view name) const {
  if (const size_t* index = found(callIndex_, name))
    return &calls_[*index];
  // Beginnings sort before what they begin: the longest that fits is the last one at or before the name, or
  // before what the name has in common with that one.
  for (std::string_view rest = name; !rest.empty();) {
    auto it = callBeginnings_.upper_bound(rest);
    if (it == callBeginnings_.begin())
      return nullptr;
    const std::string& last = (--it)->first;
    if (rest.starts_with(last))
      return &calls_[it->second];
    rest = rest.substr(0, static_cast<size_t>(std::ranges::mismatch(rest, last).in1 - rest.begin()));
  }
  return nullptr;
}

const CallModel* EffectModel::macro(std::string_view name) const {
  const size_t* index = found(macroIndex_, name);
  return index ? &calls_[*index] : nullptr;
}

const OpsMember* EffectModel::ops(std::string_view tag, std::string_view member) const {
  const ByName<OpsMember>* members = found(ops_, tag);
  if (!members)
    return nullptr;
  if (const OpsMember* row = found(*members, member))
    return row;
  size_t dot = member.rfind('.');
  if (dot != std::string_view::npos)
    if (const OpsMember* row = found(*members, member.substr(dot + 1)))
      return row;
  return found(*members, "*");
}

const OpsMember* EffectModel::library(std::string_view member) const {
  auto rows = ops_.find(std::string_view(libraryStruct));
  if (rows == ops_.end())
    return nullptr;
  auto rowOf = [&](std::string_view name) {
    auto row = rows->second.find(name);
    return row == rows->second.end() ? nullptr : &row->second;
  };
  if (const OpsMember* row = rowOf(member))
    return row;
  for (size_t begin = 0; begin < member.size();) {
    size_t end = std::min(member.find('_', begin), member.size());
    if (const OpsMember* row = rowOf(member.substr(begin, end - begin)))
      return row;
    begin = end + 1;
  }
  return rowOf("*");
}

const AsmModel* EffectModel::assembly(std::string_view key) const {
  return found(assembly_, key);
}

const RegisterName* EffectModel::registerName(std::string_view name, bool write) const {
  using enum RegisterName::Use;
  const RegisterName* any = firstName(name, Any);
  const RegisterName* own = firstName(name, write ? Write : Read);
  return !any || (own && own < any) ? own : any; // they stand in one list
}

const RegisterName* EffectModel::firstName(std::string_view name, RegisterName::Use use) const {
  auto row = std::ranges::find_if(
      registerNames_, [&](const RegisterName& one) { return one.use == use && one.pattern.fits(name); });
  return row == registerNames_.end() ? nullptr : &*row;
}

const RegisterName* EffectModel::within(std::string_view function) const {
  return firstName(function, RegisterName::Use::Within);
}

bool EffectModel::isRequest(std::string_view tag, std::string_view member) const {
  return requests_.find(tag) != requests_.end() ||
         requests_.find(fmt::format("{}.{}", tag, member)) != requests_.end();
}

bool EffectModel::isDroppedInside(std::string_view function, Effect effect) const {
  return std::ranges::any_of(registerNames_, [&](const RegisterName& row) {
    return row.use == RegisterName::Use::Inside &&
           std::ranges::find(row.effects, effect) != row.effects.end() && row.pattern.fits(function);
  });
}

std::string EffectModel::valueByName(std::string_view role, std::string_view name) const {
  for (const ArgumentValue& row : argumentValues_)
    if (row.role == role && row.macros.fits(name))
      return row.value;
  return "";
}

std::string EffectModel::valueByNumber(std::string_view role, std::string_view number) const {
  for (const ArgumentValue& row : argumentValues_)
    if (row.role == role && std::ranges::find(row.numbers, number) != row.numbers.end())
      return row.value;
  return "";
}

void EffectModel::check() const {
  for (size_t i = 0; i < calls_.size(); ++i) {
    const CallModel& call = calls_[i];
    for (const CallEffect& effect : call.effects) {
      if (!effect.condition)
        continue;
      bool known = std::ranges::any_of(argumentValues_, [&](const ArgumentValue& row) {
        return row.role == effect.condition->role && row.value == effect.condition->value;
      });
      if (!known)
        throw Error("{}: column 'effects': argument_values.csv has no value '{}' of a role '{}'",
                    callPlaces_[i], effect.condition->value, effect.condition->role);
    }
    for (const CallbackRole& callback : call.callbacks)
      if (!ops(callback.tag, callback.member))
        throw Error("{}: column 'roles': ops.csv has no row for '{}.{}'", callPlaces_[i], callback.tag,
                    callback.member);
    for (const ObjectRole& object : call.objects)
      if (!object.tag.empty() && !found(ops_, object.tag))
        throw Error("{}: column 'roles': ops.csv has no row for '{}'", callPlaces_[i], object.tag);
  }
}

} // namespace fgft
