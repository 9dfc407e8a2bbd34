// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The protection config: round trips, the published schema, the kernel's line form, and what hostile or
// broken input is told.
#include "protect/ProtectionConfig.h"

#include "protect/JsonTree.h"
#include "support/AtomicFile.h"
#include "support/Error.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <filesystem>
#include <random>
#include <regex>
#include <set>
#include <unistd.h>

using namespace fgft::protect;
using Catch::Matchers::Contains;

namespace {

const std::string corpusConfig = FGFT_SOURCE_DIR "/corpus/configs/8139cp.fgft";

/// A small config that is right; tests break it in one place.
const std::string small = R"({
  "format": "fgft-protection/1",
  "driver": "toy_driver",
  "module": "drivers/toy/toy",
  "sources": { "files": ["drivers/toy/toy.c"],
    "sha256": "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff" },
  "kernel": { "release": "6.12.1-amd64", "build_id": "00112233445566778899aabbccddeeff00112233" },
  "objects": [
    { "name": "toy", "type": "struct toy" },
    { "name": "regs", "path": "toy->regs", "device": true, "count": 64 }
  ],
  "registers": [ { "name": "Ctrl", "object": "regs", "offset": 4, "width": 32 } ],
  "checkpoints": [ { "name": "pm", "suspend": "toy_suspend", "resume": "toy_resume", "device": "toy->dev",
    "save_registers": ["Ctrl"] } ],
  "calls": [ { "call": "mutex_lock|mutex_lock_nested", "action": "undo", "inverse": "mutex_unlock" } ],
  "entry_points": [
    { "function": "toy_set", "kind": "config", "mode": "transaction", "why": "sets a word",
      "access": [ { "object": "toy", "mode": "rw" } ], "checkpoint": "pm", "failure": "-EIO",
      "policy": { "when": "after-failures", "count": 3 }, "log_full": "retry-plain" },
    { "function": "toy_send", "kind": "core I/O", "mode": "refuse", "why": "sends" }
  ]
})";

std::string replaced(const std::string& what, const std::string& with) {
  std::string text = small;
  const auto at = text.find(what);
  REQUIRE(at != std::string::npos);
  return text.replace(at, what.size(), with);
}

std::string complaint(const std::string& text) {
  try {
    parseProtectionConfig(text, "toy.fgft");
  } catch (const fgft::Error& error) {
    return error.what();
  }
  return "";
}

/// LINE:COLUMN of the first occurrence.
std::string placeOf(const std::string& what, const std::string& text) {
  const auto at = text.find(what);
  REQUIRE(at != std::string::npos);
  const std::string before = text.substr(0, at);
  const auto line = 1 + std::count(before.begin(), before.end(), '\n');
  return std::to_string(line) + ":" + std::to_string(at - (before.rfind('\n') + 1) + 1);
}

} // namespace

TEST_CASE("the corpus config reads, and its written form reads back equal") {
  const ProtectionConfig config = readProtectionConfig(corpusConfig);
  CHECK(config.driver == "cp_driver");
  CHECK(config.entryPoints.size() == 27);
  const std::string written = writeProtectionConfig(config);
  const ProtectionConfig again = parseProtectionConfig(written, "written");
  CHECK(writeProtectionConfig(again) == written);
  CHECK(policyLines(again) == policyLines(config));
}

TEST_CASE("at least eight entry points of at least five kinds are protected in the corpus config") {
  std::set<EntryKind> kinds;
  std::size_t transactions = 0;
  for (const EntryPoint& entry : readProtectionConfig(corpusConfig).entryPoints) {
    CHECK_FALSE(entry.why.empty());
    if (entry.mode != Mode::Transaction)
      continue;
    ++transactions;
    kinds.insert(entry.kind);
  }
  CHECK(transactions >= 8);
  CHECK(kinds.size() >= 5);
}

TEST_CASE("the published schema is what the code prints") {
  CHECK(fgft::readFile(FGFT_SOURCE_DIR "/docs/fgft.schema.json") == protectionSchema());
}

TEST_CASE("the kernel's line form") {
  CHECK(policyLines(parseProtectionConfig(small, "toy.fgft")) ==
        "fgft-policy 1\n"
        "driver toy_driver\n"
        "module toy\n"
        "kernel 00112233445566778899aabbccddeeff00112233\n"
        "sources 00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\n"
        "entry toy_set mode=transaction when=after-failures count=3 log_full=retry-plain on_abort=fail "
        "context=direct "
        "log_bytes=65536 loops=1000000 wall_ms=2000\n"
        "entry toy_send mode=refuse\n"
        "end 2\n");
}

