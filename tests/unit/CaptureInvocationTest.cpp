// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// From commands to invocations: what is dropped and why, roots, modules, and that the road leaves no trace.
#include "CaptureFixture.h"
#include "capture/Invocation.h"
#include "capture/ModuleNames.h"
#include "support/Error.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <filesystem>

using namespace fgft;
using fgft::test::flagTable;
using fgft::test::kernelCommand;
using fgft::test::Scratch;
using Words = std::vector<std::string>;

namespace {

struct Table {
  Scratch scratch;
  GccFlags flags{flagTable(), scratch.path()};
};

bool has(const Words& words, const std::string& word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

void replaceSource(CompileCommand& command, const std::string& source) {
  command.file = source;
  command.arguments.back() = source;
}

DropReason reasonOf(const CompileCommand& command) {
  Table table;
  DropReason reason = DropReason::NoSource;
  REQUIRE_FALSE(normalise(command, table.flags, &reason));
  return reason;
}

} // namespace

TEST_CASE("A kernel compile becomes an invocation") {
  Table table;
  auto invocation = normalise(kernelCommand({"-DMODULE", "-DKBUILD_MODFILE=\"drivers/net/a-b\"",
                                             "-DKBUILD_BASENAME=\"a\"", "-DKBUILD_MODNAME=\"a_b\""}),
                              table.flags);
  REQUIRE(invocation);
  CHECK(invocation->file == "drivers/net/a.c");
  CHECK(invocation->path == "/src/drivers/net/a.c");
  CHECK(invocation->output == "drivers/net/a.o");
  CHECK(invocation->directory == "/build");
  CHECK(invocation->sourceRoot == "/src");
  CHECK(invocation->buildRoot == "/build");
  CHECK_FALSE(invocation->generated);
  CHECK(invocation->modular);
  CHECK(invocation->modules == Words{"drivers/net/a-b"});
  CHECK_FALSE(invocation->modulesGuessed);
  CHECK(invocation->args == Words{"-nostdinc", "-I/src/include", "-I./include", "-include",
                                  "/src/include/linux/kconfig.h", "-include",
                                  "/src/include/linux/compiler_types.h", "-D__KERNEL__", "-DMODULE",
                                  "-DKBUILD_BASENAME=\"a\"", "-DKBUILD_MODNAME=\"a_b\""});
}

TEST_CASE("Entries that are no C file of the kernel are dropped with the reason") {
  CompileCommand host{
      "/build", "scripts/a.c", "", {"clang-22", "-Wall", "-O2", "-o", "scripts/a", "scripts/a.c"}};
  CHECK(reasonOf(host) == DropReason::HostTool);
  CompileCommand assembler = kernelCommand({"-D__ASSEMBLY__"});
  replaceSource(assembler, "/src/arch/x86/entry/entry_64.S");
  CHECK(reasonOf(assembler) == DropReason::Assembler);
  CHECK(reasonOf(kernelCommand({"-D__ASSEMBLY__"})) == DropReason::Assembler);
  CHECK(reasonOf(kernelCommand({"-E"})) == DropReason::NotACompile);
  CHECK(reasonOf(kernelCommand({"-S"})) == DropReason::NotACompile);
  CompileCommand link{"/build", "x.o", "", {"clang-22", "-D__KERNEL__", "-o", "x", "x.o"}};
  CHECK(reasonOf(link) == DropReason::NoSource);
  CompileCommand foreign{"/b", "a.c", "", {"clang-22", "-D__KERNEL__", "-c", "a.c"}};
  CHECK(reasonOf(foreign) == DropReason::NotAKernel);
  for (std::size_t i = 0; i < dropReasons; ++i)
    CHECK(std::string(toString(static_cast<DropReason>(i))) != "");
}

TEST_CASE("An object of two modules belongs to both") {
  Table table;
  auto known = normalise(kernelCommand({"-DMODULE", "-DKBUILD_MODFILE=\"drivers/net/x drivers/net/y-z\""}),
                         table.flags);
  REQUIRE(known);
  CHECK(known->modules == Words{"drivers/net/x", "drivers/net/y-z"});
  auto guessed = normalise(kernelCommand({"-DMODULE", "-DKBUILD_MODNAME=\"x:y_z\""}), table.flags);
  REQUIRE(guessed);
  CHECK(guessed->modules == Words{"drivers/net/x", "drivers/net/y_z"});
  CHECK(guessed->modulesGuessed);
}

TEST_CASE("A guessed module lies in the highest folder with objects of it, spelt as Kbuild's list") {
  Table table;
  Scratch build;
  build.write("drivers/gpu/xe-drm.mod", "");
  auto commandIn = [&](const std::string& folder) {
    CompileCommand command = kernelCommand({"-DMODULE", "-DKBUILD_MODNAME=\"xe_drm\""});
    command.directory = build.path();
    command.arguments[command.arguments.size() - 2] = folder + "/a.o";
    return *normalise(command, table.flags);
  };
  Invocation top = commandIn("drivers/gpu"), below = commandIn("drivers/gpu/display/ext"),
             other = commandIn("drivers/other");
  ModuleNames names;
  for (const Invocation* invocation : {&below, &top, &other})
    names.learn(*invocation);
  for (Invocation* invocation : {&below, &top, &other})
    names.complete(*invocation);
  CHECK(top.modules == Words{"drivers/gpu/xe-drm"});
  CHECK(below.modules == Words{"drivers/gpu/xe-drm"});
  CHECK(other.modules == Words{"drivers/other/xe_drm"});
  auto known = normalise(kernelCommand({"-DKBUILD_MODFILE=\"a/b/xe_drm\""}), table.flags);
  names.complete(*known);
  CHECK(known->modules == Words{"a/b/xe_drm"});
}

TEST_CASE("KBUILD_MODFILE stays where the kernel gives it itself: in built-in code") {
  Table table;
  auto builtIn = normalise(kernelCommand({"-DKBUILD_MODFILE=\"drivers/net/a\""}), table.flags);
  CHECK(has(builtIn->args, "-DKBUILD_MODFILE=\"drivers/net/a\""));
  auto module = normalise(kernelCommand({"-DMODULE", "-DKBUILD_MODFILE=\"drivers/net/a\""}), table.flags);
  CHECK_FALSE(has(module->args, "-DKBUILD_MODFILE=\"drivers/net/a\""));
}

TEST_CASE("A file that the build made is named by the build root") {
  Table table;
  CompileCommand command = kernelCommand();
  replaceSource(command, "drivers/tty/vt/defkeymap.c");
  auto invocation = normalise(command, table.flags);
  REQUIRE(invocation);
  CHECK(invocation->generated);
  CHECK(invocation->file == "drivers/tty/vt/defkeymap.c");
  CHECK(invocation->path == "/build/drivers/tty/vt/defkeymap.c");
}

TEST_CASE("Roots of a tree configured in place, and of a build folder inside the source") {
  Table table;
  CompileCommand inPlace = kernelCommand();
  inPlace.directory = "/src/";
  for (std::string& argument : inPlace.arguments)
    if (argument.starts_with("/src/"))
      argument = "./" + argument.substr(5);
  replaceSource(inPlace, "drivers/net/a.c");
  auto invocation = normalise(inPlace, table.flags);
  REQUIRE(invocation);
  CHECK(invocation->sourceRoot == "/src");
  CHECK(invocation->buildRoot == "/src");
  CHECK(invocation->file == "drivers/net/a.c");
  CHECK_FALSE(invocation->generated);

  CompileCommand inside = kernelCommand();
  inside.directory = "/src/build";
  auto source = normalise(inside, table.flags);
  CHECK(source->file == "drivers/net/a.c");
  CHECK_FALSE(source->generated);
  replaceSource(inside, "drivers/x.c");
  auto generated = normalise(inside, table.flags);
  CHECK(generated->file == "drivers/x.c");
  CHECK(generated->generated);
}

TEST_CASE("A file outside both roots keeps its absolute name") {
  Table table;
  CompileCommand command = kernelCommand();
  replaceSource(command, "/home/me/mod/a.c");
  auto invocation = normalise(command, table.flags);
  CHECK(invocation->file == "/home/me/mod/a.c");
  CHECK(invocation->path == "/home/me/mod/a.c");
}

TEST_CASE("Every road gives the same arguments") {
  Table table;
  auto plain = normalise(kernelCommand({"-O2", "-DKBUILD_MODNAME=\"a\""}), table.flags);
  // sparse (make C=1), scan-build, PCH, debug info, warnings
  auto other = normalise(kernelCommand({"-O2",
                                        "-DKBUILD_MODNAME=\"a\"",
                                        "-D__linux__",
                                        "-Dlinux",
                                        "-D__STDC__",
                                        "-Dunix",
                                        "-D__unix__",
                                        "-Wbitwise",
                                        "-Wno-return-void",
                                        "-D__CHECKER__",
                                        "-D__clang_analyzer__",
                                        "--analyze",
                                        "-Xclang",
                                        "-analyzer-checker=fgft",
                                        "-include-pch",
                                        "x.pch",
                                        "-g",
                                        "-gdwarf-5",
                                        "-Wall",
                                        "-Werror=vla",
                                        "-mllvm",
                                        "-asan-stack=0",
                                        "-fplugin=./x.so",
                                        "-fsanitize-coverage=trace-pc"}),
                         table.flags);
  REQUIRE(plain);
  REQUIRE(other);
  CHECK(plain->args == other->args);
  CHECK(has(plain->args, "-O2"));
  CHECK(plain->portableArgs() == other->portableArgs());
}

TEST_CASE("An analyzer's call without -c is a unit too") {
  Table table;
  CompileCommand command = kernelCommand({"--analyze"});
  std::erase(command.arguments, "-c");
  CHECK(normalise(command, table.flags));
}

TEST_CASE("Files that differ in KBUILD_ names alone share a flag group; others do not") {
  Table table;
  auto one = normalise(
      kernelCommand({"-DKBUILD_MODNAME=\"a\"", "-D__KBUILD_MODNAME=kmod_a", "-DKBUILD_BASENAME=\"a\""}),
      table.flags);
  auto two = normalise(
      kernelCommand({"-DKBUILD_MODNAME=\"b\"", "-D__KBUILD_MODNAME=kmod_b", "-DKBUILD_BASENAME=\"b\""}),
      table.flags);
  auto three = normalise(kernelCommand({"-DDEBUG"}), table.flags);
  CHECK(one->flagGroup() == two->flagGroup());
  CHECK(one->flagGroup() != three->flagGroup());
}

TEST_CASE("Portable arguments name the roots, and only whole names") {
  Table table;
  auto invocation =
      normalise(kernelCommand({"-I/src/drivers/net", "-I/src-other/x", "-I/build/include"}), table.flags);
  Words portable = invocation->portableArgs();
  CHECK(has(portable, "-I$S/drivers/net"));
  CHECK(has(portable, "-I/src-other/x"));
  CHECK(has(portable, "-I$B/include"));
  CHECK(has(portable, "$S/include/linux/kconfig.h"));
}

TEST_CASE("gcc's commands lose what stops clang and get the fix after kconfig.h") {
  Table table;
  auto invocation =
      normalise(kernelCommand({"-fconserve-stack", "-mrecord-mcount", "-mno-3dnow",
                               "-Wno-maybe-uninitialized", "-fno-allow-store-data-races", "-mno-sse",
                               "-fbrand-new=1", "--param", "asan-stack=1", "-ftrivial-auto-var-init=zero"},
                              "gcc-12"),
                table.flags);
  REQUIRE(invocation);
  for (const std::string& argument : invocation->args)
    for (const char* gone : {"-fconserve", "-mrecord", "-mno-3dnow", "-W", "-fno-allow", "-fbrand", "--param",
                             "asan", "-ftrivial"})
      CHECK_FALSE(argument.starts_with(gone));
  CHECK(has(invocation->args, "-mno-sse"));
  CHECK(invocation->unknownFlags == Words{"-fbrand-new=1"});
  auto kconfig = std::find(invocation->args.begin(), invocation->args.end(), "/src/include/linux/kconfig.h");
  REQUIRE(kconfig + 2 < invocation->args.end());
  CHECK(kconfig[1] == "-include");
  CHECK(kconfig[2] == table.flags.fixHeader());
  CHECK_THAT(readFile(kconfig[2]), Catch::Contains("#undef CONFIG_CC_HAS_NAMED_AS\n"));
  CHECK(kconfig[2].starts_with(table.scratch.path()));
}

TEST_CASE("A cross gcc's name is the target; ccache before it is no compiler") {
  Table table;
  auto cross = normalise(kernelCommand({}, "/opt/bin/aarch64-linux-gnu-gcc-12"), table.flags);
  CHECK(cross->args.front() == "--target=aarch64-linux-gnu");
  CompileCommand cached = kernelCommand({"-fconserve-stack"}, "gcc");
  cached.arguments.insert(cached.arguments.begin(), "ccache");
  auto invocation = normalise(cached, table.flags);
  REQUIRE(invocation);
  CHECK_FALSE(has(invocation->args, "-fconserve-stack"));
  CHECK_FALSE(has(invocation->args, "gcc"));
  CHECK(invocation->path == "/src/drivers/net/a.c");
}

TEST_CASE("A clang command keeps what the table does not know") {
  Table table;
  auto invocation = normalise(kernelCommand({"-fbrand-new=1"}), table.flags);
  CHECK(has(invocation->args, "-fbrand-new=1"));
  CHECK(invocation->unknownFlags.empty());
}

TEST_CASE("A path is normalised as the library does it, short cut or not") {
  for (std::string directory : {"", "/", "/src", "/src/", "/a/../src", "src", "//src"})
    for (std::string path :
         {"",    ".",  "..",   "a.h",   "a/b.h", "a//b.h", "a/./b.h", "./a.h",   "../a.h", "a/../b.h", "a/..",
          "a/.", "a/", "/a.h", "//a.h", "/a/",   "/..",    "...",     "a/.../b", ".a/..b", "a..",      "/"}) {
      INFO(directory << " and " << path);
      std::string expected = (std::filesystem::path(directory) / path).lexically_normal().string();
      while (expected.size() > 1 && expected.back() == '/')
        expected.pop_back();
      CHECK(absolutePath(path, directory) == expected);
    }
}
