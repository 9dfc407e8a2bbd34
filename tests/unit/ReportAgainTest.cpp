// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A report into a folder that has one: byte for byte what it would be in an empty folder, whatever changed in
// the survey or was done to the folder; and what did not change is not written again.
#include "ReportFixture.h"
#include "merge/ModuleContent.h"
#include "reports/Report.h"
#include "support/Error.h"

#include <catch2/catch.hpp>

#include <chrono>
#include <map>
#include <sys/stat.h>

using namespace fgft;
namespace fs = std::filesystem;

namespace {

using Files = std::map<std::string, std::string>;

// By name; without the record, which has the files' times.
Files filesIn(const std::string& folder) {
  Files files;
  for (const auto& entry : fs::recursive_directory_iterator(folder))
    if (entry.is_regular_file() && entry.path().filename() != ".fgft-report")
      files[entry.path().lexically_relative(folder)] = readFile(entry.path());
  return files;
}

// What a table of a module has is in the names, so that a piece in the wrong place shows.
std::string rowsOf(const std::string& module, int count) {
  std::string sql = fmt::format("INSERT INTO module (name) VALUES ('{}');", module);
  for (int i = 0; i < count; ++i)
    sql += fmt::format("INSERT INTO entry_point (class, module, driver, function, kind, ops, file, line, "
                       "effects, reversibility, "
                       "checkpoint, sleeps, atomic, score, rank, reason, candidate, obstacles) VALUES "
                       "('net', '{0}', 'd', 'f{1}', "
                       "'irq', 'o', '{0}.c', {1}, 'mmio', 'undoable', 'sufficient', 'no', 'yes', '', '', "
                       "'because of \"{0}\"', "
                       "'yes', 'obstacle');"
                       "INSERT INTO effect VALUES ('{0}', 'f{1}', 'mmio', 'writel', '{0}.c', {1}, 'f{1} > g "
                       "> writel', 'api', "
                       "'why'), ('{0}', 'f{1}', 'unknown', 'g{1}', '{0}.c', {1}, 'f{1} > g{1}', '', '');",
                       module, i);
  return sql;
}

// A survey of five modules and a report of it.
class Report {
public:
  Report() {
    TestSurvey survey(database());
    survey.meta("inputs", "1");
    std::int64_t id = 0;
    for (const std::string module : {"b", "d,\"\n", "f", "h", "j"}) {
      survey.execute(rowsOf(module, static_cast<int>(++id % 3 + 1)));
      survey.driver({.id = id, .className = id % 2 ? "net" : "sound", .module = module, .driver = "d"});
      survey.execute(
          fmt::format("INSERT INTO restore_location VALUES ({}, 'base', '4', 'CTRL', 'saved')", id));
    }
    survey.finding(2, "dead-legacy-hook", "a.c", 1, "message");
    survey.unit("drivers/net/a.c", "ok", "");
  }

  std::string database() const { return scratch_.file("survey.db"); }
  std::string out(const std::string& file = "") const { return scratch_.file("out") + "/" + file; }

  // As a merge does, or by hand.
  void change(const std::string& sql, bool byMerge = true) {
    Database db(database(), Database::Mode::Create);
    db.execute("PRAGMA synchronous = OFF");
    db.execute("BEGIN");
    db.execute(sql);
    db.execute("UPDATE meta SET value = value || 'x' WHERE key = 'inputs'");
    if (byMerge)
      fillModuleContent(db);
    db.execute("COMMIT");
  }

  std::vector<std::string> write(const std::vector<std::string>& formats = reportFormats()) {
    const auto files = writeReport(database(), scratch_.file("out"), formats);
    for (const auto& entry : fs::recursive_directory_iterator(scratch_.file("out")))
      if (entry.is_regular_file())
        numbers_[entry.path().lexically_relative(scratch_.file("out"))] = numberOf(entry.path());
    return files;
  }

  // What a report into an empty folder would be.
  Files whole() const {
    const ScratchFolder other;
    writeReport(database(), other.file("out"), reportFormats());
    return filesIn(other.file("out"));
  }

  // Writes the report again; whether the files are others than those that were there.
  std::map<std::string, bool> writeAgain() {
    const auto before = numbers_;
    write();
    std::map<std::string, bool> isNew;
    for (const auto& [file, number] : numbers_)
      isNew[file] = !before.contains(file) || before.at(file) != number;
    return isNew;
  }

