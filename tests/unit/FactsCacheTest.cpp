// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The cache of facts: an answer only while every input is as it was and the facts file is whole.
#include "analyze/FactsCache.h"

#include "facts/FactsFolder.h"
#include "facts/FactsIo.h"
#include "support/AtomicFile.h"
#include "support/Hash.h"

#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>
#include <thread>
#include <unistd.h>

using namespace fgft;
namespace fs = std::filesystem;

namespace {

struct Fixture {
  std::string root = fs::temp_directory_path() / ("fgft-cache-" + std::to_string(::getpid()));
  std::string folder = root + "/cache";
  std::string header = root + "/h.h";
  std::string source = root + "/s.c";
  std::string key = std::string(64, 'b');

  Fixture() {
    fs::create_directories(root);
    writeFileAtomically(header, "int h;");
    writeFileAtomically(source, "int s;");
    TuFacts facts;
    facts.key = key;
    facts.file = "s.c";
    writeFacts(facts, folder);
    FactsCache cache(folder);
    cache.add("command", key, {input(cache, header), input(cache, source)});
    cache.flush();
  }
  ~Fixture() { fs::remove_all(root); }

  // Longer than the file system's clock takes to go on.
  static void tick() { std::this_thread::sleep_for(std::chrono::milliseconds(20)); }

  static FactsCache::InputId input(FactsCache& cache, const std::string& path) {
    return cache.input(path, hashOfFile(path));
  }

  std::optional<std::string> ask(const std::string& command = "command") {
    return FactsCache(folder).find(command);
  }
};

} // namespace

TEST_CASE_METHOD(Fixture, "unchanged inputs are a hit, in the next run as well") {
  CHECK(ask() == key);
  CHECK(ask() == key);
  CHECK_FALSE(ask("another command"));
}

TEST_CASE_METHOD(Fixture, "another content of any input is a miss, also of the same length") {
  writeFileAtomically(header, "int i;");
  CHECK_FALSE(ask());
  CHECK_FALSE(ask()); // and stays one: the change was seen by a run that did not analyse
}

TEST_CASE_METHOD(Fixture, "a new time stamp with the same content is a hit") {
  fs::last_write_time(header, fs::file_time_type::clock::now() + std::chrono::hours(1));
  CHECK(ask() == key);
}

TEST_CASE_METHOD(Fixture, "an input that is gone is a miss") {
  fs::remove(source);
  CHECK_FALSE(ask());
}

TEST_CASE_METHOD(Fixture, "a facts file cut at any byte, or gone, is a miss") {
  std::string path = factsPath(folder, key);
  std::string text = readFile(path);
  for (size_t size = 0; size < text.size(); ++size) {
    writeFileAtomically(path, std::string_view(text).substr(0, size));
    INFO("cut at " << size);
    REQUIRE_FALSE(ask());
  }
  writeFileAtomically(path, text);
  CHECK(ask() == key);
  fs::remove(path);
  CHECK_FALSE(ask());
}

TEST_CASE_METHOD(Fixture, "an index that is cut or foreign is begun anew") {
  std::string index = folder + "/index.db";
  for (const std::string& content : {std::string("no database at all, but longer than a header is, by far"),
                                     std::string(5000, '\0'), std::string("SQLite format 3\0", 16) + "cut"}) {
    for (const char* end : {"", "-wal", "-shm"})
      fs::remove(index + end);
    fs::remove(index + ".unusable");
    std::ofstream(index) << content;
    INFO(content.substr(0, 20));
    CHECK_FALSE(ask());
    {
      FactsCache cache(folder);
      cache.add("command", key, {input(cache, header), input(cache, source)});
    }
    CHECK(ask() == key);
  }
}

TEST_CASE_METHOD(Fixture, "two runs at once do not disturb each other") {
  FactsCache one(folder);
  FactsCache two(folder);
  CHECK(one.find("command") == key);
  one.add("first", key, {input(one, header)});
  one.flush();
  two.add("second", key, {input(two, source)});
  two.flush();
  CHECK(ask("first") == key);
  CHECK(ask("second") == key);
}

TEST_CASE_METHOD(Fixture, "shrinking takes the oldest away, and what is left is below the bound") {
  std::string newer = std::string(64, 'c');
  TuFacts facts;
  facts.key = newer;
  tick();
  writeFacts(facts, folder);
  shrinkFacts(folder, fs::file_size(factsPath(folder, newer)));
  CHECK_FALSE(fs::exists(factsPath(folder, key)));
  CHECK(fs::exists(factsPath(folder, newer)));
  CHECK_FALSE(ask());
}

