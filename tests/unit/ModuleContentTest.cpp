// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// module.content: the same for the same rows, another for any other row, empty once a row changed behind its
// back.
#include "merge/ModuleContent.h"

#include "ReportFixture.h"

#include <catch2/catch.hpp>

#include <map>
#include <vector>

using namespace fgft;

namespace {

using Contents = std::map<std::string, std::string>;

constexpr const char* entryPoint = "entry_point VALUES ({0}, 'net', '{1}', '{1}', 'f', 'irq', 'o', 'a.c', 3, "
                                   "'mmio', 'undoable', 'sufficient', "
                                   "'no', 'no', '', '', 'reason', 'yes', '')";

// Two modules with a row in every table; what belongs to driver `a` has the numbers that are asked for.
void fill(const ScratchFolder& scratch, const std::string& name, std::int64_t id) {
  TestSurvey survey(scratch.file(name));
  survey.execute("INSERT INTO module (name) VALUES ('a'), ('b')");
  for (const auto& [number, module] : {std::pair(id, "a"), std::pair(id + 1, "b")}) {
    survey.driver({.id = number, .module = module, .driver = module});
    survey.finding(number, "dead-legacy-hook", "a.c", 1, "message");
    for (const std::string statement :
         {"restore VALUES ({0}, 'no')", "restore_location VALUES ({0}, 'base', '4', 'CTRL', 'saved')",
          "restore_call VALUES ({0}, 'f', 'free', 'a.c', 2)", entryPoint,
          "effect VALUES ('{1}', 'f', 'mmio', 'writel', 'a.c', 4, 'f > writel', 'api', '')"})
      survey.execute("INSERT INTO " + fmt::format(fmt::runtime(statement), number, module));
  }
}

// With what is empty computed, or as it is.
Contents contents(const ScratchFolder& scratch, const std::string& name, bool filled = true) {
  Database database(scratch.file(name), Database::Mode::Create);
  database.execute("PRAGMA synchronous = OFF; BEGIN");
  if (filled)
    fillModuleContent(database);
  database.execute("COMMIT");
  Statement rows(database, "SELECT name, content FROM module");
  Contents found;
  while (rows.step())
    found[rows.text(0)] = rows.text(1);
  return found;
}

void execute(const ScratchFolder& scratch, const std::string& name, const std::string& sql) {
  Database(scratch.file(name), Database::Mode::Create).execute("PRAGMA synchronous = OFF;" + sql);
}

} // namespace

TEST_CASE("content is of the rows, not of their numbers") {
  const ScratchFolder scratch;
  fill(scratch, "one.db", 1);
  fill(scratch, "two.db", 70);
  const Contents one = contents(scratch, "one.db");
  CHECK(one == contents(scratch, "two.db"));
  CHECK(one.at("a").size() == 32);
  CHECK(one.at("a") != one.at("b"));
}

TEST_CASE("a changed row empties the content of its module, and its alone") {
  const ScratchFolder scratch;
  fill(scratch, "one.db", 1);
  const Contents before = contents(scratch, "one.db");
  const std::string sql =
      GENERATE(as<std::string>{}, "UPDATE driver SET reason = 'x' WHERE id = 1",
               "UPDATE driver SET entry_points = 3 WHERE id = 1", "DELETE FROM finding WHERE driver = 1",
               "INSERT INTO finding SELECT * FROM finding WHERE driver = 1",
               "UPDATE restore SET atomic = 'yes' WHERE driver = 1",
               "UPDATE restore_location SET name = 'x' WHERE driver = 1",
               "UPDATE restore_call SET line = 7 WHERE driver = 1",
               "UPDATE entry_point SET reason = 'x' WHERE module = 'a'",
               "UPDATE entry_point SET obstacles = 'x' WHERE module = 'a'",
               "DELETE FROM entry_point WHERE module = 'a'", "UPDATE effect SET why = 'x' WHERE module = 'a'",
               "INSERT INTO effect SELECT 'a', 'g', effect, '', file, 1, '', '', '' FROM effect "
               "WHERE module = 'b'",
               "DELETE FROM effect WHERE module = 'a'");
  INFO(sql);
  execute(scratch, "one.db", sql);
  CHECK(contents(scratch, "one.db", false) == Contents{{"a", ""}, {"b", before.at("b")}});
  const Contents after = contents(scratch, "one.db");
  CHECK(after.at("a") != before.at("a"));
  CHECK_FALSE(after.at("a").empty());
  CHECK(after.at("b") == before.at("b"));
}

TEST_CASE("a driver whose number changes loses its findings, which is no small thing") {
  const ScratchFolder scratch;
  fill(scratch, "one.db", 1);
  const Contents before = contents(scratch, "one.db");
  execute(scratch, "one.db", "UPDATE driver SET id = 10 WHERE id = 1");
  CHECK(contents(scratch, "one.db").at("a") != before.at("a"));
  execute(scratch, "one.db", "UPDATE driver SET id = 1 WHERE id = 10");
  CHECK(contents(scratch, "one.db") == before);
}

TEST_CASE("a row that goes to another module empties both") {
  const ScratchFolder scratch;
  fill(scratch, "one.db", 1);
  contents(scratch, "one.db");
  execute(scratch, "one.db", "UPDATE finding SET driver = 2 WHERE driver = 1");
  CHECK(contents(scratch, "one.db", false) == Contents{{"a", ""}, {"b", ""}});
}

TEST_CASE("what says the same again empties nothing, and gives the same when it did") {
  const ScratchFolder scratch;
  fill(scratch, "one.db", 1);
  const Contents before = contents(scratch, "one.db");
  execute(scratch, "one.db", "UPDATE driver SET entry_points = entry_points");
  CHECK(contents(scratch, "one.db", false) == before);
  execute(scratch, "one.db",
          "CREATE TEMP TABLE kept AS SELECT * FROM effect; DELETE FROM effect;"
          "INSERT INTO effect SELECT * FROM kept");
  CHECK(contents(scratch, "one.db", false) == Contents{{"a", ""}, {"b", ""}});
  CHECK(contents(scratch, "one.db") == before);
}
