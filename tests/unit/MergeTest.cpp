// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Merging: any split into shards, in any order, any number of times gives the same survey; what does not fit
// together is an error that names both sides; a TU whose facts cannot be read is counted, and takes none
// down.
#include "merge/Merge.h"

#include "facts/FactsIo.h"
#include "facts/Manifest.h"
#include "merge/MergeState.h"
#include "reports/Report.h"
#include "support/AtomicFile.h"
#include "support/Error.h"
#include "support/Hash.h"
#include "support/Sqlite.h"
#include "support/SurveyDb.h"
#include "tests/unit/FactsFixture.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <map>
#include <random>
#include <unistd.h>

using namespace fgft;
namespace fs = std::filesystem;

namespace {

// A TU with one i2c driver; every third takes its PM ops from the TU before, which exports them.
TuFacts tu(unsigned number, const std::string& variant = "") {
  std::string n = std::to_string(number);
  TuFacts facts;
  facts.file = "drivers/d" + std::to_string(number % 3) + "/f" + n + ".c";
  facts.output = facts.file.substr(0, facts.file.size() - 1) + "o";
  facts.modules = {"drivers/d" + std::to_string(number % 3) + "/m" + std::to_string(number / 2)};
  std::string ops = "ops" + std::to_string(number % 3 == 2 ? number - 1 : number);
  Object driver{"drv" + n + variant,
                "i2c_driver",
                {facts.file, 10},
                true,
                true,
                false,
                {},
                {{"", "i2c_driver", "driver"}},
                {}};
  driver.fields = {{"driver.name", "device_driver", made(ValueKind::String, "name" + n), 11, {}},
                   {"driver.pm", "device_driver", made(ValueKind::Object, ops), 12, {}}};
  Object table{"ops" + n, "dev_pm_ops", {facts.file, 5}, false, true, false, {}, {}, {}};
  table.fields = {{"suspend", "dev_pm_ops", made(ValueKind::Function, "down" + n), 6, {}}};
  if (number % 2 == 0)
    table.fields.push_back({"resume", "dev_pm_ops", made(ValueKind::Function, "up" + n), 7, {}});
  facts.objects = {table, driver};
  Call call{"i2c_register_driver",
            false,
            {},
            {Value{}, made(ValueKind::Object, std::string(driver.name))},
            {},
            20,
            {}};
  facts.functions = {{"init" + n, {facts.file, 19}, false, "int", {}, {call}}};
  facts.key = Hasher().add(serialise(facts, false)).hex();
  return facts;
}

class Survey {
public:
  Survey() { fs::create_directories(root_); }
  ~Survey() { fs::remove_all(root_); }

  // Writes `tus` as one run's facts folder and gives its path.
  std::string folder(const std::string& name, const std::vector<TuFacts>& tus, unsigned shard = 1,
                     unsigned shards = 1, const std::string& configuration = "x86_64",
                     const std::string& hash = "config", Extent extent = Extent::All) {
    std::string path = root_ + "/" + name;
    fs::create_directories(path);
    Manifest manifest{
        "1", model().extractionHash(), {configuration, "x86_64", "6.12", hash, {"drivers"}, {}}, {}};
    for (const TuFacts& facts : tus) {
      writeFacts(facts, path);
      manifest.entries.push_back({facts.output, facts.file, facts.key, facts.status, facts.modules});
    }
    std::sort(manifest.entries.begin(), manifest.entries.end(),
              [](const auto& a, const auto& b) { return a.output < b.output; });
    manifest.extent = extent;
    writeManifest(manifest, path + "/" + manifestName(configuration, shard, shards));
    return path;
  }

  // Made anew; mergeOver() keeps a database of the same inputs.
  MergeResult merge(const std::vector<std::string>& folders) {
    fs::remove(database());
    return mergeOver(folders);
  }
  MergeResult mergeOver(const std::vector<std::string>& folders, const Model& with = model()) {
    return mergeFacts(folders, with, database());
  }

  std::string database() const { return root_ + "/survey.db"; }
  std::string report() const { return root_ + "/report"; }

