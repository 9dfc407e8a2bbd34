// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The table of compiler options: every row does what it says, what is kept is understood by clang, and bad
// rows are refused with file and line.
#include "CaptureFixture.h"
#include "capture/Invocation.h"
#include "capture/MakeRun.h"
#include "support/Error.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <libfccp/csv.h>

using namespace fgft;
using fgft::test::flagTable;
using fgft::test::kernelCommand;
using fgft::test::Scratch;
using Words = std::vector<std::string>;

namespace {

struct Row {
  std::string flag, match, compiler, action, value, why;
};

/// The table, read without the code under test.
std::vector<Row> rows() {
  io::CSVReader<6, io::trim_chars<' '>, io::double_quote_escape<',', '"'>, io::throw_on_overflow,
                io::single_and_empty_line_comment<'#'>>
      csv(flagTable());
  csv.read_header(io::ignore_no_column, "flag", "match", "compiler", "action", "value", "why");
  std::vector<Row> result;
  Row row;
  while (csv.read_row(row.flag, row.match, row.compiler, row.action, row.value, row.why))
    result.push_back(row);
  return result;
}

/// An argument that a row is about: a prefix row's with something behind it.
std::string exampleOf(const Row& row) {
  if (row.match != "prefix")
    return row.flag;
  static const std::map<std::string, std::string> endings = {{"-D", "X=1"},
                                                             {"-U", "X"},
                                                             {"-I", "include"},
                                                             {"-std=", "gnu11"},
                                                             {"-O", "2"},
                                                             {"-march=", "x86-64"},
                                                             {"-mcmodel=", "kernel"},
                                                             {"-Wp,", "-DX"},
                                                             {"-fcf-protection", "=branch"},
                                                             {"-fstrict-flex-arrays", "=3"},
                                                             {"-fno-builtin", "-wcslen"},
                                                             {"-fpack-struct", "=4"},
                                                             {"-mregparm=", "3"},
                                                             {"-mfpmath=", "sse"},
                                                             {"-mcpu=", "generic"},
                                                             {"-mabi=", "sysv"},
                                                             {"-mbranch-protection=", "none"},
                                                             {"-mfpu=", "vfp"},
                                                             {"-mfloat-abi=", "soft"},
                                                             {"--target=", "x86_64-linux-gnu"},
                                                             {"-msse", "2"},
                                                             {"-mno-sse", "2"},
                                                             {"-mavx", "2"},
                                                             {"-mno-avx", "2"}};
  auto ending = endings.find(row.flag);
  return row.flag + (ending == endings.end() ? "zzz" : ending->second);
}

std::string messageOf(const std::string& lines) {
  Scratch scratch;
  try {
    GccFlags(scratch.write("flags.csv", "flag,match,compiler,action,value,why\n" + lines), scratch.path());
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

/// What clang says to `arguments` and an empty file; "" if it takes them.
std::string clangSays(const Words& arguments) {
  Scratch scratch;
  MakeRun what;
  what.arguments = {"clang-22", "-fsyntax-only", "-Werror"};
  what.arguments.insert(what.arguments.end(), arguments.begin(), arguments.end());
  for (const char* last : {"-x", "c", "/dev/null"})
    what.arguments.push_back(last);
  what.directory = scratch.path();
  what.log = scratch / "log";
  return run(what) == 0 ? "" : readFile(what.log);
}

} // namespace

TEST_CASE("Every row of the table does what it says") {
  Scratch scratch;
  GccFlags flags(flagTable(), scratch.path());
  std::vector<Row> table = rows();
  REQUIRE(table.size() > 200);
  for (const Row& row : table) {
    if (row.action == "undef") {
      CHECK_THAT(readFile(flags.fixHeader()), Catch::Contains("#undef " + row.flag + "\n"));
      continue;
    }
    for (const char* compiler : {"gcc", "clang-22"}) {
      bool applies = row.compiler == "any" || std::string(compiler).starts_with(row.compiler);
      if (!applies)
        continue;
      INFO(row.flag << " " << row.match << " for " << compiler);
      std::string example = exampleOf(row);
      Words with = {example};
      if (row.match == "next")
        with.push_back("value-of-it");
      CompileCommand command = kernelCommand(with, compiler);
      auto plain = normalise(kernelCommand({}, compiler), flags);
      auto invocation = normalise(command, flags);
      if (!invocation && row.flag.starts_with("-M") && (row.flag == "-M" || row.flag == "-MM"))
        continue; // prints dependencies instead of compiling: no unit at all
      if (!invocation && row.flag == "-fsyntax-only")
        continue;
      REQUIRE(invocation);
      Words expected = plain->args;
      if (row.action == "replace")
        expected.push_back(row.value);
      if (row.action == "keep") {
        expected.push_back(example);
        if (row.match == "next")
          expected.push_back("value-of-it");
      }
      CHECK(invocation->args == expected);
      CHECK(invocation->unknownFlags.empty());
    }
  }
}

TEST_CASE("What is kept of gcc's options clang takes") {
  static const std::map<std::string, std::string> targets = {
      {"-mstrict-align", "aarch64-linux-gnu"},
      {"-mbranch-protection=none", "aarch64-linux-gnu"},
      {"-mcpu=generic", "aarch64-linux-gnu"},
      {"-mno-unaligned-access", "arm-linux-gnueabi"},
      {"-mthumb", "arm-linux-gnueabi"},
      {"-marm", "arm-linux-gnueabi"},
      {"-mfpu=vfp", "arm-linux-gnueabi"},
      {"-mfloat-abi=soft", "arm-linux-gnueabi"},
      {"-mbig-endian", "aarch64-linux-gnu"},
      {"-mlittle-endian", "aarch64-linux-gnu"},
      {"-mhard-float", "mips-linux-gnu"},
      {"-mrtd", "i386-linux-gnu"},
      {"-mregparm=3", "i386-linux-gnu"},
      {"-m16", "i386-linux-gnu"},
      {"-fsanitize=kernel-hwaddress", "aarch64-linux-gnu"}};
  for (const Row& row : rows()) {
    if (row.action == "undef" || row.action == "drop" || row.compiler == "clang" || row.match == "next")
      continue;
    std::string example = row.action == "replace" ? row.value : exampleOf(row);
    if (example.starts_with("--target="))
      continue;
    auto target = targets.find(example);
    INFO(example);
    CHECK(clangSays({"--target=" + (target == targets.end() ? "x86_64-linux-gnu" : target->second),
                     example}) == "");
  }
}

TEST_CASE("What the table says stops clang does stop it") {
  // Were clang to learn these, the rows could go.
  CHECK(clangSays({"-fconserve-stack"}) != "");
  CHECK(clangSays({"-mrecord-mcount", "--target=x86_64-linux-gnu"}) != "");
}

TEST_CASE("An exact row goes before a prefix row, a longer prefix before a shorter") {
  Scratch scratch;
  GccFlags flags(scratch.write("flags.csv", "flag,match,compiler,action,value,why\n"
                                            "-f,prefix,any,drop,,x\n-fab,prefix,any,replace,-fz,x\n"
                                            "-fabc,exact,any,keep,,x\n"),
                 scratch.path());
  using Action = GccFlags::Action;
  CHECK(flags.find("-fa", GccFlags::Compiler::Gcc)->action == Action::Drop);
  CHECK(flags.find("-fab", GccFlags::Compiler::Gcc)->action == Action::Replace);
  CHECK(flags.find("-fabd", GccFlags::Compiler::Gcc)->action == Action::Replace);
  CHECK(flags.find("-fabc", GccFlags::Compiler::Gcc)->action == Action::Keep);
  CHECK_FALSE(flags.find("-g", GccFlags::Compiler::Gcc));
}

TEST_CASE("Bad rows are refused with file, line and what was expected") {
  struct {
    const char* row;
    const char* message;
  } cases[] = {
      {"-x,exact,any,keep,,", "column why"},
      {",exact,any,keep,,why", "column flag"},
      {"-x,sometimes,any,keep,,why", "expected exact, prefix or next"},
      {"-x,exact,icc,keep,,why", "expected any, gcc or clang"},
      {"-x,exact,any,burn,,why", "expected keep, drop, replace or undef"},
      {"-x,exact,any,replace,,why", "column value"},
      {"-x,exact,any,keep,-y,why", "column value"},
      {"-x,exact,gcc,undef,,why", "expected a CONFIG_ symbol"},
      {"CONFIG_X,exact,any,undef,,why", "expected a CONFIG_ symbol and compiler gcc"},
      {"-x,exact,any,keep,,why\n-x,exact,gcc,drop,,why", "a second row"},
      {"-x,exact,any", "columns"},
      {"-x,exact,any,keep,,why,more", "columns"},
  };
  for (const auto& example : cases) {
    INFO(example.row);
    std::string message = messageOf(std::string(example.row) + "\n");
    CHECK_THAT(message, Catch::Contains("flags.csv"));
    CHECK_THAT(message, Catch::Contains(example.message));
  }
  CHECK_THAT(messageOf("# comment\n-x,exact,any,keep,,why\n-y,exact,any,burn,,why\n"),
             Catch::Contains("flags.csv:4:"));
}

TEST_CASE("A missing table is an error with its name") {
  CHECK_THROWS_WITH(GccFlags("/nowhere/flags.csv", "/tmp"), Catch::Contains("/nowhere/flags.csv"));
}
