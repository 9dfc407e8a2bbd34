// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Whole runs over a small tree of our own: a run takes from the one before what still holds, and nothing
// else. Where a test takes the index of facts away, only what a run remembered can answer.
#include "analyze/DatabaseRun.h"

#include "capture/CompileDb.h"
#include "facts/FactsFolder.h"
#include "facts/FactsIo.h"
#include "facts/Manifest.h"
#include "support/AtomicFile.h"

#include <catch2/catch.hpp>

#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <map>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

using namespace fgft;
namespace fs = std::filesystem;

namespace {

// Enough TUs for a header state; all but the last include two shared headers and one of their own.
class Tree {
public:
  static constexpr size_t count = 9;

  Tree() {
    write("include/linux/kconfig.h", "#define CONFIG_PM 1\n");
    write("include/linux/pm.h",
          "#pragma once\nstruct dev_pm_ops { int (*suspend)(void); };\nint down(void);\n");
    write("include/linux/extra.h",
          "#pragma once\n#define EXTRA 1\nstatic inline int extra(void) { return 1; }\n");
    write("drivers/own.h", "#pragma once\nenum { OWN = 1 };\n");
    for (size_t i = 0; i + 1 < count; ++i)
      write(source(i), "#include <linux/pm.h>\n#include <linux/extra.h>\n#include \"own.h\"\n" + text);
    write(source(count - 1), "#include <linux/pm.h>\n" + text);
    writeDatabase();
    options.list.database = root_ + "/compile_commands.json";
    options.list.flagTable = FGFT_SOURCE_DIR "/analyzer/model/gcc_flags.csv";
    options.list.cacheFolder = root_ + "/cache";
    options.cacheFolder = root_ + "/cache/facts";
    options.schedule.factsFolder = root_ + "/out";
    options.schedule.jobs = 1;
  }
  ~Tree() { fs::remove_all(root_); }
  Tree(const Tree&) = delete;
  Tree& operator=(const Tree&) = delete;

  std::string path(const std::string& name) const { return root_ + "/" + name; }
  static std::string source(size_t i) { return "drivers/tu" + std::to_string(i) + ".c"; }

  void write(const std::string& name, const std::string& content) const {
    fs::create_directories(fs::path(path(name)).parent_path());
    writeFileAtomically(path(name), content);
  }

  // In place, with the time of writing that it had, and the same size.
  void sneak(const std::string& name, const std::string& from, const std::string& to) const {
    REQUIRE(from.size() == to.size());
    std::string content = readFile(path(name));
    struct stat before = {};
    REQUIRE(::stat(path(name).c_str(), &before) == 0);
    size_t at = content.find(from);
    REQUIRE(at != std::string::npos);
    std::ofstream(path(name)) << content.replace(at, from.size(), to);
    timespec times[2] = {before.st_atim, before.st_mtim};
    REQUIRE(::utimensat(AT_FDCWD, path(name).c_str(), times, 0) == 0);
  }

  void writeDatabase(const std::vector<std::string>& more = {"-DMORE=0"}) const {
    CompileDbWriter writer(path("compile_commands.json"));
    for (size_t i = 0; i < count; ++i) {
      CompileCommand command;
      command.directory = root_;
      command.file = path(source(i));
      command.output = "drivers/tu" + std::to_string(i) + ".o";
      command.arguments = {"clang",
                           "-nostdinc",
                           "-I" + path("arch/x86/include"),
                           "-I" + path("include"),
                           "-I" + path("before"),
                           "-include",
                           path("include/linux/kconfig.h"),
                           "-D__KERNEL__",
                           "--target=x86_64-linux-gnu",
                           "-std=gnu11",
                           "-c",
                           "-o",
                           command.output,
                           command.file};
      if (i == 0)
        command.arguments.insert(command.arguments.end(), more.begin(), more.end());
      writer.add(command);
    }
    writer.finish();
  }

  // From here on the files' stamps vouch for them; younger files are read again.
  static void settle() { std::this_thread::sleep_for(std::chrono::milliseconds(2100)); }

  ScheduleResult run() {
    ScheduleResult result = runDatabase(options, context_, {});
    CHECK(result.notOk == 0);
    CHECK(result.headers.problem == "");
    CHECK(result.entries.size() == count);
    return result;
  }

  // Keys by output; those of the manifest, whose facts are all there.
  std::map<std::string, std::string> keys() const {
    std::map<std::string, std::string> keys;
    for (const ManifestEntry& entry : readManifest(path("out/" + manifestName("x86_64", 1, 1))).entries) {
      CHECK(isWholeFacts(factsPath(path("out"), entry.key)));
      keys[entry.output] = entry.key;
    }
    return keys;
  }

