// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The file form of facts and manifests: what is written is read again the same, and what is cut, foreign or
// changed is refused with its place.
#include "facts/FactsIo.h"
#include "facts/Manifest.h"
#include "support/AtomicFile.h"
#include "support/Error.h"

#include <catch2/catch.hpp>

#include <filesystem>
#include <unistd.h>

using namespace fgft;

namespace {

// Every kind of value, every member set: a member that is not written is a difference.
TuFacts full() {
  Value function{
      ValueKind::Function, "cp_suspend", "", "", {"SIMPLE_DEV_PM_OPS", "SET_SYSTEM_SLEEP_PM_OPS"}, {}};
  Value object{ValueKind::Object, "ops", "driver.pm", "", {}, {}};
  Value null{ValueKind::Null, "", "", "", {}, {}};
  Value choice{ValueKind::Choice, "", "", "", {}, {function, null}};
  Value text{ValueKind::String, "a \"quoted\" \\ line\nand \xc3\xa9", "", "", {}, {}};
  Value number{ValueKind::Integer, "4294967296", "", "", {"FLAG"}, {}};
  Value parameter{ValueKind::Parameter, "0", "driver.pm", "i2c_driver", {}, {}};
  Value local{ValueKind::Local, "drv", "", "pci_driver", {}, {}};
  Value other{ValueKind::Other, "x + 1", "", "", {}, {}};
  TuFacts facts;
  facts.key = std::string(64, 'a');
  facts.file = "drivers/x/y.c";
  facts.output = "drivers/x/y.o";
  facts.status = TuStatus::Failed;
  facts.message = "y.c:1: error: what";
  facts.command = "clang -c y.c";
  facts.objects = {{"y_driver",
                    "i2c_driver",
                    {"drivers/x/y.c", 12},
                    true,
                    true,
                    true,
                    {{"driver.pm", "device_driver", object, 13, {"M"}}, {"[0].suspend", "s", choice, 14, {}}},
                    {{"[0]", "i2c_driver", "driver"}},
                    {"module_i2c_driver"}}};
  parameter.offset = {number};
  Value computed{ValueKind::Computed};
  computed.from = {"0", "cp_private.regs", "readl()"};
  Call plain{"i2c_register", false, {}, {parameter, text, Value{}}, local, 21, {}};
  Call through{"ops.probe", true, {}, {local, number, other, computed}, {}, 22, {"X"}};
  Call pointer{"", true, parameter, {}, {}, 23, {}};
  facts.records = {"cp_desc", "cp_private"};
  facts.functions = {{"init",
                      {"drivers/x/y.c", 20},
                      true,
                      "int",
                      {"i2c_client", ""},
                      {plain, through, pointer},
                      {{"cp_private", "regs", parameter, null, true, 24}},
                      {"cp_private.regs", "net_device.mtu"},
                      {{"sfence", 25, {"wmb"}}}}};
  facts.assignments = {{"init", local, "pci_driver", "driver.pm", object, 30}};
  return facts;
}

std::string messageOf(const std::string& text) {
  try {
    parseFacts(text, "F");
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

struct Folder {
  std::string path = std::filesystem::temp_directory_path() / ("fgft-facts-" + std::to_string(::getpid()));
  Folder() { std::filesystem::create_directories(path); }
  ~Folder() { std::filesystem::remove_all(path); }
};

} // namespace

TEST_CASE("facts come back as they were written") {
  TuFacts facts = full();
  std::string text = serialise(facts);
  TuFacts read = parseFacts(text, "F");
  CHECK(serialise(read) == text);
  CHECK(read.key == facts.key);
  CHECK(read.status == TuStatus::Failed);
  REQUIRE(read.objects.size() == 1);
  const Object& object = read.objects[0];
  CHECK((object.internal && object.defined && object.declared));
  CHECK(object.place.line == 12);
  REQUIRE(object.fields.size() == 2);
  CHECK(object.fields[1].value.choices.size() == 2);
  CHECK(object.fields[1].value.choices[0].macros.size() == 2);
  CHECK(object.parts[0].deviceDriver == "driver");
  REQUIRE(read.functions[0].calls.size() == 3);
  CHECK(read.functions[0].calls[0].args[1].text == "a \"quoted\" \\ line\nand \xc3\xa9");
  CHECK(read.functions[0].calls[1].indirect);
  CHECK(read.assignments[0].base.record == "pci_driver");
  CHECK(serialise(facts, false).find(facts.key) == std::string::npos);
}

TEST_CASE("bytes that are no UTF-8 do not stop writing") {
  TuFacts facts;
  facts.key = "k";
  facts.message = "\xff\xfe";
  CHECK_NOTHROW(parseFacts(serialise(facts), "F"));
}

TEST_CASE("a facts file cut at any byte is refused") {
  std::string text = serialise(full());
  for (size_t size = 0; size < text.size(); ++size) {
    INFO("cut at " << size);
    REQUIRE_THROWS_AS(parseFacts(std::string_view(text).substr(0, size), "F"), Error);
  }
  CHECK_NOTHROW(parseFacts(text, "F"));
}

TEST_CASE("a facts file that lost a whole line, or has one twice, is refused") {
  std::string text = serialise(full());
  std::vector<std::string> lines;
  for (size_t at = 0; at < text.size();) {
    size_t end = text.find('\n', at) + 1;
    lines.push_back(text.substr(at, end - at));
    at = end;
  }
  for (size_t skip = 0; skip < lines.size(); ++skip) {
    std::string without;
    std::string doubled;
    for (size_t i = 0; i < lines.size(); ++i) {
      without += i == skip ? "" : lines[i];
      doubled += i == skip ? lines[i] + lines[i] : lines[i];
    }
    INFO("line " << skip + 1);
    CHECK_THROWS_AS(parseFacts(without, "F"), Error);
    CHECK_THROWS_AS(parseFacts(doubled, "F"), Error);
  }
}

TEST_CASE("what is foreign is refused with name, line and reason") {
  CHECK(messageOf("{}\n").find("F:1: not a facts file") == 0);
  CHECK(messageOf("[1]\n").find("F:1: ") == 0);
  CHECK(messageOf("\x7f"
                  "ELF\n")
            .find("F:1: ") == 0);
  CHECK(messageOf("{\"fgft-facts\":999,\"status\":\"ok\"}\n").find("999") != std::string::npos);
  CHECK(messageOf("{\"fgft-facts\":\"1\",\"status\":\"ok\"}\n").find("F:1: ") == 0);
  std::string text = serialise(full());
  std::string other = text;
  other.replace(other.find("\"failed\""), 8, "\"fine\"");
  CHECK(messageOf(other).find("'fine'") != std::string::npos);
  CHECK(messageOf(text + "{}\n").find("text after the last line") != std::string::npos);
  std::string deep = "{\"fgft-facts\":" + std::to_string(factsVersion) +
                     ",\"status\":\"ok\"}\n{\"object\":[]}\n{\"end\":1}\n";
  CHECK(messageOf(deep).find("F:2: ") == 0);
  // Members are read in the order in which they are written: one out of it is not passed over.
  std::string misplaced = "{\"fgft-facts\":" + std::to_string(factsVersion) +
                          ",\"status\":\"ok\"}\n{\"function\":\"f\",\"static\":1,\"l\":3}\n{\"end\":1}\n";
  CHECK(messageOf(misplaced).find("F:2: unknown or misplaced member 'l'") == 0);
}

namespace {

Manifest someManifest() {
  return {"1.0",
          "model",
          {"x86_64", "x86_64", "6.12.1", "hash", {"drivers/net"}, {"drivers/net/a.c"}, false},
          {{"a.o", "a.c", "k1", TuStatus::Ok, {"drivers/m"}}, {"b.o", "b.c", "k2", TuStatus::Timeout, {}}}};
}

} // namespace

TEST_CASE("a manifest comes back, and cut at any byte is refused with its name") {
  Folder folder;
  std::string path = folder.path + "/" + manifestName("x86_64", 1, 1);
  writeManifest(someManifest(), path);
  Manifest read = readManifest(path);
  REQUIRE(read.entries.size() == 2);
  CHECK(read.entries[0].modules == std::vector<std::string>{"drivers/m"});
  CHECK(read.configuration.name == "x86_64");
  CHECK(read.configuration.notBuilt == std::vector<std::string>{"drivers/net/a.c"});
  CHECK(!read.configuration.notBuiltKnown);
  REQUIRE(read.entries.size() == 2);
  CHECK(read.entries[1].status == TuStatus::Timeout);
  std::string text = readFile(path);
  // The last byte is the newline behind a last line that is whole without it.
  for (size_t size = 0; size + 1 < text.size(); ++size) {
    writeFileAtomically(path, std::string_view(text).substr(0, size));
    INFO("cut at " << size);
    REQUIRE_THROWS_WITH(readManifest(path), Catch::Contains(path + ":"));
  }
}

TEST_CASE("manifests are found by name; a folder without any is told") {
  Folder folder;
  CHECK_THROWS_WITH(findManifests(folder.path), Catch::Contains("no manifest"));
  CHECK_THROWS_WITH(findManifests(folder.path + "/none"), Catch::Contains("cannot read"));
  for (unsigned shard : {2U, 1U})
    writeManifest(someManifest(), folder.path + "/" + manifestName("x86_64", shard, 2));
  writeFileAtomically(folder.path + "/manifest-x86_64.jsonl.123.tmp", "half");
  writeFileAtomically(folder.path + "/zz.facts", "");
  CHECK(findManifests(folder.path) ==
        std::vector<std::string>{folder.path + "/manifest-x86_64-1-of-2.jsonl",
                                 folder.path + "/manifest-x86_64-2-of-2.jsonl"});
}
