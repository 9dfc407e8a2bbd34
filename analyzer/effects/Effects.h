// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Entry points and effects of one configuration: module by module, libraries before what uses them, so that
// only one group of modules that call each other is in memory, and of the others what they export.
#pragma once

#include "effects/Kept.h"
#include "effects/Verdict.h"
#include "facts/Facts.h"
#include "model/Model.h"

#include <functional>
#include <map>
#include <memory>
#include <set>
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

  /// First pass: one TU, what it calls and gives to others. `load` reads its facts.
  void note(const std::string& output, const std::vector<std::string>& modules, TuLinks links,
            std::function<TuFacts()> load);
  void note(const TuFacts& facts, std::function<TuFacts()> load);

  /// The functions of the kernel's headers, with bodies. Before run() or again().
  void addHeaders(TuFacts facts);

  struct Result {
    std::vector<EntryPointRow> rows; // of one module
    std::string module;
    std::vector<DriverEffects> drivers; // as they were given
  };
  using Emit = std::function<void(Result)>;
  /// The drivers of a module; holds until the next call.
  using DriversOf = std::function<const std::vector<DriverOfModule>&(const std::string& module)>;
  static const std::vector<DriverOfModule>& noDrivers(const std::string& module);
  /// Gets what the next merge need not find out again; `replaces`: the place of the group among the earlier
  /// ones, -1 for a new one.
  using Keep = std::function<void(const KeptGroup& group, int64_t replaces)>;

  /// Second pass: `emit` gets each module's rows, those of a module in one order whatever else there is.
  void run(const DriversOf& drivers, const Emit& emit, const Keep& keep = {});

  /// Instead of run(): the modules given and those whose rows may differ by what changed there since the
  /// merge that kept `earlier`. May be called again with more modules; settle() at the end gives the rows
  /// that wait for other modules. Returns all modules that were looked at this time: a module's rows come
  /// all or not at all.
  std::set<std::string> again(const EarlierGroups& earlier, const std::set<std::string>& modules,
                              const DriversOf& drivers, const Emit& emit, const Keep& keep);
  void settle(const Emit& emit);

  /// After again(): places of earlier groups that there are no more.
  std::vector<size_t> goneGroups() const;

private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

} // namespace fgft
