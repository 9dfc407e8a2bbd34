// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The row of one entry point: what it does, with evidence, and what of it can be undone.
#pragma once

#include "effects/Checkpoint.h"
#include "effects/EntryPoints.h"

#include <set>
#include <string>
#include <vector>

namespace fgft {

/// One effect with its evidence; for unknown ones `word` is "unknown" and `what` blocks.
struct EffectRow {
  std::string word;
  std::string evidence; // empty for unknown
  std::string what;     // callee or register
  std::string why;
  Place place;
  std::string path;
};

/// What keeps an entry point from being a candidate, and what would change that.
struct Obstacle {
  std::string why;
  std::string remedy;
};

struct EntryPointRow {
  std::string className;
  std::string module;
  std::set<std::string> drivers;
  std::string function;
  std::string kind;
  std::set<std::string> ops;
  Place place;
  std::vector<EffectRow> effects; // one a word and evidence, one for each unknown
  std::string reversibility;
  std::string checkpoint;
  std::string sleeps;
  std::string atomic;
  std::string candidate; // yes, no, unknown
  std::vector<Obstacle> obstacles;
  std::string reason;
};

/// A driver with its restore path.
struct DriverRestore {
  std::string name;
  const RestorePath* path;
};

EntryPointRow judge(const Graph& graph, const EntryPoint& entry, const std::vector<DriverRestore>& drivers);

/// The path to an atom of `entry` as text: function:line > function:line > callee; a file is named where it
/// changes.
std::string pathText(const FunctionNode& entry, const Atom& atom);

} // namespace fgft
