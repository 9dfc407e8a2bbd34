// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Entry points and effects of one configuration: module by module, libraries before what uses them, so that
// only one group of modules that call each other is in memory, and of the others what they export.
#pragma once

#include "effects/Verdict.h"
#include "facts/Facts.h"
#include "model/Model.h"

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace fgft {

/// A driver as the survey's driver rows have it.
struct DriverOfModule {
  std::string className;
  std::string driver; // the registration variable
  PmOfDriver pm;
};

/// What the driver's row gets from its effects.
struct DriverEffects {
  std::set<std::string> pmStyle;
  std::string pmStyleReason;
  RestoreFacts restore;
};

class EffectsPass {
public:
  explicit EffectsPass(const Model& model);
  ~EffectsPass();

  /// First pass: notes what the TU calls and gives to others. `load` reads its facts once more.
  void note(const TuFacts& facts, std::function<TuFacts()> load);

  /// The functions of the kernel's headers, with bodies. Before run().
  void addHeaders(TuFacts facts);

  struct Result {
    std::vector<EntryPointRow> rows; // of one module
    std::string module;
    std::vector<DriverEffects> drivers; // as they were given
  };

  /// Second pass: `emit` gets each module's rows. `drivers`: by module.
  void run(const std::map<std::string, std::vector<DriverOfModule>>& drivers,
           const std::function<void(Result)>& emit);

private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

} // namespace fgft