TEST_CASE("a mistake is told with line, column and what was expected") {
  struct Case {
    std::string what, with;
    std::string place; ///< the complaint points at the first of these in the text
    std::string message;
  };
  const Case cases[] = {
      {"\"driver\": \"toy_driver\"", "\"drivr\": \"toy_driver\"", "\"drivr",
       "unknown key \"drivr\"; expected one of: format, driver"},
      {"\"driver\": \"toy_driver\",", "", "{", "key \"driver\" is missing"},
      {"\"toy_driver\"", "7", "7,", "expected a C identifier, found a number"},
      {"\"toy_driver\"", "\"toy driver\"", "\"toy d", "found \"toy driver\""},
      {"fgft-protection/1", "fgft-protection/9", "\"fgft-p", "expected one of \"fgft-protection/1\""},
      {"drivers/toy/toy.c", "../../etc/shadow", "\"../..", "without .."},
      {"\"count\": 64", "\"count\": 99999999999", "99999999999", "from 1 to 16777216, found 99999999999"},
      {"\"count\": 64", "\"count\": -1", "-1 }", "found -1"},
      {"\"count\": 64", "\"count\": 2.5", "2.5", "found a number with a fraction"},
      {"\"offset\": 4", "\"offset\": 61", "61,", "lies outside of \"regs\", which has 64 bytes"},
      {"\"width\": 32", "\"width\": 24", "24 }", "width of 8, 16, 32 or 64"},
      {"\"object\": \"regs\"", "\"object\": \"toy\"", "\"toy\", \"off", "no device memory"},
      {"[\"Ctrl\"]", "[\"Ctrl\", \"Zork\"]", "\"Zork", "\"Zork\" is no register"},
      {"\"checkpoint\": \"pm\"", "\"checkpoint\": \"xm\"", "\"xm", "no checkpoint"},
      {", \"failure\": \"-EIO\"", "", "{ \"function\": \"toy_set", "key \"failure\" is missing"},
      {"-EIO", "-EWHAT", "\"-EWHAT", "found \"-EWHAT\""},
      {"\"count\": 3", "\"count\": 0", "{ \"when", "must be above 0"},
      {"toy_send", "toy_set", "\"toy_set\", \"kind\": \"core", "stands here a second time"},
      {"\"why\": \"sends\"", "\"why\": \"sends\", \"busy\": 1", "\"busy", "a refused entry point has only"},
      {"\"kind\": \"core I/O\"", "\"kind\": \"magic\"", "\"magic", "expected one of \"init\""},
      {"\"inverse\": \"mutex_unlock\"", "\"why\": \"x\"", "{ \"call",
       "\"inverse\" belongs to action \"undo\""},
      {"\"name\": \"toy\",", "\"name\": \"toy\", \"name\" : 1,",
       "\"name\" :", "key \"name\" stands here a second time"},
      {"\"toy->dev\"", "\"nobody->dev\"", "\"nobody", "no object"},
      {"\"toy->dev\"", "\"toy->(dev)\"", "\"toy->(", "a path such as"},
      {"\"toy->dev\"", "null", "null", "found null"},
  };
  for (const Case& c : cases) {
    const std::string edited = replaced(c.what, c.with);
    const std::string text = complaint(edited);
    INFO(c.what << " -> " << c.with << ": " << text);
    CHECK_THAT(text, Catch::Matchers::StartsWith("toy.fgft:" + placeOf(c.place, edited) + ": "));
    CHECK_THAT(text, Contains(c.message));
  }
  CHECK(complaint(small) == "");
}

TEST_CASE("every cut of a config is refused with a position") {
  const std::string whole = fgft::readFile(corpusConfig);
  const std::regex form("^cut:[0-9]+:[0-9]+: ");
  const std::size_t end = whole.rfind('}');
  for (std::size_t length = 0; length <= end; length += length < 2000 ? 1 : 61) {
    std::string text;
    try {
      parseProtectionConfig(whole.substr(0, length), "cut");
    } catch (const fgft::Error& error) {
      text = error.what();
    }
    INFO(length << ": " << text);
    REQUIRE(std::regex_search(text.substr(0, 40), form));
  }
}

TEST_CASE("changed bytes are refused or understood, never worse") {
  const std::string whole = fgft::readFile(corpusConfig);
  std::mt19937 random(8139); // NOLINT(bugprone-random-generator-seed): the same test each time
  const std::string bytes = std::string("{}[]\",:0 9-e\\\n\x00\xff\x80xA", 20);
  unsigned refused = 0;
  for (int round = 0; round < 1500; ++round) {
    std::string text = whole;
    for (unsigned changes = 1 + random() % 3; changes > 0; --changes)
      text[random() % text.size()] = bytes[random() % bytes.size()];
    try {
      const ProtectionConfig config = parseProtectionConfig(text, "changed");
      CHECK(writeProtectionConfig(parseProtectionConfig(writeProtectionConfig(config), "again")) ==
            writeProtectionConfig(config));
    } catch (const fgft::Error&) {
      ++refused;
    }
  }
  CHECK(refused > 500);
}

