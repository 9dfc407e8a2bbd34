// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Compares what an entry point writes with what resume writes; see Checkpoint.h. PmStyle.cpp names the style.
#include "effects/Checkpoint.h"

#include <algorithm>

namespace fgft {

namespace {

// PCI configuration space that the PCI core saves and restores itself.
constexpr long standardConfigSpace = 0x40;

bool sameRegister(const Register& a, const Register& b) {
  return a.constant && b.constant && a.offset == b.offset &&
         (a.base == b.base || a.base.empty() || b.base.empty());
}

bool isLevel3(Effect effect) {
  return levelOf(effect) == Level::Checkpointable;
}

std::string placeOf(const Atom& atom) {
  return fmt::format("{}:{}", atom.place.file, atom.place.line);
}

std::string shownOf(const Register& where, const Atom& atom) {
  return where.shown.empty() ? fmt::format("{}()", atom.what) : where.shown;
}

std::string valueText(const Symbol& value) {
  if (value.kind == SymbolKind::Constant)
    return std::string(value.shown.empty() ? value.text : value.shown);
  return "another value";
}

bool isStandardConfig(const Atom& atom) {
  const Symbol& offset = atom.where.offset;
  return atom.kind == Atom::Kind::Effect ||
         (offset.kind == SymbolKind::Constant && numberOf(offset.text) < standardConfigSpace);
}

} // namespace

std::string_view word(Checkpoint checkpoint) {
  switch (checkpoint) {
  case Checkpoint::NotNeeded:
    return "not-needed";
  case Checkpoint::Sufficient:
    return "sufficient";
  case Checkpoint::Unknown:
    return "unknown";
  case Checkpoint::Insufficient:
    return "insufficient";
  case Checkpoint::None:
    return "none";
  }
  return "";
}

RestorePath::RestorePath(const Graph& graph, const Model& model, PmOfDriver driver)
    : graph_(graph), model_(model), driver_(std::move(driver)) {
  resume_ = atomsOf(driver_.resume, resumeKnown_);
  for (Name name : driver_.resume) {
    if (const Graph::Node* node = functionOf(name))
      for (const Graph::Node* reached : graph.reach(*node))
        resumeNodes_.push_back(reached);
    else
      resumeUnknown_ = name;
  }
  for (const Reached& atom : resume_)
    noteRestore(atom);
  bool ignored = true;
  findStyle(atomsOf(driver_.suspend, ignored)); // of the driver's own callbacks
  findCacheRestore();
}

void RestorePath::noteRestore(const Reached& atom) {
  if (atom->kind == Atom::Kind::Access && isLevel3(atom->effect))
    written_.push_back({registerOf(atom), atom});
  if (atom->kind == Atom::Kind::Sleeps && sleeps_ != Tristate::Yes)
    sleeps_ = atom->certain ? Tristate::Yes : Tristate::Maybe;
  if (atom->kind == Atom::Kind::Effect && atom->effect == Effect::Sleep)
    sleeps_ = Tristate::Yes;
}

// All that the functions do; `known` false if one of them is not in the survey.
std::vector<Reached> RestorePath::atomsOf(const std::vector<Name>& functions, bool& known) const {
  std::vector<Reached> atoms;
  for (Name name : functions) {
    const Graph::Node* node = functionOf(name);
    if (!node) {
      known = false;
      continue;
    }
    atoms.insert(atoms.end(), node->atoms.begin(), node->atoms.end());
  }
  return atoms;
}

bool RestorePath::readsDevice(Name source) const {
  if (!source->ends_with("()"))
    return false;
  std::string_view name = source->substr(0, source->size() - 2);
  if (const CallModel* row = model_.effects.call(name))
    return std::any_of(row->effects.begin(), row->effects.end(), [](const CallEffect& one) {
      return one.effect == Effect::DevRead || one.effect == Effect::CfgRead;
    });
  const Graph::Node* node = functionOf(name);
  return node && node->readsDevice;
}

// Whether a value is made from the driver's or the kernel's memory, and from nothing that the device says.
bool RestorePath::isFromMemory(const Symbol& value) const {
  if (value.kind == SymbolKind::Place || value.kind == SymbolKind::Parameter)
    return !value.path.empty();
  if (value.kind != SymbolKind::Computed)
    return false;
  bool member = false;
  for (Name source : wordsOf(value.text)) {
    if (readsDevice(source))
      return false;
    member |= source->find('.') != std::string::npos;
  }
  return member;
}

// Whether both are one statement, done with the same values: it does not depend on who calls its function, or
// both come to it by the same calls from where that is settled.
bool RestorePath::sameDoing(const Reached& a, const Reached& b) const {
  if (a->kind != b->kind || a->effect != b->effect || a->what != b->what || a->place.file != b->place.file ||
      a->place.line != b->place.line)
    return false;
  if (!a->byCaller)
    return true;
  auto calls = [](const Reached& atom) {
    std::vector<const Step*> steps; // innermost first
    for (const Step* step = atom.path; step; step = step->next)
      steps.push_back(step);
    std::ranges::reverse(steps);
    return steps;
  };
  std::vector<const Step*> callsOfA = calls(a);
  std::vector<const Step*> callsOfB = calls(b);
  for (size_t i = 0; i < std::min(callsOfA.size(), callsOfB.size()); ++i) {
    const Step& one = *callsOfA[i];
    const Step& other = *callsOfB[i];
    if (one.function != other.function || one.place.file != other.place.file ||
        one.place.line != other.place.line)
      return false;
    const Graph::Node* node = graph_.named(one.function, one.place.file);
    if (node && !node->function.takesValues)
      return true;
  }
  return false;
}

RestorePath::Brought RestorePath::broughtBack(const Reached& access, const Register& where,
                                              std::string& why) const {
  bool found = false;
  bool computedOffsets = false;
  for (const Written& one : written_) {
    if (sameDoing(access, one.atom))
      return Brought::Back;
    if (!one.where.constant) {
      computedOffsets |= one.where.base == where.base || one.where.base.empty();
      continue;
    }
    if (!sameRegister(one.where, where))
      continue;
    if (isFromMemory(one.atom->value))
      return Brought::Back;
    if (one.atom->value.kind == SymbolKind::Constant && one.atom->value == access->value)
      return Brought::Back;
    found = true;
    why =
        fmt::format("{} writes {} ({})", one.atom->function, valueText(one.atom->value), placeOf(*one.atom));
  }
  if (found)
    return Brought::Not;
  if (computedOffsets) {
    why = "resume writes at offsets that are not constant";
    return Brought::Unclear;
  }
  why = "resume does not write it";
  return Brought::Not;
}

// The driver reads the location back somewhere, and no name says that reading changes it.
bool RestorePath::isSavable(const Register& where) const {
  auto found = graph_.reads().find(where.offset);
  if (!where.constant || found == graph_.reads().end())
    return false;
  const Graph::Read* first = nullptr;
  for (const Graph::Read& one : found->second)
    if (one.base == where.base || one.base.empty() || where.base.empty())
      if (!first || std::tie(one.node, one.position) < std::tie(first->node, first->position))
        first = &one;
  return first && !model_.effects.registerName(first->shown.str(), false);
}

// Driver memory that resume sets to a constant and the entry point does not: it is gone after a restore.
void RestorePath::addMemory(const Graph::Node& entry, CheckpointVerdict& verdict) const {
  std::set<Name> cleared;
  for (const Graph::Node* node : resumeNodes_)
    for (const auto& store : node->function.stores)
      if (store.constant)
        cleared.insert(store.member);
  std::set<Name> computed;
  for (const Graph::Node* node : graph_.reach(entry))
    for (const auto& store : node->function.stores)
      if (!store.constant && cleared.count(store.member) != 0)
        computed.insert(store.member);
  for (Name member : computed)
    verdict.missing.push_back({std::string(member), "resume sets it to a constant", true});
}

// Level-3 effects that are no register writes.
void RestorePath::judgeEffects(const Graph::Node& entry, CheckpointVerdict& verdict,
                               std::set<std::string>& unclear) const {
  auto resumeHas = [&](Effect effect) {
    return std::any_of(resume_.begin(), resume_.end(), [&](const Reached& atom) {
      return atom->effect == effect && (atom->kind == Atom::Kind::Effect || atom->kind == Atom::Kind::Access);
    });
  };
  bool pci = driver_.bus == "pci";
  for (const Reached& one : entry.atoms) {
    const Atom& atom = one;
    if (atom.kind != Atom::Kind::Effect || !isLevel3(atom.effect) || isCovered(one))
      continue;
    if (atom.effect == Effect::DevWrite && resumeKnown_ && !resumeHas(Effect::DevWrite))
      verdict.missing.push_back({fmt::format("what {}() writes", atom.what), "resume writes nothing", false});
    else if (atom.effect == Effect::DevWrite)
      unclear.insert(fmt::format("what {}() writes is not told apart ({})", atom.what, placeOf(atom)));
    else if (atom.effect == Effect::CfgWrite && !pci)
      unclear.insert(fmt::format("{}() writes configuration space ({})", atom.what, placeOf(atom)));
    else if (atom.effect == Effect::DevPower && !pci && !resumeHas(Effect::DevPower))
      verdict.missing.push_back({"the power state", "resume does not set it", false});
    else if (atom.effect == Effect::DmaPost && !resumeHas(Effect::DmaPost))
      verdict.missing.push_back(
          {fmt::format("what {}() gives to the device", atom.what), "resume does not give it again", false});
  }
}

// Functions that the kernel calls for power and that write a register cache again restore, by whatever road
// they are called: bias levels, runtime PM, a component's resume.
void RestorePath::findCacheRestore() {
  if (graph_.isWithoutCache())
    return;
  const auto& caches = model_.restores.caches;
  for (const MemberFunction& member : graph_.members()) {
    const OpsMember* row = model_.effects.ops(member.rows.str(), member.member.str());
    const Graph::Node* node =
        row && row->kind == EntryKind::Power ? graph_.function(member.function, member.unit) : nullptr;
    if (!node || node->function.place.file != driver_.file)
      continue;
    bool writes = std::any_of(node->atoms.begin(), node->atoms.end(),
                              [&](const Atom& atom) { return caches.count(atom.what.str()) != 0; });
    if (!writes)
      continue;
    cached_ = true;
    for (const Reached& atom : node->atoms) {
      resume_.push_back(atom);
      noteRestore(atom);
    }
  }
}

// A stream is prepared and started again after a resume, where its driver goes to sleep at all.
bool RestorePath::isCalledAgain(const EntryPoint& entry) const {
  bool again = std::any_of(entry.tagMembers.begin(), entry.tagMembers.end(),
                           [&](const std::string& one) { return model_.restores.members.count(one) != 0; });
  return again && (driver_.pm == "full" || driver_.pm == "core" || cached_);
}

// What goes through a register cache that is written again, or is done by the same statement on the way up.
bool RestorePath::isCovered(const Reached& atom) const {
  if (cached_ && model_.restores.isCached(atom->what.str()))
    return true;
  return atom->effect == Effect::DevWrite &&
         std::ranges::any_of(resume_, [&](const Reached& one) { return sameDoing(atom, one); });
}

std::optional<CheckpointVerdict> RestorePath::judgeWithoutResume() const {
  if (!driver_.resume.empty() || cached_)
    return std::nullopt;
  CheckpointVerdict verdict;
  for (const auto& [tag, row] : model_.driverStructs)
    if (driver_.pm == "core" && row.bus == driver_.bus && model_.restores.cores.count(row.core) != 0) {
      verdict.word = Checkpoint::Insufficient;
      verdict.reason = fmt::format("{} stops and starts transfers, it writes no register", row.core);
      verdict.missing.push_back({"what it writes", verdict.reason, false});
      return verdict;
    }
  verdict.word = driver_.pm == "none" || driver_.pm == "suspend-only" || driver_.pm == "runtime-only"
                     ? Checkpoint::None
                     : Checkpoint::Unknown;
  verdict.reason = verdict.word == Checkpoint::None
                       ? "the driver has no code that restores its device"
                       : fmt::format("who restores the device is not the driver: {}", driver_.reason);
  return verdict;
}

CheckpointVerdict RestorePath::judgeUnseen() const {
  if (auto verdict = judgeWithoutResume())
    return *verdict;
  return {
      Checkpoint::Unknown, {}, "what is written behind a call through a struct's member is not told apart"};
}

void RestorePath::judgeAccesses(const Graph::Node& entry, CheckpointVerdict& verdict,
                                std::set<std::string>& unclear) const {
  std::set<std::string> seen;
  for (const Reached& one : entry.atoms) {
    const Atom& atom = one;
    if (atom.kind != Atom::Kind::Access || !isLevel3(atom.effect) || isCovered(one))
      continue;
    if (atom.effect == Effect::CfgWrite && driver_.bus == "pci" && isStandardConfig(atom))
      continue;
    Register where = registerOf(atom);
    std::string why;
    Brought brought = broughtBack(one, where, why);
    if (brought == Brought::Back)
      continue;
    if (!where.constant)
      unclear.insert(
          fmt::format("{}() writes at an offset that is not constant ({})", atom.what, placeOf(atom)));
    else if (brought == Brought::Unclear)
      unclear.insert(fmt::format("{}: {}", shownOf(where, atom), why));
    else if (seen.insert(shownOf(where, atom)).second)
      verdict.missing.push_back({shownOf(where, atom), why, isSavable(where)});
  }
}

CheckpointVerdict RestorePath::judge(const EntryPoint& entryPoint) const {
  const Graph::Node& entry = *entryPoint.node;
  CheckpointVerdict verdict;
  auto has = [&](auto&& holds) {
    return std::any_of(entry.atoms.begin(), entry.atoms.end(), [&](const Reached& atom) {
      return (atom->kind == Atom::Kind::Effect || atom->kind == Atom::Kind::Access) &&
             isLevel3(atom->effect) && holds(atom);
    });
  };
  const Atom* command = nullptr;
  for (const Atom& atom : entry.atoms)
    if (isOwnCommand(atom, entryPoint.kind, model_.effects))
      command = &atom;
  if (!command && !has([](const Atom&) { return true; }))
    return verdict;
  verdict.word = Checkpoint::Sufficient;
  if (isCalledAgain(entryPoint) || (!command && !has([&](const Reached& atom) { return !isCovered(atom); })))
    return verdict;
  if (auto without = judgeWithoutResume())
    return *without;
  std::set<std::string> unclear;
  if (!resumeKnown_)
    unclear.insert(fmt::format("{}() is not in the survey", resumeUnknown_));
  if (command)
    unclear.insert(fmt::format("what {}() sends is not told apart ({})", command->what, placeOf(*command)));
  judgeAccesses(entry, verdict, unclear);
  judgeEffects(entry, verdict, unclear);
  if (!verdict.missing.empty())
    addMemory(entry, verdict);
  verdict.word = !verdict.missing.empty() ? Checkpoint::Insufficient
                 : !unclear.empty()       ? Checkpoint::Unknown
                                          : Checkpoint::Sufficient;
  for (const Missing& one : verdict.missing)
    verdict.reason += fmt::format("{}{} ({})", verdict.reason.empty() ? "" : "; ", one.location, one.why);
  if (verdict.word == Checkpoint::Unknown)
    verdict.reason = *unclear.begin();
  return verdict;
}

} // namespace fgft
