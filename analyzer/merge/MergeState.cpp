// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// See MergeState.h.
#include "merge/MergeState.h"

#include "support/Error.h"
#include "support/Pack.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <unistd.h>

namespace fgft {

namespace {

constexpr const char* schema = R"(
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE tu (id INTEGER PRIMARY KEY, config TEXT NOT NULL, output TEXT NOT NULL, key TEXT NOT NULL,
  links BLOB NOT NULL, UNIQUE (config, output));
CREATE TABLE drivers (id INTEGER PRIMARY KEY, config TEXT NOT NULL, module TEXT NOT NULL, rows BLOB NOT NULL,
  UNIQUE (config, module));
CREATE TABLE module_group (id INTEGER PRIMARY KEY, config TEXT NOT NULL, head BLOB NOT NULL);
CREATE TABLE group_content (id INTEGER PRIMARY KEY, exported BLOB NOT NULL, gifts BLOB NOT NULL);
)";

template <typename T>
std::string packed(const T& value) {
  Packer pack;
  pack(value);
  return pack.bytes();
}

template <typename T>
T unpacked(std::string_view bytes) {
  T value;
  Unpacker pack(bytes);
  pack(value);
  return value;
}

class StoredGroups : public EarlierGroups {
public:
  StoredGroups(Database& database, const std::string& configuration, std::unordered_set<NameHash> ownTags)
      : database_(database), ownTags_(std::move(ownTags)) {
    Statement rows(database, "SELECT id, head FROM module_group WHERE config = ? ORDER BY id");
    rows.bind(1, std::string_view(configuration));
    while (rows.step()) {
      ids_.push_back(rows.integer(0));
      heads_.push_back(unpacked<GroupHead>(rows.view(1)));
    }
  }
  const std::vector<GroupHead>& heads() const override { return heads_; }
  const std::unordered_set<NameHash>& ownTags() const override { return ownTags_; }
  std::string exported(size_t group) const override { return content("exported", group); }
  std::string gifts(size_t group) const override { return content("gifts", group); }
  int64_t id(size_t group) const { return ids_.at(group); }

private:
  std::string content(const char* column, size_t group) const {
    Statement row(database_, fmt::format("SELECT {} FROM group_content WHERE id = ?", column));
    row.bind(1, ids_.at(group));
    if (!row.step())
      throw Error("{}: group {} has no content", database_.path(), ids_.at(group));
    return row.text(0);
  }

  Database& database_;
  std::unordered_set<NameHash> ownTags_;
  std::vector<int64_t> ids_;
  std::vector<GroupHead> heads_;
};

} // namespace

template <typename Pack>
void archive(Pack& pack, Place& one) {
  pack(one.file, one.line);
}
template <typename Pack>
void archive(Pack& pack, Finding& one) {
  pack(one.kind, one.place, one.message);
}
template <typename Pack>
void archive(Pack& pack, PmVerdict& one) {
  pack(one.pm, one.phases, one.how, one.suspendFunction, one.resumeFunction, one.down, one.up,
       one.runtimeDown, one.runtimeUp, one.reason, one.findings);
}
template <typename Pack>
void archive(Pack& pack, DriverRow& one) {
  pack(one.classApi, one.classDir, one.bus, one.module, one.driver, one.name, one.place, one.configs,
       one.registration, one.pm);
}

std::string MergeState::pathFor(const std::string& database) {
  std::filesystem::path path(database);
  return (path.parent_path() / ("." + path.filename().string() + ".merge")).string();
}

MergeState::MergeState(std::string path, std::string place)
    : path_(std::move(path)), place_(std::move(place)) {
  database_ = std::make_unique<Database>(path_, Database::Mode::Create);
  // A power cut may damage it; what is packed has checksums, and the hashes are written last.
  database_->execute("PRAGMA synchronous = OFF");
}

MergeState::~MergeState() {
  setTu_.reset();
  setDrivers_.reset();
  addGroup_.reset();
  database_.reset();
  if (path_ != place_)
    ::unlink(path_.c_str());
}

std::unique_ptr<MergeState> MergeState::create(const std::string& database) {
  std::string place = pathFor(database);
  std::string path = fmt::format("{}.{}.tmp", place, ::getpid());
  ::unlink(path.c_str());
  std::unique_ptr<MergeState> state(new MergeState(path, place));
  state->database_->execute("PRAGMA journal_mode = MEMORY");
  state->database_->execute(schema);
  state->database_->execute("BEGIN");
  return state;
}

void MergeState::remove(const std::string& database) {
  ::unlink(pathFor(database).c_str());
}

std::unique_ptr<MergeState> MergeState::open(const std::string& database, const std::string& inputs,
                                             const std::string& frame) {
  std::string place = pathFor(database);
  if (std::error_code error; !std::filesystem::exists(place, error))
    return nullptr;
  std::unique_ptr<MergeState> state(new MergeState(place, place));
  Statement meta(*state->database_, "SELECT COUNT(*) FROM meta WHERE (key = 'inputs' AND value = ?) OR "
                                    "(key = 'frame' AND value = ?)");
  meta.bindAll(std::string_view(inputs), std::string_view(frame));
  meta.step();
  if (meta.integer(0) != 2)
    return nullptr;
  meta.reset();
  state->database_->execute("BEGIN IMMEDIATE");
  return state;
}

