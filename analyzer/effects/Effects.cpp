// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// See Effects.h.
#include "effects/Effects.h"

#include "effects/Components.h"
#include "effects/EntryPoints.h"
#include "effects/Members.h"
#include "effects/Waiting.h"

#include <algorithm>
#include <deque>
#include <unordered_set>

namespace fgft {

namespace {

// What one TU gives to and takes from others.
struct NotedTu {
  std::string output;
  std::vector<uint32_t> modules;
  std::vector<Name> defines; // not static
  std::vector<Name> uses;    // not defined here
  std::function<TuFacts()> load;
};

void addFunctions(const Value& value, std::vector<Name>& names) {
  if (value.kind == ValueKind::Function)
    names.push_back(value.text);
  for (const Value& choice : value.choices)
    addFunctions(choice, names);
}

void sortOnce(std::vector<Name>& names) {
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  names.shrink_to_fit();
}

class Known : public Surroundings {
public:
  const Summary* function(Name name) const override {
    if (auto it = exported_.find(name); it != exported_.end())
      return &it->second;
    auto it = headers_.find(name);
    return it == headers_.end() ? nullptr : &it->second;
  }
  void addExported(Summary&& summary) { exported_.try_emplace(summary.name, std::move(summary)); }
  void addHeader(Summary&& summary) { headers_.try_emplace(summary.name, std::move(summary)); }

private:
  std::unordered_map<Name, Summary> exported_;
  std::unordered_map<Name, Summary> headers_;
};

} // namespace

struct EffectsPass::Impl {
  explicit Impl(const Model& m) : model(m) {}

  uint32_t moduleIndex(const std::string& name) {
    auto [it, isNew] = moduleIds.try_emplace(name, static_cast<uint32_t>(moduleNames.size()));
    if (isNew) {
      moduleNames.push_back(name);
      moduleTus.emplace_back();
    }
    return it->second;
  }

  bool isCalledByLibrary(Name member, const std::vector<uint32_t>& group) const;
  void noteCaller(Name member, const std::vector<uint32_t>& by) {
    std::vector<uint32_t>& callers = memberCallers[member];
    for (uint32_t module : by)
      if (std::find(callers.begin(), callers.end(), module) == callers.end())
        callers.push_back(module);
  }

  std::vector<std::vector<uint32_t>> groups();
  std::vector<Name> withHeaders(std::vector<Name> uses) const;
  void runGroup(const std::vector<uint32_t>& group,
                const std::map<std::string, std::vector<DriverOfModule>>& drivers,
                const std::function<void(Result)>& emit);
  Result resultOf(const Graph& graph, uint32_t module, const std::vector<EntryPoint>& entries,
                  const std::vector<DriverOfModule>& drivers, PoolTransfer& transfer);
  bool belongsTo(const EntryPoint& entry, uint32_t module) const;

