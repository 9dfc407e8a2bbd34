// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// `fgft model`: what the kernel model lacks for a survey.
#include "command/Commands.h"
#include "support/SurveyDb.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <iostream>
#include <memory>

namespace fgft {

namespace {

struct Arguments {
  std::string missing;
  std::int64_t top = 0;
  bool json = false;
};

struct MissingName {
  std::string name, file, path;
  std::int64_t entryPoints = 0; // that cannot be judged without it
  std::int64_t alone = 0;       // ... and lack nothing else
  std::int64_t line = 0;
};

std::vector<MissingName> readMissing(Database& db, std::int64_t top) {
  // Irrevocable ones are judged whatever else they do: nothing blocks them.
  Statement rows(db,
                 "WITH blocked AS (SELECT module, function FROM entry_point WHERE reversibility = 'unknown' "
                 "GROUP BY module, function), "
                 "missing AS (SELECT module, function, callee_or_register AS name, file, line, path, "
                 "COUNT(*) OVER (PARTITION BY module, function) AS names FROM effect JOIN blocked USING "
                 "(module, function) WHERE effect = 'unknown') "
                 "SELECT name, COUNT(*), SUM(names = 1), MIN(file), line, path FROM missing GROUP BY name "
                 "ORDER BY COUNT(*) DESC, name LIMIT ?");
  rows.bindAll(top > 0 ? top : std::int64_t(-1));
  std::vector<MissingName> found;
  while (rows.step())
    found.push_back(
        {rows.text(0), rows.text(3), rows.text(5), rows.integer(1), rows.integer(2), rows.integer(4)});
  return found;
}

void run(const Arguments& arguments) {
  SurveyDb db(arguments.missing);
  db.needEntryPoints();
  const auto names = readMissing(db.database(), arguments.top);
  if (arguments.json) {
    nlohmann::ordered_json json = nlohmann::json::array();
    for (const MissingName& one : names)
      json.push_back({{"name", one.name},
                      {"entry_points", one.entryPoints},
                      {"alone", one.alone},
                      {"example", fmt::format("{}:{}", one.file, one.line)},
                      {"path", one.path}});
    std::cout << json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) << "\n";
    return;
  }
  std::cout << "blocks  alone  name  (an example)\n";
  for (const MissingName& one : names)
    std::cout << fmt::format("{:>6} {:>6}  {}  ({}:{})\n", one.entryPoints, one.alone, one.name, one.file,
                             one.line);
}

} // namespace

void addModelCommand(CLI::App& app) {
  const auto arguments = std::make_shared<Arguments>();
  CLI::App* command = app.add_subcommand("model", "What the kernel model lacks");
  command
      ->add_option(
          "--missing", arguments->missing,
          "A survey.db: the names without a row or code, by how many entry points each keeps from being "
          "judged, and how many it alone does")
      ->required();
  command->add_option("--top", arguments->top, "Only the first so many");
  command->add_flag("--json", arguments->json, "Print them as JSON");
  command->callback([arguments] { run(*arguments); });
}

} // namespace fgft