MergeState::Tu MergeState::tuOf(const TuFacts& facts, const std::string& status, const std::string& key,
                                const Model& model) {
  return status == "ok" ? Tu{key, linksOf(facts, model)} : Tu();
}

void MergeState::setTu(const std::string& configuration, const std::string& output, const Tu& tu) {
  if (!setTu_)
    setTu_ = std::make_unique<Statement>(
        *database_, "INSERT OR REPLACE INTO tu (config, output, key, links) VALUES (?, ?, ?, ?)");
  const std::string bytes = packed(tu.links);
  setTu_
      ->bindAll(std::string_view(configuration), std::string_view(output), std::string_view(tu.key),
                std::string_view(bytes))
      .run();
}

std::map<std::string, std::string> MergeState::keys(const std::string& configuration) {
  std::map<std::string, std::string> all;
  Statement rows(*database_, "SELECT output, key FROM tu WHERE config = ?");
  rows.bind(1, std::string_view(configuration));
  while (rows.step())
    all.emplace(rows.text(0), rows.text(1));
  return all;
}

std::map<std::string, MergeState::Tu> MergeState::tus(const std::string& configuration) {
  std::map<std::string, Tu> all;
  Statement rows(*database_, "SELECT output, key, links FROM tu WHERE config = ?");
  rows.bind(1, std::string_view(configuration));
  while (rows.step())
    all.emplace(rows.text(0), Tu{rows.text(1), unpacked<TuLinks>(rows.view(2))});
  return all;
}

void MergeState::setDrivers(const std::string& configuration, const std::string& module,
                            const std::vector<DriverRow>& rows) {
  if (!setDrivers_)
    setDrivers_ = std::make_unique<Statement>(
        *database_, "INSERT OR REPLACE INTO drivers (config, module, rows) VALUES (?, ?, ?)");
  const std::string bytes = packed(rows);
  setDrivers_->bindAll(std::string_view(configuration), std::string_view(module), std::string_view(bytes))
      .run();
}

std::vector<DriverRow> MergeState::drivers(const std::string& configuration, const std::string& module) {
  Statement row(*database_, "SELECT rows FROM drivers WHERE config = ? AND module = ?");
  row.bindAll(std::string_view(configuration), std::string_view(module));
  return row.step() ? unpacked<std::vector<DriverRow>>(row.view(0)) : std::vector<DriverRow>();
}

bool MergeState::hasDrivers(const std::string& configuration, const std::string& module,
                            const std::vector<DriverRow>& rows) {
  Statement row(*database_, "SELECT rows FROM drivers WHERE config = ? AND module = ?");
  row.bindAll(std::string_view(configuration), std::string_view(module));
  return row.step() ? row.view(0) == packed(rows) : rows.empty();
}

void MergeState::addGroup(const std::string& configuration, const KeptGroup& group) {
  const std::string head = packed(group.head);
  Statement(*database_, "INSERT INTO module_group (config, head) VALUES (?, ?)")
      .bindAll(std::string_view(configuration), std::string_view(head))
      .run();
  if (!addGroup_)
    addGroup_ = std::make_unique<Statement>(*database_,
                                            "INSERT INTO group_content VALUES (last_insert_rowid(), ?, ?)");
  addGroup_->bindAll(std::string_view(group.exported), std::string_view(group.gifts)).run();
}

std::unique_ptr<EarlierGroups> MergeState::groups(const std::string& configuration,
                                                  std::unordered_set<NameHash> ownTags) {
  return std::make_unique<StoredGroups>(*database_, configuration, std::move(ownTags));
}

void MergeState::removeGroup(const EarlierGroups& groups, size_t place) {
  const int64_t id = dynamic_cast<const StoredGroups&>(groups).id(place);
  for (const char* table : {"module_group", "group_content"})
    Statement(*database_, fmt::format("DELETE FROM {} WHERE id = ?", table)).bindAll(id).run();
}

void MergeState::finish(const std::string& inputs, const std::string& frame) {
  for (const auto& [key, value] : {std::pair("inputs", inputs), std::pair("frame", frame)})
    Statement(*database_, "INSERT OR REPLACE INTO meta VALUES (?, ?)")
        .bindAll(std::string_view(key), std::string_view(value))
        .run();
  database_->execute("COMMIT");
  if (path_ == place_)
    return;
  setTu_.reset();
  setDrivers_.reset();
  addGroup_.reset();
  database_.reset();
  if (std::rename(path_.c_str(), place_.c_str()) != 0)
    throw Error("{}: cannot rename into place: {}", place_, std::strerror(errno));
  path_ = place_;
}

} // namespace fgft
