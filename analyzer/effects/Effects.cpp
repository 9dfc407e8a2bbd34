// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// See Effects.h.
#include "effects/Effects.h"

#include "effects/Again.h"
#include "effects/EntryPoints.h"
#include "effects/Grouping.h"
#include "effects/Known.h"
#include "effects/Members.h"
#include "effects/Waiting.h"

#include <algorithm>
#include <deque>
#include <unordered_set>

namespace fgft {

struct EffectsPass::Impl {
  explicit Impl(const Model& m) : model(m) {}

  void runGroup(uint32_t group, const DriversOf& drivers, const Emit& emit, const Keep& keep);
  void finishGroup(const Graph& graph, uint32_t group, size_t firstWaiting, PoolTransfer& transfer,
                   const Keep& keep);
  Result resultOf(const Graph& graph, uint32_t module, const std::vector<EntryPoint>& entries,
                  const std::vector<DriverOfModule>& drivers, PoolTransfer& transfer);
  bool belongsTo(const EntryPoint& entry, uint32_t module) const;
  bool isExported(const Graph::Node& node) const {
    return !node.stands && !node.function.internal && grouping.isUsedElsewhere(nameHash(node.function.name));
  }
  KeptGroup keptOf(uint32_t group, const std::vector<Exported>& exports, const MemberGifts& gifts,
                   std::vector<std::pair<NameHash, NameHash>> leads, size_t firstWaiting) const;
  void begin(const EarlierGroups& groups, const std::set<std::string>& modules);
  void readGifts(Name member, Members& into, std::vector<bool>& known) const;
  bool addChanged();
  struct Tags {
    std::unordered_set<NameHash> own;    // structs that the survey's own files declare
    std::unordered_set<NameHash> tables; // structs of file-scope objects that hold functions
  };
  Tags tagsBefore() const;
  void noteChangedTags(const Tags& before);

  const Model& model;
  Grouping grouping;
  std::vector<std::function<TuFacts()>> loads; // by TU
  AtomPool pool{AtomPool::Life::Survey};       // of what outlives its group
  Known known{model.effects, pool};
  Members memberTable{model.effects, pool, grouping, known, grouping.ownTags()};
  std::deque<WaitingRow> waiting;           // for what other modules put into members
  std::unordered_map<Name, Question> asked; // by the group in hand

