// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A merge after a change gives what a whole merge gives: random surveys of libraries and drivers that call
// each other, by name and through members, and random changes. What is not believed is made anew.
#include "facts/FactsIo.h"
#include "facts/Manifest.h"
#include "merge/Merge.h"
#include "merge/MergeState.h"
#include "support/AtomicFile.h"
#include "support/Hash.h"
#include "tests/unit/DriverFixture.h"

#include <algorithm>
#include <filesystem>
#include <random>
#include <unistd.h>

namespace fs = std::filesystem;

namespace {

using Random = std::mt19937;

size_t below(Random& random, size_t bound) {
  return random() % bound;
}

constexpr size_t libraries = 4;
constexpr size_t drivers = 8;

std::string exportOf(size_t library, size_t number) {
  return "lib" + std::to_string(library) + "_do" + std::to_string(number);
}

// What a function may do: write a register, call a library, wait, call through a member.
Call anyCall(Random& random, unsigned line) {
  switch (below(random, 6)) {
  case 0:
    return write(number(static_cast<int>(below(random, 8) * 4), "R" + std::to_string(below(random, 3))),
                 number(1), line);
  case 1:
    return call("msleep", {number(1)}, line);
  case 2:
    return call("no_one_knows" + std::to_string(below(random, 3)), {}, line);
  case 3:
    return through("lib" + std::to_string(below(random, libraries)) + "_ops.run", {}, line);
  default:
    return call(exportOf(below(random, libraries), below(random, 3)), {parameter(0)}, line);
  }
}

Function anyFunction(Random& random, const std::string& file, const std::string& name, bool internal) {
  Function made;
  made.name = name;
  made.place = {file, static_cast<unsigned>(10 * (1 + below(random, 20)))};
  made.internal = internal;
  made.returns = "int";
  for (size_t calls = below(random, 4); calls > 0; --calls)
    made.calls.push_back(anyCall(random, made.place.line + static_cast<unsigned>(calls)));
  return made;
}

Object table(const std::string& file, const std::string& name, const std::string& tag,
             std::vector<Field> fields) {
  Object made;
  made.name = name;
  made.tag = tag;
  made.place = {file, 5};
  made.internal = made.defined = true;
  made.fields = std::move(fields);
  return made;
}

TuFacts moduleOfOneTu(const std::string& name) {
  TuFacts facts;
  facts.file = name + ".c";
  facts.output = name + ".o";
  facts.modules = {name};
  return facts;
}

// A library exports functions, one of which puts what it is given into a member that others call through.
TuFacts library(size_t number, Random& random) {
  std::string n = std::to_string(number);
  TuFacts facts = moduleOfOneTu("drivers/lib" + n);
  if (below(random, 4) != 0)
    facts.records = {"lib" + n + "_ops"};
  for (size_t i = 0; i < 3; ++i)
    facts.functions.push_back(anyFunction(random, facts.file, exportOf(number, i), false));
  if (below(random, 2) == 0)
    facts.assignments.push_back(
        {exportOf(number, 0), local("it"), "lib" + n + "_ops", "run", parameter(0), 9});
  return facts;
}

TuFacts driver(size_t number, Random& random) {
  TuFacts facts = moduleOfOneTu("drivers/drv" + std::to_string(number));
  for (const char* name : {"open", "close", "down", "up", "run"})
    facts.functions.push_back(anyFunction(random, facts.file, name, true));
  facts.functions.front().calls.push_back(call(exportOf(below(random, libraries), 0), {function("run")}, 77));
  facts.objects.push_back(table(facts.file, "ops", "net_device_ops",
                                {{"ndo_open", "net_device_ops", function("open"), 6, {}},
                                 {"ndo_stop", "net_device_ops", function("close"), 7, {}}}));
  facts.objects.push_back(table(
      facts.file, "pm", "dev_pm_ops",
      {{"suspend", "dev_pm_ops", function("down"), 6, {}}, {"resume", "dev_pm_ops", function("up"), 7, {}}}));
  if (below(random, 2) == 0) {
    std::string tag = "lib" + std::to_string(below(random, libraries)) + "_ops";
    const char* member = below(random, 3) == 0 ? "other" : "run"; // a struct whose tables leave `run` alone
    facts.objects.push_back(table(facts.file, "own", tag, {{member, tag, function("run"), 8, {}}}));
  }
  Object registered = table(facts.file, "the_driver", "i2c_driver",
                            {{"driver.pm", "device_driver", made(ValueKind::Object, "pm"), 12, {}}});
  registered.parts = {{"", "i2c_driver", "driver"}};
  facts.objects.push_back(registered);
  facts.functions.push_back(anyFunction(random, facts.file, "begin", true));
  facts.functions.back().calls.push_back(
      call("i2c_register_driver", {Value{}, made(ValueKind::Object, "the_driver")}, 20));
  return facts;
}

class Survey {
public:
  explicit Survey(unsigned seed) : random_(seed) {
    fs::create_directories(root_);
    for (size_t i = 0; i < libraries; ++i)
      tus_.push_back(library(i, random_));
    for (size_t i = 0; i < drivers; ++i)
      tus_.push_back(driver(i, random_));
  }
  ~Survey() { fs::remove_all(root_); }

