// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// See Acknowledge.h.
#include "effects/Acknowledge.h"

#include <algorithm>

namespace fgft {

namespace {

bool isAccess(const Atom& atom, Effect effect) {
  return atom.kind == Atom::Kind::Access && atom.effect == effect;
}

// Whether the name of the register, or of the function that gets at it, is of a use.
bool isOf(RegisterName::Use use, const Atom& access, const EffectModel& model) {
  return model.isKept(registerOf(access).shown, use) || model.isKept(access.what.str(), use);
}

bool isSame(const Register& a, const Register& b) {
  return a.constant && b.constant && a.base == b.base && a.offset == b.offset;
}

// Whether another statement than the write's own read-modify-write reads what is written.
bool isRead(const std::vector<Reached>& atoms, const Atom& write) {
  Register written = registerOf(write);
  return written.constant && std::ranges::any_of(atoms, [&](const Atom& atom) {
           return isAccess(atom, Effect::DevRead) && atom.what != write.what &&
                  isSame(registerOf(atom), written);
         });
}

// The device is not told anything, nor is anybody asked to do that later.
bool isQuiet(const Atom& atom) {
  if (atom.kind == Atom::Kind::Unknown || atom.kind == Atom::Kind::Calls)
    return false;
  bool does = atom.kind == Atom::Kind::Effect || atom.kind == Atom::Kind::Access;
  return !does || (levelOf(atom.effect) != Level::Checkpointable && atom.effect != Effect::TimerWork &&
                   atom.effect != Effect::IoPost);
}

} // namespace

Acknowledge acknowledge(const std::vector<Reached>& atoms, const EffectModel& model) {
  Acknowledge found;
  const Reached* write = nullptr;
  const Reached* read = nullptr;
  bool silenced = false; // the interrupt is masked: the device need not be told yet
  for (const Reached& atom : atoms) {
    bool writes = isAccess(atom, Effect::DevWrite);
    if (!writes && !isAccess(atom, Effect::DevRead))
      continue;
    if (isOf(RegisterName::Use::Mask, atom, model)) {
      silenced |= writes;
      continue;
    }
    const Reached*& nearest = writes ? write : read;
    if (!nearest || atom.depth() < nearest->depth())
      nearest = &atom;
    if (writes && !isOf(RegisterName::Use::Control, atom, model) && isRead(atoms, atom))
      found.clears.push_back(&atom);
  }
  if (read && std::ranges::all_of(atoms, isQuiet))
    found.onlyRead = read;
  if (found.clears.empty())
    found.perhaps = write ? write : silenced ? nullptr : read;
  return found;
}

namespace {

// Whether what `write` writes is what a call on the way to `read` returned, in one and the same call of some
// function on the way to the write: the accessor itself, or the one of the callees that leads to it.
bool isReturnedBy(const Reached& write, const Reached& read) {
  const Step* way = read.path;
  for (const Step* step = write.path;; step = step->next, way = way->next) {
    Name callee = !way ? read->what : way->next ? way->next->function : read->function;
    if (write->value.text == callee + "()")
      return true;
    if (!step || !way || way->function != step->function || way->place.line != step->place.line)
      return false;
  }
}

} // namespace

bool writesBack(const std::vector<Reached>& atoms, const Reached& write) {
  if (!isAccess(write, Effect::DevWrite) || write->value.kind != SymbolKind::Computed ||
      write->value.path != asItCame)
    return false;
  Register written = registerOf(write);
  return written.constant && std::ranges::any_of(atoms, [&](const Reached& read) {
           return isAccess(read, Effect::DevRead) && isSame(registerOf(read), written) &&
                  isReturnedBy(write, read);
         });
}

} // namespace fgft
