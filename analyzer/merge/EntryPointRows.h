// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Writes the tables entry_point and effect, one configuration after the other; rows of one entry point in
// several configurations are joined: all effects, the highest level, the least that restore does.
#pragma once

#include "effects/Effects.h"
#include "merge/DriverRows.h"
#include "support/Sqlite.h"

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace fgft {

/// The words of a set, separated by a space.
std::string words(const std::set<std::string>& list);

class EntryPointRows {
public:
  EntryPointRows(Database& database, const Model& model);
  ~EntryPointRows();

  /// Notes one TU of the configuration that is being read; `load` reads its facts again.
  void note(const TuFacts& facts, std::function<TuFacts()> load);
  /// The configuration's header facts.
  void addHeaders(TuFacts facts);

  /// Writes the configuration's entry points and sets the PM style of its drivers.
  void addConfiguration(std::vector<DriverRow>& drivers);

  /// Fills driver.entry_points and driver.candidates, when all rows are in.
  void countForDrivers();

private:
  void add(EntryPointRow row);
  void joinWithStored(EntryPointRow& row);
  void addEffects(const EntryPointRow& row);

  Database& database_;
  const Model& model_;
  std::unique_ptr<EffectsPass> pass_;
  std::unique_ptr<Statement> find_, remove_, insert_, insertEffect_;
};

} // namespace fgft