  // Of each module.
  std::map<std::string, std::string> contents() const {
    Database database(this->database(), Database::Mode::Read);
    Statement rows(database, "SELECT name, content FROM module");
    std::map<std::string, std::string> found;
    while (rows.step())
      found[rows.text(0)] = rows.text(1);
    return found;
  }

  // All CSV files of the report of a merge.
  std::string csv(const std::vector<std::string>& folders) {
    merge(folders);
    fs::remove_all(root_ + "/report");
    writeReport(root_ + "/survey.db", root_ + "/report", {"csv"});
    std::string all;
    for (const char* name : {"drivers.csv", "classes.csv"})
      all += readFile(root_ + "/report/" + name);
    return all;
  }

private:
  std::string root_ = fs::temp_directory_path() / ("fgft-merge-" + std::to_string(::getpid()));
};

std::vector<TuFacts> someTus(unsigned count) {
  std::vector<TuFacts> tus;
  for (unsigned i = 0; i < count; ++i)
    tus.push_back(tu(i));
  return tus;
}

} // namespace

TEST_CASE("any shards, in any order, any number of times: the same survey") {
  Survey survey;
  std::vector<TuFacts> tus = someTus(24);
  std::string whole = survey.csv({survey.folder("whole", tus)});
  REQUIRE(std::count(whole.begin(), whole.end(), '\n') > 24);
  CHECK(whole.find(",drv5,") != std::string::npos);

  unsigned seed = 20240612;
  for (unsigned round = 0; round < 12; ++round) {
    std::mt19937 random(seed + round);
    unsigned shards = 1 + random() % 6;
    std::vector<std::vector<TuFacts>> parts(shards);
    for (const TuFacts& facts : tus) {
      parts[random() % shards].push_back(facts);
      if (random() % 4 == 0)
        parts[random() % shards].push_back(facts); // overlapping runs
    }
    std::vector<std::string> folders;
    for (unsigned i = 0; i < shards; ++i) {
      std::shuffle(parts[i].begin(), parts[i].end(), random);
      folders.push_back(
          survey.folder("r" + std::to_string(round) + "-" + std::to_string(i), parts[i], i + 1, shards));
    }
    folders.push_back(folders[random() % shards]); // the same folder again
    std::shuffle(folders.begin(), folders.end(), random);
    INFO("round " << round << " with seed " << seed);
    REQUIRE(survey.csv(folders) == whole);
  }
}

TEST_CASE("two keys for one TU are an error that names both") {
  Survey survey;
  TuFacts one = tu(1);
  TuFacts other = tu(1, "x");
  REQUIRE(one.key != other.key);
  auto folders = {survey.folder("a", {one}), survey.folder("b", {other})};
  CHECK_THROWS_WITH(survey.merge(folders), Catch::Contains(one.key) && Catch::Contains(other.key) &&
                                               Catch::Contains("drivers/d1/f1.o") && Catch::Contains("/a") &&
                                               Catch::Contains("/b"));
  // In two configurations they are two TUs.
  auto configurations = {survey.folder("a", {one}), survey.folder("c", {other}, 1, 1, "arm64")};
  CHECK_NOTHROW(survey.merge(configurations));
}

TEST_CASE("two kernels under one name are an error") {
  Survey survey;
  auto folders = {survey.folder("a", {tu(1)}), survey.folder("b", {tu(2)}, 1, 1, "x86_64", "another config")};
  CHECK_THROWS_WITH(survey.merge(folders), Catch::Contains("x86_64") && Catch::Contains("another config"));
}

TEST_CASE("facts that are cut, foreign or gone are counted, the others stand") {
  Survey survey;
  std::vector<TuFacts> tus = someTus(4);
  std::string folder = survey.folder("a", tus);
  CHECK(survey.merge({folder}).notOk == 0);
  std::string cut = factsPath(folder, tus[0].key);
  std::string text = readFile(cut);
  writeFileAtomically(cut, text.substr(0, text.size() / 2));
  fs::remove(factsPath(folder, tus[1].key));
  fs::copy_file(factsPath(folder, tus[3].key), factsPath(folder, tus[2].key),
                fs::copy_options::overwrite_existing);
  MergeResult result = survey.merge({folder});
  CHECK(result.tus == 4);
  CHECK(result.notOk == 3);
  std::string csv = survey.csv({folder});
  CHECK(csv.find(",drv3,") != std::string::npos);
  CHECK(csv.find(",drv0,") == std::string::npos);
}

