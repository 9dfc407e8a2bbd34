// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// See AtomPool.h.
#include "effects/AtomPool.h"

#include <array>
#include <bit>

namespace fgft {

namespace {

// All that an atom says, as numbers: what it is found by.
using Numbers = std::array<uint64_t, 12>;

uint64_t both(uint32_t high, uint32_t low) {
  return uint64_t(high) << 32 | low;
}

Numbers numbersOf(const Atom& atom) {
  static_assert(sizeof(Atom) == 104, "a new member belongs in here");
  static_assert(sizeof(Symbol) == 20 && sizeof(Argument) == 2 * sizeof(Symbol), "likewise");
  auto kinds = [](auto... one) {
    uint64_t all = 0;
    ((all = all << 8 | static_cast<uint8_t>(one)), ...);
    return all;
  };
  const Symbol& base = atom.where.value;
  const Symbol& offset = atom.where.offset;
  const Symbol& value = atom.value;
  return {kinds(atom.kind, atom.effect, atom.evidence, base.kind, offset.kind, value.kind),
          kinds(atom.indirect, atom.byCaller, atom.certain, atom.parametric, atom.lifted),
          both(atom.what.id(), atom.why.id()),
          both(base.text.id(), base.path.id()),
          both(base.record.id(), base.shown.id()),
          both(offset.text.id(), offset.path.id()),
          both(offset.record.id(), offset.shown.id()),
          both(value.text.id(), value.path.id()),
          both(value.record.id(), value.shown.id()),
          std::bit_cast<uint64_t>(atom.ops),
          both(atom.function.id(), atom.place.file.id()),
          atom.place.line};
}

uint32_t mixed(uint64_t hash) {
  return static_cast<uint32_t>(hash ^ hash >> 32);
}

uint64_t with(uint64_t hash, uint64_t number) {
  hash = (hash ^ number) * 0x9e3779b97f4a7c15;
  return hash ^ hash >> 32;
}

} // namespace

std::pair<Evidence, unsigned> rankOf(const Reached& one) {
  return {one->evidence, one.depth()};
}

const Atom* AtomPool::atom(const Atom& content) {
  const Numbers numbers = numbersOf(content);
  uint64_t hash = 0;
  for (uint64_t number : numbers)
    hash = with(hash, number);
  return atoms_.add(content, mixed(hash), [&](const Atom& one) { return numbersOf(one) == numbers; });
}

const Step* AtomPool::step(Name function, const Place& place, const Step* next) {
  uint64_t hash =
      with(with(with(0, both(function.id(), place.file.id())), place.line), std::bit_cast<uint64_t>(next));
  Step made{function, place, next};
  made.depth = next ? next->depth + 1 : 1;
  made.lasting = life_ == Life::Survey;
  return steps_.add(made, mixed(hash), [&](const Step& one) {
    return one.next == next && one.function == function && one.place.line == place.line &&
           one.place.file == place.file;
  });
}

void AtomPool::mark(const Step* path) {
  for (const Step* step = path; step && !step->isMarked && !step->lasting; step = step->next)
    step->isMarked = 1;
}

void AtomPool::sweepSteps() {
  steps_.sweep([](const Step& one) {
    bool isLive = one.isMarked != 0;
    one.isMarked = 0;
    return isLive;
  });
}

const Step* AtomPool::followed(const Step* first, const Step* then) {
  return first ? step(first->function, first->place, followed(first->next, then)) : then;
}

const Step* PoolTransfer::step(const Step* one) {
  if (!one || one->lasting)
    return one;
  if (auto it = steps_.find(one); it != steps_.end())
    return it->second;
  const Step* made = into_.step(one->function, one->place, step(one->next));
  steps_.emplace(one, made);
  return made;
}

Reached PoolTransfer::operator()(const Reached& one) {
  auto [it, isNew] = atoms_.try_emplace(one.atom);
  if (isNew)
    it->second = into_.atom(*one.atom);
  return {it->second, step(one.path)};
}

std::vector<Reached> PoolTransfer::operator()(const std::vector<Reached>& all) {
  std::vector<Reached> taken;
  taken.reserve(all.size());
  for (const Reached& one : all)
    taken.push_back((*this)(one));
  return taken;
}

} // namespace fgft
