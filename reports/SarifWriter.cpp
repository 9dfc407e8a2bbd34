// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The findings as SARIF 2.1.0 (OASIS): one rule for each kind of finding, one result for each finding, and a
// notification for each translation unit that could not be read, so that silence is not taken for health.
#include "reports/FindingKinds.h"
#include "reports/ReportRecord.h"
#include "reports/Writers.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <set>

namespace fgft::report {

using nlohmann::ordered_json;

namespace {

/// Paths may hold what a URI reference may not (RFC 3986); slashes stay.
std::string uriOf(const std::string& path) {
  std::string uri;
  for (const char c : path) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte < 0x80 && std::isalnum(byte)) ||
        std::string_view("-._~/+,=@").find(c) != std::string_view::npos)
      uri += c;
    else
      uri += fmt::format("%{:02X}", byte);
  }
  return uri;
}

ordered_json location(const std::string& file, std::int64_t line) {
  ordered_json physical = {{"artifactLocation", {{"uri", uriOf(file)}, {"uriBaseId", "SRCROOT"}}}};
  if (line > 0) // SARIF counts lines from 1; 0 is ours for "somewhere in the file"
    physical["region"] = {{"startLine", line}};
  return {{"physicalLocation", physical}};
}

ordered_json ruleOf(const std::string& kind) {
  const FindingKind known = findingKind(kind);
  return {{"id", kind},
          {"shortDescription", {{"text", known.title}}},
          {"fullDescription", {{"text", known.meaning}}},
          {"defaultConfiguration", {{"level", "warning"}}}};
}

ordered_json resultOf(const Driver& driver, const Finding& finding, std::size_t ruleIndex) {
  return {{"ruleId", finding.kind},
          {"ruleIndex", ruleIndex},
          {"level", "warning"},
          {"message", {{"text", finding.message}}},
          {"locations", ordered_json::array({location(finding.file, finding.line)})},
          // Without the line: the finding stays the same one when code above it grows.
          {"partialFingerprints",
           {{"driverAndKind/v1",
             fmt::format("{}:{}:{}:{}", driver.module, driver.bus, driver.driver, finding.kind)}}},
          {"properties", {{"class", driver.className}, {"bus", driver.bus}, {"driver", driver.driver}}}};
}

ordered_json notificationOf(const FailedUnit& unit) {
  return {{"level", "error"},
          {"message",
           {{"text", fmt::format("{} ({}): {}: {}", unit.file, unit.config, unit.status, unit.message)}}},
          {"locations", ordered_json::array({location(unit.file, 0)})}};
}

} // namespace

std::vector<std::string> writeSarif(const Survey& survey, const std::string& outFolder,
                                    ReportRecord& record) {
  std::set<std::string> kinds;
  for (const Driver& driver : survey.drivers)
    for (const Finding& finding : driver.findings)
      kinds.insert(finding.kind);

  ordered_json rules = ordered_json::array();
  for (const std::string& kind : kinds)
    rules.push_back(ruleOf(kind));
  ordered_json results = ordered_json::array();
  for (const Driver& driver : survey.drivers)
    for (const Finding& finding : driver.findings)
      results.push_back(resultOf(
          driver, finding, static_cast<std::size_t>(std::distance(kinds.begin(), kinds.find(finding.kind)))));
  ordered_json notifications = ordered_json::array();
  for (const FailedUnit& unit : survey.failedUnits)
    notifications.push_back(notificationOf(unit));

  const ordered_json tool = {{"driver",
                              {{"name", "fgft"},
                               {"fullName", "FGFT Advisor"},
                               {"version", survey.metaOr("tool_version")},
                               {"rules", rules}}}};
  const ordered_json run = {
      {"tool", tool},
      {"invocations",
       ordered_json::array({{{"executionSuccessful", true}, {"toolExecutionNotifications", notifications}}})},
      {"originalUriBaseIds",
       {{"SRCROOT", {{"description", {{"text", "The root of the kernel's source tree."}}}}}}},
      {"columnKind", "unicodeCodePoints"},
      {"results", results},
      {"properties",
       {{"kernelVersion", survey.metaOr("kernel_version")}, {"scope", survey.metaOr("scope")}}}};
  const ordered_json log = {{"$schema", "https://json.schemastore.org/sarif-2.1.0.json"},
                            {"version", "2.1.0"},
                            {"runs", ordered_json::array({run})}};

  // Names come from sources that need not be UTF-8; JSON must be.
  record.write("findings.sarif", log.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n");
  return {outFolder + "/findings.sarif"};
}

} // namespace fgft::report