  // What a first run over the tree as it is now says.
  std::map<std::string, std::string> freshKeys() {
    fs::remove_all(path("cache"));
    fs::remove_all(path("out"));
    run();
    return keys();
  }

  void forgetIndex() const {
    for (const char* end : {"", "-wal", "-shm"})
      fs::remove(path("cache/facts/index.db") + end);
  }

  fs::path remembered() const {
    for (const auto& entry : fs::directory_iterator(path("cache/facts/runs")))
      return entry.path();
    FAIL("no run is remembered");
    return {};
  }

  DatabaseRunOptions options;
  const std::string text = "struct dev_pm_ops ops = { .suspend = down };\nint use(void) { return 0; }\n";

private:
  std::string root_ = fs::temp_directory_path() / ("fgft-run-" + std::to_string(::getpid()));
  AnalysisContext context_{"model", {"pci_driver"}, ""};
};

} // namespace

TEST_CASE_METHOD(Tree, "over an unchanged tree a run takes all from the one before") {
  CHECK(run().analysed == count);
  auto first = keys();
  std::string manifest = readFile(path("out/" + manifestName("x86_64", 1, 1)));
  forgetIndex();
  for (bool emptyFolder : {false, true}) {
    if (emptyFolder)
      fs::remove_all(path("out"));
    ScheduleResult second = run();
    CHECK(second.fromCache == count);
    CHECK(second.headers.fromCache);
    CHECK(second.headers.headers == 2);
    CHECK(readFile(path("out/" + manifestName("x86_64", 1, 1))) == manifest);
    CHECK(keys() == first);
    CHECK_FALSE(fs::exists(path("cache/facts/index.db"))); // nobody asked
  }
  options.schedule.reuse = false;
  CHECK(run().analysed == count);
}

TEST_CASE_METHOD(Tree,
                 "a changed file is noticed by who read it alone, whatever its size and time of writing") {
  settle();
  run();
  auto first = keys();
  sneak(source(3), "return 0", "return 1");
  CHECK(run().analysed == 1);
  auto second = keys();
  CHECK(second.at("drivers/tu3.o") != first.at("drivers/tu3.o"));
  CHECK(run().analysed == 0);
  sneak("include/linux/extra.h", "EXTRA 1", "EXTRA 2");
  CHECK(run().analysed == count - 1);
  sneak("drivers/own.h", "OWN = 1", "OWN = 2");
  CHECK(run().analysed == count - 1);
  sneak("include/linux/kconfig.h", "PM 1", "PM 2");
  CHECK(run().analysed == count);
  CHECK(run().analysed == 0);
  CHECK(keys() == freshKeys());
}

TEST_CASE_METHOD(Tree, "a new time with the same content is no change") {
  settle();
  run();
  forgetIndex();
  for (const char* name : {"include/linux/pm.h", "drivers/tu2.c", "compile_commands.json"})
    fs::last_write_time(path(name), fs::file_time_type::clock::now() + std::chrono::hours(1));
  CHECK(run().analysed == 0);
}

TEST_CASE_METHOD(Tree, "a header that appears in an earlier folder is noticed") {
  options.schedule.fast = GENERATE(true, false);
  // All TUs of a header state share what was looked for in vain.
  size_t users = options.schedule.fast ? count : count - 1;
  fs::create_directories(path("arch/x86/include/linux"));
  run();
  write("arch/x86/include/linux/extra.h", "#pragma once\n#define EXTRA 3\n");
  CHECK(run().analysed == users);
  CHECK(run().analysed == 0);
  CHECK(keys() == freshKeys());
  fs::remove(path("arch/x86/include/linux/extra.h"));
  CHECK(run().analysed == count - 1);
  fs::remove_all(path("arch"));
  freshKeys();
  write("arch/x86/include/linux/pm.h", readFile(path("include/linux/pm.h"))); // the folder is new
  CHECK(run().analysed == count);
  CHECK(run().analysed == 0);
}

TEST_CASE_METHOD(Tree, "a file that is gone is noticed") {
  run();
  fs::remove(path(source(1)));
  ScheduleResult result = runDatabase(options, {"model", {"pci_driver"}, ""}, {});
  CHECK(result.analysed == 1);
  CHECK(result.notOk == 1);
  // What failed is tried again, and nothing else.
  CHECK(runDatabase(options, {"model", {"pci_driver"}, ""}, {}).analysed == 1);
  write(source(1), text);
}

TEST_CASE_METHOD(Tree, "other flags at the same path are other commands") {
  run();
  auto first = keys();
  writeDatabase({"-DMORE=1"});
  CHECK(run().analysed == 1);
  CHECK(keys().at("drivers/tu0.o") != first.at("drivers/tu0.o"));
  sneak("compile_commands.json", "-DMORE=1", "-DMORE=2");
  CHECK(run().analysed == 1);
  CHECK(run().analysed == 0);
  CHECK(keys() == freshKeys());
}

