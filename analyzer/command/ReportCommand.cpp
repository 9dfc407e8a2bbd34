// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// `fgft report`: a survey.db as CSV, pages and SARIF.
#include "command/Commands.h"
#include "reports/Report.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <iostream>
#include <memory>

namespace fgft {

namespace {

struct Arguments {
  std::string database;
  std::string outFolder;
  std::vector<std::string> formats = reportFormats();
  bool json = false;
};

void run(const Arguments& arguments) {
  const auto files = writeReport(arguments.database, arguments.outFolder, arguments.formats);
  if (arguments.json) {
    std::cout << nlohmann::json{{"files", files}}.dump(2, ' ', false,
                                                       nlohmann::json::error_handler_t::replace)
              << "\n";
    return;
  }
  for (const std::string& file : files)
    std::cout << file << "\n";
}

} // namespace

void addReportCommand(CLI::App& app) {
  const auto arguments = std::make_shared<Arguments>();
  CLI::App* command = app.add_subcommand("report", "Write a survey as CSV files, as HTML pages and as SARIF");
  command->add_option("database", arguments->database, "The survey.db")->required();
  command
      ->add_option("-o,--output", arguments->outFolder, "The folder to write below; made where it is missing")
      ->required();
  command->add_option("--format", arguments->formats, "What to write, separated by commas (default: all)")
      ->delimiter(',')
      ->check(CLI::IsMember(reportFormats()));
  command->add_flag("--json", arguments->json, "Print the names of the written files as JSON");
  command->callback([arguments] { run(*arguments); });
}

} // namespace fgft
