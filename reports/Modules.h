// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The modules that a table of a survey has rows of: what is written module by module need not be written
// again where nothing changed.
#pragma once

#include <string>
#include <vector>

namespace fgft {
class Database;
} // namespace fgft

namespace fgft::report {

struct Module {
  std::string name;
  std::string content; ///< module.content; empty: not known, or no module at all
};

/// Sorted by name. `table` has an index that begins with `module`: its rows are not read.
std::vector<Module> modulesOf(Database& db, const std::string& table);

} // namespace fgft::report
