// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Writes the tables entry_point and effect, one configuration after the other; rows of one entry point in
// several configurations are joined: all effects, the highest level, the least that restore does.
#pragma once

#include "effects/Effects.h"
#include "merge/DriverRows.h"
#include "support/Sqlite.h"

#include <memory>
#include <set>
#include <string>
#include <vector>

namespace fgft {

/// The words of a set, separated by a space.
std::string words(const std::set<std::string>& list);

/// What the effects' pass is to know of a driver.
DriverOfModule driverOf(const DriverRow& row, const EffectModel& model);

/// The rows of drivers, by module, and as the effects' pass is told of them.
class DriversOfModules {
public:
  DriversOfModules(std::vector<DriverRow>& rows, const Model& model);

  const std::vector<DriverOfModule>& of(const std::string& module) const;
  const std::map<std::string, std::vector<DriverRow*>>& rows() const { return rows_; }
  /// What effects say of the module's drivers; empty: nothing new.
  void take(const std::string& module, std::vector<DriverEffects> effects);

private:
  std::map<std::string, std::vector<DriverRow*>> rows_;
  std::map<std::string, std::vector<DriverOfModule>> drivers_;
};

class EntryPointRows {
public:
  explicit EntryPointRows(Database& database);
  ~EntryPointRows();

  void add(EntryPointRow row);
  /// Takes away all rows of a module.
  void remove(const std::string& module);

  /// Fills driver.entry_points and driver.candidates, when all rows are in: of all drivers, or of a module's.
  void countForDrivers();
  void countForDrivers(const std::string& module);

private:
  void joinWithStored(EntryPointRow& row);
  void addEffects(const EntryPointRow& row);

  Database& database_;
  std::unique_ptr<Statement> find_, remove_, insert_, insertEffect_;
};

} // namespace fgft
