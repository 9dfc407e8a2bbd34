// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// See Members.h.
#include "effects/Members.h"

#include <algorithm>

namespace fgft {

namespace {

constexpr size_t maxUnknown = 8; // names that a row is left with for one member

bool isMember(Name name) {
  return name->find('.') != std::string::npos && name->find(' ') == std::string::npos;
}

// The member that a value is read from.
Name sourceMember(const Symbol& symbol) {
  bool read = symbol.kind == SymbolKind::Place || symbol.kind == SymbolKind::Parameter;
  return read && !symbol.path.empty() && !symbol.record.empty()
             ? Name(symbol.record + "." + leafOf(symbol.path))
             : Name();
}

unsigned parameterIndex(const Symbol& symbol) {
  return static_cast<unsigned>(numberOf(symbol.text));
}

bool isParameter(const Symbol& symbol) {
  return symbol.kind == SymbolKind::Parameter && symbol.path.empty();
}

void takeWorse(Tristate& to, Tristate other) {
  auto rank = [](Tristate one) { return one == Tristate::Yes ? 2 : one == Tristate::Maybe ? 1 : 0; };
  if (rank(other) > rank(to))
    to = other;
}

std::string shownPath(const Reached& one) {
  return pathText({}, one); // it names the filler's file
}

} // namespace

void Members::note(const TuFacts& facts) {
  ownTags_.insert(facts.records.begin(), facts.records.end());
  for (const Function& function : facts.functions)
    for (const Call& call : function.calls) {
      const CallModel* row = model_.call(call.callee.str());
      if (call.indirect && !call.callee.empty() && !row)
        wanted_.insert(call.callee);
      if (call.indirect && call.callee.empty())
        want(call.through);
      for (const CalledRole& called : row ? row->calls : std::vector<CalledRole>())
        if (called.argument && *called.argument < call.args.size())
          want(call.args[*called.argument]);
    }
}

// A function that is read from a member and called elsewhere.
void Members::want(const Value& pointer) {
  if (Name member = memberOf(argumentOf(pointer).value); !member.empty())
    wanted_.insert(member);
}

uint32_t Members::doesOf(const std::vector<Reached>& atoms, PoolTransfer& transfer) {
  std::map<Effect, Reached> effects;
  std::set<Name> members;
  std::set<Name> unknown;
  Tristate sleeps = Tristate::No;
  for (const Reached& one : atoms) {
    const Atom& atom = one;
    switch (atom.kind) {
    case Atom::Kind::Effect:
    case Atom::Kind::Access:
    case Atom::Kind::Free:
    case Atom::Kind::Write: {
      auto [it, isNew] = effects.try_emplace(atom.effect);
      if (isNew || rankOf(one) < rankOf(it->second))
        it->second = one;
      if (atom.effect == Effect::Sleep && atom.kind == Atom::Kind::Effect)
        sleeps = Tristate::Yes;
      break;
    }
    case Atom::Kind::Sleeps:
      takeWorse(sleeps, atom.certain ? Tristate::Yes : Tristate::Maybe);
      break;
    case Atom::Kind::Unknown:
    case Atom::Kind::Calls:
      (atom.indirect && isMember(atom.what) ? members : unknown).insert(atom.what);
      break;
    case Atom::Kind::Callback:
    case Atom::Kind::Sends:
    case Atom::Kind::Takes:
      break;
    }
  }
  Does& does = does_.emplace_back();
  does.effects.reserve(effects.size());
  for (const auto& [effect, best] : effects)
    does.effects.push_back(transfer(best));
  does.members.assign(members.begin(), members.end());
  does.unknown.assign(unknown.begin(), unknown.end());
  does.sleeps = sleeps;
  return static_cast<uint32_t>(does_.size() - 1);
}

void Members::fill(Name member, Name function, Name unit, const Graph& graph) {
  found_.push_back({member, function, unit});
  if (const Graph::Node* node = graph.function(function, unit))
    needed_.insert(node);
}

// What the kernel's own function does: its row's effects, else nobody knows.
std::vector<Reached> Members::atomsOf(Name function, const CallModel* row) {
  std::vector<Reached> made;
  auto add = [&](Atom::Kind kind, Effect effect, bool certain) {
    Atom atom;
    atom.kind = kind;
    atom.effect = effect;
    atom.certain = certain;
    atom.what = atom.function = function;
    made.push_back({pool_.atom(atom), nullptr});
  };
  if (!row) {
    add(Atom::Kind::Unknown, Effect::DevRead, true);
    return made;
  }
  for (const CallEffect& one : row->effects)
    add(Atom::Kind::Effect, one.effect, true);
  if (row->sleeps != Tristate::No)
    add(Atom::Kind::Sleeps, Effect::Sleep, row->sleeps == Tristate::Yes);
  return made;
}

uint32_t Members::fillerOf(Name function, Name unit, const Graph& graph, const Surroundings& around,
                           PoolTransfer& transfer) {
  const Graph::Node* node = graph.function(function, unit);
  auto [it, isNew] = doesByFunction_.try_emplace({function, node && node->function.internal ? unit : Name()});
  if (isNew) {
    const Summary* other = node ? nullptr : around.function(function);
    it->second = node    ? doesOf(node->atoms, transfer)
                 : other ? doesOf(other->atoms, transfer)
                         : doesOf(atomsOf(function, model_.call(function.str())), transfer);
  }
  return it->second;
}

// True: that is new.
bool Members::addParameter(const FunctionNode& function, unsigned index, const std::set<Name>& members) {
  takers_.insert(function.name);
  auto& known = parameters_[{function.name, function.internal ? function.unit : Name(), index}];
  size_t before = known.size();
  known.insert(members.begin(), members.end());
  return known.size() != before;
}

// `record.member = value` where the value is no function by name.
void Members::addStores(const Graph& graph) {
  for (const MemberStore& store : graph.memberStores()) {
    if (!isWanted(store.member))
      continue;
    const Graph::Node* node = graph.function(store.function, store.unit);
    if (Name from = sourceMember(store.value); !from.empty())
      members_[store.member].copies.insert(from);
    else if (node && isParameter(store.value))
      addParameter(node->function, parameterIndex(store.value), {store.member});
    else
      members_[store.member].opaque = true;
  }
}

bool Members::passes(const FunctionNode& from, const Argument& argument, const std::set<Name>& members,
                     const Graph& graph) {
  const Symbol& value = argument.value;
  if (isParameter(value))
    return addParameter(from, parameterIndex(value), members);
  for (Name member : members)
    if (value.kind == SymbolKind::Functions)
      for (Name function : wordsOf(value.text))
        fill(member, function, from.unit, graph);
    else if (Name source = sourceMember(value); !source.empty())
      members_[member].copies.insert(source);
    else if (value.kind != SymbolKind::Constant)
      members_[member].opaque = true;
  return false;
}

// Functions that callers pass to those that put a parameter into a member. True: a caller passes on its own.
bool Members::addPassed(const Graph& graph) {
  bool changed = false;
  for (const auto& node : graph.nodes())
    for (const Site& site : node->function.sites) {
      if (site.indirect || takers_.count(site.callee) == 0)
        continue;
      const Graph::Node* callee = graph.function(site.callee, node->function.unit);
      Name unit = callee && callee->function.internal ? callee->function.unit : Name();
      for (auto it = parameters_.lower_bound({site.callee, unit, 0});
           it != parameters_.end() && it->first.function == site.callee && it->first.unit == unit; ++it) {
        unsigned index = it->first.index;
        std::set<Name> members = it->second;
        changed |=
            passes(node->function, index < site.args.size() ? site.args[index] : Argument{}, members, graph);
      }
    }
  return changed;
}

void Members::find(const Graph& graph) {
  found_.clear();
  needed_.clear();
  for (const MemberFunction& one : graph.members()) {
    if (!one.object.empty())
      tableTags_.insert(one.tag);
    if (Name member = one.tag + "." + one.member; isWanted(member))
      fill(member, one.function, one.unit, graph);
  }
  addStores(graph);
  while (addPassed(graph))
    ;
}

void Members::take(const Graph& graph, const Surroundings& around, PoolTransfer& transfer) {
  for (const Found& one : found_)
    members_[one.member].fillers.push_back(fillerOf(one.function, one.unit, graph, around, transfer));
}

// A member of a struct that the survey's own files declare and make tables of, and that none of them sets.
bool Members::isNeverFilled(Name member, const Member* known) const {
  if (known && (known->opaque || !known->copies.empty() || !known->fillers.empty()))
    return false;
  Name tag = member->substr(0, member->find('.'));
  if (ownTags_.count(tag) == 0 || tableTags_.count(tag) == 0)
    return false;
  return std::ranges::none_of(parameters_, [&](const auto& one) { return one.second.count(member) != 0; });
}

void Members::resolveInto(Name member, Resolved& result) const {
  std::vector<Name> open = {member};
  std::set<Name> seen = {member};
  std::set<uint32_t> taken;
  auto visit = [&](Name next) {
    if (seen.insert(next).second)
      open.push_back(next);
  };
  while (!open.empty()) {
    Name one = open.back();
    open.pop_back();
    auto it = members_.find(one);
    const Member* known = it == members_.end() ? nullptr : &it->second;
    if (isNeverFilled(one, known))
      continue;
    if (!known || known->opaque || (known->fillers.empty() && known->copies.empty()))
      result.unknown.insert(one);
    if (!known)
      continue;
    for (Name copy : known->copies)
      visit(copy);
    for (uint32_t index : known->fillers) {
      if (!taken.insert(index).second)
        continue;
      const Does& does = does_[index];
      for (const Reached& reached : does.effects) {
        const Reached*& best = result.effects[reached->effect];
        if (!best || rankOf(reached) < rankOf(*best) ||
            (rankOf(reached) == rankOf(*best) && shownPath(reached) < shownPath(*best)))
          best = &reached;
      }
      result.unknown.insert(does.unknown.begin(), does.unknown.end());
      takeWorse(result.sleeps, does.sleeps);
      for (Name next : does.members)
        visit(next);
    }
  }
}

// Whether every function that may stand in the member does something that nothing takes back. If only some
// do, which of them is called decides, and nobody can tell that here.
bool Members::isIrrevocable(Name member) const {
  std::vector<Name> open = {member};
  std::set<Name> seen = {member};
  bool any = false;
  while (!open.empty()) {
    auto it = members_.find(open.back());
    open.pop_back();
    if (it == members_.end() || it->second.opaque)
      return false;
    for (uint32_t index : it->second.fillers) {
      any = true;
      if (std::ranges::none_of(does_[index].effects,
                               [](const Reached& one) { return levelOf(one->effect) == Level::Irrevocable; }))
        return false;
    }
    for (Name copy : it->second.copies)
      if (seen.insert(copy).second)
        open.push_back(copy);
  }
  return any;
}

const Members::Resolved& Members::resolved(Name member) {
  auto [it, isNew] = resolved_.try_emplace(member);
  if (!isNew)
    return it->second;
  Resolved& result = it->second;
  resolveInto(member, result);
  size_t dropped = isIrrevocable(member) ? 0 : std::erase_if(result.effects, [](const auto& one) {
    return levelOf(one.first) == Level::Irrevocable;
  });
  if (dropped != 0)
    result.unknown = {member}; // the first question; what lies behind it comes after
  return result;
}

bool Members::isOpen(const EntryPointRow& row) {
  return std::ranges::any_of(row.effects, &EffectRow::member);
}

// Arguments of the call that are named like registers, where the functions in the member get at a device.
void Members::nameRegisters(const EffectRow& call, const Resolved& does,
                            std::map<std::pair<std::string, std::string>, EffectRow>& found) const {
  for (Name shown : call.registers)
    for (Effect access : {Effect::DevRead, Effect::DevWrite}) {
      auto reached = does.effects.find(access);
      const RegisterName* row = reached == does.effects.end()
                                    ? nullptr
                                    : model_.registerName(shown.str(), access == Effect::DevWrite);
      for (Effect effect : row ? row->effects : std::vector<Effect>()) {
        EffectRow made = call;
        made.member = false;
        made.word = word(effect);
        made.evidence = word(Evidence::Name);
        made.what = shown;
        made.why = row->why;
        made.path += " > " + shownPath(*reached->second);
        found.try_emplace({made.word, made.evidence}, std::move(made));
      }
    }
}

void Members::settle(EntryPointRow& row, Circumstances circumstances) {
  std::vector<EffectRow> effects;
  std::map<std::pair<std::string, std::string>, EffectRow> found; // what the members add
  std::map<std::string, EffectRow> unknown;
  Tristate sleeps = Tristate::No;
  for (EffectRow& one : row.effects) {
    if (!one.member) {
      effects.push_back(std::move(one));
      continue;
    }
    const Resolved& does = resolved(one.what);
    takeWorse(sleeps, does.sleeps);
    for (const auto& [effect, reached] : does.effects) {
      const Atom& atom = *reached;
      EffectRow made{std::string(word(effect)),
                     std::string(word(atom.evidence)),
                     std::string(atom.what),
                     std::string(atom.why),
                     atom.place,
                     one.path + " > " + shownPath(*reached),
                     false};
      found.try_emplace({made.word, made.evidence}, std::move(made));
    }
    nameRegisters(one, does, found);
    size_t left = maxUnknown;
    for (Name name : does.unknown)
      if (left > 0) {
        --left;
        EffectRow made = one;
        made.member = false;
        if (name != Name(one.what)) {
          made.what = name;
          made.path += " > " + name;
        }
        unknown.try_emplace(made.what, std::move(made));
      }
  }
  for (const EffectRow& one : effects) {
    found.erase({one.word, one.evidence});
    if (one.word == "unknown")
      unknown.erase(one.what);
  }
  std::vector<EffectRow> added;
  for (auto& [key, one] : found)
    added.push_back(std::move(one));
  widen(circumstances, added, effects);
  effects.insert(effects.end(), std::make_move_iterator(added.begin()), std::make_move_iterator(added.end()));
  for (auto& [name, one] : unknown)
    effects.push_back(std::move(one));
  row.effects = std::move(effects);
  if (row.sleeps == "no" && circumstances.mustNotSleep)
    sleeps = Tristate::No;
  bool lessKnown = row.sleeps == "unknown" && unknown.empty();
  if (lessKnown || (sleeps != Tristate::No && row.sleeps != "yes"))
    row.sleeps = word(sleeps);
  conclude(row, circumstances);
}

} // namespace fgft
