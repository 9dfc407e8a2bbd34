// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The parts of a capture around Kbuild, on small trees of our own: what a kernel is, what its build has made,
// what is not built, the recording compiler, and that nothing outlives an interrupt.
#include "CaptureFixture.h"
#include "capture/Capture.h"
#include "capture/CaptureSidecar.h"
#include "capture/CommandIndex.h"
#include "capture/IgnoreRules.h"
#include "capture/KernelTree.h"
#include "capture/MakeRun.h"
#include "capture/NotBuilt.h"
#include "capture/Snapshot.h"
#include "capture/SourceMirror.h"
#include "support/Error.h"

#include <catch2/catch.hpp>

#include <csignal>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

using namespace fgft;
using fgft::test::Scratch;
using Words = std::vector<std::string>;
namespace fs = std::filesystem;

namespace {

const char* const goodConfig =
    "#\n# Automatically generated file; DO NOT EDIT.\n# Linux/x86_64 6.12.1 Kernel Configuration\n#\n"
    "CONFIG_CC_VERSION_TEXT=\"clang version 22\"\nCONFIG_CC_IS_CLANG=y\nCONFIG_X86_64=y\n"
    "CONFIG_PM=y\nCONFIG_PM_SLEEP=y\n";

/// The files by which a kernel's source is known, and a few of a driver.
void makeSource(const Scratch& scratch, const std::string& folder) {
  scratch.write(folder + "/Makefile", "VERSION = 6\nPATCHLEVEL = 12\nSUBLEVEL = 1\nEXTRAVERSION =\n");
  for (const char* name :
       {"Kconfig", "Kbuild", "scripts/Makefile.build", "arch/x86/Makefile", "arch/arm64/Makefile",
        "drivers/net/Makefile", "drivers/net/a.c", "drivers/net/a.h", "sound/s.c"})
    scratch.write(folder + "/" + name, "");
}

std::string complaint(const std::string& folder, const std::string& arch = "") {
  try {
    inspectKernelTree(folder, arch);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

std::string without(std::string text, const std::string& line) {
  std::size_t at = text.find(line + "\n");
  return text.erase(at, line.size() + 1);
}

std::set<std::string> filesBelow(const std::string& folder) {
  std::set<std::string> files;
  for (const auto& entry :
       fs::recursive_directory_iterator(folder, fs::directory_options::follow_directory_symlink))
    if (!entry.is_directory())
      files.insert(entry.path().lexically_relative(folder).string());
  return files;
}

} // namespace

TEST_CASE("A kernel configured in place, and one in its own folder") {
  Scratch scratch;
  makeSource(scratch, "src");
  CHECK_THAT(complaint(scratch / "src"), Catch::Contains("is not configured"));
  scratch.write("src/.config", goodConfig);
  KernelTree inPlace = inspectKernelTree(scratch / "src", "");
  CHECK(inPlace.source == scratch / "src");
  CHECK(inPlace.build == scratch / "src");
  CHECK(inPlace.arch == "x86_64");
  CHECK(inPlace.release == "6.12.1");
  CHECK_FALSE(inPlace.gcc);
  CHECK_FALSE(inPlace.sourceIsClean);
  fs::remove(scratch / "src/.config");

  scratch.write("build/.config", goodConfig);
  CHECK_THAT(complaint(scratch / "build"), Catch::Contains("is no kernel"));
  scratch.write("build/Makefile", "# Automatically generated\ninclude " + (scratch / "src") + "/Makefile\n");
  scratch.write("build/include/config/kernel.release", "6.12.1-mine\n");
  KernelTree apart = inspectKernelTree(scratch / "build", "amd64");
  CHECK(apart.source == scratch / "src");
  CHECK(apart.build == scratch / "build");
  CHECK(apart.release == "6.12.1-mine");
  CHECK(apart.sourceIsClean);
  CHECK(apart.configHash == inPlace.configHash);
}

TEST_CASE("What is no configured kernel is refused with the reason") {
  Scratch scratch;
  CHECK_THAT(complaint(scratch / "nothing"), Catch::Contains("no such folder"));
  scratch.write("other/Makefile", "all:\n");
  CHECK_THAT(complaint(scratch / "other"), Catch::Contains("is no kernel"));
  makeSource(scratch, "src");
  scratch.write("src/.config", without(goodConfig, "CONFIG_PM_SLEEP=y"));
  CHECK_THAT(complaint(scratch / "src"), Catch::Contains("CONFIG_PM_SLEEP is not set"));
  scratch.write("src/.config", without(goodConfig, "CONFIG_PM=y"));
  CHECK_THAT(complaint(scratch / "src"), Catch::Contains("CONFIG_PM is not set"));
  scratch.write("src/.config", "CONFIG_PM=y\n");
  CHECK_THAT(complaint(scratch / "src"), Catch::Contains("not written by the kernel's configuration"));
  scratch.write("src/.config", goodConfig);
  CHECK_THAT(complaint(scratch / "src", "vax"),
             Catch::Contains("unknown architecture vax: the kernel has arm64, i386"));
  CHECK_THAT(complaint(scratch / "src", "aarch64"),
             Catch::Contains("is configured for x86_64, not for aarch64"));
  CHECK(complaint(scratch / "src", "x86") == "");
}

TEST_CASE("A kernel configured with gcc names its compiler") {
  Scratch scratch;
  makeSource(scratch, "src");
  scratch.write("src/.config", without(goodConfig, "CONFIG_CC_IS_CLANG=y") + "CONFIG_CC_IS_GCC=y\n");
  CHECK(inspectKernelTree(scratch / "src", "").compiler == "gcc");
  std::string config =
      without(without(goodConfig, "CONFIG_CC_IS_CLANG=y"), "CONFIG_CC_VERSION_TEXT=\"clang version 22\"");
  scratch.write(
      "src/.config",
      config + "CONFIG_CC_IS_GCC=y\nCONFIG_CC_VERSION_TEXT=\"aarch64-linux-gnu-gcc-12 (Debian 12.2.0)\"\n");
  KernelTree tree = inspectKernelTree(scratch / "src", "");
  CHECK(tree.gcc);
  CHECK(tree.compiler == "aarch64-linux-gnu-gcc-12");
  CHECK(tree.crossCompile == "aarch64-linux-gnu-");
}

TEST_CASE("A scope is a folder or C file of the source") {
  Scratch scratch;
  makeSource(scratch, "src");
  scratch.write("src/.config", goodConfig);
  KernelTree tree = inspectKernelTree(scratch / "src", "");
  CHECK(tree.resolveScope({}) == Words{"drivers", "sound"});
  CHECK(tree.resolveScope({"sound/", "./drivers/net/a.c", "drivers/net"}) == Words{"drivers/net", "sound"});
  CHECK(tree.resolveScope({scratch / "src/sound"}) == Words{"sound"});
  CHECK_THROWS_WITH(tree.resolveScope({"drivers/nett"}), Catch::Contains("there is no drivers/nett"));
  CHECK_THROWS_WITH(tree.resolveScope({"../src"}), Catch::Contains("below"));
  CHECK_THROWS_WITH(tree.resolveScope({"/etc"}), Catch::Contains("below"));
  CHECK_THROWS_WITH(tree.resolveScope({"drivers/net/a.h"}), Catch::Contains("a folder or a C file"));
}

TEST_CASE("A capture of what is no kernel fails before anything is made") {
  Scratch scratch;
  CaptureOptions options;
  options.kernel = scratch / "none";
  options.cacheFolder = scratch / "cache";
  options.output = scratch / "out/cc.json";
  CHECK_THROWS_AS(capture(options), Error);
  CHECK_FALSE(fs::exists(scratch / "cache"));
  CHECK_FALSE(fs::exists(scratch / "out"));
}

TEST_CASE("Ignore rules tell products from sources") {
  IgnoreRules rules;
  rules.add("*.lex.c\n.*\n!.gitignore\n/vmlinuz\n/*\n# comment\n", "");
  rules.add("/gen.h\ntables/\nsub/x.c\n*.tmp\n!keep.tmp\n", "drivers/a");
  CHECK(rules.ignored("drivers/a.o", false));
  CHECK(rules.ignored("drivers/.a.o.cmd", false));
  CHECK(rules.ignored("scripts/kconfig/parser.lex.c", false));
  CHECK(rules.ignored("vmlinuz", false));
  CHECK_FALSE(rules.ignored("drivers/vmlinuz", false));
  CHECK_FALSE(rules.ignored("Makefile", false));
  CHECK_FALSE(rules.ignored(".gitignore", false));
  CHECK(rules.ignored("include/generated", true));
  CHECK(rules.ignored("arch/x86/include/generated", true));
  CHECK_FALSE(rules.ignored("drivers/include/generated", true));
  CHECK(rules.ignored("drivers/a/gen.h", false));
  CHECK_FALSE(rules.ignored("drivers/a/b/gen.h", false));
  CHECK_FALSE(rules.ignored("drivers/b/gen.h", false));
  CHECK(rules.ignored("drivers/a/b/tables", true));
  CHECK_FALSE(rules.ignored("drivers/a/tables", false));
  CHECK(rules.ignored("drivers/a/sub/x.c", false));
  CHECK(rules.ignored("drivers/a/b.tmp", false));
  CHECK_FALSE(rules.ignored("drivers/a/keep.tmp", false));
}

TEST_CASE("A mirror shows the source without what was built in it") {
  Scratch scratch;
  makeSource(scratch, "src");
  std::set<std::string> clean = filesBelow(scratch / "src");
  scratch.write("src/drivers/net/.gitignore", "gen.c\n");
  for (const char* product : {".config", "drivers/net/a.o", "drivers/net/.a.o.cmd", "drivers/net/gen.c",
                              "include/generated/autoconf.h", "include/config/auto.conf", ".git/HEAD",
                              "arch/x86/include/generated/asm/x.h", "vmlinux"})
    scratch.write(std::string("src/") + product, "x");
  makeSourceMirror(scratch / "src", scratch / "mirror");
  std::set<std::string> shown = filesBelow(scratch / "mirror");
  clean.insert("drivers/net/.gitignore");
  CHECK(shown == clean);
  CHECK(fs::is_symlink(scratch / "mirror/sound"));
  CHECK(fs::is_symlink(scratch / "mirror/drivers/net/a.c"));
  CHECK_FALSE(fs::is_symlink(scratch / "mirror/drivers"));
  // Again, over an old one; and taking it away leaves the source alone.
  makeSourceMirror(scratch / "src", scratch / "mirror");
  fs::remove_all(scratch / "mirror");
  CHECK(fs::exists(scratch / "src/drivers/net/a.c"));
  CHECK(fs::exists(scratch / "src/sound/s.c"));
}

TEST_CASE("Files that are not built are told apart") {
  Scratch scratch;
  scratch.write("src/d/built.c", "#include \"part.c\"\n # include \"../e/other.c\"\n");
  scratch.write("src/d/part.c", "#include \"inner.c\"\n");
  scratch.write("src/d/inner.c", "");
  scratch.write("src/d/off.c", "// see \"lonely.c\"\n#include \"deep.c\"\n");
  scratch.write("src/d/deep.c", "");
  scratch.write("src/d/lonely.c", "");
  scratch.write("src/d/tool.c", "");
  scratch.write("src/d/made.mod.c", "");
  scratch.write("src/e/other.c", "");
  std::vector<NotBuilt> files = findNotBuilt(scratch / "src", {"d", "e"}, {"d/built.c"}, {"d/tool.c"}, 2);
  std::map<std::string, std::string> reasons;
  for (const NotBuilt& file : files)
    reasons[file.file] = file.reason;
  CHECK(reasons == std::map<std::string, std::string>{{"d/part.c", "included by d/built.c"},
                                                      {"d/inner.c", "included by d/part.c"},
                                                      {"e/other.c", "included by d/built.c"},
                                                      {"d/off.c", "not built"},
                                                      {"d/deep.c", "not built"},
                                                      {"d/lonely.c", "not built"},
                                                      {"d/tool.c", "host program"}});
  CHECK(std::is_sorted(files.begin(), files.end(), [](auto& a, auto& b) { return a.file < b.file; }));
}

TEST_CASE("Objects are pruned, generated sources are kept") {
  Scratch scratch;
  for (const char* name :
       {"d/a.o", "d/.a.o.cmd", "d/.a.o.d", "d/built-in.a", "d/a.mod", "d/modules.order", "d/gen.h",
        "d/.gen.h.cmd", "d/gen.c", "d/tool", "d/.tool.cmd", "e/b.o", "scripts/x.h", "include/config/FOO",
        "include/config/auto.conf", "include/generated/autoconf.h", ".config"})
    scratch.write(std::string("work/") + name, name);
  pruneObjects(scratch / "work", {"d", "missing"});
  std::set<std::string> left = filesBelow(scratch / "work");
  CHECK(left == std::set<std::string>{"d/gen.h", "d/.gen.h.cmd", "d/gen.c", "d/tool", "d/.tool.cmd", "e/b.o",
                                      "scripts/x.h", "include/config/FOO", "include/config/auto.conf",
                                      "include/generated/autoconf.h", ".config"});
  updateSnapshot(scratch / "work", scratch / "kept");
  std::set<std::string> kept{"d/gen.h", "d/gen.c", "include/config/auto.conf", "include/generated/autoconf.h",
                             ".config"};
  CHECK(filesBelow(scratch / "kept") == kept);
  struct stat before, after;
  stat((scratch / "kept/d/gen.h").c_str(), &before);
  scratch.write("work/d/gen.c", "new");
  updateSnapshot(scratch / "work", scratch / "kept");
  stat((scratch / "kept/d/gen.h").c_str(), &after);
  CHECK(before.st_ino == after.st_ino);
  CHECK(readFile(scratch / "kept/d/gen.c") == "new");
}

namespace {

/// fgft-cc with a "compiler" that writes what it was asked.
struct Wrapper {
  Scratch scratch;
  Wrapper() {
    std::string compiler =
        scratch.write("cc", "#!/bin/sh\necho \"$@\" >>" + (scratch / "calls") +
                                "\nwhile [ \"$1\" != -o ]; do shift; done\necho object >\"$2\"\n");
    chmod(compiler.c_str(), 0755);
    scratch.write("records", "");
    fs::create_directories(scratch / "drivers/net");
  }

  int call(Words arguments) {
    MakeRun what;
    what.arguments = std::move(arguments);
    what.arguments.insert(what.arguments.begin(), FGFT_CC_PROGRAM);
    what.environment = {{"FGFT_CC_REAL", scratch / "cc"},
                        {"FGFT_CC_HOST", scratch / "cc"},
                        {"FGFT_CC_LOG", scratch / "records"},
                        {"FGFT_CC_EMPTY", scratch / "empty.o"},
                        {"FGFT_CC_SCOPE", "sound/:drivers/net/"}};
    what.directory = scratch.path();
    what.log = scratch / "log";
    return run(what);
  }

  std::string calls() { return fs::exists(scratch / "calls") ? readFile(scratch / "calls") : ""; }
};

} // namespace

TEST_CASE("fgft-cc records what lies in the scope and compiles the rest") {
  Wrapper wrapper;
  Words command = {"-Wp,-MMD,drivers/net/.a.o.d", "-include", "x.c", "-D__KERNEL__",
                   "-DKBUILD_MODNAME=\"a b\"",    "-c",       "-o",  "drivers/net/a.o",
                   "/s/drivers/net/a.c"};
  REQUIRE(wrapper.call(command) == 0);
  CHECK(readFile(wrapper.scratch / "drivers/net/a.o") == "object\n");
  CHECK(readFile(wrapper.scratch / "drivers/net/.a.o.d") == "drivers/net/a.o: /dev/null\n");
  // The compiler was asked once, for an object with nothing in it.
  CHECK_THAT(wrapper.calls(), Catch::Contains("/dev/null") && !Catch::Contains("a.c"));
  fs::remove(wrapper.scratch / "calls");
  command[6 + 1] = "drivers/net/0.o";
  command[0] = "-Wp,-MMD,drivers/net/.0.o.d";
  REQUIRE(wrapper.call(command) == 0);
  CHECK(wrapper.calls() == "");

  // Out of scope, not of the kernel, not to an object: compiled, not recorded.
  CHECK(wrapper.call({"-D__KERNEL__", "-c", "-o", "out.o", "a.c"}) == 0);
  CHECK(wrapper.call({"-c", "-o", "drivers/net/h.o", "h.c"}) == 0);
  CHECK(wrapper.call({"-D__KERNEL__", "-S", "-o", "drivers/net/a.s", "a.c"}) == 0);
  CHECK(wrapper.call({"--fgft-host", "-o", "drivers/net/tool", "drivers/net/tool.c"}) == 0);
  CHECK(wrapper.call({"-D__KERNEL__", "-c", "-o", "sound/x.o", "x.S"}) !=
        0); // there is no sound/ to write to
  std::string calls = wrapper.calls();
  CHECK(std::count(calls.begin(), calls.end(), '\n') == 4);

  CommandIndex index(wrapper.scratch / "records");
  REQUIRE(index.entries().size() == 4);
  std::map<char, int> kinds;
  for (const auto& entry : index.entries())
    ++kinds[entry.kind];
  CHECK(kinds == std::map<char, int>{{LogKernelC, 2}, {LogHost, 1}, {LogAssembler, 1}});
  auto kernel = std::find_if(index.entries().begin(), index.entries().end(),
                             [](const auto& entry) { return entry.kind == LogKernelC; });
  CHECK(kernel->output == "drivers/net/0.o"); // ordered by output, not by time
  CompileCommand read = index.command(*kernel);
  CHECK(read.directory == wrapper.scratch.path());
  CHECK(read.file == "/s/drivers/net/a.c");
  command.insert(command.begin(), wrapper.scratch / "cc");
  CHECK(read.arguments == command);
  CHECK(CommandCounter(wrapper.scratch / "records").count() == 2);
}

TEST_CASE("Records of parallel compilers do not mix") {
  Wrapper wrapper;
  wrapper.scratch.write("empty.o", "");
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread)
    threads.emplace_back([&, thread] {
      for (int i = 0; i < 25; ++i) {
        std::string name = fmt::format("{}-{}", thread, i);
        wrapper.call({"-D__KERNEL__", "-DLONG=" + std::string(20000, 'x'), "-c", "-o",
                      "drivers/net/" + name + ".o", name + ".c"});
      }
    });
  for (std::thread& thread : threads)
    thread.join();
  CommandIndex index(wrapper.scratch / "records");
  CHECK(index.entries().size() == 100);
  for (const auto& entry : index.entries())
    CHECK("drivers/net/" + entry.source == entry.output.substr(0, entry.output.size() - 1) + "c");
}

TEST_CASE("A log of records that is cut off or none is an error") {
  Scratch scratch;
  CHECK_THROWS_WITH(CommandIndex(scratch / "none"), Catch::Contains("cannot read"));
  CHECK_THROWS_WITH(CommandIndex(scratch.write("text", std::string(40, 'x'))), Catch::Contains("byte 0"));
  CHECK(CommandIndex(scratch.write("nothing", "")).entries().empty());
}

TEST_CASE("A program's status comes back, and what it prints goes to the log") {
  Scratch scratch;
  MakeRun what;
  what.directory = scratch.path();
  what.log = scratch / "log";
  what.environment = {{"X", "1"}};
  what.unset = {"HOME"};
  what.arguments = {"sh", "-c", "echo $X-$HOME-$PWD; read line || exit 7"};
  CHECK(run(what) == 7);
  CHECK(readFile(what.log) == "1--" + scratch.path() + "\n");
  what.arguments = {"sh", "-c", "kill -9 $$"};
  CHECK(run(what) == 128 + 9);
  what.arguments = {"no-such-program"};
  CHECK_THROWS_WITH(run(what), Catch::Contains("no-such-program"));
}

TEST_CASE("An interrupt ends the whole group and is reported") {
  Scratch scratch;
  MakeRun what;
  what.directory = scratch.path();
  what.log = scratch / "log";
  // A child that writes on after its parent is gone would be found by the growing file.
  what.arguments = {"sh", "-c", "(while :; do echo x >>grows; sleep 0.02; done) & echo started; wait"};
  std::thread interrupter;
  int signal = 0;
  try {
    run(what, [&] {
      if (!interrupter.joinable() && fs::exists(scratch / "grows"))
        interrupter = std::thread([] { kill(getpid(), SIGTERM); });
    });
  } catch (const Interrupted& interrupted) {
    signal = interrupted.signal;
  }
  if (interrupter.joinable())
    interrupter.join();
  CHECK(signal == SIGTERM);
  usleep(300000); // on a loaded machine the killed ones need a moment to be gone
  auto size = fs::file_size(scratch / "grows");
  usleep(200000);
  CHECK(fs::file_size(scratch / "grows") == size);
}

TEST_CASE("The sidecar comes back as it was written") {
  Scratch scratch;
  CaptureResult result;
  result.output = scratch / "cc.json";
  result.sidecar = sidecarPath(result.output);
  CHECK(result.sidecar == scratch / "cc.capture.json");
  CHECK_FALSE(readCaptureSidecar(result.output));
  result.arch = "arm64";
  result.kernelRelease = "6.12.1";
  result.scope = {"drivers"};
  result.count = 7;
  result.dropped.add(DropReason::Assembler);
  result.notBuilt = {{"drivers/a.c", "not built"}};
  result.failures = {"x"};
  writeCaptureSidecar(result);
  auto read = readCaptureSidecar(result.output);
  REQUIRE(read);
  CHECK(read->arch == "arm64");
  CHECK(read->count == 7);
  CHECK(read->dropped.count == result.dropped.count);
  REQUIRE(read->notBuilt.size() == 1);
  CHECK(read->notBuilt[0].file == "drivers/a.c");
  std::string text = readFile(result.sidecar);
  scratch.write("cc.capture.json", text.substr(0, text.size() / 2));
  CHECK_THROWS_WITH(readCaptureSidecar(result.output), Catch::Contains("cc.capture.json"));
  scratch.write("cc.capture.json", "{\"version\": 99}");
  CHECK_THROWS_WITH(readCaptureSidecar(result.output), Catch::Contains("version 99"));
}