  // One TU becomes another one of its kind, or a part of it goes.
  void change() {
    size_t which = below(random_, tus_.size());
    TuFacts& tu = tus_[which];
    switch (below(random_, 4)) {
    case 0:
      tu = which < libraries ? library(which, random_) : driver(which - libraries, random_);
      break;
    case 1:
      tu.functions.erase(tu.functions.begin() + static_cast<long>(below(random_, tu.functions.size())));
      break;
    case 2:
      for (Function& one : tu.functions)
        one.place.line += 2;
      break;
    default:
      tu.functions[below(random_, tu.functions.size())].calls.push_back(anyCall(random_, 99));
    }
    if (tu.functions.empty())
      tu.functions.push_back(anyFunction(random_, tu.file, "left", true));
  }

  void drop() { tus_.pop_back(); }

  // `whole`: nothing of an earlier merge is there.
  MergeResult merge(const std::string& database, bool whole) {
    if (whole) {
      fs::remove(path(database));
      fs::remove(MergeState::pathFor(path(database)));
    }
    return mergeFacts({folder("x86_64"), folder("arm64")}, model(), path(database));
  }

  std::string path(const std::string& name) const { return root_ + "/" + name; }

  // Of each module; and what the survey counts.
  std::map<std::string, std::string> contents(const std::string& name) const {
    Database database(path(name), Database::Mode::Read);
    std::map<std::string, std::string> found;
    for (const char* query :
         {"SELECT name, content FROM module", "SELECT config || output, key || status FROM tu",
          "SELECT class || bus, drivers || ' ' || full FROM class_summary"}) {
      Statement rows(database, query);
      while (rows.step())
        found[rows.text(0)] = rows.text(1);
    }
    return found;
  }

private:
  // The second configuration lacks a driver.
  std::string folder(const std::string& configuration) {
    std::string path = root_ + "/" + configuration;
    Manifest manifest{
        "1", model().extractionHash(), {configuration, "x86_64", "6.12", configuration, {"drivers"}, {}}, {}};
    for (size_t i = configuration == "arm64" ? 1 : 0; i < tus_.size(); ++i) {
      TuFacts facts = tus_[i];
      facts.key = Hasher().add(configuration).add(serialise(facts, false)).hex();
      fs::create_directories(path);
      writeFacts(facts, path);
      manifest.entries.push_back({facts.output, facts.file, facts.key, facts.status, facts.modules});
    }
    std::sort(manifest.entries.begin(), manifest.entries.end(),
              [](const auto& a, const auto& b) { return a.output < b.output; });
    writeManifest(manifest, path + "/" + manifestName(configuration, 1, 1));
    return path;
  }

  std::string root_ = fs::temp_directory_path() / ("fgft-again-" + std::to_string(::getpid()));
  Random random_;
  std::vector<TuFacts> tus_;
};

} // namespace

TEST_CASE("after any change the rows are those of a whole merge") {
  size_t partly = 0;
  for (unsigned seed = 1; seed <= 12; ++seed) {
    Survey survey(seed);
    survey.merge("a.db", true);
    for (unsigned step = 0; step < 6; ++step) {
      survey.change();
      MergeResult again = survey.merge("a.db", false);
      survey.merge("b.db", true);
      CAPTURE(seed, step);
      REQUIRE(survey.contents("a.db") == survey.contents("b.db"));
      partly += again.modulesAgain != 0 && again.modulesAgain < libraries + drivers ? 1 : 0;
    }
  }
  // Most changes concern some modules; what concerns all is looked at whole.
  CHECK(partly > 36);
}

TEST_CASE("what does not fit is made anew") {
  Survey survey(7);
  survey.merge("a.db", true);
  const std::string left = MergeState::pathFor(survey.path("a.db"));
  REQUIRE(fs::exists(left));
  survey.change();
  SECTION("what the last merge left is gone") {
    fs::remove(left);
  }
  SECTION("it is no database") {
    writeFileAtomically(left, "something else");
  }
  SECTION("it is cut") {
    fs::resize_file(left, fs::file_size(left) / 2);
  }
  SECTION("it is of another merge") {
    survey.merge("c.db", true);
    survey.change();
    fs::copy_file(MergeState::pathFor(survey.path("c.db")), left, fs::copy_options::overwrite_existing);
  }
  SECTION("a TU went") {
    survey.drop();
  }
  SECTION("the survey is cut") {
    fs::resize_file(survey.path("a.db"), fs::file_size(survey.path("a.db")) / 2);
  }
  CHECK(survey.merge("a.db", false).modulesAgain == 0);
  survey.merge("b.db", true);
  CHECK(survey.contents("a.db") == survey.contents("b.db"));
  // And it left something that serves the next.
  survey.change();
  survey.merge("a.db", false);
  survey.merge("b.db", true);
  CHECK(survey.contents("a.db") == survey.contents("b.db"));
}

TEST_CASE("bytes that were changed are noticed, whichever") {
  Survey survey(3);
  survey.merge("a.db", true);
  const std::string left = MergeState::pathFor(survey.path("a.db"));
  const std::string whole = readFile(left);
  const std::string database = readFile(survey.path("a.db"));
  survey.change();
  survey.merge("b.db", true);
  const auto right = survey.contents("b.db");
  Random random(1);
  for (unsigned round = 0; round < 60; ++round) {
    std::string spoiled = whole;
    for (unsigned bytes = 0; bytes < 8; ++bytes)
      spoiled[below(random, spoiled.size())] = static_cast<char>(random());
    writeFileAtomically(left, spoiled);
    writeFileAtomically(survey.path("a.db"), database);
    survey.merge("a.db", false);
    CAPTURE(round);
    REQUIRE(survey.contents("a.db") == right);
  }
}
