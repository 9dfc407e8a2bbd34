// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// See Shared.h.
#include "command/Shared.h"

#include "analyze/DatabaseRun.h"
#include "facts/PmRelevance.h"
#include "support/Error.h"

#include <cstdlib>
#include <filesystem>
#include <thread>
#include <unistd.h>

namespace fgft {

namespace fs = std::filesystem;

namespace {

fs::path programFolder() {
  std::error_code error;
  return fs::read_symlink("/proc/self/exe", error).parent_path();
}

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

// Where clang keeps its own headers.
std::string resourceFolder() {
  return FGFT_CLANG_RESOURCE_DIR;
}

} // namespace

std::string modelFolder() {
  if (std::string folder = environment("FGFT_MODEL"); !folder.empty())
    return folder;
  fs::path installed = programFolder() / "../share/fgft/model";
  std::error_code error;
  if (fs::exists(installed, error))
    return fs::weakly_canonical(installed);
  return FGFT_SOURCE_MODEL;
}

std::string cacheFolder() {
  if (std::string folder = environment("FGFT_CACHE"); !folder.empty())
    return folder;
  if (std::string folder = environment("XDG_CACHE_HOME"); !folder.empty())
    return folder + "/fgft";
  return environment("HOME") + "/.cache/fgft";
}

uint64_t parseSize(const std::string& text) {
  size_t end = 0;
  uint64_t number = 0;
  try {
    number = std::stoull(text, &end);
  } catch (const std::exception&) {
    end = std::string::npos;
  }
  std::string unit = end == std::string::npos ? "?" : text.substr(end);
  int shift = unit.empty() ? 0 : unit == "K" ? 10 : unit == "M" ? 20 : unit == "G" ? 30 : -1;
  if (shift < 0 || number > (UINT64_MAX >> shift))
    throw Error("'{}' is no size: expected a number, or one with K, M or G behind it", text);
  return number << shift;
}

void AnalyzeOptions::addTo(CLI::App& command) {
  command.add_option("--scope", scope, "Only sources below this folder, or this file (may be repeated)");
  command
      .add_option("--only", only,
                  "pm: PM coverage alone, without entry points and their effects; much faster")
      ->check(CLI::IsMember({std::string(word(Extent::Pm))}));
  command.add_option("-j,--jobs", jobs, "Worker processes (default: one for each CPU)");
  command
      .add_option("--timeout", timeoutSeconds, "Seconds for one TU; what takes longer is recorded as such")
      ->check(CLI::Range(1, 86400))
      ->capture_default_str();
  command.add_flag("--plain", plain, "Parse every TU from the first line: no shared header state");
  command.add_flag("--no-cache", noCache, "Neither use nor fill the cache of facts shared by all runs");
  command.add_flag("--resume", resume,
                   "Take what an interrupted run left in the output folder and is still valid");
  command
      .add_option(
          "--cache-size", cacheSize,
          "Bound of the cache of facts and header states, e.g. 500M; what was not used longest goes first")
      ->capture_default_str();
  command.add_option("--model", modelFiles,
                     "A CSV file with more rows, named like the model's table (may be repeated)");
}

void ProgressLine::show(size_t done, size_t total, size_t failed) {
  if (!::isatty(STDERR_FILENO))
    return;
  auto now = std::chrono::steady_clock::now();
  if (done != total && now - last_ < std::chrono::milliseconds(200))
    return;
  last_ = now;
  double seconds = std::chrono::duration<double>(now - start_).count();
  double rate = seconds > 0 ? static_cast<double>(done) / seconds : 0;
  double left = rate > 0 ? static_cast<double>(total - done) / rate : 0;
  std::fprintf(stderr, "\r\033[K%zu of %zu TUs, %zu failed, %.0f/s, %.0f s left", done, total, failed, rate,
               left);
  std::fflush(stderr);
  shown_ = true;
}

void ProgressLine::note(const std::string& text) {
  if (!::isatty(STDERR_FILENO))
    return;
  std::fprintf(stderr, "\r\033[K%s", text.c_str());
  std::fflush(stderr);
  shown_ = true;
}

ProgressLine::~ProgressLine() {
  if (shown_)
    std::fprintf(stderr, "\r\033[K");
}

ScheduleResult analyzeDatabase(const AnalyzeOptions& options, const Model& model, const std::string& database,
                               const std::string& configurationName, const std::string& factsFolder,
                               unsigned shard, unsigned shards) {
  DatabaseRunOptions run;
  run.list = {database, modelFolder() + "/gcc_flags.csv", cacheFolder(), options.scope, configurationName};
  run.schedule.factsFolder = fs::absolute(factsFolder); // workers change their folder
  // Without the shared cache there are only the facts that an interrupted run left in the folder itself.
  run.schedule.reuse = !options.noCache || options.resume;
  run.schedule.cacheBytes = options.noCache ? 0 : parseSize(options.cacheSize);
  run.schedule.jobs = options.jobs != 0 ? options.jobs : std::max(1U, std::thread::hardware_concurrency());
  run.schedule.timeoutSeconds = options.timeoutSeconds;
  run.schedule.fast = !options.plain;
  run.cacheFolder = options.noCache ? "" : cacheFolder() + "/facts";
  run.shard = shard;
  run.shards = shards;
  AnalysisContext context{model.extractionHash(), model.driverTags(), resourceFolder(), nullptr};
  if (options.extent() == Extent::Pm) {
    context.onlyPm = std::make_shared<PmRelevance>(model);
    context.modelHash = context.onlyPm->hash();
  }
  ProgressLine progress;
  return runDatabase(run, context,
                     [&](size_t done, size_t total, size_t failed) { progress.show(done, total, failed); });
}

} // namespace fgft
