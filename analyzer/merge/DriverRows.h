// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The rows of drivers.csv from linked programs, one program a configuration.
#pragma once

#include "effects/Checkpoint.h"
#include "merge/PmVerdict.h"
#include "merge/Program.h"

#include <map>
#include <string>
#include <vector>

namespace fgft {

/// One registration with a bus, or a module that makes none (bus `none`). Lists are sets: they print sorted.
struct DriverRow {
  std::string classApi;
  std::string classDir;
  std::string bus;
  std::string module;
  std::string driver;
  std::string name;
  Place place;
  std::set<std::string> configs;
  std::set<std::string> registration;
  PmVerdict pm;
  std::set<std::string> pmStyle;
  RestoreFacts restore;
};

/// All rows of one configuration; with `modules`, those of these modules.
std::vector<DriverRow> driverRows(const Program& program, const Model& model,
                                  const std::string& configuration,
                                  const std::set<std::string>* modules = nullptr);

/// Joins rows of several configurations: one row for one registration; where configurations disagree on the
/// PM word the one that promises least stands and the reason says what each has. Sorted by module, file,
/// driver, bus.
std::vector<DriverRow> joinConfigurations(std::vector<DriverRow> rows);

} // namespace fgft