TEST_CASE_METHOD(Fixture, "what a run takes is not the oldest any more") {
  TuFacts facts;
  facts.key = std::string(64, 'c');
  tick();
  writeFacts(facts, folder);
  tick();
  linkFacts(folder, root + "/run", key);
  shrinkFacts(folder, fs::file_size(factsPath(folder, key)));
  CHECK(fs::exists(factsPath(folder, key)));
  CHECK_FALSE(fs::exists(factsPath(folder, facts.key)));
}

TEST_CASE_METHOD(Fixture, "the bound counts header states, and takes them too") {
  std::vector<std::string> states = {folder + "/headers/a.pch", folder + "/headers/a.state"};
  fs::create_directories(folder + "/headers");
  for (const std::string& path : states) {
    tick();
    writeFileAtomically(path, std::string(1000, 's'));
  }
  writeFileAtomically(folder + "/headers/a.h", "a name that stays");
  shrinkFacts(folder, 1000);
  CHECK_FALSE(fs::exists(factsPath(folder, key)));
  CHECK_FALSE(fs::exists(states[0]));
  CHECK(fs::exists(states[1]));
  CHECK(fs::exists(folder + "/headers/a.h"));
}

TEST_CASE_METHOD(Fixture, "what appears where a header was looked for in vain is a miss") {
  std::string hiding = root + "/first/h.h";
  {
    FactsCache cache(folder);
    cache.add("command", key, {input(cache, header), cache.input(hiding, "")});
    cache.add("other", key, {input(cache, header)}, cache.set({cache.input(hiding, "")}));
    cache.add("third", key, {input(cache, header)});
  }
  CHECK(ask("command") == key);
  CHECK(ask("other") == key);
  fs::create_directories(root + "/first");
  writeFileAtomically(hiding, "int h;");
  CHECK_FALSE(ask("command"));
  CHECK_FALSE(ask("other"));
  CHECK(ask("third") == key);
  fs::remove(hiding);
  CHECK_FALSE(ask("other")); // a change all the same: whoever ran meanwhile saw the file
}

TEST_CASE_METHOD(Fixture, "a file written while it was read is looked at again") {
  std::string text = "int x;";
  writeFileAtomically(header, text);
  {
    FactsCache cache(folder);
    cache.add("command", key, {cache.input(header, hashOf(text))});
    // Read by a worker before this write, added after it.
    writeFileAtomically(source, "int t;");
    cache.add("late", key, {cache.input(source, hashOf("int s;"))});
  }
  CHECK(ask("command") == key);
  CHECK_FALSE(ask("late"));
}

TEST_CASE_METHOD(Fixture, "a stamp vouches for a content only once the file system's clock has gone on") {
  // A second write now might leave the same stamp.
  auto stamp = [&] {
    FactsCache cache(folder);
    CHECK(cache.find("command") == key);
    return cache.known(header)->stamp;
  };
  CHECK(stamp() == FileStamp::unsure());
  int64_t second = 1000000000;
  FileStamp now = FileStamp::of(header);
  CHECK_FALSE(now.settledAt(now.changed));
  CHECK_FALSE(now.settledAt(now.changed + 2 * second)); // FAT's clock
  CHECK(now.settledAt(now.changed + 2 * second + 1));
  CHECK(FileStamp().settledAt(0)); // nothing is there
  while (!now.settledAt(wallClock()))
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  CHECK(stamp() == now);
  // Nobody can set back the time of change.
  fs::last_write_time(header, fs::file_time_type::clock::now() - std::chrono::hours(1));
  CHECK_FALSE(FileStamp::of(header).settledAt(wallClock()));
}

TEST_CASE_METHOD(Fixture, "a bound holds however often a folder was counted") {
  shrinkFacts(folder, 1 << 20);
  std::string newer = key.substr(0, 62) + "cc";
  TuFacts facts;
  facts.key = newer;
  facts.file = "s.c"; // as large as the other
  tick();
  writeFacts(facts, folder);
  shrinkFacts(folder, fs::file_size(factsPath(folder, newer)));
  CHECK_FALSE(fs::exists(factsPath(folder, key)));
  CHECK(fs::exists(factsPath(folder, newer)));
  // What is remembered of a folder's size is no more than that.
  writeFileAtomically(folder + "/sizes", readFile(folder + "/sizes") + "x");
  shrinkFacts(folder, 1);
  CHECK_FALSE(fs::exists(factsPath(folder, newer)));
}

TEST_CASE_METHOD(Fixture, "a run's folder is kept to what its manifests name") {
  std::string other = std::string(64, 'd');
  TuFacts facts;
  facts.key = other;
  writeFacts(facts, folder);
  writeFileAtomically(folder + "/manifest-x.jsonl", "");
  pruneFacts(folder, {key});
  CHECK(fs::exists(factsPath(folder, key)));
  CHECK_FALSE(fs::exists(factsPath(folder, other)));
  CHECK(fs::exists(folder + "/manifest-x.jsonl"));
  CHECK_FALSE(fs::exists(folder + "/index.db"));
}
