// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The CSV files: quoting, header rows as the contract has them, order, byte-stability.
#include "ReportFixture.h"
#include "reports/Csv.h"
#include "reports/Report.h"

#include <catch2/catch.hpp>

#include <ranges>

using namespace fgft;
using namespace fgft::report;

namespace {

std::string field(std::string_view raw) {
  std::string text;
  appendCsvField(text, raw);
  return text;
}

std::string firstLine(const std::string& path) {
  const std::string text = readFile(path);
  return text.substr(0, text.find('\n'));
}

} // namespace

TEST_CASE("a field is quoted only where RFC 4180 asks for it") {
  CHECK(field("plain text") == "plain text");
  CHECK(field("") == "");
  CHECK(field("a,b") == "\"a,b\"");
  CHECK(field("say \"hi\"") == "\"say \"\"hi\"\"\"");
  CHECK(field("two\nlines") == "\"two\nlines\"");
  CHECK(field("carriage\rreturn") == "\"carriage\rreturn\"");
  CHECK(field("=1+1") == "=1+1");
}

TEST_CASE("the header rows are the contract's, also of empty tables") {
  const ScratchFolder scratch;
  TestSurvey{scratch.file("survey.db")};
  writeReport(scratch.file("survey.db"), scratch.file("out"), {"csv"});
  CHECK(readFile(scratch.file("out/drivers.csv")) ==
        "class,class_dir,bus,module,driver,name,file,line,configs,registration,pm,pm_phases,pm_how,pm_style,"
        "suspend_fn,resume_fn,entry_points,candidates,reason\n");
  CHECK(readFile(scratch.file("out/entry_points.csv")) ==
        "class,module,driver,function,kind,ops,file,line,effects,reversibility,checkpoint,sleeps,atomic,"
        "score,rank,"
        "reason\n");
  CHECK(readFile(scratch.file("out/effects.csv")) ==
        "module,function,effect,callee_or_register,file,line,path\n");
  CHECK(readFile(scratch.file("out/classes.csv")) ==
        "class,bus,drivers,full,partial,runtime_only,core,none,unknown,percent\n");
}

TEST_CASE("a driver's row has every column in its place, NULL as nothing, hostile text quoted") {
  const ScratchFolder scratch;
  {
    TestSurvey survey(scratch.file("survey.db"));
    survey.driver({.id = 1, .name = "x,\"y\"", .reason = "first\nsecond"});
  }
  writeReport(scratch.file("survey.db"), scratch.file("out"), {"csv"});
  const std::string text = readFile(scratch.file("out/drivers.csv"));
  CHECK(text.substr(text.find('\n') + 1) ==
        "net,net,pci,drivers/net/a,a_driver,\"x,\"\"y\"\"\",drivers/net/a.c,10,x86_64,module_pci_driver,full,"
        "suspend resume,macro,register-save,a_suspend,a_resume,,,\"first\nsecond\"\n");
}

TEST_CASE("rows are sorted by their key, so the order of insertion does not show") {
  const std::vector<TestDriver> drivers = {
      {.id = 1, .module = "drivers/net/b", .driver = "b_driver", .file = "drivers/net/b.c", .pm = "none"},
      {.id = 2, .bus = "usb", .module = "drivers/net/a", .driver = "a_driver", .pm = "unknown"},
      {.id = 3, .bus = "pci", .module = "drivers/net/a", .driver = "a_driver", .pm = "full"},
  };
  const ScratchFolder scratch;
  {
    TestSurvey forward(scratch.file("forward.db")), backward(scratch.file("backward.db"));
    for (const TestDriver& driver : drivers)
      forward.driver(driver);
    for (const TestDriver& driver : drivers | std::views::reverse)
      backward.driver(driver);
  }
  writeReport(scratch.file("forward.db"), scratch.file("forward"), {"csv"});
  writeReport(scratch.file("backward.db"), scratch.file("backward"), {"csv"});
  for (const char* file : {"/drivers.csv", "/classes.csv", "/entry_points.csv", "/effects.csv"})
    CHECK(readFile(scratch.file("forward") + file) == readFile(scratch.file("backward") + file));
  const std::string text = readFile(scratch.file("forward/drivers.csv"));
  const auto pci = text.find("net,net,pci,drivers/net/a,"), usb = text.find("net,net,usb,drivers/net/a,"),
             other = text.find("net,net,pci,drivers/net/b,");
  REQUIRE(other != std::string::npos);
  CHECK(pci < usb);
  CHECK(usb < other);
}

TEST_CASE("classes.csv counts each PM word once and gives the percent of full and core") {
  const ScratchFolder scratch;
  {
    TestSurvey survey(scratch.file("survey.db"));
    std::int64_t id = 0;
    for (const char* pm :
         {"full", "full", "suspend-only", "resume-only", "runtime-only", "core", "none", "unknown", "none"}) {
      ++id;
      survey.driver({.id = id, .driver = fmt::format("d{}", id), .pm = pm});
    }
  }
  writeReport(scratch.file("survey.db"), scratch.file("out"), {"csv"});
  CHECK(
      readFile(scratch.file("out/classes.csv")) ==
      "class,bus,drivers,full,partial,runtime_only,core,none,unknown,percent\nnet,pci,9,2,2,1,1,2,1,33.33\n");
}

TEST_CASE("entry points and effects come out as they are in the database") {
  const ScratchFolder scratch;
  {
    TestSurvey survey(scratch.file("survey.db"));
    survey.execute(
        "INSERT INTO entry_point VALUES (1, 'net', 'm', 'd', 'f', 'ioctl', 'net_device_ops.ndo_do_ioctl',"
        " 'm.c', 7, 'dev-read lock', 'undoable', 'not-needed', 'yes', 'no', '', '', 'why', 'yes', '')");
    survey.execute("INSERT INTO effect VALUES ('m', 'f', 'dev-read', 'readl', 'm.c', 9, 'f:8 > g:9 > readl', "
                   "'api', '')");
  }
  writeReport(scratch.file("survey.db"), scratch.file("out"), {"csv"});
  const std::string points = readFile(scratch.file("out/entry_points.csv"));
  CHECK(points.substr(points.find('\n') + 1) ==
        "net,m,d,f,ioctl,net_device_ops.ndo_do_ioctl,m.c,7,dev-read lock,undoable,not-needed,yes,no,,,why\n");
  const std::string effects = readFile(scratch.file("out/effects.csv"));
  CHECK(effects.substr(effects.find('\n') + 1) == "m,f,dev-read,readl,m.c,9,f:8 > g:9 > readl [api]\n");
  CHECK(firstLine(scratch.file("out/effects.csv")) ==
        "module,function,effect,callee_or_register,file,line,path");
}
