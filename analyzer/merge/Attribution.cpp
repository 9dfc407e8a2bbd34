// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// See Attribution.h.
#include "merge/Attribution.h"

namespace fgft {

namespace {

// How many module borders a driver's own code is followed over: its core module and that one's library.
constexpr unsigned libraryDepth = 3;

} // namespace

Functions Attribution::callbacks(const Unit& unit, const Object& object, const DriverPart& part) const {
  Functions found;
  auto add = [&](const Unit& from, const Value& value) {
    if (value.kind == ValueKind::Function)
      if (FunctionRef function = program_.function(from, value.text))
        found.push_back(function);
  };
  for (const Field& field : object.fields)
    if (isWithin(field.path, part.path))
      add(unit, field.value);
  for (const Program::Store& store : program_.storesTo(object))
    if (isWithin(store.path, part.path))
      add(*store.unit, store.assignment->value);
  return found;
}

const Functions& Attribution::reachedBy(const Unit& unit, const Object& object, const DriverPart& part) {
  auto [it, isNew] = reached_.try_emplace(&part);
  if (isNew)
    it->second = program_.reach(callbacks(unit, object, part), libraryDepth);
  return it->second;
}

bool Attribution::belongs(const Unit& unit, const Object& object, const DriverPart& part,
                          const std::function<bool(const Functions&)>& holds) {
  if (holds(reachedBy(unit, object, part)))
    return true;
  for (const std::string& module : unit.modules)
    for (const Unit* other : program_.modules().at(module))
      for (const Object& rival : other->objects)
        for (const DriverPart& rivalPart : rival.parts)
          if (&rivalPart != &part && !rival.declared && holds(reachedBy(*other, rival, rivalPart)))
            return false;
  return holds(program_.functionsOf(unit));
}

} // namespace fgft
