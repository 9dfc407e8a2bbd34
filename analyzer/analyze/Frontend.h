// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The in-process road from a compile command to facts: clang's front end on one TU, bodies of functions in
// shared headers skipped, the extraction of extract/ on the TU's own declarations.
#pragma once

#include "analyze/HeaderReplay.h"
#include "capture/Invocation.h"
#include "facts/Facts.h"
#include "facts/Inputs.h"

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace fgft {

class HeaderState;
class PmRelevance;

/// What every analysis of one run shares.
struct AnalysisContext {
  std::string modelHash;            // part of every key
  std::set<std::string> driverTags; // struct tags of the model's driver structs
  std::string resourceDir;          // clang's own headers
  std::shared_ptr<const PmRelevance>
      onlyPm; // set: facts only of what the PM coverage of drivers is judged by
};

/// What came of one TU.
struct Analysis {
  TuFacts facts;                      // facts.key is set; status Failed where the TU does not parse
  std::vector<Input> inputs;          // every file read, in the order of their names in the key
  std::vector<std::string> missing;   // where else a header was looked for (Lookups.h); the state's apart
  const HeaderState* state = nullptr; // it was started from; null: the plain road
  PlainReason plainReason = PlainReason::NoState; // why not the fast road; None: it was taken
  std::string plainDetail;                        // the same with names
};

/// Analyses TUs one after the other, keeping the file manager's knowledge between them. Not for several
/// threads.
class Frontend {
public:
  explicit Frontend(const AnalysisContext& context);
  ~Frontend();

  /// Gives the next header state to start from, null where there is none left.
  using NextState = std::function<const HeaderState*()>;

  /// Parses and extracts, on top of the first header state of this TU's group (HeaderStates) that suits it,
  /// or without. A TU that does not parse gives facts that say so.
  Analysis run(const Invocation& invocation, const NextState& nextState, InputHashes& hashes);

  /// The same with one state or none.
  Analysis run(const Invocation& invocation, const HeaderState* state, InputHashes& hashes) {
    return run(invocation, [&state] { return std::exchange(state, nullptr); }, hashes);
  }

private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

} // namespace fgft
