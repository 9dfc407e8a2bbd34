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
#include <cstring>
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
CREATE TABLE IF NOT EXISTS tu (command TEXT PRIMARY KEY, key TEXT NOT NULL, made INTEGER NOT NULL,
  inputs BLOB NOT NULL) WITHOUT ROWID;
)";

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

} // namespace

FactsCache::FactsCache(const std::string& folder) : folder_(folder) {
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
  } catch (const Error&) {
    // What is lost is parsed again.
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

void FactsCache::check(InputFile& input) {
  if (input.checked)
    return;
  input.checked = true;
  struct stat status = {};
  bool exists = ::stat(input.path.c_str(), &status) == 0;
  int64_t modified = exists ? status.st_mtim.tv_sec * 1000000000LL + status.st_mtim.tv_nsec : -1;
  int64_t size = exists ? static_cast<int64_t>(status.st_size) : -1;
  if (input.id != 0 && input.size == size && input.modified == modified)
    return;
  std::string hash = exists ? hashOfFile(input.path) : std::string();
  if (input.id == 0 || hash != input.hash)
    input.changed = run_;
  input.size = size;
  input.modified = modified;
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

FactsCache::InputFile& FactsCache::inputFor(const std::string& path) {
  if (auto known = byPath_.find(path); known != byPath_.end()) {
    check(*known->second);
    return *known->second;
  }
  auto input = std::make_unique<InputFile>();
  input->path = path;
  check(*input);
  byPath_[path] = input.get();
  byId_[input->id] = input.get();
  inputs_.push_back(std::move(input));
  return *inputs_.back();
}

std::optional<std::string> FactsCache::find(const std::string& command) {
  Statement row(*database_, "SELECT key, made, inputs FROM tu WHERE command = ?");
  row.bind(1, command);
  if (!row.step())
    return std::nullopt;
  std::string key = row.text(0);
  int64_t made = row.integer(1);
  std::string inputs = row.text(2);
  for (size_t at = 0; at + sizeof(uint32_t) <= inputs.size(); at += sizeof(uint32_t)) {
    uint32_t id;
    std::memcpy(&id, inputs.data() + at, sizeof id);
    auto known = byId_.find(id);
    if (known == byId_.end())
      return std::nullopt;
    check(*known->second);
    if (known->second->changed > made)
      return std::nullopt;
  }
  if (!isWhole(factsPath(folder_, key)))
    return std::nullopt;
  return key;
}

void FactsCache::add(const std::string& command, const std::string& key,
                     const std::vector<std::string>& inputs) {
  std::string ids;
  ids.reserve(inputs.size() * sizeof(uint32_t));
  for (const std::string& path : inputs) {
    auto id = static_cast<uint32_t>(inputFor(path).id);
    ids.append(reinterpret_cast<const char*>(&id), sizeof id);
  }
  begin();
  Statement(*database_, "INSERT OR REPLACE INTO tu (command, key, made, inputs) VALUES (?, ?, ?, ?)")
      .bindAll(std::string_view(command), std::string_view(key), run_, std::string_view(ids))
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
