// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// See Members.h.
#include "effects/Members.h"

#include <algorithm>
#include <utility>

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

// The strongest evidence and the shortest path; of those that are equal one that does not depend on the order
// of modules.
bool isBetter(const Reached& one, const Reached& other) {
  if (rankOf(one) != rankOf(other))
    return rankOf(one) < rankOf(other);
  auto shown = [](const Reached& any) {
    return std::make_tuple(shownPath(any), any->what.str(), any->why.str(), any->place.file.str(),
                           any->place.line);
  };
  return shown(one) < shown(other);
}

} // namespace

bool Members::isWanted(Name member) {
  auto [it, isNew] = asked_.try_emplace(member);
  if (isNew)
    it->second = grouping_.isWanted(nameHash(member));
  return it->second;
}

Does Members::doesOf(const std::vector<Reached>& atoms, PoolTransfer& transfer) {
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
  Does does;
  does.effects.reserve(effects.size());
  for (const auto& [effect, best] : effects)
    does.effects.push_back(transfer(best));
  does.members.assign(members.begin(), members.end());
  does.unknown.assign(unknown.begin(), unknown.end());
  does.sleeps = sleeps;
  return does;
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

// What a function of another group does that a group puts into a member: asked for when all are closed.
uint32_t Members::foreign(Name function) {
  auto [it, isNew] = foreign_.try_emplace(function, static_cast<uint32_t>(does_.size()));
  if (isNew) {
    PoolTransfer transfer(pool_);
    const Summary* other = around_.function(function);
    does_.push_back(doesOf(other ? other->atoms : atomsOf(function, model_.call(function.str())), transfer));
  }
  return it->second;
}

// True: that is new.
bool Members::addParameter(const FunctionNode& function, unsigned index, const std::set<Name>& members) {
  takers_.insert(function.name);
  auto& known = parameters_[{function.name, function.internal ? function.unit : Name(), index}];
  size_t before = known.size();
  known.insert(members.begin(), members.end());
  for (Name member : members)
    gifts_[member].byParameter = true;
  return known.size() != before;
}

// `record.member = value` where the value is no function by name.
void Members::addStores(const Graph& graph) {
  for (const MemberStore& store : graph.memberStores()) {
    if (!isWanted(store.member))
      continue;
    const Graph::Node* node = graph.function(store.function, store.unit);
    if (Name from = sourceMember(store.value); !from.empty())
      gifts_[store.member].copies.insert(from);
    else if (node && isParameter(store.value))
      addParameter(node->function, parameterIndex(store.value), {store.member});
    else
      gifts_[store.member].opaque = true;
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
      gifts_[member].copies.insert(source);
    else if (value.kind != SymbolKind::Constant)
      gifts_[member].opaque = true;
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
  asked_.clear();
  gifts_.clear();
  tableTagsHere_.clear();
  for (const MemberFunction& one : graph.members()) {
    if (!one.object.empty())
      tableTagsHere_.insert(nameHash(one.tag));
    if (Name member = one.tag + "." + one.member; isWanted(member))
      fill(member, one.function, one.unit, graph);
  }
  addStores(graph);
  while (addPassed(graph))
    ;
}

MemberGifts Members::take(const Graph& graph, PoolTransfer& transfer) {
  MemberGifts gifts;
  std::unordered_map<const Graph::Node*, uint32_t> numbers;
  for (const Found& one : found_) {
    MemberGifts::Gift& gift = gifts_[one.member];
    const Graph::Node* node = graph.function(one.function, one.unit);
    if (!node) {
      gift.foreign.insert(one.function);
      continue;
    }
    auto [it, isNew] = numbers.try_emplace(node, static_cast<uint32_t>(gifts.does.size()));
    if (isNew)
      gifts.does.push_back(doesOf(node->atoms, transfer));
    gift.fillers.push_back(it->second);
  }
  for (auto& [name, gift] : gifts_) {
    gift.member = name;
    gifts.gifts.push_back(std::move(gift));
  }
  return gifts;
}

void Members::add(const MemberGifts& gifts) {
  auto first = static_cast<uint32_t>(does_.size());
  does_.insert(does_.end(), gifts.does.begin(), gifts.does.end());
  for (const MemberGifts::Gift& gift : gifts.gifts) {
    Member& into = members_[gift.member];
    for (uint32_t filler : gift.fillers)
      into.fillers.push_back(first + filler);
    into.foreign.insert(into.foreign.end(), gift.foreign.begin(), gift.foreign.end());
    into.copies.insert(gift.copies.begin(), gift.copies.end());
    into.opaque |= gift.opaque;
    into.byParameter |= gift.byParameter;
  }
}

std::vector<std::pair<unsigned, std::set<Name>>> Members::takesOf(Name function) const {
  std::vector<std::pair<unsigned, std::set<Name>>> takes;
  for (auto it = parameters_.lower_bound({function, Name(), 0});
       it != parameters_.end() && it->first.function == function && it->first.unit.empty(); ++it)
    takes.emplace_back(it->first.index, it->second);
  return takes;
}

void Members::addTakes(Name function, const std::vector<std::pair<unsigned, std::set<Name>>>& takes) {
  for (const auto& [index, members] : takes) {
    takers_.insert(function);
    parameters_[{function, Name(), index}].insert(members.begin(), members.end());
  }
}

// What is given to a member, with the functions of other groups among the fillers; null: nothing.
const Members::Member* Members::member(Name name) {
  if (more_)
    more_(name);
  auto it = members_.find(name);
  if (it == members_.end())
    return nullptr;
  for (Name function : std::exchange(it->second.foreign, {}))
    it->second.fillers.push_back(foreign(function));
  return &it->second;
}

// A member of a struct that the survey's own files declare and make tables of, and that none of them sets.
bool Members::isNeverFilled(Name member, const Member* known) const {
  if (known && (known->opaque || known->byParameter || !known->copies.empty() || !known->fillers.empty()))
    return false;
  const NameHash tag = nameHash(member->substr(0, member->find('.')));
  return ownTags_.count(tag) != 0 && tableTags_.count(tag) != 0;
}

void Members::resolveInto(Name name, Resolved& result) {
  std::vector<Name> open = {name};
  std::set<Name> seen = {name};
  std::set<uint32_t> taken;
  auto visit = [&](Name next) {
    if (seen.insert(next).second)
      open.push_back(next);
  };
  while (!open.empty()) {
    Name one = open.back();
    open.pop_back();
    const Member* known = member(one);
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
        if (!best || isBetter(reached, *best))
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
bool Members::isIrrevocable(Name name) {
  std::vector<Name> open = {name};
  std::set<Name> seen = {name};
  bool any = false;
  while (!open.empty()) {
    const Member* known = member(open.back());
    open.pop_back();
    if (!known || known->opaque)
      return false;
    for (uint32_t index : known->fillers) {
      any = true;
      if (std::ranges::none_of(does_[index].effects,
                               [](const Reached& one) { return levelOf(one->effect) == Level::Irrevocable; }))
        return false;
    }
    for (Name copy : known->copies)
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

bool Members::meansTheSame(Name member, Members& other) {
  const Resolved& here = resolved(member);
  const Resolved& there = other.resolved(member);
  return here.unknown == there.unknown && here.sleeps == there.sleeps &&
         std::ranges::equal(here.effects, there.effects, [](const auto& one, const auto& another) {
           return one.first == another.first && areSame({*one.second}, {*another.second});
         });
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
