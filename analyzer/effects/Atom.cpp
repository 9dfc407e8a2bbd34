// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// See Atom.h.
#include "effects/Atom.h"

#include <algorithm>

namespace fgft {

std::string_view word(Evidence evidence) {
  switch (evidence) {
  case Evidence::Api:
    return "api";
  case Evidence::Dataflow:
    return "dataflow";
  case Evidence::Name:
    return "name";
  }
  return "";
}

AtomKey keyOf(const Atom& atom) {
  AtomKey key{atom.kind, atom.effect, atom.evidence, {}, {}, {}, {}, {}};
  auto symbolKey = [](const Symbol& symbol) {
    return symbol.kind == SymbolKind::Nothing ? Name() : symbol.text;
  };
  switch (atom.kind) {
  case Atom::Kind::Effect:
    // One a word; what is written to a place that nobody knows has to be judged for each function that does.
    if (levelOf(atom.effect) == Level::Checkpointable) {
      key.what = atom.what;
      key.base = atom.function;
    }
    break;
  case Atom::Kind::Takes:
    break;
  case Atom::Kind::Unknown:
    key.what = atom.what;
    key.offset = atom.where.offset.shown.empty() ? atom.where.offset.text : atom.where.offset.shown;
    break;
  case Atom::Kind::Access:
    key.base = symbolKey(atom.where.value);
    key.baseMember = atom.where.value.path;
    key.offset = atom.where.offset.kind == SymbolKind::Nothing ? Name() : atom.where.offset.text;
    key.value = symbolKey(atom.value);
    if (atom.where.value.kind == SymbolKind::Place && !atom.where.value.path.empty())
      key.base = {}; // a member is the same through any variable
    break;
  case Atom::Kind::Callback:
    key.what = atom.ops->tag + "." + atom.ops->member;
    [[fallthrough]];
  case Atom::Kind::Free:
  case Atom::Kind::Write:
  case Atom::Kind::Calls:
  case Atom::Kind::Sends:
    key.base = symbolKey(atom.where.value);
    key.baseMember = atom.where.value.path;
    [[fallthrough]];
  case Atom::Kind::Sleeps:
    key.value = atom.certain ? "certain" : "";
    break;
  }
  return key;
}

size_t AtomKeyHash::operator()(const AtomKey& key) const {
  uint64_t hash = static_cast<uint64_t>(key.kind) << 16 | static_cast<uint64_t>(key.effect) << 8 |
                  static_cast<uint64_t>(key.evidence);
  for (Name name : {key.what, key.base, key.baseMember, key.offset, key.value}) {
    hash = (hash ^ name.id()) * 0x9e3779b97f4a7c15;
    hash ^= hash >> 32;
  }
  return hash;
}

void classify(Atom& atom) {
  bool direct = false;  // a parameter, or a number made of some
  bool through = false; // what a parameter points to
  for (const Symbol* symbol : {&atom.where.value, &atom.where.offset, &atom.value})
    if (symbol->kind == SymbolKind::Parameter)
      (symbol->path.empty() ? direct : through) = true;
    else if (symbol->kind == SymbolKind::Computed)
      direct |= namesParameter(symbol->text);
  bool depends =
      atom.kind != Atom::Kind::Effect && atom.kind != Atom::Kind::Takes && atom.kind != Atom::Kind::Sleeps;
  atom.parametric = depends && direct;
  atom.lifted = depends && (direct || through);
}

Register registerOf(const Atom& access) {
  Register found;
  const Symbol& base = access.where.value;
  const Symbol& offset = access.where.offset;
  bool member = base.kind == SymbolKind::Place || base.kind == SymbolKind::Parameter;
  if (offset.kind == SymbolKind::Constant) {
    found.base = member ? leafOf(base.path) : Name();
    found.offset = offset.text;
    found.shown =
        offset.shown.empty() ? fmt::format("{:#x}", numberOf(offset.text)) : std::string(offset.shown);
    if (offset.shown.empty() && !found.base.empty())
      found.shown = fmt::format("{}+{}", found.base, found.shown);
    found.constant = true;
  } else if (offset.kind == SymbolKind::Computed && !offset.shown.empty()) {
    found.shown = fmt::format("{}+...", offset.shown);
  } else if (offset.kind == SymbolKind::Nothing && member && base.path->find('.') != std::string::npos) {
    // &priv->regs->ctrl: the path is the place.
    found.offset = base.path;
    found.shown = base.path;
    found.constant = !hasUnknownElement(base.path);
  } else if (offset.kind == SymbolKind::Nothing && member && !base.path.empty()) {
    found.base = leafOf(base.path);
    found.offset = "0";
    found.shown = base.path;
    found.constant = true;
  }
  return found;
}

Name requestIn(const Symbol& symbol, const EffectModel& model) {
  auto isRequest = [&](std::string_view source) {
    size_t dot = source.find('.');
    return dot != std::string_view::npos && model.isRequest(source.substr(0, dot), source.substr(dot + 1));
  };
  if (symbol.kind == SymbolKind::Computed)
    for (Name source : wordsOf(symbol.text))
      if (isRequest(source))
        return source;
  bool member = symbol.kind == SymbolKind::Place || symbol.kind == SymbolKind::Parameter;
  if (member && symbol.path.empty() && !symbol.record.empty() && model.isRequest(symbol.record, ""))
    return symbol.record;
  if (member && !symbol.record.empty() && !symbol.path.empty())
    if (Name source = symbol.record + "." + leafOf(symbol.path); isRequest(source))
      return source;
  return {};
}

std::string whatOf(const Atom& atom) {
  if (atom.kind != Atom::Kind::Access)
    return std::string(atom.what);
  Register where = registerOf(atom);
  return where.shown.empty() ? std::string(atom.what) : fmt::format("{}({})", atom.what, where.shown);
}

} // namespace fgft