  const Model& model;
  std::vector<NotedTu> tus;
  std::map<std::string, uint32_t> moduleIds;
  std::vector<std::string> moduleNames;
  std::vector<std::vector<uint32_t>> moduleTus;
  std::unordered_map<Name, std::vector<uint32_t>> definedBy; // name -> modules
  std::unordered_map<Name, bool> usedElsewhere;
  std::vector<std::vector<uint32_t>> usedModules; // by module, sorted: whose functions it calls
  std::unordered_map<Name, std::vector<uint32_t>> memberCallers; // tag.member -> modules that call through it
  std::unordered_map<Name, std::vector<uint32_t>> unitModules;
  AtomPool pool{AtomPool::Life::Survey}; // of what outlives its group
  Known known;
  Members memberTable{model.effects, pool};
  std::deque<WaitingRow> waiting; // for what other modules put into members
};

EffectsPass::EffectsPass(const Model& model) : impl_(std::make_unique<Impl>(model)) {}
EffectsPass::~EffectsPass() = default;

void EffectsPass::note(const TuFacts& facts, std::function<TuFacts()> load) {
  impl_->memberTable.note(facts);
  auto id = static_cast<uint32_t>(impl_->tus.size());
  NotedTu& tu = impl_->tus.emplace_back();
  tu.output = facts.output;
  tu.load = std::move(load);
  for (const std::string& module : facts.modules) {
    tu.modules.push_back(impl_->moduleIndex(module));
    impl_->moduleTus[tu.modules.back()].push_back(id);
  }
  std::vector<Name> own, uses;
  for (const Function& function : facts.functions) {
    own.push_back(function.name);
    if (!function.internal)
      tu.defines.push_back(function.name);
    for (const Call& call : function.calls) {
      if (!call.indirect && !call.callee.empty())
        uses.push_back(call.callee);
      if (call.indirect && !call.callee.empty())
        impl_->noteCaller(call.callee, tu.modules);
      addFunctions(call.through, uses);
      for (const Value& argument : call.args)
        addFunctions(argument, uses);
    }
  }
  for (const Object& object : facts.objects)
    for (const Field& field : object.fields)
      addFunctions(field.value, uses);
  for (const Assignment& assignment : facts.assignments)
    addFunctions(assignment.value, uses);
  sortOnce(own);
  sortOnce(uses);
  sortOnce(tu.defines);
  std::set_difference(uses.begin(), uses.end(), own.begin(), own.end(), std::back_inserter(tu.uses));
  tu.uses.shrink_to_fit();
}

void EffectsPass::addHeaders(TuFacts facts) {
  impl_->memberTable.note(facts);
  // A row wins over a header's body, also where another header calls it.
  std::erase_if(facts.functions, [this](const Function& function) {
    return impl_->model.effects.call(function.name.str()) != nullptr;
  });
  Graph graph(impl_->model.effects, impl_->known);
  graph.add(reduce(std::move(facts), impl_->model.effects));
  graph.resolve({});
  graph.close([](const Graph::Node&) { return Graph::Kept::All; });
  PoolTransfer transfer(impl_->pool);
  for (const auto& node : graph.nodes())
    impl_->known.addHeader(Graph::summary(*node, transfer));
}

// With what functions of headers use, in turn.
std::vector<Name> EffectsPass::Impl::withHeaders(std::vector<Name> uses) const {
  for (size_t i = 0, count = uses.size(); i < count; ++i)
    if (const Summary* header = known.function(uses[i]))
      for (const Atom& atom : header->atoms)
        if (atom.kind == Atom::Kind::Unknown && !atom.indirect)
          uses.push_back(atom.what);
  sortOnce(uses);
  return uses;
}

// Modules that call each other, libraries first.
std::vector<std::vector<uint32_t>> EffectsPass::Impl::groups() {
  for (const NotedTu& tu : tus) {
    unitModules[tu.output] = tu.modules;
    for (Name name : tu.defines) {
      auto& modules = definedBy[name];
      modules.insert(modules.end(), tu.modules.begin(), tu.modules.end());
    }
  }
  std::vector<std::vector<uint32_t>>& uses = usedModules;
  uses.resize(moduleNames.size());
  for (const NotedTu& tu : tus)
    for (Name name : withHeaders(tu.uses)) {
      auto found = definedBy.find(name);
      // What the model has a row for is not looked into.
      if (found == definedBy.end() || model.effects.call(name.str()))
        continue;
      for (uint32_t user : tu.modules) {
        const auto& definers = found->second;
        if (std::find(definers.begin(), definers.end(), user) != definers.end())
          continue; // its own
        usedElsewhere[name] = true;
        uses[user].insert(uses[user].end(), definers.begin(), definers.end());
      }
    }
  for (auto& list : uses) {
    std::sort(list.begin(), list.end());
    list.erase(std::unique(list.begin(), list.end()), list.end());
  }
  // What the second pass has no use for.
  definedBy = {};
  for (NotedTu& tu : tus) {
    tu.defines = std::vector<Name>();
    tu.uses = std::vector<Name>();
  }
  return stronglyConnected(uses.size(), [&](uint32_t module, size_t n) -> int64_t {
    return n < uses[module].size() ? static_cast<int64_t>(uses[module][n]) : -1;
  });
}

// Whether a module outside of the group calls through the member: of a struct that the survey's own files
// declare, one that the group uses, as others may have a struct of that name.
bool EffectsPass::Impl::isCalledByLibrary(Name member, const std::vector<uint32_t>& group) const {
  auto callers = memberCallers.find(member);
  if (callers == memberCallers.end())
    return false;
  bool own = memberTable.isOwnTag(Name(member->substr(0, member->find('.'))));
  return std::ranges::any_of(callers->second, [&](uint32_t one) {
    if (std::ranges::find(group, one) != group.end())
      return false;
    return !own || std::ranges::any_of(group, [&](uint32_t module) {
      return std::ranges::binary_search(usedModules[module], one);
    });
  });
}

void EffectsPass::Impl::runGroup(const std::vector<uint32_t>& group,
                                 const std::map<std::string, std::vector<DriverOfModule>>& drivers,
                                 const std::function<void(Result)>& emit) {
  std::set<uint32_t> members;
  for (uint32_t module : group)
    members.insert(moduleTus[module].begin(), moduleTus[module].end());
  Graph graph(model.effects, known);
  CalledByOthers isCalledByOthers = [&](Name member) { return isCalledByLibrary(member, group); };
  std::vector<Name> wanted;
  for (uint32_t id : members) {
    std::vector<TuEffects> one;
    one.push_back(reduce(tus[id].load(), model.effects));
    for (Name name : wantedFunctions(one, model.effects, isCalledByOthers))
      wanted.push_back(name);
    graph.add(std::move(one.front()));
  }
  sortOnce(wanted);
  graph.resolve(wanted);
  std::vector<EntryPoint> entries = entryPoints(graph, model.effects, isCalledByOthers);
  std::unordered_set<Name> kept; // by name, where it is not sure which function is meant
  std::unordered_set<const Graph::Node*> keptNodes;
  for (const EntryPoint& entry : entries)
    keptNodes.insert(entry.node);
  static const std::vector<DriverOfModule> noDrivers;
  auto driversOf = [&](uint32_t module) -> const std::vector<DriverOfModule>& {
    auto found = drivers.find(moduleNames[module]);
    return found == drivers.end() ? noDrivers : found->second;
  };
  for (uint32_t module : group)
    for (const DriverOfModule& driver : driversOf(module))
      for (const auto* names : {&driver.pm.suspend, &driver.pm.resume})
        kept.insert(names->begin(), names->end());
  auto isExported = [this](const Graph::Node& node) {
    return !node.stands && !node.function.internal && usedElsewhere.count(node.function.name) != 0;
  };
  memberTable.find(graph);
  graph.close([&](const Graph::Node& node) {
    if (keptNodes.count(&node) != 0 || kept.count(node.function.name) != 0 || isExported(node))
      return Graph::Kept::All;
    return memberTable.needs(node) ? Graph::Kept::Nearest : Graph::Kept::Nothing;
  });
  PoolTransfer transfer(pool);
  for (uint32_t module : group)
    emit(resultOf(graph, module, entries, driversOf(module), transfer));
  for (const auto& node : graph.nodes())
    if (isExported(*node))
      known.addExported(Graph::summary(*node, transfer));
  memberTable.take(graph, known, transfer);
}

bool EffectsPass::Impl::belongsTo(const EntryPoint& entry, uint32_t module) const {
  return std::any_of(entry.units.begin(), entry.units.end(), [&](Name unit) {
    auto found = unitModules.find(unit);
    return found != unitModules.end() &&
           std::find(found->second.begin(), found->second.end(), module) != found->second.end();
  });
}

namespace {

// Of several drivers those whose own struct holds the function, else those in the function's own file; else
// all.
std::vector<size_t> ownersOf(const EntryPoint& entry, const std::vector<DriverOfModule>& drivers) {
  auto those = [&](auto&& isOwner) {
    std::vector<size_t> owners;
    for (size_t i = 0; i < drivers.size(); ++i)
      if (isOwner(drivers[i]))
        owners.push_back(i);
    return owners;
  };
  std::vector<size_t> owners =
      those([&](const DriverOfModule& one) { return entry.objects.count(Name(one.driver)) != 0; });
  if (owners.empty())
    owners = those(
        [&](const DriverOfModule& one) { return one.pm.file == entry.node->function.place.file.str(); });
  return owners.empty() ? those([](const DriverOfModule&) { return true; }) : owners;
}

} // namespace

EffectsPass::Result EffectsPass::Impl::resultOf(const Graph& graph, uint32_t module,
                                                const std::vector<EntryPoint>& entries,
                                                const std::vector<DriverOfModule>& drivers,
                                                PoolTransfer& transfer) {
  Result result;
  result.module = moduleNames[module];
  result.drivers.resize(drivers.size());
  std::vector<std::unique_ptr<RestorePath>> restores;
  for (size_t i = 0; i < drivers.size(); ++i) {
    restores.push_back(std::make_unique<RestorePath>(graph, model, drivers[i].pm));
    result.drivers[i].pmStyle = restores[i]->style();
    result.drivers[i].pmStyleReason = restores[i]->styleReason();
    result.drivers[i].restore = restores[i]->facts();
  }
  PmOfDriver nobody;
  nobody.pm = "unknown";
  nobody.reason = "the module registers no driver";
  RestorePath noDriver(graph, model, nobody);
  for (const EntryPoint& entry : entries) {
    if (!belongsTo(entry, module))
      continue;
    std::vector<size_t> owners = ownersOf(entry, drivers);
    std::vector<DriverRestore> restoring;
    for (size_t i : owners)
      restoring.push_back({drivers[i].driver, restores[i].get()});
    if (restoring.empty())
      restoring.push_back({"", &noDriver});
    Circumstances circumstances;
    EntryPointRow row = judge(graph, entry, restoring, circumstances);
    row.module = result.module;
    for (size_t i : owners) {
      row.drivers.insert(drivers[i].driver);
      row.className = drivers[i].className;
    }
    if (Members::isOpen(row)) {
      waiting.emplace_back(row, std::move(circumstances), transfer);
      continue;
    }
    showPaths(row);
    conclude(row, circumstances);
    result.rows.push_back(std::move(row));
  }
  return result;
}

void EffectsPass::run(const std::map<std::string, std::vector<DriverOfModule>>& drivers,
                      const std::function<void(Result)>& emit) {
  for (const auto& group : impl_->groups())
    impl_->runGroup(group, drivers, emit);
  for (; !impl_->waiting.empty(); impl_->waiting.pop_front()) {
    const WaitingRow& one = impl_->waiting.front();
    Result result;
    EntryPointRow& row = result.rows.emplace_back(one.row());
    impl_->memberTable.settle(row, one.circumstances());
    result.module = row.module;
    emit(std::move(result));
  }
}

} // namespace fgft
