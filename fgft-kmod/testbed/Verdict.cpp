// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Judging a run: a guest must have come to its end, its script must have succeeded, the console must hold no
// sign of a crash that the scenario does not allow, and every pattern must be there or absent as the scenario
// says.
#include "Verdict.h"

#include <algorithm>
#include <fstream>
#include <optional>
#include <regex>
#include <sstream>

namespace fgft {
namespace {

using Json = nlohmann::ordered_json;

/// What the kernel prints when something went wrong that it noticed.
const char* const crashSigns[] = {"Kernel panic",
                                  "BUG: ",
                                  "Oops: ",
                                  "kernel BUG at",
                                  "general protection fault",
                                  "WARNING: ",
                                  "Call Trace:",
                                  "soft lockup",
                                  "hard LOCKUP",
                                  "detected stalls",
                                  "self-detected stall",
                                  "blocked for more than",
                                  "list_add corruption",
                                  "list_del corruption",
                                  "Redzone",
                                  "Poison overwritten",
                                  "Object already free",
                                  "Bad page state",
                                  "scheduling while atomic",
                                  "sleeping function called from invalid context",
                                  "unregister_netdevice: waiting",
                                  "refcount_t: ",
                                  "stack-protector:",
                                  "Invalid wait context"};

std::vector<std::string> readLines(const std::filesystem::path& path) {
  std::ifstream in(path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) {
    line.erase(std::remove(line.begin(), line.end(), '\r'), line.end());
    lines.push_back(line);
  }
  return lines;
}

/// The lines of the result stream, split into the script's output and the harness's own.
struct GuestReport {
  std::vector<std::string> output;
  Json records = Json::array();
  std::optional<int> exitStatus;
  std::optional<unsigned long> taint;
  double bootSeconds = 0;
};

Json parseRecord(const std::string& text) {
  Json record = Json::object();
  std::istringstream words(text);
  for (std::string word; words >> word;) {
    const auto equals = word.find('=');
    record[word.substr(0, equals)] = equals == std::string::npos ? "" : word.substr(equals + 1);
  }
  return record;
}

GuestReport readReport(const std::filesystem::path& path) {
  GuestReport report;
  for (const std::string& line : readLines(path)) {
    std::istringstream words(line);
    std::string tag;
    words >> tag;
    int number = 0;
    if (tag == "@exit" && words >> number)
      report.exitStatus = number;
    else if (tag == "@taint" && words >> number)
      report.taint = static_cast<unsigned long>(number);
    else if (tag == "@boot")
      words >> report.bootSeconds;
    else if (tag == "@record")
      report.records.push_back(parseRecord(line.substr(8)));
    else if (tag != "@uptime")
      report.output.push_back(line);
  }
  return report;
}

bool matchesAny(const std::string& line, const std::vector<std::string>& patterns) {
  return std::any_of(patterns.begin(), patterns.end(), [&](const std::string& pattern) {
    return std::regex_search(line, std::regex(pattern));
  });
}

/// The first console line that tells of a crash.
std::optional<std::string> crashLine(const std::vector<std::string>& console, const Scenario& scenario) {
  for (const std::string& line : console)
    for (const char* sign : crashSigns)
      if (line.find(sign) != std::string::npos && !matchesAny(line, scenario.allowed))
        return line;
  return std::nullopt;
}

std::optional<std::string> findMatch(const std::vector<std::string>& lines, const std::string& pattern) {
  const std::regex compiled(pattern);
  for (const std::string& line : lines)
    if (std::regex_search(line, compiled))
      return line;
  return std::nullopt;
}

/// Adds every check to the result; the first failed one as text.
std::optional<std::string> checkPatterns(const Scenario& scenario, const GuestReport& report,
                                         const std::vector<std::string>& console, Json& checks) {
  std::optional<std::string> failed;
  for (const Expectation& expectation : scenario.expectations) {
    const bool onConsole = expectation.stream == Expectation::Stream::Console;
    const auto match = findMatch(onConsole ? console : report.output, expectation.pattern);
    const bool good = match.has_value() == expectation.present;
    checks.push_back({{"stream", onConsole ? "console" : "output"},
                      {"present", expectation.present},
                      {"pattern", expectation.pattern},
                      {"line", expectation.line},
                      {"ok", good}});
    if (!good && !failed)
      failed = scenario.file + ":" + std::to_string(expectation.line) + ": " +
               (expectation.present ? "not found: " + expectation.pattern : "found: " + *match);
  }
  return failed;
}

// What the script said of its own failure (fail() of guest-lib.sh), which is the first question.
std::string lastWords(const GuestReport& report) {
  for (auto line = report.output.rbegin(); line != report.output.rend(); ++line)
    if (line->starts_with("FAIL: "))
      return ": " + line->substr(6);
  return {};
}

std::pair<std::string, std::string> outcome(const Scenario& scenario, const GuestRun& run,
                                            const GuestReport& report,
                                            const std::vector<std::string>& console,
                                            const std::optional<std::string>& failedCheck) {
  const auto crash = crashLine(console, scenario);
  if (scenario.outcome == "crash") {
    // The guest's end is what is looked for; what its last words must be, the patterns say.
    if (!crash || report.exitStatus)
      return {"fail", "the guest did not crash"};
    return failedCheck ? std::pair<std::string, std::string>{"fail", *failedCheck}
                       : std::pair<std::string, std::string>{"pass", ""};
  }
  if (crash)
    return {"crash", *crash};
  switch (run.end) {
  case GuestRun::End::TimeLimit:
    return {"hang", "the time limit of " + std::to_string(scenario.timeoutSeconds) + " s was over"};
  case GuestRun::End::Stalled:
    return {"hang", "nothing was heard for " + std::to_string(scenario.stallSeconds) + " s"};
  case GuestRun::End::QemuFailed:
    return {"error", "QEMU ended with status " + std::to_string(run.qemuStatus)};
  case GuestRun::End::PoweredOff:
    break;
  }
  if (!report.exitStatus)
    return {"crash", "the guest ended before its script did"};
  if (*report.exitStatus != 0)
    return {"fail", "RUN ended with status " + std::to_string(*report.exitStatus) + lastWords(report)};
  if (failedCheck)
    return {"fail", *failedCheck};
  return {"pass", ""};
}

Json frame(const Scenario& scenario, const std::string& result, const std::string& reason) {
  return {{"name", scenario.name},
          {"file", scenario.file},
          {"line", scenario.line},
          {"outcome", result},
          {"reason", reason}};
}

} // namespace

Json judge(const Scenario& scenario, const GuestRun& run) {
  const GuestReport report = readReport(run.result);
  const std::vector<std::string> console = readLines(run.console);
  Json checks = Json::array();
  const auto failedCheck = checkPatterns(scenario, report, console, checks);
  const auto [result, reason] = outcome(scenario, run, report, console, failedCheck);
  Json json = frame(scenario, result, reason);
  json["seconds"] = run.seconds;
  json["boot_seconds"] = report.bootSeconds;
  json["exit"] = report.exitStatus ? Json(*report.exitStatus) : Json();
  json["taint"] = report.taint ? Json(*report.taint) : Json();
  json["checks"] = checks;
  json["records"] = report.records;
  json["output"] = run.result.string();
  json["console"] = run.console.string();
  return json;
}

Json skipped(const Scenario& scenario, const std::string& reason) {
  return frame(scenario, "skip", reason);
}

} // namespace fgft