  // As a user with an editor: another content, whenever that was.
  void edit(const std::string& file, const std::string& content, std::chrono::seconds later) {
    const auto time = fs::last_write_time(out(file));
    writeFileAtomically(out(file), content);
    fs::last_write_time(out(file), time + later);
  }

private:
  // Files are written beside their place, so a file that was written is another one.
  static ino_t numberOf(const std::string& path) {
    struct stat found{};
    REQUIRE(::stat(path.c_str(), &found) == 0);
    return found.st_ino;
  }

  ScratchFolder scratch_;
  std::map<std::string, ino_t> numbers_;
};

constexpr const char* pageOfB = "html/module/b.html";
constexpr const char* pageOfF = "html/module/f.html";

} // namespace

TEST_CASE("a report after a change of the survey is what a first one would be") {
  Report report;
  report.change("");
  report.write();
  const Files before = filesIn(report.out());
  const std::string sql = GENERATE(
      as<std::string>{}, "UPDATE entry_point SET reason = 'another' WHERE module = 'f'",
      "UPDATE entry_point SET obstacles = 'more' WHERE module = 'f' AND function = 'f0'",
      "UPDATE entry_point SET class = 'x', line = 100 WHERE module IN ('b', 'j')",
      "DELETE FROM effect WHERE module = 'f' AND effect = 'unknown'", "DELETE FROM effect WHERE module = 'j'",
      "UPDATE effect SET path = 'a much longer path than it was before' WHERE module = 'b'",
      "UPDATE effect SET why = 'seen on the page alone' WHERE module = 'h'",
      "UPDATE restore_location SET name = 'STAT' WHERE driver = 3", "INSERT INTO restore VALUES (3, 'yes')",
      "DELETE FROM entry_point WHERE module = 'f'",
      "DELETE FROM entry_point WHERE module = 'b'; DELETE FROM effect WHERE module = 'b';"
      "DELETE FROM restore_location WHERE driver = 1; DELETE FROM driver WHERE module = 'b';"
      "DELETE FROM module WHERE name = 'b'",
      rowsOf("a", 2), rowsOf("e", 2), rowsOf("k", 1), rowsOf("a", 1) + rowsOf("c", 1) + rowsOf("z", 4),
      "UPDATE entry_point SET module = 'ff' WHERE module = 'f'; UPDATE effect SET module = 'ff' WHERE module "
      "= 'f';"
      "UPDATE module SET name = 'ff' WHERE name = 'f'",
      "UPDATE effect SET module = 'h', function = 'z' || function WHERE module = 'b'",
      // Rows of no module are nothing that a merge makes, and shown all the same.
      "DELETE FROM module WHERE name = 'h'; UPDATE entry_point SET reason = 'x' WHERE module = 'h';"
      "UPDATE effect SET why = 'x' WHERE module = 'h'",
      "INSERT INTO effect VALUES ('nobody', 'f', 'mmio', 'writel', 'n.c', 1, 'p', 'api', '')",
      "UPDATE finding SET message = 'another'", "DELETE FROM finding",
      "UPDATE driver SET class = 'video' WHERE module = 'f'", "UPDATE tu SET status = 'failed'",
      "UPDATE meta SET value = '6.13' WHERE key = 'kernel_version'",
      "INSERT INTO not_built VALUES ('x86_64', 'drivers/net/z.c')",
      "UPDATE entry_point SET reason = 'all of them'; UPDATE effect SET why = 'all of them'");
  const bool byMerge = GENERATE(true, false);
  INFO(sql);
  report.change(sql, byMerge);
  report.writeAgain();
  const Files after = filesIn(report.out());
  CHECK(after == report.whole());
  CHECK(after != before);
  report.change("UPDATE effect SET path = path || '!' WHERE module = 'j'"); // on what the last one left
  report.write();
  CHECK(filesIn(report.out()) == report.whole());
}

TEST_CASE("what did not change is not written again") {
  Report report;
  report.change("");
  const auto opened = report.write();
  SECTION("nothing changed") {
    for (const auto& [file, isNew] : report.writeAgain())
      CHECK_FALSE(isNew);
    CHECK(report.write() == opened);
  }
  SECTION("the same rows of other inputs") {
    report.change("");
    const auto isNew = report.writeAgain();
    CHECK_FALSE(isNew.at(pageOfB));
    CHECK_FALSE(isNew.at("html/index.html"));
    CHECK_FALSE(isNew.at("findings.sarif"));
    CHECK(report.write() == opened);
  }
  SECTION("one module, and how much there is to be found") {
    report.change("UPDATE entry_point SET reason = 'x' WHERE module = 'f'; DELETE FROM finding");
    const auto isNew = report.writeAgain();
    CHECK(isNew.at(pageOfF));
    CHECK_FALSE(isNew.at(pageOfB));
    CHECK_FALSE(isNew.at("html/report.css"));
  }
  SECTION("rows of a table come from the file that is there") {
    // Nobody can tell that this was written by hand, so it shows where it is taken from.
    std::string text = readFile(report.out("effects.csv"));
    text.replace(text.find("b,f0"), 4, "B,F0");
    report.edit("effects.csv", text, std::chrono::seconds(0));
    report.change("UPDATE effect SET path = 'changed' WHERE module = 'f'");
    report.write();
    const std::string written = readFile(report.out("effects.csv"));
    CHECK(written.find("B,F0") != std::string::npos);
    CHECK(written.find("f,f0,mmio,writel,f.c,0,changed [api]\n") != std::string::npos);
  }
}

