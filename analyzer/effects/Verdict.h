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
  std::string path;    // empty before showPaths()
  bool member = false; // unknown: a call through a struct's member that this group of modules does not set
  std::set<Name> registers; // of such calls: arguments whose names tell something if they are registers
  Reached statement;        // what the path leads to, before showPaths()
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

/// What a row's verdict rests on besides its effects.
struct Circumstances {
  CheckpointVerdict checkpoint;
  CheckpointVerdict unseen; // what it were if the entry point also wrote something that nobody can tell
  bool restoreSleeps = false;
  bool mustNotSleep = false;                            // by contract
  bool acknowledges = false;                            // an interrupt, by contract
  std::vector<std::pair<std::string, Effect>> contract; // tag.member: what a device write means in there
  Name returns;
};

/// Without conclusion: conclude() makes the levels, when all effects are there.
EntryPointRow judge(const Graph& graph, const EntryPoint& entry, const std::vector<DriverRestore>& drivers,
                    Circumstances& circumstances);

/// Effects are about to be added to a row that was judged without them: what they mean beside the others. May
/// add more, to `added` or, unknown ones, to `rest`.
void widen(Circumstances& circumstances, std::vector<EffectRow>& added, std::vector<EffectRow>& rest);

/// Sets level, checkpoint, candidate and reasons by the row's effects.
void conclude(EntryPointRow& row, const Circumstances& circumstances);

/// Writes out the paths to the row's effects: once it is sure that they are needed.
void showPaths(EntryPointRow& row);

/// The path to an atom of a function in `file` as text: function:line > function:line > callee; a file is
/// named where it changes.
std::string pathText(Name file, const Reached& atom);

} // namespace fgft