  // Where an earlier merge left something.
  const EarlierGroups* earlier = nullptr;
  std::unique_ptr<Again> due;
  std::unordered_map<NameHash, std::vector<uint32_t>> giversOf; // member -> earlier groups
  std::vector<bool> isRead;                                     // their gifts, or they are looked at again
};

EffectsPass::EffectsPass(const Model& model) : impl_(std::make_unique<Impl>(model)) {}
EffectsPass::~EffectsPass() = default;

void EffectsPass::note(const std::string& output, const std::vector<std::string>& modules, TuLinks links,
                       std::function<TuFacts()> load) {
  impl_->grouping.add(output, modules, std::move(links));
  impl_->loads.push_back(std::move(load));
}

void EffectsPass::note(const TuFacts& facts, std::function<TuFacts()> load) {
  note(facts.output, facts.modules, linksOf(facts, impl_->model), std::move(load));
}

void EffectsPass::addHeaders(TuFacts facts) {
  impl_->grouping.addEverywhere(linksOf(facts, impl_->model));
  // A row wins over a header's body, also where another header calls it.
  std::erase_if(facts.functions, [this](const Function& function) {
    return impl_->model.effects.call(function.name.str()) != nullptr;
  });
  Graph graph(impl_->model.effects, impl_->known);
  graph.add(reduce(std::move(facts), impl_->model.effects));
  graph.resolve({});
  graph.close([](const Graph::Node&) { return Graph::Kept::All; });
  PoolTransfer transfer(impl_->pool);
  for (const auto& node : graph.nodes()) {
    std::vector<NameHash> uses;
    for (const Atom& atom : node->atoms)
      if (atom.kind == Atom::Kind::Unknown && !atom.indirect && !impl_->model.effects.call(atom.what.str()))
        uses.push_back(nameHash(atom.what));
    impl_->grouping.addHeader(nameHash(node->function.name), std::move(uses));
    impl_->known.addHeader(Graph::summary(*node, transfer));
  }
}

void EffectsPass::Impl::runGroup(uint32_t group, const DriversOf& drivers, const Emit& emit,
                                 const Keep& keep) {
  const std::vector<uint32_t>& modules = grouping.groups()[group];
  std::set<uint32_t> tus;
  for (uint32_t module : modules)
    tus.insert(grouping.tusOf(module).begin(), grouping.tusOf(module).end());
  known.lookFrom(group);
  Graph graph(model.effects, known);
  asked.clear();
  CalledByOthers isCalledByOthers = [&](Name member) {
    auto [it, isNew] = asked.try_emplace(member);
    if (isNew) {
      Name tag = member->substr(0, member->find('.'));
      it->second = {Question::Of::LibraryCalls, nameHash(member), nameHash(tag), false};
      it->second.answer = grouping.isCalledByLibrary(it->second.member, it->second.tag, modules);
    }
    return it->second.answer;
  };
  std::vector<Name> wanted;
  for (uint32_t id : tus) {
    std::vector<TuEffects> one;
    one.push_back(reduce(loads[id](), model.effects));
    for (Name name : wantedFunctions(one, model.effects, isCalledByOthers))
      wanted.push_back(name);
    graph.add(std::move(one.front()));
  }
  std::sort(wanted.begin(), wanted.end());
  wanted.erase(std::unique(wanted.begin(), wanted.end()), wanted.end());
  graph.resolve(wanted);
  std::vector<EntryPoint> entries = entryPoints(graph, model.effects, isCalledByOthers);
  std::unordered_set<Name> kept; // by name, where it is not sure which function is meant
  std::unordered_set<const Graph::Node*> keptNodes;
  for (const EntryPoint& entry : entries)
    keptNodes.insert(entry.node);
  for (uint32_t module : modules)
    for (const DriverOfModule& driver : drivers(grouping.nameOf(module)))
      for (const auto* names : {&driver.pm.suspend, &driver.pm.resume})
        kept.insert(names->begin(), names->end());
  memberTable.find(graph);
  graph.close([&](const Graph::Node& node) {
    if (keptNodes.count(&node) != 0 || kept.count(node.function.name) != 0 || isExported(node))
      return Graph::Kept::All;
    return memberTable.needs(node) ? Graph::Kept::Nearest : Graph::Kept::Nothing;
  });
  PoolTransfer transfer(pool);
  const size_t firstWaiting = waiting.size();
  for (uint32_t module : modules)
    emit(resultOf(graph, module, entries, drivers(grouping.nameOf(module)), transfer));
  finishGroup(graph, group, firstWaiting, transfer, keep);
}

// What the group gives to others, now and at the next merge.
void EffectsPass::Impl::finishGroup(const Graph& graph, uint32_t group, size_t firstWaiting,
                                    PoolTransfer& transfer, const Keep& keep) {
  std::vector<Exported> exports;
  std::unordered_set<Name> names;
  for (const auto& node : graph.nodes())
    if (isExported(*node) && names.insert(node->function.name).second)
      exports.push_back({Graph::summary(*node, transfer), memberTable.takesOf(node->function.name)});
  MemberGifts gifts = memberTable.take(graph, transfer);
  memberTable.addTableTags(memberTable.tableTags());
  std::vector<std::pair<NameHash, NameHash>> leads;
  if (keep)
    leads = leadsOf(exports, gifts);
  if (due)
    due->done(group, exports, gifts, leads, pool, model.effects);
  if (keep)
    keep(keptOf(group, exports, gifts, std::move(leads), firstWaiting), due ? due->headOf(group) : -1);
  const std::string first = grouping.namesOf(group).front();
  for (Exported& one : exports)
    known.addExported(std::move(one.summary), first, group);
  memberTable.add(gifts);
}

KeptGroup EffectsPass::Impl::keptOf(uint32_t group, const std::vector<Exported>& exports,
                                    const MemberGifts& gifts,
                                    std::vector<std::pair<NameHash, NameHash>> leads,
                                    size_t firstWaiting) const {
  KeptGroup kept;
  GroupHead& head = kept.head;
  head.modules = grouping.namesOf(group);
  for (const auto& [member, question] : asked)
    head.questions.push_back(question);
  for (const auto& [member, answer] : memberTable.asked())
    head.questions.push_back({Question::Of::Wanted, nameHash(member), 0, answer});
  for (const Exported& one : exports)
    head.exports.push_back(nameHash(one.summary.name));
  for (const MemberGifts::Gift& one : gifts.gifts)
    head.gives.push_back(nameHash(one.member));
  head.leads = std::move(leads);
  head.tableTags = memberTable.tableTags();
  std::set<Name> waits;
  for (size_t row = firstWaiting; row < waiting.size(); ++row)
    waiting[row].addMembers(waits);
  head.waits.assign(waits.begin(), waits.end());
  kept.exported = packExported(exports, model.effects);
  kept.gifts = packGifts(gifts, model.effects);
  return kept;
}

bool EffectsPass::Impl::belongsTo(const EntryPoint& entry, uint32_t module) const {
  return std::any_of(entry.units.begin(), entry.units.end(), [&](Name unit) {
    return std::ranges::find(grouping.modulesOf(unit), module) != grouping.modulesOf(unit).end();
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
  result.module = grouping.nameOf(module);
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

const std::vector<DriverOfModule>& EffectsPass::noDrivers(const std::string&) {
  static const std::vector<DriverOfModule> none;
  return none;
}

void EffectsPass::run(const DriversOf& drivers, const Emit& emit, const Keep& keep) {
  const size_t groups = impl_->grouping.link().size();
  for (uint32_t group = 0; group < groups; ++group)
    impl_->runGroup(group, drivers, emit, keep);
  settle(emit);
}

void EffectsPass::settle(const Emit& emit) {
  impl_->known.lookFrom(Known::behindAll);
  for (; !impl_->waiting.empty(); impl_->waiting.pop_front()) {
    const WaitingRow& one = impl_->waiting.front();
    Result result;
    EntryPointRow& row = result.rows.emplace_back(one.row());
    impl_->memberTable.settle(row, one.circumstances());
    result.module = row.module;
    emit(std::move(result));
  }
}

void EffectsPass::Impl::begin(const EarlierGroups& groups, const std::set<std::string>& modules) {
  earlier = &groups;
  grouping.link(true);
  due = std::make_unique<Again>(grouping, groups);
  due->begin(modules);
  std::vector<uint32_t> places(groups.heads().size(), Known::behindAll); // where a group is gone
  for (uint32_t group = 0; group < grouping.groups().size(); ++group)
    if (due->headOf(group) >= 0)
      places[static_cast<size_t>(due->headOf(group))] = group;
  known.addEarlier(groups, std::move(places),
                   [this](const Exported& one) { memberTable.addTakes(one.summary.name, one.takes); });
  isRead.assign(groups.heads().size(), false);
  for (uint32_t head = 0; head < groups.heads().size(); ++head)
    for (NameHash member : groups.heads()[head].gives)
      giversOf[member].push_back(head);
  for (size_t head : due->gone()) {
    isRead[head] = true;
    known.dropEarlier(head);
  }
  memberTable.askFirst([this](Name member) { readGifts(member, memberTable, isRead); });
}

void EffectsPass::Impl::readGifts(Name member, Members& into, std::vector<bool>& known) const {
  auto givers = giversOf.find(nameHash(member));
  if (givers == giversOf.end())
    return;
  for (uint32_t head : givers->second)
    if (!known[head]) {
      known[head] = true;
      into.add(unpackGifts(earlier->gifts(head), into.pool(), model.effects));
    }
}

EffectsPass::Impl::Tags EffectsPass::Impl::tagsBefore() const {
  Tags tags{earlier->ownTags(), {}};
  tags.own.insert(grouping.tagsOfHeaders().begin(), grouping.tagsOfHeaders().end());
  for (const GroupHead& head : earlier->heads())
    tags.tables.insert(head.tableTags.begin(), head.tableTags.end());
  return tags;
}

// Groups that were not looked at have the tables that they had. A member of a struct without tables, or of
// one that the survey's own files do not declare, means another thing than of one with tables.
void EffectsPass::Impl::noteChangedTags(const Tags& before) {
  for (uint32_t group = 0; group < grouping.groups().size(); ++group)
    if (const GroupHead* head = due->before(group); head && !due->isDone(group))
      memberTable.addTableTags(head->tableTags);
  auto compare = [this](const std::unordered_set<NameHash>& some,
                        const std::unordered_set<NameHash>& others) {
    for (NameHash tag : some)
      if (others.count(tag) == 0)
        due->changedTable(tag);
  };
  compare(before.own, grouping.ownTags());
  compare(grouping.ownTags(), before.own);
  compare(before.tables, memberTable.allTableTags());
  compare(memberTable.allTableTags(), before.tables);
}

// Groups that wait for members of which something else is known by now. True: there are some.
bool EffectsPass::Impl::addChanged() {
  const Tags before = tagsBefore();
  noteChangedTags(before);
  const std::unordered_set<NameHash>& changed = due->changedMembers();
  if (changed.empty())
    return false;
  known.lookFrom(Known::behindAll);
  // The survey as it was.
  Known knownBefore(model.effects, pool);
  knownBefore.useHeadersOf(known);
  knownBefore.addEarlier(*earlier, std::vector<uint32_t>(earlier->heads().size(), 0));
  Members membersBefore(model.effects, pool, grouping, knownBefore, before.own);
  membersBefore.addTableTags({before.tables.begin(), before.tables.end()});
  std::vector<bool> isReadBefore(earlier->heads().size(), false);
  membersBefore.askFirst([&](Name member) { readGifts(member, membersBefore, isReadBefore); });
  std::unordered_map<Name, bool> isOther;
  bool any = false;
  for (uint32_t group = 0; group < grouping.groups().size(); ++group) {
    const GroupHead* head = due->before(group);
    if (!head || due->isDone(group))
      continue;
    for (Name member : head->waits) {
      if (changed.count(nameHash(member)) == 0 && changed.count(tableOf(member)) == 0)
        continue;
      auto [it, isNew] = isOther.try_emplace(member, false);
      if (isNew)
        it->second = !memberTable.meansTheSame(member, membersBefore);
      if (it->second) {
        due->add(group);
        any = true;
        break;
      }
    }
  }
  return any;
}

std::set<std::string> EffectsPass::again(const EarlierGroups& earlier, const std::set<std::string>& modules,
                                         const DriversOf& drivers, const Emit& emit, const Keep& keep) {
  Impl& all = *impl_;
  bool isFirst = !all.due;
  if (isFirst)
    all.begin(earlier, modules);
  else
    all.due->add(modules);
  std::set<std::string> looked;
  auto runDue = [&] {
    for (uint32_t group = 0; group < all.grouping.groups().size(); ++group) {
      if (!all.due->isDue(group))
        continue;
      if (int64_t head = all.due->headOf(group); head >= 0) {
        all.isRead[static_cast<size_t>(head)] = true;
        all.known.dropEarlier(static_cast<size_t>(head));
      }
      all.runGroup(group, drivers, emit, keep);
      for (uint32_t module : all.grouping.groups()[group])
        looked.insert(all.grouping.nameOf(module));
    }
  };
  runDue();
  if (isFirst && all.addChanged())
    runDue();
  return looked;
}

std::vector<size_t> EffectsPass::goneGroups() const {
  return impl_->due ? impl_->due->gone() : std::vector<size_t>();
}

} // namespace fgft
