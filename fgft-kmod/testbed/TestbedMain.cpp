// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// fgft-testbed: runs scenario files in guests, or gives a shell in one. Exit status 0 all passed or were
// skipped, 1 the tool failed, 2 a scenario did not pass.
#include "Guest.h"
#include "Scenario.h"
#include "Verdict.h"
#include "support/Error.h"

#include <CLI/CLI.hpp>

#include <fstream>
#include <iostream>

namespace {

using fgft::GuestOptions;
using fgft::Scenario;
using Json = nlohmann::ordered_json;
namespace fs = std::filesystem;

struct Options {
  GuestOptions guest;
  std::vector<std::string> files;
  std::vector<std::string> only;
  std::vector<std::string> moduleFolders;
  std::string output = "out/guest";
  std::string testbed;
  std::string json;
  bool list = false;
  bool failOnSkip = false;
  bool console = false;
};

/// The newest installed kernel whose modules are there too; the testbed boots what the distribution
/// installed.
std::string installedKernel() {
  std::vector<std::string> releases;
  for (const auto& entry : fs::directory_iterator("/lib/modules"))
    if (fs::exists("/boot/vmlinuz-" + entry.path().filename().string()))
      releases.push_back(entry.path().filename().string());
  if (releases.empty())
    throw fgft::Error(
        "/lib/modules: no kernel with an image in /boot; install linux-image-amd64 (./setup.sh packages)");
  return *std::max_element(releases.begin(), releases.end(),
                           [](const auto& a, const auto& b) { return strverscmp(a.c_str(), b.c_str()) < 0; });
}

bool chosen(const Options& options, const Scenario& scenario) {
  return options.only.empty() ||
         std::find(options.only.begin(), options.only.end(), scenario.name) != options.only.end();
}

std::vector<Scenario> readAll(const Options& options) {
  std::vector<Scenario> scenarios;
  for (const std::string& file : options.files)
    for (Scenario& scenario : fgft::readScenarios(file))
      if (chosen(options, scenario))
        scenarios.push_back(std::move(scenario));
  if (scenarios.empty())
    throw fgft::Error("no scenario of that name in the given files");
  return scenarios;
}

void writeJson(const std::string& path, const Json& results) {
  const std::string temporary = path + ".tmp";
  {
    std::ofstream out(temporary);
    out << results.dump(2, ' ', false, Json::error_handler_t::replace) << "\n";
    if (!out.flush())
      throw fgft::Error("{}: cannot be written", temporary);
  }
  fs::rename(temporary, path);
}

/// The console from where the script began.
void printConsole(const std::string& path) {
  std::ifstream in(path);
  bool begun = false;
  for (std::string line; std::getline(in, line);) {
    begun = begun || line.find("fgft: loading out-of-tree") != std::string::npos;
    if (begun)
      std::cout << line << "\n";
  }
}

int runScenarios(const Options& options) {
  Json results = Json::array();
  bool good = true;
  for (const Scenario& scenario : readAll(options)) {
    const auto reason = fgft::whySkipped(options.guest, scenario);
    const Json result = reason ? fgft::skipped(scenario, *reason)
                               : fgft::judge(scenario, fgft::runGuest(options.guest, scenario));
    const std::string outcome = result["outcome"];
    std::cout << outcome << " " << scenario.name;
    if (result.contains("seconds"))
      std::cout << fmt::format(" ({:.1f} s)", result["seconds"].get<double>());
    if (!result["reason"].get<std::string>().empty())
      std::cout << ": " << result["reason"].get<std::string>();
    if (outcome != "pass" && outcome != "skip")
      std::cout << "\n    output " << result["output"].get<std::string>() << ", console "
                << result["console"].get<std::string>();
    std::cout << std::endl;
    good = good && (outcome == "pass" || (outcome == "skip" && !options.failOnSkip));
    if (options.console && result.contains("console"))
      printConsole(result["console"].get<std::string>());
    results.push_back(result);
  }
  if (!options.json.empty())
    writeJson(options.json, results);
  return good ? 0 : 2;
}

int run(const Options& options) {
  if (options.list) {
    for (const Scenario& scenario : readAll(options))
      std::cout << scenario.name << "\n";
    return 0;
  }
  if (options.guest.shell)
    return fgft::runGuest(options.guest, readAll(options).front()).qemuStatus == 0 ? 0 : 1;
  return runScenarios(options);
}

} // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app{"Runs scenario files in guests of the distribution's kernel under QEMU"};
  app.add_option("files", options.files, "scenario files")->required();
  app.add_option("--name", options.only, "run only the scenario of this name");
  app.add_option("--kernel", options.guest.kernel, "kernel release; default: the newest installed");
  app.add_option("--modules", options.moduleFolders, "folders with our own modules");
  app.add_option("--output", options.output, "where consoles and outputs are kept")->capture_default_str();
  app.add_option("--testbed", options.testbed, "folder with the initramfs script and the guest's harness")
      ->required();
  app.add_option("--json", options.json, "write the results to this file");
  app.add_flag("--shell", options.guest.shell, "run RUN, then give a shell");
  app.add_flag("--console", options.console, "print each console, from the loading of fgft.ko on");
  app.add_flag("--list", options.list, "print the scenarios' names");
  app.add_flag("--fail-on-skip", options.failOnSkip, "a skipped scenario is a failure");
  CLI11_PARSE(app, argc, argv);
  try {
    if (options.guest.kernel.empty())
      options.guest.kernel = installedKernel();
    options.guest.testbed = options.testbed;
    options.guest.output = fs::absolute(options.output);
    for (const std::string& folder : options.moduleFolders)
      options.guest.moduleFolders.push_back(fs::absolute(folder));
    return run(options);
  } catch (const std::exception& error) {
    std::cerr << "fgft-testbed: " << error.what() << "\n";
    return 1;
  }
}
