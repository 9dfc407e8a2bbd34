// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// See Links.h.
#include "effects/Links.h"

#include "effects/Graph.h"

#include <algorithm>

namespace fgft {

namespace {

void sortOnce(std::vector<NameHash>& list) {
  std::sort(list.begin(), list.end());
  list.erase(std::unique(list.begin(), list.end()), list.end());
  list.shrink_to_fit();
}

class Collector {
public:
  explicit Collector(const Model& model) : model_(model) {}

  TuLinks of(const TuFacts& facts) {
    for (Name tag : facts.records)
      links_.ownTags.push_back(nameHash(tag));
    for (const Function& function : facts.functions)
      addFunction(function);
    for (const Object& object : facts.objects)
      addObject(object);
    for (const Assignment& assignment : facts.assignments) {
      addValue(assignment.base);
      addValue(assignment.value);
    }
    finish();
    return std::move(links_);
  }

private:
  void addFunction(const Function& function) {
    own_.push_back(nameHash(function.name));
    if (!function.internal)
      links_.functions.push_back(own_.back());
    for (const Call& call : function.calls)
      addCall(call);
  }

  void addCall(const Call& call) {
    const CallModel* row = model_.effects.call(call.callee.str());
    if (!call.indirect && !call.callee.empty())
      (row ? links_.modelled : links_.uses).push_back(nameHash(call.callee));
    if (call.indirect && !call.callee.empty()) {
      links_.calledMembers.push_back(nameHash(call.callee));
      if (!row)
        links_.wanted.push_back(links_.calledMembers.back());
      if (model_.driverStructs.count(call.callee->substr(0, call.callee->find('.'))) != 0)
        links_.driverMembers.push_back(call.callee);
    }
    if (call.indirect && call.callee.empty())
      want(call.through);
    if (row)
      for (const CalledRole& called : row->calls)
        if (called.argument && *called.argument < call.args.size())
          want(call.args[*called.argument]);
    addValue(call.through);
    for (const Value& argument : call.args)
      addValue(argument);
  }

  // A function that is read from a member and called elsewhere.
  void want(const Value& pointer) {
    if (Name member = memberOf(argumentOf(pointer).value); !member.empty())
      links_.wanted.push_back(nameHash(member));
  }

  void addObject(const Object& object) {
    if (object.declared)
      links_.usedObjects.push_back(nameHash(object.name));
    else if (object.internal)
      ownObjects_.push_back(nameHash(object.name));
    else
      links_.objects.push_back(nameHash(object.name));
    for (const Field& field : object.fields)
      addValue(field.value);
  }

  void addValue(const Value& value) {
    if (value.kind == ValueKind::Function)
      (model_.effects.call(value.text.str()) ? links_.modelled : links_.uses).push_back(nameHash(value.text));
    if (value.kind == ValueKind::Object)
      links_.usedObjects.push_back(nameHash(value.text));
    for (const Value& choice : value.choices)
      addValue(choice);
  }

  void finish() {
    for (auto* list :
         {&links_.functions, &links_.objects, &links_.uses, &links_.modelled, &links_.usedObjects,
          &links_.calledMembers, &links_.wanted, &links_.ownTags, &own_, &ownObjects_})
      sortOnce(*list);
    std::sort(links_.driverMembers.begin(), links_.driverMembers.end());
    links_.driverMembers.erase(std::unique(links_.driverMembers.begin(), links_.driverMembers.end()),
                               links_.driverMembers.end());
    auto without = [](std::vector<NameHash>& list, const std::vector<NameHash>& own) {
      std::erase_if(list, [&](NameHash one) { return std::ranges::binary_search(own, one); });
      list.shrink_to_fit();
    };
    without(links_.uses, own_);
    without(links_.modelled, own_);
    without(links_.usedObjects, ownObjects_);
    without(links_.usedObjects, links_.objects);
  }

  const Model& model_;
  TuLinks links_;
  std::vector<NameHash> own_, ownObjects_;
};

} // namespace

NameHash nameHash(std::string_view text) {
  return fingerprintOf(text).low;
}

TuLinks linksOf(const TuFacts& facts, const Model& model) {
  return Collector(model).of(facts);
}

} // namespace fgft
