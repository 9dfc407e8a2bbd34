// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What functions do, each statement once: a function's callers, theirs and so on say the same of it, and many
// of them reach it by the same calls. So lists hold two pointers for a statement; its content and the calls
// on the way to it stand here.
#pragma once

#include "effects/Atom.h"
#include "effects/Interned.h"

#include <unordered_map>
#include <vector>

namespace fgft {

/// A call on the way to a statement.
struct Step {
  Name function; // the caller
  Place place;   // of the call
  const Step* next = nullptr;
  uint32_t depth : 30 = 1;           // calls from here on
  uint32_t lasting : 1 = 0;          // it is never swept, nor are those behind it
  mutable uint32_t isMarked : 1 = 0; // AtomPool::mark()
};

/// A statement and the path to it from the function that it is said of; no path: its own statement. Both
/// stand in a pool.
struct Reached {
  const Atom* atom = nullptr;
  const Step* path = nullptr;

  unsigned depth() const { return path ? path->depth : 0; }
  const Atom* operator->() const { return atom; }
  const Atom& operator*() const { return *atom; }
  operator const Atom&() const { return *atom; } // NOLINT(google-explicit-constructor): for who asks no path
};

/// The strongest evidence first, then the shortest path.
std::pair<Evidence, unsigned> rankOf(const Reached& one);

class AtomPool {
public:
  enum class Life : uint8_t { Graph, Survey };
  explicit AtomPool(Life life) : life_(life) {}
  AtomPool(const AtomPool&) = delete; // pointers lead into it
  AtomPool& operator=(const AtomPool&) = delete;

  /// The one that says the same in every respect.
  const Atom* atom(const Atom& content);

  /// A call, then `next`. The same one again if it was asked for lately.
  const Step* step(Name function, const Place& place, const Step* next);

  /// `first` and behind it `then`.
  const Step* followed(const Step* first, const Step* then);

  /// Gives up all steps but the marked ones, and takes the marks away: most steps of a large graph lead to
  /// statements of functions that nobody asks for any more.
  void sweepSteps();
  static void mark(const Step* path);

  size_t atoms() const { return atoms_.size(); }
  size_t steps() const { return steps_.size(); }

private:
  // A function meets its own calls again while it is closed, not those of others.
  static constexpr size_t recentSteps = 1 << 18;

  const Life life_;
  Interned<Atom> atoms_;
  Interned<Step> steps_{recentSteps};
};

/// Takes what is to stay out of a pool that is about to go.
class PoolTransfer {
public:
  explicit PoolTransfer(AtomPool& into) : into_(into) {}

  Reached operator()(const Reached& one);
  std::vector<Reached> operator()(const std::vector<Reached>& all);

private:
  const Step* step(const Step* one);

  AtomPool& into_;
  // What was taken already: most are met in several functions.
  std::unordered_map<const Atom*, const Atom*> atoms_;
  std::unordered_map<const Step*, const Step*> steps_;
};

} // namespace fgft
