// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Resolving calls; see Graph.h. Closure.cpp closes the graph over them.
#include "effects/Graph.h"

#include "effects/Sharing.h"

#include <algorithm>
#include <deque>

namespace fgft {

namespace {

uint64_t inUnit(Name name, Name unit) {
  return uint64_t(name.id()) << 32 | unit.id();
}

} // namespace

void Graph::add(TuEffects tu) {
  const auto known = fingerprints(tu);
  for (size_t i = 0; i < tu.functions.size(); ++i) {
    FunctionNode& function = tu.functions[i];
    auto index = static_cast<Index>(nodes_.size());
    if (known[i]) {
      auto [same, isNew] = shared_.try_emplace(*known[i], index);
      byUnit_.try_emplace(inUnit(function.name, function.unit), same->second);
      if (!isNew)
        continue;
    }
    byUnit_.try_emplace(inUnit(function.name, function.unit), index);
    byName_[function.name].push_back(static_cast<Index>(nodes_.size()));
    nodes_.push_back(std::make_unique<Node>());
    nodes_.back()->index = static_cast<Index>(nodes_.size() - 1);
    nodes_.back()->function = std::move(function);
  }
  for (const MemberFunction& member : tu.members) {
    memberFunctions_[member.tag + "." + member.member].emplace_back(member.function, member.unit);
    members_.push_back(member);
    if (!member.object.empty())
      filledTags_.insert(member.tag);
  }
  openTags_.insert(tu.openTags.begin(), tu.openTags.end());
  registerMaps_ |= tu.registerMaps;
  registerCaches_ |= tu.registerCaches;
  memberStores_.insert(memberStores_.end(), std::make_move_iterator(tu.memberStores.begin()),
                       std::make_move_iterator(tu.memberStores.end()));
}

Graph::Index Graph::find(Name name, Name unit) const {
  if (auto own = byUnit_.find(inUnit(name, unit)); own != byUnit_.end())
    return own->second;
  auto it = byName_.find(name);
  if (it == byName_.end())
    return none;
  auto exported =
      std::ranges::find_if(it->second, [&](Index one) { return !nodes_[one]->function.internal; });
  return exported == it->second.end() ? none : *exported;
}

const Graph::Node* Graph::function(Name name, Name unit) const {
  Index index = find(name, unit);
  return index == none ? nullptr : nodes_[index].get();
}

const Graph::Node* Graph::named(Name name, Name file) const {
  auto it = byName_.find(name);
  if (it == byName_.end())
    return nullptr;
  for (Index index : it->second)
    if (nodes_[index]->function.place.file == file)
      return nodes_[index].get();
  return nodes_[it->second.front()].get();
}

// Adds an edge for each function that the callee may be. False: nobody knows it.
bool Graph::addTargets(Index from, const Callee& callee) {
  auto add = [&](Index node, const Summary* summary) {
    edges_[from].push_back({node, summary, callee.site, callee.line, callee.prefix});
    if (summary)
      addSummaryHoles(from, Edge(edges_[from].back()));
  };
  Name unit = nodes_[from]->function.unit;
  if (!callee.indirect) {
    if (Index index = find(callee.name, unit); index != none)
      add(index, nullptr);
    else if (const Summary* summary = around_.function(callee.name))
      add(none, summary);
    else
      return false;
    return true;
  }
  auto it = memberFunctions_.find(callee.name);
  bool found = false;
  if (it != memberFunctions_.end())
    for (const auto& [name, unitOfMember] : it->second) {
      if (Index index = find(name, unitOfMember); index != none)
        add(index, nullptr);
      else if (const Summary* summary = around_.function(name))
        add(none, summary);
      else
        continue; // the kernel's own function: what it does is the model's to say, see below
      found = true;
    }
  return found;
}

bool Graph::isKnown(Name name, bool indirect) const {
  if (isLeftOut(name, indirect))
    return true;
  if (!indirect) {
    auto it = byName_.find(name);
    bool exported = it != byName_.end() && std::any_of(it->second.begin(), it->second.end(), [&](Index one) {
                      return !nodes_[one]->function.internal;
                    });
    return exported || around_.function(name);
  }
  auto it = memberFunctions_.find(name);
  if (it != memberFunctions_.end())
    for (const auto& [function, unit] : it->second)
      if (find(function, unit) != none || around_.function(function))
        return true;
  return false;
}

// A library calls through a member of a struct that this group fills, but for that member: it is NULL.
bool Graph::isLeftOut(Name member, bool indirect) const {
  if (!indirect || memberFunctions_.count(member) != 0 || model_.call(member.str()))
    return false;
  bool stored =
      std::ranges::any_of(memberStores_, [&](const MemberStore& one) { return one.member == member; });
  Name tag = member->substr(0, member->find('.'));
  return !stored && filledTags_.count(tag) != 0 && openTags_.count(tag) == 0;
}

// What a summary could not know may be known here: a library's call through a struct that this group fills.
void Graph::addSummaryHoles(Index from, const Edge& edge) {
  if (edge.prefix)
    return; // one library deep: their own holes were filled when they were closed
  for (const Reached& atom : edge.summary->atoms)
    if (atom->kind == Atom::Kind::Unknown && isKnown(atom->what, atom->indirect) &&
        !isLeftOut(atom->what, atom->indirect)) {
      const Step* last = pool_.step(atom->function, atom->place, nullptr);
      addTargets(from, {atom->what, atom->indirect, nullptr, edge.line, pool_.followed(atom.path, last)});
    }
}

// Of a call through a member that nobody here fills, the argument whose name would tell if it is a
// register's; it may be the caller's.
Symbol Graph::tellingRegister(const Site& site) const {
  for (const Argument& argument : site.args) {
    const Symbol& value = argument.value;
    if (value.kind == SymbolKind::Parameter && value.path.empty() && value.record.empty())
      return value;
    if (isTellingRegister(value))
      return value;
  }
  return {};
}

bool Graph::isTellingRegister(const Symbol& value) const {
  return value.kind == SymbolKind::Constant && !value.shown.empty() &&
         (model_.registerName(value.shown.str(), true) || model_.registerName(value.shown.str(), false));
}

void Graph::findEdges() {
  edges_.resize(nodes_.size());
  for (Index from = 0; from < nodes_.size(); ++from) {
    Node& node = *nodes_[from];
    if (node.stands) {
      edges_[from].push_back({none, node.stands, nullptr, 0, nullptr});
      addSummaryHoles(from, Edge(edges_[from].back()));
      continue;
    }
    for (const Site& site : node.function.sites)
      if (!addTargets(from, {site.callee, site.indirect, &site, site.line, nullptr}) && !site.optional) {
        Atom& atom = node.function.own.emplace_back();
        atom.kind = Atom::Kind::Unknown;
        atom.what = site.callee;
        atom.indirect = site.indirect;
        atom.function = node.function.name;
        atom.place = {node.function.place.file, site.line};
        if (site.indirect)
          atom.where.offset = tellingRegister(site);
      }
  }
}

namespace {

bool usesPointer(const Atom& atom) {
  return atom.kind == Atom::Kind::Calls || atom.kind == Atom::Kind::Callback;
}

} // namespace

Name memberOf(const Symbol& symbol) {
  bool member = (symbol.kind == SymbolKind::Place || symbol.kind == SymbolKind::Parameter) &&
                !symbol.path.empty() && !symbol.record.empty() && symbol.path->find('.') == std::string::npos;
  return member ? Name(symbol.record + "." + leafOf(symbol.path)) : Name();
}

// A function pointer is used in `node`: what is known of it becomes an edge or a call-back; what depends on
// the caller is passed on to the callers.
void Graph::usePointer(Index node, const PointerUse& use, unsigned line) {
  const Symbol& pointer = use.where.value;
  Name unit = nodes_[node]->function.unit;
  std::vector<std::pair<Name, Name>> functions;
  if (pointer.kind == SymbolKind::Functions)
    for (Name name : wordsOf(pointer.text))
      functions.emplace_back(name, unit);
  else if (auto it = memberFunctions_.find(memberOf(pointer)); it != memberFunctions_.end())
    functions = it->second;
  for (const auto& [name, unitOf] : functions) {
    if (use.atom->kind == Atom::Kind::Callback)
      callbacks_.push_back({name, unitOf, use.atom->ops, use.atom->what});
    else if (Index index = find(name, unitOf); index != none)
      edges_[node].push_back({index, nullptr, nullptr, line, nullptr});
    else if (const Summary* summary = around_.function(name))
      edges_[node].push_back({none, summary, nullptr, line, nullptr});
  }
  if (functions.empty() && pointer.kind == SymbolKind::Parameter && pointer.path.empty())
    pointerUses_[node].push_back(use);
}

// To a fixed point: a function that passes a parameter on to one that calls it, calls it.
void Graph::findPointerUses() {
  pointerUses_.resize(nodes_.size());
  for (Index node = 0; node < nodes_.size(); ++node)
    for (const Atom& atom : nodes_[node]->function.own)
      if (usesPointer(atom))
        usePointer(node, {&atom, atom.where}, atom.place.line);
  std::vector<size_t> direct(nodes_.size()); // calls by name stand first, and only they pass arguments on
  for (Index node = 0; node < nodes_.size(); ++node)
    direct[node] = edges_[node].size();
  std::vector<size_t> seen(nodes_.size(), 0); // uses of each node that its callers know of
  for (bool changed = true; changed;) {
    changed = false;
    std::vector<size_t> now(nodes_.size());
    for (Index node = 0; node < nodes_.size(); ++node)
      now[node] = pointerUses_[node].size();
    for (Index from = 0; from < nodes_.size(); ++from)
      for (size_t n = 0; n < direct[from]; ++n) {
        const Edge edge = edges_[from][n]; // the list may grow
        if (!edge.site || edge.node == none || seen[edge.node] == now[edge.node])
          continue;
        for (size_t i = seen[edge.node]; i < now[edge.node]; ++i) {
          PointerUse use = pointerUses_[edge.node][i];
          use.where = substituted(use.where, edge.site->args);
          auto same = [&](const PointerUse& other) {
            return other.atom == use.atom && other.where == use.where;
          };
          if (std::none_of(pointerUses_[from].begin(), pointerUses_[from].end(), same))
            usePointer(from, use, edge.line);
        }
      }
    for (Index node = 0; node < nodes_.size(); ++node) {
      seen[node] = now[node];
      changed |= pointerUses_[node].size() > now[node];
    }
  }
  for (Index from = 0; from < nodes_.size(); ++from)
    for (size_t n = 0; n < direct[from]; ++n) {
      const Edge edge = edges_[from][n];
      if (edge.site && edge.summary)
        for (const Atom& atom : edge.summary->atoms)
          if (usesPointer(atom))
            usePointer(from, {&atom, substituted(atom.where, edge.site->args)}, edge.line);
    }
  pointerUses_ = {};
}

std::vector<const Graph::Node*> Graph::reach(const Node& start) const {
  std::vector<const Node*> order;
  std::vector<bool> seen(nodes_.size(), false);
  std::deque<Index> open;
  auto visit = [&](Index index) {
    if (index != none && !seen[index]) {
      seen[index] = true;
      open.push_back(index);
    }
  };
  visit(start.index);
  while (!open.empty()) {
    Index next = open.front();
    open.pop_front();
    order.push_back(nodes_[next].get());
    for (const Edge& edge : edges_[next])
      visit(edge.node);
  }
  return order;
}

Summary Graph::summary(const Node& node, PoolTransfer& transfer) {
  return {node.function.name, node.function.place, node.function.returns, transfer(node.atoms)};
}

} // namespace fgft
