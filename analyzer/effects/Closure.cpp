// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Closes a Graph: strongly connected components of functions, callees first; inside a component to a fixed
// point. Of atoms that say the same the one with the shortest path is kept.
#include "effects/Components.h"
#include "effects/Graph.h"

#include <algorithm>
#include <map>
#include <set>

namespace fgft {

namespace {

// Registers that are kept apart for one function; more of them say "many".
constexpr size_t maxRegisters = 256;
// Rounds inside one component; each makes paths shorter or adds what the one before found.
constexpr unsigned maxRounds = 12;

// `list = {}` would only empty it.
template <typename T>
void giveBack(std::vector<T>& list) {
  std::vector<T>().swap(list);
}

// Of the atoms of one kind and effect the first with the best rank; all that says what is not known, or that
// it sleeps.
std::vector<Reached> nearestOf(const std::vector<Reached>& atoms) {
  auto isEffect = [](const Atom& atom) {
    return atom.kind == Atom::Kind::Effect || atom.kind == Atom::Kind::Access ||
           atom.kind == Atom::Kind::Free || atom.kind == Atom::Kind::Write;
  };
  std::map<std::pair<Atom::Kind, Effect>, const Reached*> best;
  for (const Reached& one : atoms)
    if (isEffect(one)) {
      const Reached*& known = best[{one->kind, one->effect}];
      if (!known || rankOf(one) < rankOf(*known))
        known = &one;
    }
  std::vector<Reached> nearest;
  for (const Reached& one : atoms)
    if (isEffect(one) ? best[{one->kind, one->effect}] == &one
                      : one->kind == Atom::Kind::Unknown || one->kind == Atom::Kind::Calls ||
                            one->kind == Atom::Kind::Sleeps)
      nearest.push_back(one);
  nearest.shrink_to_fit();
  return nearest;
}

} // namespace

// The name that a register has: of its constant offset, else of the member that holds its address, in the
// upper case of offsets' names (`&regs->status`).
Name Graph::registerNameOf(const Atom& access) {
  if (!access.where.offset.shown.empty() || access.where.offset.kind != SymbolKind::Nothing)
    return access.where.offset.shown;
  const Symbol& base = access.where.value;
  if ((base.kind != SymbolKind::Place && base.kind != SymbolKind::Parameter) || base.path.empty())
    return {};
  std::string name(leafOf(base.path));
  std::ranges::transform(name, name.begin(), [](unsigned char c) { return std::toupper(c); });
  return name;
}

// A register's or function's name may tell what an access does: said once, where the name becomes known.
void Graph::nameRegister(Index node, const Atom& access, const Step* path, AtomIndex& closure) {
  Name name = registerNameOf(access);
  if (name.empty())
    return;
  bool write = access.effect == Effect::DevWrite || access.effect == Effect::CfgWrite;
  const RegisterName* row = model_.registerName(name.str(), write);
  if (!row)
    return;
  for (Effect effect : row->effects) {
    Atom named = access;
    named.kind = Atom::Kind::Effect;
    named.effect = effect;
    named.evidence = Evidence::Name;
    named.what = name;
    named.why = row->why;
    put(node, named, path, closure);
  }
}

// What is made from a request of the layer above goes to the device: said once, where that becomes known.
void Graph::tellRequest(Index node, const Atom& atom, const Step* path, AtomIndex& closure) {
  bool writes = atom.kind == Atom::Kind::Access && atom.effect == Effect::DevWrite;
  if (!writes && (atom.kind != Atom::Kind::Sends || !atom.certain))
    return;
  Name request = requestIn(writes ? atom.value : atom.where.value, model_);
  if (request.empty())
    return;
  Atom told = atom;
  told.kind = Atom::Kind::Effect;
  told.effect = Effect::IoPost;
  told.evidence = Evidence::Dataflow;
  told.what = whatOf(atom);
  told.why = fmt::format("{} goes to the device", request);
  put(node, told, path, closure);
}

// Functions that bring the device to a known state: by their names, or as the kernel calls them. Those that
// stop it are none: what they clear is lost.
void Graph::findSettling() {
  settling_.assign(nodes_.size(), false);
  for (Index index = 0; index < nodes_.size(); ++index)
    settling_[index] = model_.isDroppedInside(nodes_[index]->function.name.str(), Effect::DevClear);
  for (const MemberFunction& member : members_)
    if (const OpsMember* row = model_.ops(member.rows.str(), member.member.str()))
      if (row->kind == EntryKind::Init)
        if (Index index = find(member.function, member.unit); index != none)
          settling_[index] = true;
}

// `same`: the element of a pool that `atom` is a copy of, if it is one.
bool Graph::put(Index index, Atom atom, const Step* path, AtomIndex& closure, const Atom* same) {
  if (settling_[index] && atom.kind == Atom::Kind::Effect && atom.effect == Effect::DevClear &&
      atom.evidence == Evidence::Name)
    return false; // part of the dev-write
  std::vector<Reached>& atoms = nodes_[index]->atoms;
  AtomKey key = keyOf(atom);
  uint32_t known = closure.find(key, atoms);
  if (known == AtomIndex::none && atom.kind == Atom::Kind::Access && closure.size() > maxRegisters) {
    atom.where = {};
    atom.value = {};
    same = nullptr;
    key = keyOf(atom);
    known = closure.find(key, atoms);
  }
  classify(atom);
  nodes_[index]->allocates |= atom.kind == Atom::Kind::Effect && atom.effect == Effect::Alloc;
  Reached made{same, path};
  if (known != AtomIndex::none && made.depth() >= atoms[known].depth())
    return false;
  if (!same)
    made.atom = pool_.atom(atom);
  if (known == AtomIndex::none) {
    closure.add(key, static_cast<uint32_t>(atoms.size()));
    atoms.push_back(made);
  } else
    atoms[known] = made;
  return true;
}

// Whether what is freed was allocated by this function, earlier: by a kernel call, or by one of its own
// callees.
bool Graph::isFreedHere(Index index, const Argument& freed, unsigned line) const {
  const Node& node = *nodes_[index];
  if (freed.value.kind == SymbolKind::Own)
    return true;
  Name place = placeName(freed.value);
  if (place.empty())
    return false;
  std::set<Name> holders;
  for (const auto& one : node.function.allocated)
    if (one.line <= line)
      holders.insert(one.where);
  for (const Edge& edge : edges_[index]) {
    if (!edge.site || edge.site->line > line)
      continue;
    Name result = placeName(edge.site->result);
    bool allocates = edge.node != none && nodes_[edge.node]->allocates;
    if (edge.summary && !result.empty())
      for (const Atom& atom : edge.summary->atoms)
        allocates |= atom.kind == Atom::Kind::Effect && atom.effect == Effect::Alloc;
    if (!result.empty() && allocates)
      holders.insert(result);
  }
  for (const auto& [from, to] : node.function.stored)
    if (holders.count(from) != 0)
      holders.insert(to);
  // What a member of an object holds that this call made was put there by this call.
  bool inside = freed.value.kind == SymbolKind::Place && !freed.value.path.empty();
  return holders.count(place) != 0 || (inside && holders.count(freed.value.text) != 0);
}

// `atom` of the edge's target, in terms of `index`'s own parameters. Without a path yet. False: nothing of
// it is to be seen from there.
bool Graph::seenFrom(Index index, const Edge& edge, Atom& atom) const {
  static const std::vector<Argument> unknownArguments;
  const std::vector<Argument>& actual = edge.site ? edge.site->args : unknownArguments;
  bool same = nodes_[index]->stands != nullptr && !edge.prefix;
  auto lift = [&](const Argument& where) { return same ? where : substituted(where, actual); };
  switch (atom.kind) {
  case Atom::Kind::Effect:
  case Atom::Kind::Takes:
  case Atom::Kind::Sleeps:
    return true;
  case Atom::Kind::Unknown:
    if (edge.summary && isKnown(atom.what, atom.indirect))
      return false;
    atom.where = lift(atom.where);
    if (atom.where.offset.kind != SymbolKind::Parameter && !isTellingRegister(atom.where.offset))
      atom.where = {};
    return true;
  case Atom::Kind::Access:
    atom.where = lift(atom.where);
    if (!same)
      atom.value = substituted(atom.value, actual);
    return true;
  case Atom::Kind::Free:
    atom.where = lift(atom.where);
    if (isFreedHere(index, atom.where, edge.line)) {
      atom.kind = Atom::Kind::Effect;
      atom.effect = Effect::Alloc;
    } else if (atom.where.value.kind != SymbolKind::Parameter || !atom.where.value.path.empty())
      atom.where = {};
    return true;
  case Atom::Kind::Write: {
    atom.where = lift(atom.where);
    const Symbol& target = atom.where.value;
    if (target.kind == SymbolKind::Own)
      return false;
    if (target.kind != SymbolKind::Parameter || !target.path.empty())
      atom.kind = Atom::Kind::Effect;
    return true;
  }
  case Atom::Kind::Calls:
    atom.where = lift(atom.where);
    if (atom.where.value.kind == SymbolKind::Parameter && atom.where.value.path.empty())
      return true;
    if (atom.where.value.kind == SymbolKind::Functions || atom.where.value.kind == SymbolKind::Constant)
      return false; // an edge leads there, or it is no function
    return settleMember(atom);
  case Atom::Kind::Callback:
    atom.where = lift(atom.where);
    return atom.where.value.kind == SymbolKind::Parameter && atom.where.value.path.empty();
  case Atom::Kind::Sends:
    atom.where = lift(atom.where);
    return atom.where.value.kind == SymbolKind::Parameter || atom.where.value.kind == SymbolKind::Computed ||
           !requestIn(atom.where.value, model_).empty();
  }
  return false;
}

// Whether the function says the same already, by a path that is no longer than `depth`: most of what is met.
// Only for atoms that a caller sees as they are.
bool Graph::isSaid(Index index, const Atom& atom, unsigned depth) const {
  const AtomIndex& closure = closures_[index];
  AtomKey key = keyOf(atom);
  const std::vector<Reached>& atoms = nodes_[index]->atoms;
  uint32_t known = closure.find(key, atoms);
  if (known == AtomIndex::none && atom.kind == Atom::Kind::Access && closure.size() > maxRegisters) {
    Atom many;
    many.kind = atom.kind;
    many.effect = atom.effect;
    many.evidence = atom.evidence;
    known = closure.find(keyOf(many), atoms);
  }
  return known != AtomIndex::none && atoms[known].depth() <= depth;
}

bool Graph::absorb(Index index, const Edge& edge, bool onlyParametric) {
  Node& node = *nodes_[index];
  AtomIndex& closure = closures_[index];
  bool stand = node.stands != nullptr && !edge.prefix;
  unsigned further = (stand ? 0 : 1) + (edge.prefix ? edge.prefix->depth : 0);
  bool changed = false;
  const std::vector<Reached>& source = edge.summary ? edge.summary->atoms : nodes_[edge.node]->atoms;
  for (const Reached& original : source) { // of another node: it does not grow meanwhile
    if (onlyParametric && !original->parametric)
      continue;
    bool asItIs =
        !original->lifted && (original->kind == Atom::Kind::Effect || original->kind == Atom::Kind::Unknown ||
                              original->kind == Atom::Kind::Access);
    if (asItIs && isSaid(index, original, original.depth() + further))
      continue;
    Atom atom = original;
    if (!seenFrom(index, edge, atom))
      continue;
    uint32_t known = closure.find(keyOf(atom), node.atoms);
    if (known != AtomIndex::none && node.atoms[known].depth() <= original.depth() + further)
      continue;
    const Step* path = pool_.followed(edge.prefix, original.path);
    if (!stand)
      path = pool_.step(node.function.name, {node.function.place.file, edge.line}, path);
    if (original->lifted) {
      if (atom.kind == Atom::Kind::Access && registerNameOf(atom) != registerNameOf(original))
        nameRegister(index, atom, path, closure);
      tellRequest(index, atom, path, closure);
    }
    bool isSame = asItIs && atom.where == original->where;
    const AtomKey key = keyOf(atom);
    if (put(index, atom, path, closure, isSame ? original.atom : nullptr)) {
      changed = true;
      if (original->parametric)
        noteSettled(index, key, closure);
    }
  }
  return changed;
}

// An access that from here on names no parameter: what it is to the device is judged here, where its caller
// is.
void Graph::noteSettled(Index index, const AtomKey& key, const AtomIndex& closure) {
  const std::vector<Reached>& atoms = nodes_[index]->atoms;
  uint32_t position = closure.find(key, atoms);
  if (position != AtomIndex::none && key.kind == Atom::Kind::Access && !atoms[position]->parametric)
    settled_[index].insert(position);
}

void Graph::addOwn(Index index) {
  Node& node = *nodes_[index];
  for (const Atom& own : node.function.own) {
    Atom atom = own;
    if (atom.kind == Atom::Kind::Free && isFreedHere(index, atom.where, atom.place.line)) {
      atom.kind = Atom::Kind::Effect;
      atom.effect = Effect::Alloc;
    } else if (atom.kind == Atom::Kind::Calls && !settleOwnCall(atom))
      continue;
    if (atom.kind == Atom::Kind::Access) {
      classify(atom);
      atom.byCaller |= atom.parametric;
      nameRegister(index, atom, nullptr, closures_[index]);
    }
    tellRequest(index, atom, nullptr, closures_[index]);
    const AtomKey key = keyOf(atom);
    if (put(index, atom, nullptr, closures_[index]))
      noteSettled(index, key, closures_[index]);
  }
}

// A call through a pointer of this function: an edge leads there, the caller knows, or nobody does.
bool Graph::settleOwnCall(Atom& atom) const {
  const Symbol& pointer = atom.where.value;
  if (pointer.kind == SymbolKind::Parameter && pointer.path.empty())
    return true;
  return settleMember(atom);
}

// A call through a pointer that is read from a member: an edge leads to what the group puts there, else it is
// as any other call through that member; of other pointers nobody knows.
bool Graph::settleMember(Atom& atom) const {
  Name member = memberOf(atom.where.value);
  if (!member.empty() && memberFunctions_.count(member) != 0)
    return false;
  atom.kind = Atom::Kind::Unknown;
  atom.where = {};
  if (!member.empty()) {
    atom.what = member;
    atom.indirect = true;
  }
  return true;
}

void Graph::closeComponent(const std::vector<Index>& component) {
  for (Index index : component)
    addOwn(index);
  bool recursive = component.size() > 1;
  for (Index index : component)
    for (const Edge& edge : edges_[index])
      recursive |= edge.node == index;
  for (unsigned round = 0; round < (recursive ? maxRounds : 1); ++round) {
    bool changed = false;
    for (Index index : component) {
      std::set<std::pair<Index, const Summary*>> seen;
      for (const Edge& edge : edges_[index]) {
        bool again = !seen.insert({edge.node, edge.summary}).second && !edge.prefix;
        if (edge.node != index)
          changed |= absorb(index, edge, again);
      }
    }
    sweep();
    if (!changed)
      break;
  }
  for (Index index : component) {
    tellMeaning(index);
    closures_[index] = AtomIndex();
    noteReads(index);
    // From here on only its callees and its stores are asked for.
    nodes_[index]->atoms.shrink_to_fit();
    giveBack(nodes_[index]->function.own);
    giveBack(nodes_[index]->function.sites);
    for (Edge& edge : edges_[index])
      edge = {edge.node, nullptr, nullptr, 0, nullptr};
  }
  release(component);
}

// What the function reads from the device, for RestorePath: asked of all functions, kept or not.
void Graph::noteReads(Index index) {
  Node& node = *nodes_[index];
  for (uint32_t position = 0; position < node.atoms.size(); ++position) {
    const Atom& atom = node.atoms[position];
    bool access = atom.kind == Atom::Kind::Access;
    bool does = access || atom.kind == Atom::Kind::Effect;
    node.readsDevice |= does && atom.effect == Effect::DevRead;
    node.writesDevice |= does && atom.effect == Effect::DevWrite;
    if (!access || (atom.effect != Effect::DevRead && atom.effect != Effect::CfgRead))
      continue;
    Register where = registerOf(atom);
    if (!where.constant)
      continue;
    std::vector<Read>& reads = reads_[where.offset];
    auto same = std::ranges::find_if(reads, [&](const Read& one) {
      return one.base == where.base && one.shown == atom.where.offset.shown;
    });
    if (same == reads.end())
      reads.push_back({where.base, atom.where.offset.shown, index, position});
    else if (std::tie(index, position) < std::tie(same->node, same->position))
      *same = {where.base, atom.where.offset.shown, index, position};
  }
}

// Of a function whose callers are all closed nobody needs what it does, but of those to be kept: whole
// kernels' modules have millions of atoms.
void Graph::release(const std::vector<Index>& component) {
  auto drop = [this](Index index) {
    std::vector<Reached>& atoms = nodes_[index]->atoms;
    if (kept_[index] == Kept::Nothing)
      giveBack(atoms);
    else if (kept_[index] == Kept::Nearest)
      atoms = nearestOf(atoms);
  };
  for (Index index : component)
    for (const Edge& edge : edges_[index])
      if (edge.node != none && --callers_[edge.node] == 0)
        drop(edge.node);
  for (Index index : component)
    if (callers_[index] == 0)
      drop(index);
}

// Steps that led to what is released are of use to others only where those go through them.
void Graph::sweep() {
  if (pool_.steps() < sweepAt_)
    return;
  for (const auto& node : nodes_)
    for (const Reached& atom : node->atoms)
      AtomPool::mark(atom.path);
  for (const auto& edges : edges_)
    for (const Edge& edge : edges)
      AtomPool::mark(edge.prefix);
  pool_.sweepSteps();
  sweepAt_ = std::max(fewSteps, pool_.steps() + pool_.steps() / 2);
}

void Graph::resolve(const std::vector<Name>& wanted) {
  for (Name name : wanted)
    if (byName_.count(name) == 0)
      if (const Summary* summary = around_.function(name)) {
        byName_[name].push_back(static_cast<Index>(nodes_.size()));
        auto node = std::make_unique<Node>();
        node->index = static_cast<Index>(nodes_.size());
        node->function.name = name;
        node->function.place = summary->place;
        node->function.returns = summary->returns;
        node->function.takesValues = true;
        node->stands = summary;
        nodes_.push_back(std::move(node));
      }
  findSettling();
  findEdges();
  findPointerUses();
  findHandlers();
}

void Graph::close(const std::function<Kept(const Node&)>& kept) {
  closures_.resize(nodes_.size());
  callers_.assign(nodes_.size(), 0);
  kept_.resize(nodes_.size());
  for (Index index = 0; index < nodes_.size(); ++index) {
    kept_[index] = kept(*nodes_[index]);
    for (const Edge& edge : edges_[index])
      if (edge.node != none)
        ++callers_[edge.node];
  }
  auto successor = [&](Index node, size_t n) -> int64_t {
    if (n >= edges_[node].size())
      return -1;
    return edges_[node][n].node == none ? int64_t(-2) : int64_t(edges_[node][n].node);
  };
  for (const auto& component : stronglyConnected(nodes_.size(), successor))
    closeComponent(component);
}

} // namespace fgft