TEST_CASE("what somebody did to the folder is not built upon") {
  Report report;
  report.change("");
  report.write();
  if (GENERATE(true, false)) // else the survey is the same
    report.change("UPDATE effect SET path = 'changed' WHERE module = 'f'");

  SECTION("a table of the same size, later or earlier") {
    const std::string file =
        GENERATE(as<std::string>{}, "effects.csv", "entry_points.csv", "drivers.csv", "classes.csv");
    std::string text = readFile(report.out(file));
    std::reverse(text.begin(), text.end());
    report.edit(file, text, std::chrono::seconds(GENERATE(2, -2)));
  }
  SECTION("a table that is longer, at the same time") {
    report.edit("effects.csv", readFile(report.out("effects.csv")) + "more\n", std::chrono::seconds(0));
  }
  SECTION("a page") {
    const std::string file = GENERATE(as<std::string>{}, pageOfB, pageOfF, "html/index.html",
                                      "html/class/net.html", "html/report.js");
    std::string text = readFile(report.out(file));
    std::reverse(text.begin(), text.end());
    report.edit(file, text, std::chrono::seconds(2));
  }
  SECTION("files are gone") {
    fs::remove(report.out(GENERATE(as<std::string>{}, "effects.csv", "html/module/b.html", "html/index.html",
                                   "findings.sarif")));
  }
  SECTION("pages too many") {
    writeFileAtomically(report.out("html/module/old.html"), "old");
    writeFileAtomically(report.out("html/class/old.html"), "old");
  }
  SECTION("the record is gone") {
    fs::remove(report.out(".fgft-report"));
  }
  SECTION("the record says less, or something else") {
    std::string text = readFile(report.out(".fgft-report"));
    const int cut = GENERATE(0, 1, 2, 3, 4, 5);
    if (cut == 5)
      text.replace(text.find("part "), 6, "part 9");
    else
      text.resize(text.size() * static_cast<std::size_t>(cut) / 5 + (cut > 0 ? 1 : 0));
    // What it would have kept.
    report.edit("effects.csv", std::string(readFile(report.out("effects.csv")).size(), 'x'),
                std::chrono::seconds(0));
    writeFileAtomically(report.out(".fgft-report"), text);
  }
  report.write();
  CHECK(filesIn(report.out()) == report.whole());
}

TEST_CASE("a file of the user stays") {
  Report report;
  report.change("");
  report.write();
  const std::string mine =
      GENERATE(as<std::string>{}, "notes.txt", "html/notes.txt", "html/module/notes.txt", "html/mine.html");
  writeFileAtomically(report.out(mine), "mine");
  report.change("UPDATE effect SET path = 'changed' WHERE module = 'f'");
  report.write();
  report.change("DELETE FROM effect WHERE module = 'f'");
  report.write();
  Files expected = report.whole();
  expected[mine] = "mine";
  CHECK(filesIn(report.out()) == expected);
}

TEST_CASE("other formats: the report is written anew") {
  Report report;
  report.change("");
  report.write({"csv"});
  report.change("UPDATE effect SET path = 'changed' WHERE module = 'f'");
  report.write({"html", "sarif"});
  CHECK(readFile(report.out("html/index.html")).find("classes.csv") == std::string::npos);
  report.write();
  CHECK(filesIn(report.out()) == report.whole());
}

TEST_CASE("a survey that is cut leaves the report as it was") {
  Report report;
  report.change("");
  report.write();
  const Files before = filesIn(report.out());
  const std::string record = readFile(report.out(".fgft-report"));
  report.change("UPDATE effect SET path = 'changed' WHERE module = 'f'");
  fs::resize_file(report.database(), fs::file_size(report.database()) - 4096);
  CHECK_THROWS_AS(report.write(), Error);
  CHECK(filesIn(report.out()) == before);
  CHECK(readFile(report.out(".fgft-report")) == record);
}