TEST_CASE(
    "facts that no manifest names are not looked at; a cut manifest is an error; no old survey is lost") {
  Survey survey;
  std::string folder = survey.folder("a", {tu(1)});
  writeFacts(tu(2), folder);
  std::string csv = survey.csv({folder});
  CHECK(csv.find(",drv2,") == std::string::npos);
  std::string manifest = folder + "/" + manifestName("x86_64", 1, 1);
  std::string text = readFile(manifest);
  writeFileAtomically(manifest, text.substr(0, text.size() - 5));
  CHECK_THROWS_AS(survey.merge({folder}), Error);
  writeFileAtomically(manifest, text);
  CHECK(survey.csv({folder}) == csv);
}

TEST_CASE("a survey of the same inputs stays; anything else makes it anew") {
  Survey survey;
  std::vector<TuFacts> tus = someTus(6);
  std::string folder = survey.folder("a", tus);
  MergeResult first = survey.mergeOver({folder});
  CHECK_FALSE(first.unchanged);
  std::string bytes = readFile(survey.database());

  // In other shards, from other folders.
  auto shards = {survey.folder("b", {tus[0], tus[1], tus[2]}, 1, 2),
                 survey.folder("c", {tus[3], tus[4], tus[5]}, 2, 2)};
  MergeResult again = survey.mergeOver(shards);
  CHECK(again.unchanged);
  CHECK(again.tus == first.tus);
  CHECK(again.notOk == first.notOk);
  CHECK(again.drivers == first.drivers);
  CHECK(readFile(survey.database()) == bytes);

  SECTION("one TU says something else") {
    tus[2] = tu(2, "x");
    CHECK_FALSE(survey.mergeOver({survey.folder("d", tus)}).unchanged);
    CHECK(readFile(survey.database()) != bytes);
  }
  SECTION("a TU is gone") {
    tus.pop_back();
    CHECK(survey.mergeOver({survey.folder("d", tus)}).tus == first.tus - 1);
  }
  SECTION("the model says more") {
    fs::create_directories(survey.report());
    std::string rows = survey.report() + "/pm_library.csv";
    writeFileAtomically(rows, "function,core,source\nnobodys_suspend,nobody,test\n");
    CHECK_FALSE(survey.mergeOver({folder}, Model::load(FGFT_SOURCE_DIR "/analyzer/model", {rows})).unchanged);
  }
  SECTION("the database is cut") {
    fs::resize_file(survey.database(), fs::file_size(survey.database()) / 2);
    CHECK_FALSE(survey.mergeOver({folder}).unchanged);
    CHECK(readFile(survey.database()) == bytes);
  }
  SECTION("facts that were missing may be there now") {
    std::string path = factsPath(folder, tus[1].key);
    std::string text = readFile(path);
    fs::remove(path);
    CHECK(survey.merge({folder}).notOk == 1);
    writeFileAtomically(path, text);
    CHECK(survey.mergeOver({folder}).notOk == 0);
  }
}

TEST_CASE("a changed TU changes the content of its module alone") {
  Survey survey;
  std::vector<TuFacts> tus = someTus(6);
  survey.merge({survey.folder("a", tus)});
  auto before = survey.contents();
  REQUIRE(before.size() > 2);
  std::string changed = tus[2].modules.front();
  tus[2] = tu(2, "x");
  survey.merge({survey.folder("b", tus)});
  for (const auto& [module, content] : survey.contents()) {
    INFO(module);
    CHECK_FALSE(content.empty());
    CHECK((content != before.at(module)) == (module == changed));
  }
}

