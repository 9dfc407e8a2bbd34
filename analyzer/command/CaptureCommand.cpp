// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// `fgft capture`: compile commands of a kernel without compiling it.
#include "capture/Capture.h"
#include "command/Commands.h"
#include "command/Shared.h"
#include "support/Error.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdio>
#include <iostream>
#include <memory>

namespace fgft {

namespace {

struct Arguments {
  CaptureOptions capture;
  bool json = false;
};

std::size_t countOf(const std::vector<NotBuilt>& files, const std::string& reason) {
  return static_cast<std::size_t>(std::count_if(
      files.begin(), files.end(), [&](const NotBuilt& file) { return file.reason.starts_with(reason); }));
}

void printJson(const CaptureResult& result) {
  std::cout << nlohmann::ordered_json{{"database", result.output},
                                      {"sidecar", result.sidecar},
                                      {"commands", result.count},
                                      {"not_built", countOf(result.notBuilt, "not built")},
                                      {"included", countOf(result.notBuilt, "included")},
                                      {"host_programs", countOf(result.notBuilt, "host")},
                                      {"dropped", result.dropped.total()},
                                      {"failures", result.failures.size()},
                                      {"kernel_release", result.kernelRelease},
                                      {"arch", result.arch},
                                      {"config_hash", result.configHash},
                                      {"source_root", result.sourceRoot},
                                      {"build_root", result.buildRoot}}
                   .dump(2)
            << "\n";
}

void printText(const CaptureResult& result) {
  std::cout << result.output << "\n";
  std::cout << fmt::format(
      "{} commands of Linux {} {}; C files of the scope not built: {}, included by others: {}, "
      "host programs: {}\n",
      result.count, result.kernelRelease, result.arch, countOf(result.notBuilt, "not built"),
      countOf(result.notBuilt, "included"), countOf(result.notBuilt, "host"));
}

/// What must not be missed, whatever the results go to.
void warn(const CaptureResult& result) {
  for (const std::string& note : result.notes)
    std::fprintf(stderr, "fgft: %s\n", note.c_str());
  if (result.failures.empty())
    return;
  std::fprintf(stderr, "fgft: the kernel's build could not make %zu targets, whose files are missing:\n",
               result.failures.size());
  for (std::size_t i = 0; i < result.failures.size() && i < 5; ++i)
    std::fprintf(stderr, "  %s\n", result.failures[i].c_str());
  std::fprintf(stderr, "  (all of them: %s; what make said: %s)\n", result.sidecar.c_str(),
               result.log.c_str());
}

void run(const Arguments& arguments) {
  CaptureResult result;
  {
    ProgressLine progress;
    result = capture(arguments.capture, [&](const std::string& step, std::size_t commands) {
      progress.note(commands ? fmt::format("capture: {}, {} commands", step, commands) : "capture: " + step);
    });
  }
  warn(result);
  if (arguments.json)
    printJson(result);
  else
    printText(result);
}

} // namespace

void addCaptureCommand(CLI::App& app) {
  auto arguments = std::make_shared<Arguments>();
  CaptureOptions& capture = arguments->capture;
  CLI::App* command = app.add_subcommand(
      "capture",
      "Compile commands of a kernel, or of a part, without compiling it.\n"
      "Neither the source nor the build folder is written to; generated files that the commands need are "
      "kept below the cache folder ($FGFT_CACHE, else ~/.cache/fgft). Beside the database a "
      "NAME.capture.json says what it is of, and which C files of the scope are not built.");
  command
      ->add_option("--kernel", capture.kernel,
                   "A configured kernel: the folder given to make by O=, or a source configured in place")
      ->required();
  command->add_option(
      "--arch", capture.arch,
      "Check that it is configured for this architecture: x86_64, arm64, … (default: take what it is)");
  command->add_option(
      "--scope", capture.scope,
      "A folder or C file below the source, e.g. drivers/net; may be repeated (default: drivers and "
      "sound)");
  command->add_option("-o,--output", capture.output, "The database to write")->capture_default_str();
  command->add_option("-j,--jobs", capture.jobs, "Jobs of make (default: one for each CPU)");
  command->add_option("--llvm", capture.llvmSuffix,
                      "The value of LLVM= for a kernel configured with clang (default: -" FGFT_LLVM_VERSION
                      ")");
  command->add_flag("--json", arguments->json, "Print what was done as JSON");
  command->callback([arguments] { run(*arguments); });
}

} // namespace fgft