TEST_CASE_METHOD(Tree, "what decides the list of TUs is no secret to it") {
  run();
  // A capture's word beside the database: the list is another, the TUs are not.
  write("compile_commands.capture.json", "{ \"version\": 0 }");
  CHECK_THROWS_WITH(run(), Catch::Contains("version"));
  fs::remove(path("compile_commands.capture.json"));
  write("include/config/kernel.release", "6.12.0\n");
  CHECK(run().analysed == 0);
  CHECK(readManifest(path("out/" + manifestName("x86_64", 1, 1))).configuration.kernelRelease == "6.12.0");
}

TEST_CASE_METHOD(Tree, "headers' functions follow what the TUs include") {
  run();
  std::string headers = run().headers.key;
  write("include/linux/late.h", "#pragma once\nstatic inline int late(void) { return 2; }\n");
  write(source(4), "#include <linux/late.h>\n#include <linux/pm.h>\n" + text);
  ScheduleResult changed = run();
  CHECK(changed.analysed == 1);
  CHECK(changed.headers.headers == 3);
  CHECK(changed.headers.key != headers);
  ScheduleResult again = run();
  CHECK(again.headers.key == changed.headers.key);
  CHECK(again.headers.fromCache);
  // One that no TU reads while it is compiled counts as well: conditions are not looked at.
  write(source(5), "#include <linux/pm.h>\n#ifdef NO\n#include <linux/no.h>\n#endif\n" + text);
  CHECK(run().headers.headers == 3);
  write("include/linux/no.h", "#pragma once\nstatic inline int no(void) { return 3; }\n");
  ScheduleResult more = run();
  CHECK(more.headers.headers == 4);
  CHECK(more.analysed == 0);
  freshKeys();
  CHECK(run().headers.key == more.headers.key);
}

TEST_CASE_METHOD(Tree, "facts that are cut or gone are made again") {
  run();
  auto first = keys();
  forgetIndex();
  auto cut = [&](const std::string& folder, size_t tu) {
    std::string file = factsPath(path(folder), first.at("drivers/tu" + std::to_string(tu) + ".o"));
    fs::copy_file(file, file + ".copy"); // the other folder's link keeps its content
    fs::rename(file + ".copy", file);
    fs::resize_file(file, fs::file_size(file) / 2);
  };
  cut("out", 2); // the cache has it
  CHECK(run().analysed == 0);
  CHECK(keys() == first);
  cut("out", 2);
  cut("cache/facts", 2);
  CHECK(run().analysed == 1);
  CHECK(keys() == first);
}

TEST_CASE_METHOD(Tree, "a remembered run that is garbled anywhere is none") {
  run();
  auto first = keys();
  std::string file = remembered();
  std::string content = readFile(file);
  auto expectNone = [&](const std::string& garbled) {
    forgetIndex();
    writeFileAtomically(file, garbled);
    CHECK(run().analysed == count);
    CHECK(keys() == first);
  };
  expectNone("");
  expectNone(content.substr(0, content.size() - 1));
  expectNone(content + "\n");
  for (size_t part = 0; part < 8; ++part) {
    size_t at = part * content.size() / 8;
    INFO("byte " << at);
    std::string garbled = content;
    garbled[at] = static_cast<char>(garbled[at] ^ 4);
    expectNone(garbled);
  }
  // Another question's answer.
  options.list.configurationName = "other";
  run();
  std::string other;
  for (const auto& entry : fs::directory_iterator(path("cache/facts/runs")))
    if (entry.path() != file)
      other = readFile(entry.path());
  options.list.configurationName = "";
  expectNone(other);
}

TEST_CASE_METHOD(Tree, "each shard remembers its own") {
  options.shards = 2;
  for (int round = 0; round < 2; ++round)
    for (unsigned shard : {1, 2}) {
      options.shard = shard;
      ScheduleResult result = runDatabase(options, {"model", {"pci_driver"}, ""}, {});
      CHECK(result.entries.size() == (shard == 1 ? 5 : 4));
      CHECK(result.analysed == (round == 0 ? result.entries.size() : 0));
      CHECK(result.headers.headers == 2);
    }
}

TEST_CASE_METHOD(Tree, "a bound of the cache holds where nothing is new") {
  run();
  options.schedule.cacheBytes = 1;
  run();
  for (const auto& entry : fs::recursive_directory_iterator(path("cache/facts")))
    CHECK(entry.path().extension() != ".facts");
  CHECK(run().analysed == 0); // the run's own folder has them
  fs::remove_all(path("out"));
  CHECK(run().analysed == count);
}
