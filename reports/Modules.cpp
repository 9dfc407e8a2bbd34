// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// One look at the index for each module; see Modules.h.
#include "reports/Modules.h"

#include "support/Sqlite.h"

#include <fmt/format.h>

namespace fgft::report {

std::vector<Module> modulesOf(Database& db, const std::string& table) {
  // DISTINCT would read the whole index.
  Statement rows(db, fmt::format("WITH RECURSIVE one(name) AS (SELECT MIN(module) FROM {0} UNION ALL "
                                 "SELECT (SELECT MIN(module) FROM {0} WHERE module > one.name) FROM one "
                                 "WHERE one.name IS NOT NULL) "
                                 "SELECT one.name, module.content FROM one LEFT JOIN module "
                                 "ON module.name = one.name WHERE one.name IS NOT NULL ORDER BY one.name",
                                 table));
  std::vector<Module> modules;
  while (rows.step())
    modules.push_back({rows.text(0), rows.text(1)});
  return modules;
}

} // namespace fgft::report
