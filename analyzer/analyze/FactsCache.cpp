// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Facts by command and content; see FactsCache.h.
//
// Runs are numbered. An input's row says in which run its content was last found changed, a TU's row in which
// run it was made: the TU is good while none of its inputs changed later. A file is read again only where its
// stamp differs from the index. Rows are read when they are asked for.
#include "analyze/FactsCache.h"

#include "facts/FactsFolder.h"
#include "facts/FactsIo.h"
#include "support/AtomicFile.h"
#include "support/Error.h"
#include "support/Hash.h"

#include <algorithm>
#include <cstring>
#include <filesystem>

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

// Of an earlier version, that knew of sizes and times of writing alone.
constexpr const char* moreColumns = R"(
ALTER TABLE input ADD COLUMN changed_at INTEGER NOT NULL DEFAULT -1;
ALTER TABLE input ADD COLUMN inode INTEGER NOT NULL DEFAULT -1;
)";

constexpr const char* inputColumns = "id, path, size, modified, changed_at, inode, hash, changed FROM input ";

using InputIds = std::vector<FactsCache::InputId>;

std::string bytesOf(const InputIds& ids) {
  return {reinterpret_cast<const char*>(ids.data()), ids.size() * sizeof(FactsCache::InputId)};
}

InputIds idsOf(std::string_view bytes) {
  InputIds ids(bytes.size() / sizeof(FactsCache::InputId));
  std::memcpy(ids.data(), bytes.data(), ids.size() * sizeof(FactsCache::InputId));
  return ids;
}

// The row that a statement stands on, read to the end of its life: a statement left open would hold a lock.
class Row {
public:
  explicit Row(Statement& statement) : statement_(statement), there_(statement.step()) {}
  ~Row() { statement_.reset(); }
  Row(const Row&) = delete;
  Row& operator=(const Row&) = delete;
  explicit operator bool() const { return there_; }
  Statement* operator->() { return &statement_; }

private:
  Statement& statement_;
  bool there_;
};

std::unique_ptr<FactsCache::InputFile> inputOf(Row& row) {
  auto input = std::make_unique<FactsCache::InputFile>();
  input->id = row->integer(0);
  input->path = row->text(1);
  input->stamp = {row->integer(2), row->integer(3), row->integer(4), row->integer(5)};
  input->hash = row->text(6);
  input->changed = row->integer(7);
  return input;
}

} // namespace

struct FactsCache::Queries {
  explicit Queries(Database& database)
      : byId(database, fmt::format("SELECT {} WHERE id = ?", inputColumns)),
        byPath(database, fmt::format("SELECT {} WHERE path = ?", inputColumns)),
        unit(database, "SELECT key, made, inputs, input_set FROM unit WHERE command = ?"),
        set(database, "SELECT inputs FROM input_set WHERE id = ?"),
        putInput(database,
                 "INSERT INTO input (path, size, modified, changed_at, inode, hash, changed) VALUES "
                 "(?, ?, ?, ?, ?, ?, ?) ON CONFLICT (path) DO UPDATE SET size = excluded.size, modified = "
                 "excluded.modified, changed_at = excluded.changed_at, inode = excluded.inode, hash = "
                 "excluded.hash, changed = excluded.changed RETURNING id"),
        putSet(database, "INSERT INTO input_set (digest, inputs) VALUES (?, ?) ON CONFLICT (digest) DO "
                         "UPDATE SET digest = digest RETURNING id") {}
  Statement byId, byPath, unit, set, putInput, putSet;
};

FactsCache::FactsCache(const std::string& folder) : folder_(folder), started_(wallClock()) {}

