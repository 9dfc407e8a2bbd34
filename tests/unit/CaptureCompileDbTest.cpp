// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Compilation databases: both forms, broken ones, and that only one command at a time is in memory.
#include "CaptureFixture.h"
#include "capture/CompileDb.h"
#include "support/Error.h"

#include <catch2/catch.hpp>

#include <sys/resource.h>

using namespace fgft;
using fgft::test::Scratch;
using Words = std::vector<std::string>;

namespace {

std::vector<CompileCommand> readAll(const std::string& path) {
  std::vector<CompileCommand> commands;
  CompileDbReader reader(path);
  CompileCommand command;
  while (reader.next(command))
    commands.push_back(command);
  return commands;
}

std::string messageOf(const std::string& text) {
  Scratch scratch;
  try {
    readAll(scratch.write("db.json", text));
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

} // namespace

TEST_CASE("Command lines are split as a shell does") {
  CHECK(splitShellWords("a  b\tc\n") == Words{"a", "b", "c"});
  CHECK(splitShellWords("") == Words{});
  CHECK(splitShellWords("''") == Words{""});
  CHECK(splitShellWords("-DKBUILD_MODNAME='\"8139cp\"'") == Words{"-DKBUILD_MODNAME=\"8139cp\""});
  CHECK(splitShellWords("-DX=\\\"a\\ b\\\"") == Words{"-DX=\"a b\""});
  CHECK(splitShellWords("\"a\\\\b\\\"c\\$d\\n\"") == Words{"a\\b\"c$d\\n"});
  CHECK(splitShellWords("'a\\b'c\"d\"") == Words{"a\\bcd"});
  CHECK(splitShellWords("a\\\nb") == Words{"ab"});
  CHECK(splitShellWords("-D\"BUILD_STR(s)=#s\" x") == Words{"-DBUILD_STR(s)=#s", "x"});
  CHECK_THROWS_WITH(splitShellWords("a 'b"), Catch::Contains("column 3"));
  CHECK_THROWS_AS(splitShellWords("a \"b\\\""), Error);
}

TEST_CASE("Both forms of a database give the same command") {
  Scratch scratch;
  std::string path = scratch.write("db.json", R"([
  {"directory": "/b", "file": "/s/a.c", "output": "a.o", "arguments": ["cc", "-DX=\"y z\"", "-c", "/s/a.c"]},
  {"command": "cc '-DX=\"y z\"' -c /s/a.c", "directory": "/b", "file": "/s/a.c", "output": "a.o", "other": [{}]}
])");
  std::vector<CompileCommand> commands = readAll(path);
  REQUIRE(commands.size() == 2);
  for (const CompileCommand& command : commands) {
    CHECK(command.directory == "/b");
    CHECK(command.file == "/s/a.c");
    CHECK(command.output == "a.o");
    CHECK(command.arguments == Words{"cc", "-DX=\"y z\"", "-c", "/s/a.c"});
  }
}

TEST_CASE("An empty database has no commands") {
  Scratch scratch;
  CHECK(readAll(scratch.write("db.json", " [ ] \n")).empty());
}

TEST_CASE("What was written is read again, and quoting survives") {
  Scratch scratch;
  CompileCommand command{"/b/ü", "/s/a \"b\".c", "a.o", {"cc", "-DA={[,\\\"", "-DB='\n\t'", ""}};
  CompileDbWriter writer(scratch / "db.json");
  writer.add(command);
  writer.add(command);
  CHECK_FALSE(std::filesystem::exists(scratch / "db.json"));
  writer.finish();
  std::vector<CompileCommand> commands = readAll(scratch / "db.json");
  REQUIRE(commands.size() == 2);
  CHECK(commands[1].directory == command.directory);
  CHECK(commands[1].file == command.file);
  CHECK(commands[1].arguments == command.arguments);
}

TEST_CASE("A writer that is not finished leaves nothing, and the old database alone") {
  Scratch scratch;
  scratch.write("db.json", "old");
  {
    CompileDbWriter(scratch / "db.json").add({"/b", "a.c", "", {"cc"}});
  }
  CHECK(readFile(scratch / "db.json") == "old");
  CHECK(std::distance(std::filesystem::directory_iterator(scratch.path()), {}) == 1);
}

TEST_CASE("A writer says where it cannot write") {
  CHECK_THROWS_WITH(CompileDbWriter("/nowhere/db.json"), Catch::Contains("/nowhere/db.json"));
}

TEST_CASE("A database that is cut off anywhere is an error that says where") {
  std::string whole = "[\n{\"directory\": \"/b\", \"file\": \"a.c\", \"arguments\": [\"c\\\"c\", \"}\"]},\n"
                      "{\"directory\": \"/b\", \"file\": \"b.c\", \"command\": \"cc\"}\n]\n";
  REQUIRE(messageOf(whole) == "");
  // The last byte is the line end after ']'.
  for (std::size_t length = 0; length + 2 <= whole.size() - 1; ++length) {
    INFO("length " << length);
    std::string message = messageOf(whole.substr(0, length));
    CHECK_THAT(message, Catch::Contains("db.json:"));
    CHECK_THAT(message, Catch::Contains("byte"));
  }
}

TEST_CASE("Broken databases are errors with path and line") {
  struct {
    const char* text;
    const char* message;
  } cases[] = {
      {"{}", "db.json:1: byte 1: expected '['"},
      {"[\n 1]", "db.json:2: byte 4: expected a command"},
      {"[\n{\"directory\":\"/b\",\"file\":\"a\",\"command\":\"c\"}\n{}]", "db.json:3"},
      {"[{\"directory\":\"/b\",\"file\":\"a\",\"command\":\"c\"},]", "expected a command ({ … }) after ','"},
      {"[{\"directory\":\"/b\",\"file\":\"a\",\"command\":\"c\"}] x", "expected the end of the file"},
      {"[\n\n{\"file\":\"a\",\"command\":\"c\"}]", "db.json:3: the command has no \"directory\""},
      {"[{\"directory\":\"/b\",\"command\":\"c\"}]", "has no \"file\""},
      {"[{\"directory\":\"/b\",\"file\":\"a\"}]", "neither \"arguments\" nor \"command\""},
      {"[{\"directory\":\"/b\",\"file\":\"a\",\"command\":\"\"}]", "empty"},
      {"[{\"directory\":\"/b\",\"file\":\"a\",\"arguments\":\"c\"}]", "expected an array of strings"},
      {"[{\"directory\":\"/b\",\"file\":\"a\",\"arguments\":[1]}]", "holds number"},
      {"[{\"directory\":1,\"file\":\"a\",\"command\":\"c\"}]", "\"directory\" is number"},
      {"[\n{\"directory\":\"/b\",\"file\":\"a\",\"command\":\"c 'd\"}]", "db.json:2: the quote"},
      {"[{\"directory\":\"/b\" \"file\"}]", "db.json:1: "},
  };
  for (const auto& example : cases) {
    INFO(example.text);
    CHECK_THAT(messageOf(example.text), Catch::Contains(example.message));
  }
}

TEST_CASE("A missing database is an error with its name") {
  CHECK_THROWS_WITH(CompileDbReader("/nowhere/db.json"), Catch::Contains("/nowhere/db.json"));
}

// AddressSanitizer keeps what is freed for a while.
#if !__has_feature(address_sanitizer)
TEST_CASE("Reading keeps one command in memory, not the database") {
  Scratch scratch;
  std::string path = scratch / "db.json";
  {
    CompileDbWriter writer(path);
    CompileCommand command{"/b", "/s/a.c", "a.o", Words(100, std::string(40, 'x'))};
    for (int i = 0; i < 8000; ++i)
      writer.add(command);
    writer.finish();
  }
  REQUIRE(std::filesystem::file_size(path) > 32u << 20);
  rusage before = {}, after = {};
  getrusage(RUSAGE_SELF, &before);
  CompileDbReader reader(path);
  CompileCommand command;
  int count = 0;
  while (reader.next(command))
    ++count;
  getrusage(RUSAGE_SELF, &after);
  CHECK(count == 8000);
  CHECK(after.ru_maxrss - before.ru_maxrss < 8 << 10); // kilobytes
}
#endif
