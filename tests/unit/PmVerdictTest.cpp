// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Names across TUs: which of several tables of one name a driver means, what an unseen one leaves open, and
// one driver in two configurations. What one TU alone can show is tested in tests/checkers.
#include "merge/DriverRows.h"
#include "merge/Program.h"
#include "tests/unit/FactsFixture.h"

#include <catch2/catch.hpp>

using namespace fgft;

namespace {

Object ops(const std::string& name, bool isStatic, const std::string& down, const std::string& up) {
  Object object{name, "dev_pm_ops", {"x.c", 1}, isStatic, true, false, {}, {}, {}};
  if (!down.empty())
    object.fields.push_back({"suspend", "dev_pm_ops", made(ValueKind::Function, down), 2, {}});
  if (!up.empty())
    object.fields.push_back({"resume", "dev_pm_ops", made(ValueKind::Function, up), 3, {}});
  return object;
}

Object driver(const std::string& pm) {
  Object object{"drv", "i2c_driver", {"x.c", 9}, true, true, false, {}, {{"", "i2c_driver", "driver"}}, {}};
  if (!pm.empty())
    object.fields = {{"driver.pm", "device_driver", made(ValueKind::Object, pm), 10, {}}};
  return object;
}

Object declaration(const std::string& name) {
  return {name, "dev_pm_ops", {"x.h", 1}, false, false, true, {}, {}, {}};
}

TuFacts tu(const std::string& name, const std::string& module, std::vector<Object> objects) {
  TuFacts facts;
  facts.file = "drivers/" + name + ".c";
  facts.output = "drivers/" + name + ".o";
  facts.modules = {"drivers/" + module};
  facts.objects = std::move(objects);
  for (Object& object : facts.objects)
    object.place.file = facts.file;
  Call call{"i2c_register_driver", false, {}, {Value{}, made(ValueKind::Object, "drv")}, {}, 20, {}};
  facts.functions = {{"init_" + name, {facts.file, 19}, false, "int", {}, {call}}};
  return facts;
}

std::vector<DriverRow> rowsOf(std::vector<TuFacts> tus, const std::string& configuration = "x86_64") {
  Program program(model());
  for (TuFacts& facts : tus)
    program.add(std::move(facts));
  program.link();
  return driverRows(program, model(), configuration);
}

// The row of `drv` of a.c.
PmVerdict verdict(std::vector<TuFacts> tus) {
  for (const DriverRow& row : rowsOf(std::move(tus)))
    if (row.driver == "drv" && row.place.file == "drivers/a.c")
      return row.pm;
  FAIL("no row of the driver");
  return {};
}

} // namespace

TEST_CASE("ops of another TU of the module") {
  PmVerdict pm =
      verdict({tu("a", "m", {declaration("t"), driver("t")}), tu("b", "m", {ops("t", false, "d", "u")})});
  CHECK(word(pm.pm) == "full");
  CHECK(pm.suspendFunction == "d");
}

TEST_CASE("ops exported by another module, in either order") {
  auto user = tu("a", "m", {declaration("t"), driver("t")});
  auto library = tu("b", "lib", {ops("t", false, "d", "")});
  CHECK(word(verdict({user, library}).pm) == "suspend-only");
  CHECK(word(verdict({library, user}).pm) == "suspend-only");
}

TEST_CASE("static ops of one name in another TU are not meant") {
  auto other = tu("b", "m", {ops("t", true, "d", "u")});
  CHECK(word(verdict({tu("a", "m", {declaration("t"), driver("t")}), other}).pm) == "unknown");
  // The TU's own come before all others.
  PmVerdict pm = verdict({tu("a", "m", {ops("t", true, "", "mine"), driver("t")}), other});
  CHECK(word(pm.pm) == "resume-only");
  CHECK(pm.resumeFunction == "mine");
}

TEST_CASE("ops that no surveyed TU defines leave it open, with their name in the reason") {
  PmVerdict pm = verdict({tu("a", "m", {declaration("elsewhere_pm_ops"), driver("elsewhere_pm_ops")})});
  CHECK(word(pm.pm) == "unknown");
  CHECK(pm.reason.find("elsewhere_pm_ops") != std::string::npos);
}

TEST_CASE("a table without a callback is none") {
  CHECK(word(verdict({tu("a", "m", {ops("t", true, "", ""), driver("t")})}).pm) == "none");
  CHECK(word(verdict({tu("a", "m", {driver("")})}).pm) == "none");
}

TEST_CASE("one driver in two configurations is one row; the lesser word stands and both are said") {
  auto full = rowsOf({tu("a", "m", {ops("t", true, "d", "u"), driver("t")})}, "x86_64");
  auto none = rowsOf({tu("a", "m", {driver("")})}, "arm64");
  std::vector<DriverRow> all = full;
  all.insert(all.end(), none.begin(), none.end());
  auto joined = joinConfigurations(all);
  REQUIRE(joined.size() == 1);
  CHECK(joined[0].configs == std::set<std::string>{"arm64", "x86_64"});
  CHECK(word(joined[0].pm.pm) == "none");
  CHECK(joined[0].pm.reason.find("x86_64") != std::string::npos);
  CHECK(joined[0].pm.reason.find("full") != std::string::npos);
}