TEST_CASE("a report of the same survey stays; one that was touched is written again") {
  Survey survey;
  std::string folder = survey.folder("a", someTus(6));
  survey.merge({folder});
  auto write = [&] { return writeReport(survey.database(), survey.report(), reportFormats()); };
  auto time = [&](const std::string& name) { return fs::last_write_time(survey.report() + "/" + name); };
  auto files = write();
  std::string csv = readFile(survey.report() + "/drivers.csv");
  auto before = time("drivers.csv");
  CHECK(write() == files);
  CHECK(time("drivers.csv") == before);

  SECTION("a file is gone") {
    fs::remove(survey.report() + "/html/findings.html");
    write();
    CHECK(fs::exists(survey.report() + "/html/findings.html"));
  }
  SECTION("a file is newer than the record") {
    std::string other = csv;
    std::reverse(other.begin(), other.end());
    writeFileAtomically(survey.report() + "/drivers.csv", other);
    fs::last_write_time(survey.report() + "/drivers.csv", before + std::chrono::seconds(5));
    write();
    CHECK(readFile(survey.report() + "/drivers.csv") == csv);
  }
  SECTION("a page too many lies there") {
    writeFileAtomically(survey.report() + "/html/class/old.html", "");
    write();
    CHECK_FALSE(fs::exists(survey.report() + "/html/class/old.html"));
  }
  SECTION("the survey is another") {
    survey.merge({survey.folder("b", someTus(7))});
    write();
    CHECK(readFile(survey.report() + "/drivers.csv") != csv);
  }
  SECTION("other formats are asked for") {
    writeReport(survey.database(), survey.report(), {"csv"});
    CHECK(time("drivers.csv") != before);
  }
}

TEST_CASE("facts of PM coverage alone give the drivers, and say nothing of entry points") {
  Survey survey;
  survey.merge({survey.folder("all", {tu(0), tu(1)})});
  REQUIRE(fs::exists(MergeState::pathFor(survey.database())));
  auto columns = [&](const char* list) {
    Database database(survey.database(), Database::Mode::Read);
    Statement rows(database, fmt::format("SELECT {} FROM driver ORDER BY module, driver", list));
    std::string text;
    while (rows.step())
      for (int column = 0; column < rows.columns(); ++column)
        text += rows.text(column) + (rows.isNull(column) ? "NULL," : ",");
    return text;
  };
  const char* same =
      "class, class_dir, bus, module, driver, name, file, line, registration, pm, pm_phases, pm_how, "
      "suspend_fn, resume_fn, reason";
  const std::string whole = columns(same);
  CHECK(columns("entry_points").find("NULL") == std::string::npos);
  // Over the database and the state of the whole survey, which says nothing of this one.
  const std::string pm = survey.folder("pm", {tu(0), tu(1)}, 1, 1, "x86_64", "config", Extent::Pm);
  CHECK(survey.mergeOver({pm}).extent == Extent::Pm);
  CHECK(columns(same) == whole);
  CHECK(columns("entry_points, candidates") == "NULL,NULL,NULL,NULL,");
  CHECK(columns("pm_style") == ",,");
  CHECK(SurveyDb(survey.database()).meta("extent") == extentPm);
  CHECK_THROWS_WITH(SurveyDb(survey.database()).needEntryPoints(), Catch::Contains("--only pm"));
  CHECK_FALSE(fs::exists(MergeState::pathFor(survey.database())));
  CHECK(survey.mergeOver({pm}).unchanged);
  MergeResult again = survey.mergeOver({survey.folder("all", {tu(0), tu(1)})});
  CHECK(again.extent == Extent::All);
  CHECK(again.modulesAgain == 0);
  SurveyDb(survey.database()).needEntryPoints();
}

TEST_CASE("facts of PM coverage alone are not mixed with others") {
  Survey survey;
  const std::string all = survey.folder("all", {tu(0)});
  for (const char* configuration : {"x86_64", "arm64"}) {
    const std::string pm = survey.folder(configuration, {tu(1)}, 1, 1, configuration, "config", Extent::Pm);
    for (const auto& folders : {std::vector{all, pm}, std::vector{pm, all}})
      CHECK_THROWS_WITH(survey.merge(folders), Catch::Contains("--only pm") &&
                                                   Catch::Contains(all + "/manifest") &&
                                                   Catch::Contains(pm + "/manifest"));
  }
}