void FactsCache::ready() {
  if (queries_)
    return;
  makeFolders(folder_);
  try {
    open();
  } catch (const Error&) {
    // Cut or foreign: facts are still found by key once they are made again; the index starts empty.
    queries_.reset();
    database_.reset();
    for (const char* part : {"/index.db", "/index.db-wal", "/index.db-shm"}) {
      std::error_code ignored;
      std::filesystem::rename(folder_ + part, folder_ + part + ".unusable", ignored);
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
  if (Statement column(*database_, "SELECT 1 FROM pragma_table_info('input') WHERE name = 'inode'");
      !column.step())
    database_->execute(moreColumns);
  database_->execute("INSERT INTO run SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM run)");
  database_->execute("UPDATE run SET number = number + 1");
  Statement number(*database_, "SELECT number FROM run");
  number.step();
  run_ = number.integer(0);
  number.reset();
  database_->execute("COMMIT");
  queries_ = std::make_unique<Queries>(*database_);
}

FactsCache::InputFile* FactsCache::keep(std::unique_ptr<InputFile> input) {
  auto id = static_cast<size_t>(input->id);
  if (byId_.size() <= id)
    byId_.resize(std::max(id + 1, byId_.size() * 2));
  byId_[id] = std::move(input);
  byPath_[byId_[id]->path] = byId_[id].get();
  return byId_[id].get();
}

FactsCache::InputFile* FactsCache::load(InputId id) {
  if (id < byId_.size() && byId_[id])
    return byId_[id].get();
  Row row(queries_->byId.bind(1, static_cast<int64_t>(id)));
  return row ? keep(inputOf(row)) : nullptr;
}

FactsCache::InputFile* FactsCache::load(const std::string& path) {
  if (auto known = byPath_.find(path); known != byPath_.end())
    return known->second;
  Row row(queries_->byPath.bind(1, path));
  return row ? keep(inputOf(row)) : nullptr;
}

const FactsCache::InputFile* FactsCache::known(const std::string& path) const {
  auto known = byPath_.find(path);
  return known == byPath_.end() ? nullptr : known->second;
}

void FactsCache::check(InputFile& input) {
  if (input.checked)
    return;
  input.checked = true;
  int64_t before = wallClock();
  FileStamp stamp = FileStamp::of(input.path);
  if (stamp == input.stamp)
    return;
  std::string hash = hashOfFile(input.path);
  // A folder of headers that has appeared is no nothing.
  if (hash.empty() && stamp.exists())
    hash = "unreadable";
  if (hash != input.hash)
    input.changed = run_;
  input.hash = std::move(hash);
  input.stamp = stamp.settledAt(before) ? stamp : FileStamp::unsure();
  saveInput(input);
}

void FactsCache::begin() {
  if (!inTransaction_)
    database_->execute("BEGIN IMMEDIATE");
  inTransaction_ = true;
}

void FactsCache::saveInput(InputFile& input) {
  begin();
  Row row(queries_->putInput.bindAll(std::string_view(input.path), input.stamp.size, input.stamp.modified,
                                     input.stamp.changed, input.stamp.inode, std::string_view(input.hash),
                                     input.changed));
  input.id = row->integer(0);
}

FactsCache::InputId FactsCache::input(const std::string& path, const std::string& hash) {
  ready();
  if (InputFile* known = load(path)) {
    check(*known);
    return known->hash == hash ? static_cast<InputId>(known->id) : changedMeanwhile;
  }
  auto input = std::make_unique<InputFile>();
  input->path = path;
  input->hash = hash;
  input->checked = true;
  input->changed = run_;
  input->stamp = FileStamp::of(path);
  // Written since the run began: perhaps after it was read. Its content is compared the next time.
  if (!input->stamp.settledAt(started_))
    input->stamp = FileStamp::unsure();
  saveInput(*input);
  return static_cast<InputId>(keep(std::move(input))->id);
}

FactsCache::InputId FactsCache::set(const std::vector<InputId>& inputs) {
  ready();
  std::string ids = bytesOf(inputs);
  begin();
  std::string digest = hashOf(ids);
  Row row(queries_->putSet.bindAll(std::string_view(digest), std::string_view(ids)));
  return static_cast<InputId>(row->integer(0));
}

bool FactsCache::isUnchanged(const std::vector<InputId>& ids, int64_t since) {
  for (InputId id : ids) {
    InputFile* known = load(id);
    if (!known)
      return false;
    check(*known);
    if (known->changed > since)
      return false;
  }
  return true;
}

const std::vector<FactsCache::InputId>* FactsCache::inputsOf(InputId set) {
  auto [known, isNew] = sets_.try_emplace(set);
  if (isNew)
    if (Row row(queries_->set.bind(1, static_cast<int64_t>(set))); row)
      known->second = std::make_unique<InputIds>(idsOf(row->view(0)));
  return known->second.get();
}

bool FactsCache::isSetUnchanged(InputId set, int64_t since) {
  if (set == noSet || unchangedSets_.contains({set, since}))
    return true;
  const InputIds* inputs = inputsOf(set);
  if (!inputs || !isUnchanged(*inputs, since))
    return false;
  unchangedSets_.insert({set, since});
  return true;
}

std::optional<FactsCache::Unit> FactsCache::unit(const std::string& command) {
  ready();
  Unit unit;
  int64_t made = 0;
  {
    Row row(queries_->unit.bind(1, command));
    if (!row)
      return std::nullopt;
    unit = {row->text(0), idsOf(row->view(2)), static_cast<InputId>(row->integer(3))};
    made = row->integer(1);
  }
  if (!isUnchanged(unit.inputs, made) || !isSetUnchanged(unit.set, made))
    return std::nullopt;
  return unit;
}

std::optional<std::string> FactsCache::find(const std::string& command) {
  std::optional<Unit> known = unit(command);
  if (!known || !isWholeFacts(factsPath(folder_, known->key)))
    return std::nullopt;
  return known->key;
}

void FactsCache::add(const std::string& command, const std::string& key, const std::vector<InputId>& inputs,
                     InputId set) {
  if (std::find(inputs.begin(), inputs.end(), changedMeanwhile) != inputs.end())
    return; // the facts are of a content that is gone
  ready();
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

} // namespace fgft
