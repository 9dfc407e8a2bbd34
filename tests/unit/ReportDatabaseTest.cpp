// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Databases that must not be believed, and folders that cannot be written: each a clear error, nothing half
// done.
#include "ReportFixture.h"
#include "reports/Report.h"
#include "support/Error.h"

#include <catch2/catch.hpp>

using namespace fgft;
using Catch::Matchers::Contains;

namespace {

void report(const ScratchFolder& scratch) {
  writeReport(scratch.file("survey.db"), scratch.file("out"), reportFormats());
}

void expectError(const ScratchFolder& scratch, const std::string& what) {
  CHECK_THROWS_WITH(report(scratch), Contains(scratch.file("survey.db")) && Contains(what));
  CHECK_FALSE(std::filesystem::exists(scratch.file("out")));
}

void fill(const ScratchFolder& scratch) {
  TestSurvey survey(scratch.file("survey.db"));
  for (std::int64_t id = 1; id <= 500; ++id)
    survey.driver({.id = id, .driver = fmt::format("driver_{}", id)});
}

} // namespace

TEST_CASE("a missing database") {
  const ScratchFolder scratch;
  expectError(scratch, "no such file");
}

TEST_CASE("a folder in its place") {
  const ScratchFolder scratch;
  std::filesystem::create_directory(scratch.file("survey.db"));
  expectError(scratch, "not a file");
}

TEST_CASE("an empty file") {
  const ScratchFolder scratch;
  writeFileAtomically(scratch.file("survey.db"), "");
  expectError(scratch, "no survey.db");
}

TEST_CASE("a file that is no database") {
  const ScratchFolder scratch;
  writeFileAtomically(scratch.file("survey.db"), std::string(5000, 'x'));
  expectError(scratch, "not a database");
}

TEST_CASE("a database that is cut off, at a page's border and inside one") {
  const ScratchFolder scratch;
  fill(scratch);
  const std::string whole = readFile(scratch.file("survey.db"));
  const auto size = GENERATE(as<std::size_t>{}, 50, 4096, 8192, 20480, 20481);
  REQUIRE(size < whole.size());
  writeFileAtomically(scratch.file("survey.db"), whole.substr(0, size));
  expectError(scratch, "survey.db");
}

TEST_CASE("a database with a page of rubbish") {
  const ScratchFolder scratch;
  fill(scratch);
  std::string bytes = readFile(scratch.file("survey.db"));
  bytes.replace(bytes.size() - 4096, 4096, 4096, '\x5a');
  writeFileAtomically(scratch.file("survey.db"), bytes);
  expectError(scratch, "damaged");
}

TEST_CASE("a foreign database") {
  const ScratchFolder scratch;
  Database(scratch.file("survey.db"), Database::Mode::Create).execute("CREATE TABLE meta (key, value)");
  expectError(scratch, "no survey.db");
}

TEST_CASE("another schema version") {
  const ScratchFolder scratch;
  TestSurvey(scratch.file("survey.db")).meta("schema_version", "999");
  expectError(scratch, "schema version '999'");
}

TEST_CASE("an unknown format is named before anything is read or written") {
  const ScratchFolder scratch;
  CHECK_THROWS_WITH(writeReport(scratch.file("survey.db"), scratch.file("out"), {"pdf"}),
                    Contains("'pdf'") && Contains("csv, html, sarif"));
}

TEST_CASE("a folder that cannot be made") {
  const ScratchFolder scratch;
  fill(scratch);
  writeFileAtomically(scratch.file("out"), "a file in the way");
  CHECK_THROWS_WITH(report(scratch), Contains(scratch.file("out")));
}

TEST_CASE("the report leaves the database as it was") {
  const ScratchFolder scratch;
  fill(scratch);
  const std::string before = readFile(scratch.file("survey.db"));
  std::filesystem::permissions(scratch.file("survey.db"), std::filesystem::perms::owner_read);
  report(scratch);
  CHECK(readFile(scratch.file("survey.db")) == before);
}
