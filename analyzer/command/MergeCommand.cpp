// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// `fgft merge`: facts folders to survey.db.
#include "command/Commands.h"
#include "command/Shared.h"
#include "merge/Merge.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <iostream>
#include <memory>

namespace fgft {

namespace {

struct Arguments {
  std::vector<std::string> folders;
  std::vector<std::string> modelFiles;
  std::string output = "survey.db";
  bool json = false;
};

int run(const Arguments& arguments) {
  Model model = Model::load(modelFolder(), arguments.modelFiles);
  MergeResult result = mergeFacts(arguments.folders, model, arguments.output);
  if (arguments.json)
    std::cout << nlohmann::json{{"database", arguments.output},
                                {"extent", word(result.extent)},
                                {"tus", result.tus},
                                {"not_ok", result.notOk},
                                {"drivers", result.drivers},
                                {"modules_again", result.modulesAgain}}
                     .dump(2)
              << "\n";
  else
    std::cout << fmt::format("{}: {} drivers from {} TUs, {} not ok\n", arguments.output, result.drivers,
                             result.tus, result.notOk);
  return result.notOk == 0 ? 0 : statusPartial;
}

} // namespace

void addMergeCommand(CLI::App& app, int& status) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App* command =
      app.add_subcommand("merge", "Join facts of any number of runs and shards into a survey.db");
  command->add_option("folders", arguments->folders, "Facts folders of `fgft analyze`")->required();
  command->add_option("-o,--output", arguments->output, "The database; written whole or not at all")
      ->capture_default_str();
  command->add_option("--model", arguments->modelFiles,
                      "A CSV file with more rows of a model table (may be repeated)");
  command->add_flag("--json", arguments->json, "Print the counts as JSON");
  command->callback([arguments, &status] { status = run(*arguments); });
}

} // namespace fgft
