// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// See Sharing.h.
#include "effects/Sharing.h"

#include <unordered_map>

namespace fgft {

namespace {

// What a function says, as bytes: names by their numbers in the pool.
class Content {
public:
  explicit Content(const FunctionNode& function) {
    add(function.name, function.place, function.returns);
    for (const Atom& atom : function.own)
      addAtom(atom);
    mark();
    for (const Site& site : function.sites)
      addSite(site);
    mark();
    for (const auto& one : function.allocated)
      add(one.where, one.line);
    mark();
    for (const auto& [to, from] : function.stored)
      add(to, from);
    mark();
    for (const auto& store : function.stores)
      add(store.member, store.constant, store.line);
    mark();
    for (const auto& one : function.addsUp)
      add(one.function, one.line);
  }

  const std::string& bytes() const { return bytes_; }
  /// It names functions as values: what becomes of those depends on who names them.
  bool namesFunctions() const { return namesFunctions_; }

private:
  template <typename... T>
  void add(const T&... values) {
    (addOne(values), ...);
  }
  void addOne(Name name) { addOne(name.id()); }
  void addOne(const Place& place) { add(place.file, place.line); }
  template <typename T>
    requires std::is_scalar_v<T>
  void addOne(T value) {
    bytes_.append(reinterpret_cast<const char*>(&value), sizeof(T));
  }
  void addOne(const Symbol& symbol) {
    add(symbol.kind, symbol.text, symbol.path, symbol.record, symbol.shown);
    namesFunctions_ |= symbol.kind == SymbolKind::Functions;
  }
  void addOne(const Argument& argument) { add(argument.value, argument.offset); }
  void mark() { add(~uint32_t(0)); } // no name's number: lists do not run into each other

  void addAtom(const Atom& atom) {
    add(atom.kind, atom.effect, atom.evidence, atom.indirect, atom.byCaller, atom.certain, atom.what,
        atom.why, atom.where, atom.value, atom.ops, atom.function, atom.place);
  }
  void addSite(const Site& site) {
    add(site.callee, site.indirect, site.optional, site.through, site.result, site.line,
        static_cast<uint32_t>(site.args.size()));
    for (const Argument& argument : site.args)
      add(argument);
  }

  std::string bytes_;
  bool namesFunctions_ = false;
};

class Fingerprints {
public:
  explicit Fingerprints(const TuEffects& tu)
      : tu_(tu), found_(tu.functions.size()), state_(tu.functions.size()) {
    for (size_t i = 0; i < tu.functions.size(); ++i)
      byName_.emplace(tu.functions[i].name, i);
  }

  std::vector<std::optional<Fingerprint>> all() {
    for (size_t i = 0; i < found_.size(); ++i)
      find(i, 0);
    return std::move(found_);
  }

private:
  enum class State : uint8_t { New, Open, Done };
  // Inline functions do not nest deeper; those that would are not shared.
  static constexpr unsigned maxDepth = 64;

  const std::optional<Fingerprint>& find(size_t index, unsigned depth) {
    const FunctionNode& function = tu_.functions[index];
    // The main file's own functions stand once. One that is open calls itself.
    bool candidate = function.internal && function.place.file != tu_.file;
    if (state_[index] != State::New || !candidate || depth > maxDepth)
      return found_[index];
    state_[index] = State::Open;
    Content content(function);
    std::string bytes = content.bytes();
    bool shared = !content.namesFunctions();
    for (const Site& site : function.sites) {
      auto callee = byName_.find(site.callee);
      if (!shared || callee == byName_.end())
        continue; // the same for all TUs
      const auto& inner = find(callee->second, depth + 1);
      shared = inner.has_value();
      if (shared)
        bytes.append(reinterpret_cast<const char*>(&*inner), sizeof *inner);
    }
    state_[index] = State::Done;
    if (shared)
      found_[index] = fingerprintOf(bytes);
    return found_[index];
  }

  const TuEffects& tu_;
  std::unordered_map<Name, size_t> byName_;
  std::vector<std::optional<Fingerprint>> found_;
  std::vector<State> state_;
};

} // namespace

std::vector<std::optional<Fingerprint>> fingerprints(const TuEffects& tu) {
  return Fingerprints(tu).all();
}

} // namespace fgft
