// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The SARIF log: a rule for each kind, a result for each finding, places as SARIF wants them.
#include "ReportFixture.h"
#include "reports/Report.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace fgft;

namespace {

nlohmann::json sarifOf(const ScratchFolder& scratch) {
  const auto written = writeReport(scratch.file("survey.db"), scratch.file("out"), {"sarif"});
  REQUIRE(written == std::vector<std::string>{scratch.file("out/findings.sarif")});
  return nlohmann::json::parse(readFile(written[0]));
}

} // namespace

TEST_CASE("no findings: a valid log with no results") {
  const ScratchFolder scratch;
  TestSurvey{scratch.file("survey.db")};
  const auto log = sarifOf(scratch);
  CHECK(log["version"] == "2.1.0");
  REQUIRE(log["runs"].size() == 1);
  CHECK(log["runs"][0]["results"].is_array());
  CHECK(log["runs"][0]["results"].empty());
  CHECK(log["runs"][0]["tool"]["driver"]["rules"].empty());
  CHECK(log["runs"][0]["tool"]["driver"]["version"] == "0.1.0");
}

TEST_CASE("each finding is a result of its kind's rule, at its place") {
  const ScratchFolder scratch;
  {
    TestSurvey survey(scratch.file("survey.db"));
    survey.driver({.id = 1});
    survey.driver({.id = 2, .driver = "b_driver"});
    survey.finding(2, "suspend-without-resume", "drivers/net/odd name.c", 0, "no resume \xff");
    survey.finding(1, "dead-legacy-hook", "drivers/net/a.c", 12, "never called");
    survey.unit("drivers/net/bad.c", "timeout", "60 s");
  }
  const auto log = sarifOf(scratch);
  const auto& run = log["runs"][0];
  const auto& rules = run["tool"]["driver"]["rules"];
  REQUIRE(run["results"].size() == 2);
  REQUIRE(rules.size() == 2);
  for (const auto& result : run["results"])
    CHECK(rules[result["ruleIndex"].get<std::size_t>()]["id"] == result["ruleId"]);

  const auto& placed = run["results"][0];
  CHECK(placed["ruleId"] == "dead-legacy-hook");
  CHECK(placed["locations"][0]["physicalLocation"]["region"]["startLine"] == 12);
  const auto& unplaced = run["results"][1];
  CHECK(unplaced["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] ==
        "drivers/net/odd%20name.c");
  CHECK_FALSE(unplaced["locations"][0]["physicalLocation"].contains("region"));
  CHECK(unplaced["message"]["text"] == "no resume \xEF\xBF\xBD");
  CHECK(run["invocations"][0]["toolExecutionNotifications"].size() == 1);
}