TEST_CASE("absurd input costs nothing") {
  CHECK_THAT(complaint(std::string(1000000, '[')), Contains("nested deeper than 16 levels"));
  std::string nested;
  for (int i = 0; i < 100000; ++i)
    nested += "{\"a\":";
  CHECK_THAT(complaint(nested), Contains("nested deeper than 16 levels"));
  CHECK_THAT(complaint(std::string(5u << 20, ' ')), Contains("at most 4194304 are expected"));
  CHECK_THAT(complaint("[\"" + std::string(100000, 'x') + "\"]"), Contains("a string of 100000 bytes"));
  CHECK_THAT(complaint(replaced("sets a word", std::string(3000, 'x'))), Contains("a text of 3000 bytes"));
  std::string many = "[0";
  for (int i = 0; i < 300000; ++i)
    many += ",0";
  CHECK_THAT(complaint(many + "]"), Contains("more than 200000 values"));
  std::string keys = "{\"k\":0";
  for (int i = 0; i < 1000; ++i)
    keys += ",\"k" + std::to_string(i) + "\":0";
  CHECK_THAT(complaint(keys + "}"), Contains("more than 256 keys"));
  CHECK_THAT(complaint(replaced("toy_driver", "toy\xc3")), Contains("not JSON"));
  CHECK_THAT(complaint(small + "x"), Contains("not JSON"));
}

TEST_CASE("saving keeps the old file when it cannot write the new one") {
  const auto folder =
      std::filesystem::temp_directory_path() / ("fgft-config-test-" + std::to_string(getpid()));
  std::filesystem::create_directories(folder);
  const std::string path = (folder / "toy.fgft").string();
  const ProtectionConfig config = parseProtectionConfig(small, "toy.fgft");
  saveProtectionConfig(config, path);
  CHECK(fgft::readFile(path) == writeProtectionConfig(config));
  CHECK_THROWS_AS(saveProtectionConfig(config, (folder / "nowhere" / "toy.fgft").string()), fgft::Error);
  std::size_t files = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(folder))
    ++files;
  CHECK(files == 1);
  ProtectionConfig read;
  std::string message;
  CHECK(tryReadProtectionConfig(path, read, message));
  CHECK_FALSE(tryReadProtectionConfig((folder / "absent.fgft").string(), read, message));
  CHECK_THAT(message, Contains("absent.fgft"));
  std::filesystem::remove_all(folder);
}

TEST_CASE("a config is tied to its sources and its kernel") {
  const auto folder =
      std::filesystem::temp_directory_path() / ("fgft-match-test-" + std::to_string(getpid()));
  std::filesystem::create_directories(folder / "drivers/toy");
  fgft::writeFileAtomically((folder / "drivers/toy/toy.c").string(), "int toy;\n");
  ProtectionConfig config = parseProtectionConfig(small, "toy.fgft");
  CHECK_THROWS_WITH(checkSources(config, folder.string()), Contains("is for other sources"));
  config.sources.sha256 = sourcesHash(folder.string(), config.sources.files);
  CHECK_NOTHROW(checkSources(config, folder.string()));
  fgft::writeFileAtomically((folder / "drivers/toy/toy.c").string(), "int toy; \n");
  CHECK_THROWS_WITH(checkSources(config, folder.string()), Contains("is for other sources"));

  // One foreign note in front, then the build id; sizes as in ELF notes.
  using namespace std::string_literals;
  std::string notes = "\x04\0\0\0\x02\0\0\0\x01\0\0\0ABC\0xy\0\0"s + "\x04\0\0\0\x14\0\0\0\x03\0\0\0GNU\0"s;
  for (int byte = 0; byte < 20; ++byte)
    notes += static_cast<char>((byte < 16 ? byte % 16 : byte - 16) * 0x11);
  const std::string notesFile = (folder / "notes").string();
  fgft::writeFileAtomically(notesFile, notes);
  CHECK(kernelBuildId(notesFile) == "00112233445566778899aabbccddeeff00112233");
  CHECK_NOTHROW(checkKernel(config, notesFile));
  config.kernel.buildId = std::string(40, 'a');
  CHECK_THROWS_WITH(checkKernel(config, notesFile), Contains("is for another kernel"));
  for (std::size_t length = 0; length < notes.size(); ++length) {
    fgft::writeFileAtomically(notesFile, notes.substr(0, length));
    CHECK_THROWS_AS(kernelBuildId(notesFile), fgft::Error);
  }
  std::filesystem::remove_all(folder);
}
