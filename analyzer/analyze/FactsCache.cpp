// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Facts by command and content; see FactsCache.h.
//
// Runs are numbered. An input's row says in which run its content was last found changed, a TU's row in which
// run it was made: the TU is good while none of its inputs changed later. A file is read again only where its
// size or time of change differ from the index.
#include "analyze/FactsCache.h"

#include "facts/FactsIo.h"
#include "support/AtomicFile.h"
#include "support/Error.h"
#include "support/Hash.h"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <sys/stat.h>

namespace fgft {

namespace {

constexpr const char* schema = R"(
PRAGMA journal_mode = WAL;
PRAGMA synchronous = NORMAL;
CREATE TABLE IF NOT EXISTS run (number INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS input (id INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE, size INTEGER NOT NULL,
  modified INTEGER NOT NULL, hash TEXT NOT NULL, changed INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS input_set (id INTEGER PRIMARY KEY, digest TEXT NOT NULL UNIQUE, inputs BLOB NOT NULL);
DROP TABLE IF EXISTS tu; -- of an earlier version
CREATE TABLE IF NOT EXISTS unit (command TEXT PRIMARY KEY, key TEXT NOT NULL, made INTEGER NOT NULL,
  inputs BLOB NOT NULL, input_set INTEGER NOT NULL) WITHOUT ROWID;
)";

// No file's time.
constexpr int64_t unsure = -2;

int64_t now() {
  timespec time = {};
  ::clock_gettime(CLOCK_REALTIME, &time);
  return time.tv_sec * 1000000000LL + time.tv_nsec;
}

// A whole facts file ends with its count line.
bool isWhole(const std::string& path) {
  FILE* file = std::fopen(path.c_str(), "rb");
  if (!file)
    return false;
  char tail[64] = {};
  bool whole = std::fseek(file, -std::min<long>(sizeof tail - 1, 24), SEEK_END) == 0 &&
               std::fread(tail, 1, sizeof tail - 1, file) > 0 && std::strstr(tail, "{\"end\":") != nullptr &&
               tail[std::strlen(tail) - 1] == '\n';
  std::fclose(file);
  return whole;
}

std::string bytesOf(const std::vector<FactsCache::InputId>& ids) {
  return {reinterpret_cast<const char*>(ids.data()), ids.size() * sizeof(FactsCache::InputId)};
}

} // namespace

// A file system's clock is a little behind.
FactsCache::FactsCache(const std::string& folder) : folder_(folder), started_(now() - 1000000000LL) {
  makeFolders(folder);
  try {
    open();
  } catch (const Error&) {
    // Cut or foreign: facts are still found by key once they are made again; the index starts empty.
    database_.reset();
    for (const char* part : {"/index.db", "/index.db-wal", "/index.db-shm"}) {
      std::error_code ignored;
      std::filesystem::rename(folder + part, folder + part + ".unusable", ignored);
    }
    open();
  }
}

FactsCache::~FactsCache() {
  try {
    flush();
  } catch (const Error& error) {
    fmt::print(stderr, "fgft: warning: {}: {}; what is lost is parsed again\n", folder_, error.what());
  }
}

void FactsCache::open() {
  database_ = std::make_unique<Database>(folder_ + "/index.db", Database::Mode::Create);
  database_->execute("PRAGMA busy_timeout = 60000");
  database_->execute(schema);
  database_->execute("BEGIN IMMEDIATE");
  database_->execute("INSERT INTO run SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM run)");
  database_->execute("UPDATE run SET number = number + 1");
  Statement number(*database_, "SELECT number FROM run");
  number.step();
  run_ = number.integer(0);
  number.reset();
  database_->execute("COMMIT");
  readInputs();
}

void FactsCache::readInputs() {
  Statement rows(*database_, "SELECT id, path, size, modified, hash, changed FROM input");
  while (rows.step()) {
    auto input = std::make_unique<InputFile>();
    input->id = rows.integer(0);
    input->path = rows.text(1);
    input->size = rows.integer(2);
    input->modified = rows.integer(3);
    input->hash = rows.text(4);
    input->changed = rows.integer(5);
    byPath_[input->path] = input.get();
    byId_[input->id] = input.get();
    inputs_.push_back(std::move(input));
  }
}

bool FactsCache::stat(InputFile& input) {
  struct stat status = {};
  bool exists = ::stat(input.path.c_str(), &status) == 0;
  int64_t modified = exists ? status.st_mtim.tv_sec * 1000000000LL + status.st_mtim.tv_nsec : -1;
  int64_t size = exists ? static_cast<int64_t>(status.st_size) : -1;
  bool same = input.size == size && input.modified == modified;
  input.size = size;
  input.modified = modified;
  return same;
}

void FactsCache::check(InputFile& input) {
  if (input.checked)
    return;
  input.checked = true;
  if (stat(input))
    return;
  std::string hash = input.size >= 0 ? hashOfFile(input.path) : std::string();
  if (hash != input.hash)
    input.changed = run_;
  input.hash = std::move(hash);
  saveInput(input);
}

void FactsCache::begin() {
  if (!inTransaction_)
    database_->execute("BEGIN IMMEDIATE");
  inTransaction_ = true;
}

void FactsCache::saveInput(InputFile& input) {
  begin();
  Statement row(*database_,
                "INSERT INTO input (path, size, modified, hash, changed) VALUES (?, ?, ?, ?, ?) ON CONFLICT "
                "(path) DO UPDATE SET size = excluded.size, modified = excluded.modified, hash = "
                "excluded.hash, changed = excluded.changed RETURNING id");
  row.bindAll(std::string_view(input.path), input.size, input.modified, std::string_view(input.hash),
              input.changed);
  row.step();
  input.id = row.integer(0);
  row.step();
}

FactsCache::InputId FactsCache::input(const std::string& path, const std::string& hash) {
  if (auto known = byPath_.find(path); known != byPath_.end()) {
    check(*known->second);
    return known->second->hash == hash ? static_cast<InputId>(known->second->id) : changedMeanwhile;
  }
  auto input = std::make_unique<InputFile>();
  input->path = path;
  input->hash = hash;
  input->checked = true;
  input->changed = run_;
  stat(*input);
  // Written since the run began: perhaps after it was read. Its content is compared the next time.
  if (input->modified >= started_)
    input->modified = unsure;
  saveInput(*input);
  byPath_[path] = input.get();
  byId_[input->id] = input.get();
  inputs_.push_back(std::move(input));
  return static_cast<InputId>(inputs_.back()->id);
}

FactsCache::InputId FactsCache::set(const std::vector<InputId>& inputs) {
  std::string ids = bytesOf(inputs);
  begin();
  Statement row(*database_, "INSERT INTO input_set (digest, inputs) VALUES (?, ?) ON CONFLICT (digest) DO "
                            "UPDATE SET digest = digest RETURNING id");
  row.bindAll(std::string_view(hashOf(ids)), std::string_view(ids));
  row.step();
  auto id = static_cast<InputId>(row.integer(0));
  row.step();
  return id;
}

bool FactsCache::isUnchanged(const std::string& ids, int64_t since) {
  for (size_t at = 0; at + sizeof(InputId) <= ids.size(); at += sizeof(InputId)) {
    InputId id;
    std::memcpy(&id, ids.data() + at, sizeof id);
    auto known = byId_.find(id);
    if (known == byId_.end())
      return false;
    check(*known->second);
    if (known->second->changed > since)
      return false;
  }
  return true;
}

bool FactsCache::isSetUnchanged(int64_t set, int64_t since) {
  if (set == noSet || unchangedSets_.contains({set, since}))
    return true;
  auto [known, isNew] = sets_.try_emplace(set);
  if (isNew) {
    Statement row(*database_, "SELECT inputs FROM input_set WHERE id = ?");
    row.bind(1, set);
    if (!row.step()) {
      sets_.erase(known);
      return false;
    }
    known->second = row.text(0);
  }
  if (!isUnchanged(known->second, since))
    return false;
  unchangedSets_.insert({set, since});
  return true;
}

std::optional<std::string> FactsCache::find(const std::string& command) {
  Statement row(*database_, "SELECT key, made, inputs, input_set FROM unit WHERE command = ?");
  row.bind(1, command);
  if (!row.step())
    return std::nullopt;
  std::string key = row.text(0);
  int64_t made = row.integer(1);
  if (!isUnchanged(row.text(2), made) || !isSetUnchanged(row.integer(3), made))
    return std::nullopt;
  if (!isWhole(factsPath(folder_, key)))
    return std::nullopt;
  return key;
}

void FactsCache::add(const std::string& command, const std::string& key, const std::vector<InputId>& inputs,
                     InputId set) {
  if (std::find(inputs.begin(), inputs.end(), changedMeanwhile) != inputs.end())
    return; // the facts are of a content that is gone
  std::string ids = bytesOf(inputs);
  begin();
  Statement(*database_,
            "INSERT OR REPLACE INTO unit (command, key, made, inputs, input_set) VALUES (?, ?, ?, ?, ?)")
      .bindAll(std::string_view(command), std::string_view(key), run_, std::string_view(ids),
               static_cast<int64_t>(set))
      .run();
}

void FactsCache::flush() {
  if (!inTransaction_)
    return;
  inTransaction_ = false;
  database_->execute("COMMIT");
}

void FactsCache::shrink(uint64_t maxBytes) {
  namespace fs = std::filesystem;
  struct Item {
    fs::file_time_type used;
    uint64_t size;
    fs::path path;
  };
  std::vector<Item> items;
  uint64_t total = 0;
  std::error_code error;
  for (fs::recursive_directory_iterator it(folder_, error), end; it != end && !error; it.increment(error)) {
    if (it->path().extension() != ".facts")
      continue;
    items.push_back({it->last_write_time(error), it->file_size(error), it->path()});
    total += items.back().size;
  }
  std::sort(items.begin(), items.end(), [](const Item& a, const Item& b) { return a.used < b.used; });
  for (const Item& item : items) {
    if (total <= maxBytes)
      break;
    fs::remove(item.path, error);
    total -= item.size;
  }
}

void linkFacts(const std::string& from, const std::string& to, const std::string& key) {
  namespace fs = std::filesystem;
  fs::path path = factsPath(to, key);
  std::error_code error;
  if (fs::exists(path, error))
    return;
  fs::create_directories(path.parent_path(), error);
  fs::create_hard_link(factsPath(from, key), path, error);
  if (error)
    fs::copy_file(factsPath(from, key), path, fs::copy_options::overwrite_existing);
}

} // namespace fgft
