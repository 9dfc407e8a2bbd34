// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The style of a driver's suspend and resume, from what they do; see Checkpoint.h.
#include "effects/Checkpoint.h"

#include <algorithm>
#include <utility>

namespace fgft {

namespace {

bool has(const std::vector<Reached>& atoms, const std::vector<Effect>& effects) {
  return std::any_of(atoms.begin(), atoms.end(), [&](const Reached& atom) {
    return (atom->kind == Atom::Kind::Effect || atom->kind == Atom::Kind::Access) &&
           std::find(effects.begin(), effects.end(), atom->effect) != effects.end();
  });
}

// Powers the device down, withdraws or frees something.
bool isDroppable(const Atom& atom) {
  return (atom.kind == Atom::Kind::Effect || atom.kind == Atom::Kind::Free) &&
         (atom.effect == Effect::DevPower || atom.effect == Effect::Free ||
          atom.effect == Effect::Unregister || atom.effect == Effect::PowerOff);
}

void addName(std::string& list, const std::string& name) {
  list += (list.empty() ? "" : ", ") + name;
}

} // namespace

// `saved`: registers that suspend reads and resume writes back.
void RestorePath::findFacts(const std::vector<Reached>& suspend, const std::set<std::string>& saved) {
  for (const Written& one : written_) {
    RestoredLocation made;
    made.base = one.where.base;
    made.offset = one.where.constant ? one.where.offset : Name();
    made.name = one.where.shown.empty() ? one.atom->what.str() : std::string_view(one.where.shown);
    made.how = one.where.constant && saved.count(one.where.shown) != 0 ? "saved"
               : isFromMemory(one.atom->value)                         ? "memory"
               : one.atom->value.kind == SymbolKind::Constant          ? "constant"
                                                                       : "computed";
    facts_.locations.insert(std::move(made));
  }
  for (const Reached& atom : suspend)
    if (isDroppable(*atom))
      facts_.calls.insert({std::string(atom->what), std::string(word(atom->effect)),
                           std::string(atom->place.file), atom->place.line});
  if (driver_.resume.empty())
    return;
  bool unknown = !resumeKnown_ || std::any_of(resume_.begin(), resume_.end(), [](const Reached& atom) {
    return atom->kind == Atom::Kind::Unknown || atom->kind == Atom::Kind::Calls;
  });
  facts_.atomic = sleeps_ == Tristate::Yes     ? "no"
                  : unknown                    ? "unknown"
                  : sleeps_ == Tristate::Maybe ? "maybe"
                                               : "yes";
}

void RestorePath::findStyle(const std::vector<Reached>& suspend) {
  std::string cores, saved, dropped;
  for (const auto* functions : {&driver_.suspend, &driver_.resume})
    for (Name name : *functions)
      if (auto core = model_.pmLibrary.find(name.str()); core != model_.pmLibrary.end() && !functionOf(name))
        addName(cores, fmt::format("{} ({})", core->second, name));
  for (const auto* atoms : {&suspend, &std::as_const(resume_)})
    for (const Reached& atom : *atoms)
      if (atom->kind == Atom::Kind::Effect || atom->kind == Atom::Kind::Unknown)
        if (auto core = model_.pmLibrary.find(atom->what.str()); core != model_.pmLibrary.end())
          addName(cores, fmt::format("{} ({})", core->second, atom->what));
  std::set<std::string> registers;
  for (const Reached& read : suspend)
    if (read->kind == Atom::Kind::Access && read->effect == Effect::DevRead)
      for (const Written& one : written_) {
        Register where = registerOf(*read);
        if (one.atom->effect == Effect::DevWrite && where.constant && one.where.offset == where.offset &&
            isFromMemory(one.atom->value))
          registers.insert(where.shown);
      }
  for (const std::string& one : registers)
    addName(saved, one);
  std::set<std::string> drops;
  for (const Reached& atom : suspend)
    if (isDroppable(*atom))
      drops.insert(atom->what + "()");
  for (const std::string& one : drops)
    addName(dropped, one);

  findFacts(suspend, registers);
  if (driver_.suspend.empty() && driver_.resume.empty())
    return;
  if (!cores.empty())
    style_.insert("delegated");
  if (!registers.empty())
    style_.insert("register-save");
  bool writes = has(resume_, {Effect::DevWrite, Effect::FwLoad});
  bool others = std::any_of(written_.begin(), written_.end(), [&](const Written& one) {
    return one.atom->effect == Effect::DevWrite && registers.count(one.where.shown) == 0;
  });
  if (writes && (others || registers.empty()))
    style_.insert("reinit");
  if (!writes && (has(resume_, {Effect::CfgWrite, Effect::DevPower}) ||
                  has(suspend, {Effect::CfgRead, Effect::CfgWrite, Effect::DevPower})))
    style_.insert("config-space");
  const std::vector<Effect> traffic = {Effect::TimerWork, Effect::Ref, Effect::IrqCtl, Effect::DmaPost,
                                       Effect::Unregister};
  if (!writes && (has(suspend, traffic) || has(resume_, traffic)))
    style_.insert("quiesce");
  bool unknown = std::any_of(resume_.begin(), resume_.end(),
                             [](const Reached& atom) { return atom->kind == Atom::Kind::Unknown; });
  if (style_.empty() && !unknown && resumeKnown_)
    style_.insert("empty");

  if (!cores.empty())
    styleReason_ = "done by " + cores;
  if (!saved.empty())
    styleReason_ += (styleReason_.empty() ? "" : "; ") + std::string("saves and restores ") + saved;
  if (!dropped.empty())
    styleReason_ += (styleReason_.empty() ? "" : "; ") + std::string("suspend calls ") + dropped;
}

} // namespace fgft
