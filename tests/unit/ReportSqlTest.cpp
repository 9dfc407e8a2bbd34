// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The queries that docs/sql.md shows, run as they stand there.
#include "ReportFixture.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <vector>

using namespace fgft;

namespace {

/// The ```sql blocks of a page, in order.
std::vector<std::string> sqlBlocks(const std::string& page) {
  const std::string open = "```sql\n", close = "\n```";
  std::vector<std::string> blocks;
  for (auto at = page.find(open); at != std::string::npos; at = page.find(open, at)) {
    at += open.size();
    const auto end = page.find(close, at);
    REQUIRE(end != std::string::npos);
    blocks.push_back(page.substr(at, end - at));
  }
  return blocks;
}

/// All rows as text, columns separated by '|'.
std::vector<std::string> run(Database& db, const std::string& sql) {
  std::vector<std::string> rows;
  Statement statement(db, sql);
  while (statement.step()) {
    std::string& row = rows.emplace_back();
    for (int column = 0; column < statement.columns(); ++column)
      row += (column ? "|" : "") + statement.text(column);
  }
  return rows;
}

void fill(const std::string& path, const std::string& pmOfFirst) {
  TestSurvey survey(path);
  survey.driver({.id = 1, .driver = "a", .pm = pmOfFirst, .reason = "one"});
  survey.driver({.id = 2, .driver = "b", .line = 20, .pm = "none", .reason = "two"});
  survey.driver({.id = 3, .driver = "c", .pm = "unknown", .reason = "cannot tell `x`"});
  survey.driver({.id = 4, .bus = "usb", .driver = "d", .pm = "none"});
  survey.driver({.id = 5, .className = "sound", .driver = "e", .pm = "none"});
  survey.driver({.id = 6, .driver = "f", .pm = "core", .reason = "phylib"});
  survey.execute("UPDATE driver SET pm_how = 'SET_RUNTIME_PM_OPS SET_SYSTEM_SLEEP_PM_OPS' WHERE id < 3");
  survey.finding(2, "dead-legacy-hook", "drivers/net/a.c", 20, "never called");
  survey.unit("drivers/net/bad.c", "failed", "error");
  survey.notBuilt("x86_64", "drivers/net/old/one.c");
  survey.notBuilt("x86_64", "drivers/net/old/two.c");
}

bool contains(const std::vector<std::string>& rows, const std::string& row) {
  return std::find(rows.begin(), rows.end(), row) != rows.end();
}

} // namespace

TEST_CASE("every query of docs/sql.md runs and finds what it says") {
  const ScratchFolder scratch;
  fill(scratch.file("survey.db"), "full");
  fill(scratch.file("old.db"), "suspend-only");
  Database db(scratch.file("survey.db"), Database::Mode::Create);
  db.execute("ATTACH '" + scratch.file("old.db") + "' AS old");

  const auto blocks = sqlBlocks(readFile(FGFT_SOURCE_DIR "/docs/sql.md"));
  REQUIRE(blocks.size() > 10);
  std::vector<std::string> all;
  for (const std::string& sql : blocks) {
    INFO(sql);
    const auto rows = run(db, sql);
    all.insert(all.end(), rows.begin(), rows.end());
  }
  CHECK(run(db, blocks[0]) == std::vector<std::string>{"b|drivers/net/a.c|20|none|two"});
  CHECK(contains(all, "SET_SYSTEM_SLEEP_PM_OPS|2"));
  CHECK(contains(all, "cannot tell |1|drivers/net/a.c"));
  CHECK(contains(all, "dead-legacy-hook|drivers/net/a.c:20|b|never called"));
  CHECK(contains(all, "drivers/net/old/|2"));
  CHECK(contains(all, "drivers/net/a|a|suspend-only|full|one"));
}
