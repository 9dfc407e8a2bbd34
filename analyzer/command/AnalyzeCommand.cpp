// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// `fgft analyze`: compile commands to facts.
#include "command/Commands.h"
#include "command/Shared.h"
#include "support/Error.h"

#include <nlohmann/json.hpp>

#include <charconv>
#include <cstdio>
#include <iostream>
#include <memory>

namespace fgft {

namespace {

struct Arguments {
  AnalyzeOptions analyze;
  std::string database;
  std::string facts;
  std::string configuration;
  std::string shard = "1/1";
  bool json = false;
};

std::pair<unsigned, unsigned> parseShard(const std::string& text) {
  unsigned index = 0;
  unsigned count = 0;
  const char* end = text.data() + text.size();
  auto slash = std::from_chars(text.data(), end, index);
  if (slash.ec == std::errc() && slash.ptr != end && *slash.ptr == '/') {
    auto last = std::from_chars(slash.ptr + 1, end, count);
    if (last.ec != std::errc() || last.ptr != end)
      count = 0;
  }
  if (index == 0 || index > count)
    throw Error("--shard {}: expected i/n with 1 <= i <= n", text);
  return {index, count};
}

nlohmann::json plainUnits(const ScheduleResult& result) {
  nlohmann::json units = nlohmann::json::array();
  for (const PlainUnit& unit : result.plainUnits)
    units.push_back({{"output", unit.output}, {"reason", unit.reason}, {"detail", unit.detail}});
  return units;
}

int run(const Arguments& arguments) {
  auto [shard, shards] = parseShard(arguments.shard);
  Model model = Model::load(modelFolder(), arguments.analyze.modelFiles);
  ScheduleResult result = analyzeDatabase(arguments.analyze, model, arguments.database,
                                          arguments.configuration, arguments.facts, shard, shards);
  if (arguments.json)
    std::cout << nlohmann::json{{"facts", arguments.facts},
                                {"extent", word(arguments.analyze.extent())},
                                {"tus", result.entries.size()},
                                {"from_cache", result.fromCache},
                                {"analysed", result.analysed},
                                {"not_ok", result.notOk},
                                {"plain_road", result.plain},
                                {"plain_reasons", result.plainReasons},
                                {"plain_units", plainUnits(result)},
                                {"cpu_seconds", result.cpuSeconds},
                                {"header_facts",
                                 {{"from_cache", result.headers.fromCache},
                                  {"headers", result.headers.headers},
                                  {"functions", result.headers.functions},
                                  {"left_out", result.headers.leftOut},
                                  {"first_error", result.headers.firstError},
                                  {"cpu_seconds", result.headers.cpuSeconds},
                                  {"problem", result.headers.problem}}},
                                {"peak_bytes", result.peakBytes}}
                     .dump(2)
              << "\n";
  else
    std::cout << fmt::format("{}: {} TUs, {} from the cache, {} not ok\n", arguments.facts,
                             result.entries.size(), result.fromCache, result.notOk);
  return result.notOk == 0 ? 0 : statusPartial;
}

} // namespace

void addAnalyzeCommand(CLI::App& app, int& status) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App* command =
      app.add_subcommand("analyze", "Parse the TUs of a compile database and write a facts file each");
  command->add_option("--db", arguments->database, "The compile_commands.json")->required();
  command->add_option("--facts", arguments->facts, "The folder for facts and manifest")->required();
  command->add_option("--config-name", arguments->configuration,
                      "The configuration's name in reports (default: the architecture)");
  command->add_option("--shard", arguments->shard,
                      "i/n: only the i-th of n parts; merge takes them together");
  command->add_flag("--json", arguments->json, "Print the counts as JSON");
  arguments->analyze.addTo(*command);
  command->callback([arguments, &status] { status = run(*arguments); });
}

} // namespace fgft
