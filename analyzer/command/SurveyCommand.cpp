// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// `fgft survey`: capture, analyze, merge and report in one go.
#include "capture/Capture.h"
#include "command/Commands.h"
#include "command/Shared.h"
#include "facts/FactsFolder.h"
#include "merge/Merge.h"
#include "reports/Report.h"
#include "support/AtomicFile.h"
#include "support/Error.h"

#include <nlohmann/json.hpp>

#include <cstdio>
#include <filesystem>
#include <iostream>
#include <memory>
#include <unordered_set>

namespace fgft {

namespace {

namespace fs = std::filesystem;

struct Arguments {
  AnalyzeOptions analyze;
  std::vector<std::string> kernels;
  std::vector<std::string> databases;
  std::vector<std::string> formats = reportFormats();
  std::string output = "fgft-out";
  bool json = false;
};

// The compile databases: given ones, and one captured from each kernel.
std::vector<std::string> databases(const Arguments& arguments) {
  std::vector<std::string> paths = arguments.databases;
  for (size_t i = 0; i < arguments.kernels.size(); ++i) {
    CaptureOptions options;
    options.kernel = arguments.kernels[i];
    options.scope = arguments.analyze.scope;
    options.jobs = arguments.analyze.jobs;
    options.output =
        fmt::format("{}/compile_commands{}.json", arguments.output, i == 0 ? "" : "-" + std::to_string(i));
    // Resuming, the commands are those of the run that was interrupted.
    if (!(arguments.analyze.resume && fs::exists(options.output))) {
      ProgressLine progress;
      capture(options, [&](const std::string& step, size_t commands) {
        progress.note(fmt::format("capture: {}, {} commands", step, commands));
      });
    }
    paths.push_back(options.output);
  }
  return paths;
}

// A run that does not resume begins without facts. What it takes from the shared cache may lie in its folder
// already: nothing says so before the manifests are there, and what they do not name goes at the end.
void beginFacts(const AnalyzeOptions& options, const std::string& folder) {
  std::error_code ignored;
  if (options.resume)
    return;
  if (options.noCache) {
    fs::remove_all(folder, ignored);
    return;
  }
  for (const std::string& manifest : manifestsIn(folder))
    fs::remove(manifest, ignored);
}

int run(const Arguments& arguments) {
  if (arguments.kernels.empty() && arguments.databases.empty())
    throw Error("say what to survey: --kernel DIR or --db compile_commands.json");
  Model model = Model::load(modelFolder(), arguments.analyze.modelFiles);
  makeFolders(arguments.output);
  std::string facts = arguments.output + "/facts";
  beginFacts(arguments.analyze, facts);
  std::unordered_set<std::string> keys;
  ScheduleResult total;
  for (const std::string& database : databases(arguments)) {
    ScheduleResult one = analyzeDatabase(arguments.analyze, model, database, "", facts, 1, 1);
    total.fromCache += one.fromCache;
    total.analysed += one.analysed;
    total.plain += one.plain;
    total.cpuSeconds += one.cpuSeconds;
    total.peakBytes = std::max(total.peakBytes, one.peakBytes);
    keys.insert(one.headers.key);
    for (ManifestEntry& entry : one.entries)
      keys.insert(std::move(entry.key));
  }
  if (!arguments.analyze.resume && !arguments.analyze.noCache)
    pruneFacts(facts, keys);
  std::string survey = arguments.output + "/survey.db";
  MergeResult merged = mergeFacts({facts}, model, survey);
  std::vector<std::string> files = writeReport(survey, arguments.output, arguments.formats);
  if (arguments.json)
    std::cout << nlohmann::json{{"database", survey},
                                {"extent", word(merged.extent)},
                                {"files", files},
                                {"tus", merged.tus},
                                {"not_ok", merged.notOk},
                                {"drivers", merged.drivers},
                                {"modules_again", merged.modulesAgain},
                                {"from_cache", total.fromCache},
                                {"analysed", total.analysed},
                                {"plain_road", total.plain},
                                {"cpu_seconds", total.cpuSeconds},
                                {"peak_bytes", total.peakBytes}}
                     .dump(2)
              << "\n";
  else {
    std::fprintf(stderr, "%zu drivers from %zu TUs (%zu from the cache, %zu not ok)\n", merged.drivers,
                 merged.tus, total.fromCache, merged.notOk);
    for (const std::string& file : files)
      std::cout << file << "\n";
  }
  return merged.notOk == 0 ? 0 : statusPartial;
}

} // namespace

void addSurveyCommand(CLI::App& app, int& status) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App* command = app.add_subcommand("survey", "Capture, analyze, merge and report in one go");
  command->add_option(
      "--kernel", arguments->kernels,
      "A configured kernel: a source tree or its O= folder (repeat it for more configurations)");
  command->add_option("--db", arguments->databases,
                      "A ready compile_commands.json instead (may be repeated)");
  command->add_option("-o,--output", arguments->output, "The folder for everything that is written")
      ->capture_default_str();
  command->add_option("--format", arguments->formats, "Reports to write, separated by commas (default: all)")
      ->delimiter(',')
      ->check(CLI::IsMember(reportFormats()));
  command->add_flag("--json", arguments->json, "Print what was done as JSON");
  arguments->analyze.addTo(*command);
  command->callback([arguments, &status] { status = run(*arguments); });
}

} // namespace fgft
