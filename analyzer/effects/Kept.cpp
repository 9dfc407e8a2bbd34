// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// See Kept.h.
#include "effects/Kept.h"

#include "effects/Reduce.h"

namespace fgft {

namespace {

template <typename Pack>
constexpr bool reads = std::is_same_v<Pack, Unpacker>;

// Statements and the calls on paths, each once: the first time its content, later its number.
template <typename Pack>
class Statements {
public:
  Statements(Pack& pack, const EffectModel& model, AtomPool* pool)
      : pack_(pack), model_(model), pool_(pool) {}

  void operator()(Reached& one) {
    atom(one.atom);
    step(one.path);
  }

  void operator()(std::vector<Reached>& list) {
    size_t count = list.size();
    pack_(count);
    if constexpr (reads<Pack>)
      for (; count > 0; --count)
        (*this)(list.emplace_back());
    else
      for (Reached& one : list)
        (*this)(one);
  }

private:
  // 0: nothing, 1: content follows, else two more than its number. True: it is known by now.
  template <typename T>
  bool isNumbered(const T*& one, std::vector<const T*>& all, std::unordered_map<const T*, size_t>& numbers) {
    size_t number = 0;
    if constexpr (!reads<Pack>)
      if (one) {
        auto known = numbers.find(one);
        number = known == numbers.end() ? 1 : known->second + 2;
      }
    pack_(number);
    if constexpr (reads<Pack>) {
      if (number >= all.size() + 2)
        throw Error("packed statements do not hold together");
      one = number < 2 ? nullptr : all[number - 2];
    }
    return number != 1;
  }

  void atom(const Atom*& one) {
    if (isNumbered(one, atoms_, atomNumbers_)) {
      if (!one)
        throw Error("a packed path leads to no statement");
      return;
    }
    Atom content = reads<Pack> ? Atom() : *one;
    auto symbol = [this](Symbol& s) { pack_(s.kind, s.text, s.path, s.record, s.shown); };
    pack_(content.kind, content.effect, content.evidence, content.indirect, content.byCaller, content.certain,
          content.parametric, content.lifted, content.what, content.why, content.function, content.place.file,
          content.place.line);
    symbol(content.where.value);
    symbol(content.where.offset);
    symbol(content.value);
    role(content);
    if constexpr (reads<Pack>)
      one = pool_->atom(content);
    note(one, atoms_, atomNumbers_);
  }

  // A role is a row of the model, where the kernel's function has rows of it; else one that reduce() makes.
  void role(Atom& atom) {
    if (atom.kind != Atom::Kind::Callback)
      return;
    const CallModel* row = model_.call(atom.what.str());
    size_t number = 0;
    Name tag, member;
    if constexpr (!reads<Pack>) {
      for (size_t i = 0; row && i < row->callbacks.size(); ++i)
        if (&row->callbacks[i] == atom.ops)
          number = i + 1;
      tag = atom.ops->tag;
      member = atom.ops->member;
    }
    pack_(number, tag, member);
    if constexpr (reads<Pack>)
      atom.ops = row && number > 0 && number <= row->callbacks.size() ? &row->callbacks[number - 1]
                                                                      : callbackInto(tag, member);
  }

  void step(const Step*& one) {
    if (isNumbered(one, steps_, stepNumbers_))
      return;
    Step content = reads<Pack> ? Step() : *one;
    pack_(content.function, content.place.file, content.place.line);
    step(content.next);
    if constexpr (reads<Pack>)
      one = pool_->step(content.function, content.place, content.next);
    note(one, steps_, stepNumbers_);
  }

  template <typename T>
  void note(const T* one, std::vector<const T*>& all, std::unordered_map<const T*, size_t>& numbers) {
    if constexpr (reads<Pack>)
      all.push_back(one);
    else
      numbers.emplace(one, numbers.size());
  }

  Pack& pack_;
  const EffectModel& model_;
  AtomPool* pool_;
  std::vector<const Atom*> atoms_; // reading
  std::vector<const Step*> steps_;
  std::unordered_map<const Atom*, size_t> atomNumbers_; // writing
  std::unordered_map<const Step*, size_t> stepNumbers_;
};

template <typename Pack>
void exchange(Pack& pack, Statements<Pack>& statements, std::vector<Exported>& all) {
  size_t count = all.size();
  pack(count);
  if constexpr (reads<Pack>)
    for (; count > 0; --count)
      exchange(pack, statements, all.emplace_back());
  else
    for (Exported& one : all)
      exchange(pack, statements, one);
}

template <typename Pack>
void exchange(Pack& pack, Statements<Pack>& statements, Exported& one) {
  pack(one.summary.name, one.summary.place.file, one.summary.place.line, one.summary.returns, one.takes);
  statements(one.summary.atoms);
}

template <typename Pack>
void exchange(Pack& pack, Statements<Pack>& statements, Does& one) {
  statements(one.effects);
  pack(one.members, one.unknown, one.sleeps);
}

} // namespace

template <typename Pack>
void archive(Pack& pack, MemberGifts::Gift& one) {
  pack(one.member, one.fillers, one.foreign, one.copies, one.opaque, one.byParameter);
}

std::string packExported(const std::vector<Exported>& all, const EffectModel& model) {
  Packer pack;
  Statements<Packer> statements(pack, model, nullptr);
  exchange(pack, statements, const_cast<std::vector<Exported>&>(all));
  return pack.bytes();
}

std::vector<Exported> unpackExported(std::string_view bytes, AtomPool& pool, const EffectModel& model) {
  Unpacker pack(bytes);
  Statements<Unpacker> statements(pack, model, &pool);
  std::vector<Exported> all;
  exchange(pack, statements, all);
  return all;
}

std::string packGifts(const MemberGifts& gifts, const EffectModel& model) {
  Packer pack;
  Statements<Packer> statements(pack, model, nullptr);
  pack(gifts.gifts, gifts.does.size());
  for (const Does& one : gifts.does)
    exchange(pack, statements, const_cast<Does&>(one));
  return pack.bytes();
}

MemberGifts unpackGifts(std::string_view bytes, AtomPool& pool, const EffectModel& model) {
  Unpacker pack(bytes);
  Statements<Unpacker> statements(pack, model, &pool);
  MemberGifts gifts;
  size_t count = 0;
  pack(gifts.gifts, count);
  for (; count > 0; --count)
    exchange(pack, statements, gifts.does.emplace_back());
  for (const MemberGifts::Gift& gift : gifts.gifts)
    for (uint32_t filler : gift.fillers)
      if (filler >= gifts.does.size())
        throw Error("packed members do not hold together");
  return gifts;
}

bool areSame(const std::vector<Reached>& a, const std::vector<Reached>& b) {
  auto samePath = [](const Step* one, const Step* other) {
    while (one && other && one != other) {
      if (one->function != other->function || one->place.file != other->place.file ||
          one->place.line != other->place.line)
        return false;
      one = one->next;
      other = other->next;
    }
    return one == other;
  };
  return std::ranges::equal(a, b, [&](const Reached& one, const Reached& other) {
    return one.atom == other.atom && samePath(one.path, other.path);
  });
}

} // namespace fgft
