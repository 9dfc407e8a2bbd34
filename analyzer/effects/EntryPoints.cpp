// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// See EntryPoints.h.
#include "effects/EntryPoints.h"

#include <algorithm>
#include <map>

namespace fgft {

namespace {

using Key = std::tuple<Name, EntryKind, const Graph::Node*>;

class Collector {
public:
  explicit Collector(const Graph& graph) : graph_(graph) {}

  EntryPoint* add(Name function, Name unit, std::string_view ops, const std::string& tagMember,
                  const OpsMember& row) {
    const Graph::Node* node = graph_.function(function, unit);
    if (!node)
      return nullptr; // the kernel's own
    EntryPoint& entry = found_[{function, row.kind, node}];
    entry.node = node;
    entry.kind = row.kind;
    entry.ops.emplace(ops);
    entry.units.insert(unit);
    if (std::find(entry.rows.begin(), entry.rows.end(), &row) == entry.rows.end()) {
      entry.rows.push_back(&row);
      entry.tagMembers.push_back(tagMember);
    }
    return &entry;
  }

  std::vector<EntryPoint> take() {
    std::vector<EntryPoint> all;
    for (auto& [key, entry] : found_)
      all.push_back(std::move(entry));
    std::sort(all.begin(), all.end(), [](const EntryPoint& a, const EntryPoint& b) {
      auto key = [](const EntryPoint& one) {
        const FunctionNode& function = one.node->function;
        return std::tie(function.name, one.kind, function.unit);
      };
      return key(a) < key(b);
    });
    return all;
  }

private:
  const Graph& graph_;
  std::map<Key, EntryPoint> found_;
};

// What the kernel, or a library of the survey, calls the function in the member as; null: nobody else calls
// it.
const OpsMember* rowOf(const MemberFunction& member, const EffectModel& model,
                       const CalledByOthers& isCalledByOthers) {
  if (const OpsMember* row = model.ops(member.rows.str(), member.member.str()))
    return row;
  return isCalledByOthers(member.tag + "." + member.member) ? model.library(member.member.str()) : nullptr;
}

} // namespace

std::vector<Name> wantedFunctions(const std::vector<TuEffects>& tus, const EffectModel& model,
                                  const CalledByOthers& isCalledByOthers) {
  std::set<Name> wanted;
  for (const TuEffects& tu : tus)
    for (const MemberFunction& member : tu.members)
      if (rowOf(member, model, isCalledByOthers))
        wanted.insert(member.function);
  // A library's function that this module gives to the kernel.
  for (const TuEffects& tu : tus)
    for (const FunctionNode& function : tu.functions)
      for (const Atom& atom : function.own)
        if (atom.kind == Atom::Kind::Callback && atom.where.value.kind == SymbolKind::Functions)
          for (Name name : wordsOf(atom.where.value.text))
            wanted.insert(name);
  return {wanted.begin(), wanted.end()};
}

bool isOwnCommand(const Atom& atom, EntryKind kind, const EffectModel& model) {
  if (atom.kind != Atom::Kind::Effect || atom.effect != Effect::IoPost || atom.evidence != Evidence::Api)
    return false;
  // Where a request from above may be met, or its message be sent on, by whatever road.
  if (kind == EntryKind::CoreIo || kind == EntryKind::Ioctl || kind == EntryKind::Interrupt ||
      kind == EntryKind::Deferred || kind == EntryKind::ErrorHandling)
    return false;
  const CallModel* row = model.call(atom.what.str());
  return row && row->roles.count(ArgumentRole::Command) != 0;
}

std::vector<EntryPoint> entryPoints(const Graph& graph, const EffectModel& model,
                                    const CalledByOthers& isCalledByOthers) {
  Collector collector(graph);
  for (const MemberFunction& member : graph.members())
    if (const OpsMember* row = rowOf(member, model, isCalledByOthers)) {
      std::string name = member.tag + "." + member.member;
      if (EntryPoint* entry = collector.add(member.function, member.unit, name, name, *row))
        entry->objects.insert(member.object);
    }
  for (const Graph::Callback& callback : graph.callbacks())
    if (const OpsMember* row = model.ops(callback.ops->tag, callback.ops->member))
      collector.add(callback.function, callback.unit, callback.by.str(),
                    callback.ops->tag + "." + callback.ops->member, *row);
  return collector.take();
}

} // namespace fgft
