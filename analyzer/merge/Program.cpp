// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Links the TUs of one configuration; see Program.h.
#include "merge/Program.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <unordered_set>

namespace fgft {

namespace {

// The element of a vector sorted by name; null if there is none.
template <typename Named>
const Named* named(const std::vector<Named>& sorted, Name name) {
  auto it = std::lower_bound(sorted.begin(), sorted.end(), name,
                             [](const Named& element, Name wanted) { return element.name < wanted; });
  return it == sorted.end() || it->name != name ? nullptr : &*it;
}

bool byId(Name a, Name b) {
  return a.id() < b.id();
}

void normalise(Functions& functions) {
  std::sort(functions.begin(), functions.end());
  functions.erase(std::unique(functions.begin(), functions.end()), functions.end());
}

bool shareModule(const Unit& a, const Unit& b) {
  return std::find_first_of(a.modules.begin(), a.modules.end(), b.modules.begin(), b.modules.end()) !=
         a.modules.end();
}

// Of several definitions of one exported name the one in the user's own module, else the first.
template <typename Ref>
Ref nearest(const Unit& user, const std::vector<Ref>& definitions) {
  for (const Ref& one : definitions)
    if (shareModule(user, *one.unit))
      return one;
  return definitions.front();
}

// Depth to which calls are followed out of a driver's module, into the libraries it stands on.
constexpr unsigned maxLibraryDepth = 4;
// Depth to which an object is followed through functions that pass it on.
constexpr unsigned maxPassDepth = 4;

} // namespace

Program::Program(const Model& model) : model_(model), relevance_(model) {}

void Program::add(TuFacts facts) {
  auto unit = std::make_unique<Unit>();
  unit->file = std::move(facts.file);
  unit->output = std::move(facts.output);
  unit->modules = std::move(facts.modules);
  std::set<Name> kept;
  for (Object& object : facts.objects)
    if (relevance_.worthKeeping(object)) {
      kept.insert(object.name);
      unit->objects.push_back(std::move(object));
    }
  std::multimap<Name, Name> stored; // function, object whose address it stores
  for (Assignment& assignment : facts.assignments) {
    if (assignment.value.kind == ValueKind::Object && kept.count(assignment.value.text) != 0)
      stored.emplace(assignment.function, assignment.value.text);
    if (relevance_.worthKeeping(assignment))
      unit->assignments.push_back(std::move(assignment));
  }
  unit->functions.reserve(facts.functions.size());
  for (Function& function : facts.functions)
    addFunction(*unit, function, kept, stored);
  auto byName = [](const auto& a, const auto& b) { return a.name < b.name; };
  std::sort(unit->functions.begin(), unit->functions.end(), byName);
  std::sort(unit->objects.begin(), unit->objects.end(), byName);
  unit->objects.shrink_to_fit();
  unit->assignments.shrink_to_fit();
  unit->allCallees.shrink_to_fit();
  unit->allCalls.shrink_to_fit();
  units_.push_back(std::move(unit));
}

void Program::addFunction(Unit& unit, Function& function, const std::set<Name>& kept,
                          const std::multimap<Name, Name>& stored) {
  auto size = [](const auto& list) { return static_cast<uint32_t>(list.size()); };
  Unit::Node node{function.name,
                  function.internal,
                  {size(unit.allCallees), 0},
                  {size(unit.allCalls), 0},
                  {size(unit.allObjects), 0}};
  for (Call& call : function.calls) {
    if (call.indirect && model_.driverStructs.count(call.callee->substr(0, call.callee->find('.'))) != 0)
      addIndirectCaller(std::string(call.callee), unit.modules);
    if (!call.indirect) {
      unit.allCallees.push_back(call.callee);
      // Class APIs and cores are listed by their macros' names as well.
      for (Name macro : call.macros)
        if (model_.classApis.count(macro) != 0)
          unit.allCallees.push_back(macro);
    }
    for (const Value& argument : call.args)
      if (argument.kind == ValueKind::Object && kept.count(argument.text) != 0)
        unit.allObjects.push_back(argument.text);
    if (relevance_.worthFollowing(call, kept))
      unit.allCalls.push_back(std::move(call));
  }
  auto [first, last] = stored.equal_range(node.name);
  for (auto it = first; it != last; ++it)
    unit.allObjects.push_back(it->second);
  auto finish = [&](std::vector<Name>& all, Unit::Range& range) {
    auto begin = all.begin() + range.begin;
    std::sort(begin, all.end(), byId);
    all.erase(std::unique(begin, all.end()), all.end());
    range.end = size(all);
  };
  finish(unit.allCallees, node.callees);
  finish(unit.allObjects, node.objects);
  node.calls.end = size(unit.allCalls);
  unit.functions.push_back(node);
}

void Program::addIndirectCaller(const std::string& member, const std::vector<std::string>& modules) {
  indirectCallers_[member].insert(modules.begin(), modules.end());
}

void Program::link() {
  std::sort(units_.begin(), units_.end(), [](const auto& a, const auto& b) { return a->output < b->output; });
  for (const auto& unit : units_) {
    for (const std::string& module : unit->modules)
      modules_[module].push_back(unit.get());
    for (const Object& object : unit->objects)
      if (!object.internal && !object.declared)
        exportedObjects_[object.name].push_back({unit.get(), &object});
    for (const Unit::Node& node : unit->functions)
      if (!node.internal)
        exportedFunctions_[node.name].push_back({unit.get(), &node});
  }
  findRegistrars();
  findRegistrations();
  findStores();
}

ObjectRef Program::object(const Unit& unit, Name name) const {
  const Object* own = named(unit.objects, name);
  if (own && !own->declared)
    return {&unit, own};
  auto exported = exportedObjects_.find(name);
  return exported == exportedObjects_.end() ? ObjectRef{} : nearest(unit, exported->second);
}

FunctionRef Program::function(const Unit& unit, Name name) const {
  if (const Unit::Node* own = named(unit.functions, name))
    return {&unit, own};
  auto exported = exportedFunctions_.find(name);
  return exported == exportedFunctions_.end() ? FunctionRef{} : nearest(unit, exported->second);
}

// Functions that pass a parameter on to a registration are registrations themselves: grow the set until it
// stands.
void Program::findRegistrars() {
  for (bool changed = true; changed;) {
    changed = false;
    for (const auto& unit : units_)
      for (const Unit::Node& node : unit->functions)
        for (const Call& call : unit->calls(node)) {
          auto note = [&](const Registration* row, unsigned arg, const std::string& rest) {
            if (arg >= call.args.size() || call.args[arg].kind != ValueKind::Parameter)
              return;
            auto parameter = static_cast<unsigned>(numberOf(call.args[arg].text));
            std::string path = joined(call.args[arg].path, rest);
            changed |= registrars_[&node][parameter].insert({row, path}).second;
          };
          auto [begin, end] = model_.registrations.equal_range(call.callee);
          for (auto it = begin; it != end; ++it)
            note(&it->second, it->second.arg, "");
          FunctionRef callee = function(*unit, call.callee);
          if (begin != end || !callee || callee.node == &node)
            continue;
          auto passed = registrars_.find(callee.node);
          if (passed == registrars_.end())
            continue;
          Passed copy = passed->second; // note() may change the map
          for (const auto& [parameter, rows] : copy)
            for (const auto& [row, path] : rows)
              note(row, parameter, path);
        }
  }
}

// The object named in an argument is registered; where it is an array of pointers, so are those it names.
void Program::addRegistered(const Unit& unit, const Value& argument, const Call& call,
                            const Registration* row, const std::string& path) {
  if (argument.kind == ValueKind::Choice) {
    for (const Value& choice : argument.choices)
      addRegistered(unit, choice, call, row, path);
    return;
  }
  if (argument.kind != ValueKind::Object)
    return;
  ObjectRef found = object(unit, argument.text);
  if (!found)
    return;
  registered_[found.object].push_back({&call, row, joined(argument.path, path)});
  if (found.object->parts.empty())
    for (const Field& field : found.object->fields)
      if (field.value.kind == ValueKind::Object && field.value.text != argument.text)
        addRegistered(*found.unit, field.value, call, row, "");
}

void Program::findRegistrations() {
  for (const auto& unit : units_)
    for (const Unit::Node& node : unit->functions)
      for (const Call& call : unit->calls(node)) {
        auto [begin, end] = model_.registrations.equal_range(call.callee);
        for (auto it = begin; it != end; ++it)
          if (it->second.arg < call.args.size())
            addRegistered(*unit, call.args[it->second.arg], call, &it->second, "");
        FunctionRef callee = function(*unit, call.callee);
        if (begin == end && !callee)
          noteGiven(*unit, call);
        if (begin != end || !callee)
          continue;
        if (auto passed = registrars_.find(callee.node); passed != registrars_.end())
          for (const auto& [parameter, rows] : passed->second)
            for (const auto& [row, path] : rows)
              if (parameter < call.args.size())
                addRegistered(*unit, call.args[parameter], call, row, path);
      }
}

void Program::noteGiven(const Unit& unit, const Call& call) {
  if (call.indirect)
    return;
  for (const Value& argument : call.args)
    if (argument.kind == ValueKind::Object)
      if (ObjectRef found = object(unit, argument.text)) {
        auto [it, isNew] = givenTo_.try_emplace(found.object, call.callee);
        if (!isNew)
          it->second = std::min(it->second, call.callee);
      }
}

// Follows `object` (an Object value of some unit) into a function that gets it as an argument.
void Program::follow(const Unit& unit, const Call& call, unsigned depth, const Value& value,
                     FunctionRef into) {
  ObjectRef found = object(unit, value.text);
  if (!found || depth > maxPassDepth)
    return;
  for (size_t i = 0; i < call.args.size(); ++i) {
    if (&call.args[i] != &value)
      continue;
    for (const Assignment& assignment : into.unit->assignments)
      if (assignment.function == into.node->name && assignment.base.kind == ValueKind::Parameter &&
          assignment.base.text == std::to_string(i))
        stores_[found.object].push_back(
            {into.unit, &assignment, joined(joined(value.path, assignment.base.path), assignment.path)});
    for (const Call& inner : into.calls())
      for (size_t j = 0; j < inner.args.size(); ++j)
        if (inner.args[j].kind == ValueKind::Parameter && inner.args[j].text == std::to_string(i))
          if (FunctionRef next = function(*into.unit, inner.callee); next && next.node != into.node) {
            Call passed = inner;
            passed.args[j] = value;
            passed.args[j].path = joined(value.path, inner.args[j].path);
            follow(unit, passed, depth + 1, passed.args[j], next);
          }
  }
}

void Program::findStores() {
  for (const auto& unit : units_) {
    for (const Assignment& assignment : unit->assignments)
      if (assignment.base.kind == ValueKind::Object)
        if (ObjectRef found = object(*unit, assignment.base.text))
          stores_[found.object].push_back(
              {unit.get(), &assignment, joined(assignment.base.path, assignment.path)});
    for (const Unit::Node& node : unit->functions)
      for (const Call& call : unit->calls(node))
        for (const Value& argument : call.args)
          if (argument.kind == ValueKind::Object)
            if (FunctionRef callee = function(*unit, call.callee))
              follow(*unit, call, 0, argument, callee);
  }
}

const std::set<std::string>& Program::indirectCallers(const std::string& member) const {
  static const std::set<std::string> none;
  auto it = indirectCallers_.find(member);
  return it == indirectCallers_.end() ? none : it->second;
}

Name Program::givenTo(const Object& object) const {
  auto it = givenTo_.find(&object);
  return it == givenTo_.end() ? Name() : it->second;
}

const std::vector<Program::Store>& Program::storesTo(const Object& object) const {
  static const std::vector<Store> none;
  auto it = stores_.find(&object);
  return it == stores_.end() ? none : it->second;
}

const std::vector<Program::Registered>& Program::registrationsOf(const Object& object) const {
  static const std::vector<Registered> none;
  auto it = registered_.find(&object);
  return it == registered_.end() ? none : it->second;
}

const Functions& Program::functionsOf(const Unit& unit) const {
  if (lastModules_ == unit.modules)
    return lastFunctions_;
  lastModules_ = unit.modules;
  lastFunctions_.clear();
  for (const std::string& module : unit.modules)
    for (const Unit* other : modules_.at(module))
      for (const Unit::Node& node : other->functions)
        lastFunctions_.push_back({other, &node});
  normalise(lastFunctions_);
  return lastFunctions_;
}

Functions Program::reach(const Functions& start, unsigned depth) const {
  std::unordered_set<const Unit::Node*> seen;
  // With each function the number of module borders on the way to it.
  std::vector<std::pair<FunctionRef, unsigned>> open;
  for (const FunctionRef& from : start)
    if (seen.insert(from.node).second)
      open.emplace_back(from, 0);
  for (size_t next = 0; next < open.size(); ++next) {
    auto [from, borders] = open[next];
    for (Name name : from.callees()) {
      FunctionRef callee = function(*from.unit, name);
      if (!callee)
        continue;
      unsigned further = borders + (callee.unit->modules == from.unit->modules ? 0 : 1);
      if (further <= depth && seen.insert(callee.node).second)
        open.emplace_back(callee, further);
    }
  }
  Functions reached;
  reached.reserve(open.size());
  for (const auto& [function, borders] : open)
    reached.push_back(function);
  normalise(reached);
  return reached;
}

bool Program::anyCalls(const Functions& functions, Name name) {
  return std::any_of(functions.begin(), functions.end(), [&](const FunctionRef& one) {
    return std::binary_search(one.callees().begin(), one.callees().end(), name, byId);
  });
}

// Breadth first from the given functions into those that they call: the nearest class API wins, among equally
// near ones the one that stands first in the model.
std::pair<std::string, std::string> Program::classByApi(const Functions& functions) const {
  std::unordered_set<const Unit::Node*> seen;
  for (const FunctionRef& one : functions)
    seen.insert(one.node);
  std::vector<FunctionRef> level(functions.begin(), functions.end());
  for (unsigned depth = 0; depth <= maxLibraryDepth && !level.empty(); ++depth) {
    const std::pair<size_t, std::string>* best = nullptr;
    std::string told;
    std::vector<FunctionRef> next;
    for (const FunctionRef& from : level)
      for (Name name : from.callees()) {
        auto api = model_.classApis.find(name);
        if (api != model_.classApis.end() && (!best || api->second.first < best->first)) {
          best = &api->second;
          told = name;
        }
        if (FunctionRef callee = function(*from.unit, name); callee && seen.insert(callee.node).second)
          next.push_back(callee);
      }
    if (best)
      return {best->second, told};
    level = std::move(next);
  }
  return {};
}

} // namespace fgft
