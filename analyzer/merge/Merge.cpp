// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Streams facts into one program a configuration, then writes the survey's tables; see Merge.h.
#include "merge/Merge.h"

#include "facts/FactsIo.h"
#include "merge/DriverRows.h"
#include "merge/EntryPointRows.h"
#include "merge/ModuleContent.h"
#include "merge/Schema.h"
#include "support/AtomicFile.h"
#include "support/Error.h"
#include "support/Hash.h"
#include "support/Sqlite.h"
#include "support/SurveyDb.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <malloc.h>
#include <map>
#include <memory>
#include <optional>
#include <unistd.h>

namespace fgft {

namespace {

// A TU as the manifests name it, and the folder that has its facts.
struct Entry {
  ManifestEntry manifest;
  std::string folder;
};

// All manifests of one configuration together.
struct Inputs {
  Configuration configuration;
  std::string modelHash;
  std::map<std::string, Entry> entries;       // by output
  std::map<std::string, std::string> headers; // keys of header facts: the folder that has them
};

void addUnion(std::vector<std::string>& to, const std::vector<std::string>& from) {
  std::set<std::string> all(to.begin(), to.end());
  all.insert(from.begin(), from.end());
  to.assign(all.begin(), all.end());
}

void addManifest(std::map<std::string, Inputs>& inputs, const Manifest& manifest, const std::string& folder) {
  const Configuration& configuration = manifest.configuration;
  auto [it, isNew] = inputs.try_emplace(configuration.name);
  Inputs& into = it->second;
  if (isNew) {
    into.configuration = configuration;
    into.configuration.scope.clear();
    into.configuration.notBuilt.clear();
    into.modelHash = manifest.modelHash;
  }
  if (into.configuration.configHash != configuration.configHash)
    throw Error("two kernels are both called configuration '{}': .config {} and {}", configuration.name,
                into.configuration.configHash, configuration.configHash);
  addUnion(into.configuration.scope, configuration.scope);
  addUnion(into.configuration.notBuilt, configuration.notBuilt);
  into.configuration.notBuiltKnown &= configuration.notBuiltKnown;
  if (!manifest.headers.empty())
    into.headers.emplace(manifest.headers, folder);
  for (const ManifestEntry& entry : manifest.entries) {
    auto [known, first] = into.entries.try_emplace(entry.output, Entry{entry, folder});
    if (!first && known->second.manifest.key != entry.key)
      throw Error("{} ({}): two keys for one TU: {} in {} and {} in {}", entry.output, configuration.name,
                  known->second.manifest.key, known->second.folder, entry.key, folder);
  }
}

// All that decides the rows: which facts there are, what is known of the kernel, and this very program.
std::string hashOfInputs(const std::map<std::string, Inputs>& inputs, const Model& model) {
  Hasher hasher;
  auto addList = [&hasher](const std::vector<std::string>& list) {
    hasher.add(std::to_string(list.size()));
    for (const std::string& one : list)
      hasher.add(one);
  };
  hasher.add(hashOfFile("/proc/self/exe")).add(model.contentHash()).add(std::to_string(inputs.size()));
  for (const auto& [name, one] : inputs) {
    const Configuration& configuration = one.configuration;
    hasher.add(name).add(configuration.arch).add(configuration.kernelRelease).add(configuration.configHash);
    addList(configuration.scope);
    addList(configuration.notBuilt);
    hasher.add(configuration.notBuiltKnown ? "known" : "not known");
    hasher.add(std::to_string(one.headers.size()));
    for (const auto& [key, folder] : one.headers)
      hasher.add(key);
    hasher.add(std::to_string(one.entries.size()));
    for (const auto& [output, entry] : one.entries) {
      hasher.add(output).add(entry.manifest.file).add(entry.manifest.key).add(word(entry.manifest.status));
      addList(entry.manifest.modules);
    }
  }
  return hasher.hex();
}

// What a merge would give again: the counts of the database that is there, if it was made of these inputs.
// Not where facts were missing, as they may be there now.
std::optional<MergeResult> keptDatabase(const std::string& path, const std::string& hash) {
  std::error_code error;
  if (!std::filesystem::exists(path, error))
    return {};
  try {
    SurveyDb survey(path, SurveyDb::Check::Size);
    if (survey.meta("inputs") != hash)
      return {};
    Statement counts(survey.database(),
                     "SELECT COUNT(*), COALESCE(SUM(status <> 'ok'), 0), "
                     "COALESCE(SUM(status = 'missing'), 0), (SELECT COUNT(*) FROM driver) FROM tu");
    counts.step();
    if (counts.integer(2) != 0)
      return {};
    auto count = [&](int column) { return static_cast<size_t>(counts.integer(column)); };
    return MergeResult{count(0), count(1), count(3), true};
  } catch (const Error&) {
    return {}; // what cannot be believed is made anew
  }
}

// Writes a database under a temporary name; rename() puts it in place.
class Writer {
public:
  explicit Writer(const std::string& path)
      : path_(path), temporary_(fmt::format("{}.{}.tmp", path, ::getpid())) {
    ::unlink(temporary_.c_str());
    database_ = std::make_unique<Database>(temporary_, Database::Mode::Create);
    database_->execute("PRAGMA synchronous = OFF");
    database_->execute("PRAGMA journal_mode = MEMORY");
    database_->execute(surveySchema);
    database_->execute("BEGIN");
  }
  ~Writer() {
    database_.reset();
    ::unlink(temporary_.c_str());
  }
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  Database& database() { return *database_; }

  void finish() {
    database_->execute("COMMIT");
    database_.reset();
    if (std::rename(temporary_.c_str(), path_.c_str()) != 0)
      throw Error("{}: cannot rename into place: {}", path_, std::strerror(errno));
  }

private:
  std::string path_;
  std::string temporary_;
  std::unique_ptr<Database> database_;
};

class Merger {
public:
  Merger(const Model& model, Writer& writer)
      : model_(model), writer_(writer), entryPoints_(writer.database(), model) {}

  void addConfiguration(const Inputs& inputs) {
    const Configuration& configuration = inputs.configuration;
    Statement(db(), "INSERT INTO config VALUES (?, ?, ?, ?)")
        .bindAll(std::string_view(configuration.name), std::string_view(configuration.arch),
                 std::string_view(configuration.kernelRelease), std::string_view(configuration.configHash))
        .run();
    for (const std::string& file : configuration.notBuilt)
      Statement(db(), "INSERT INTO not_built VALUES (?, ?)")
          .bindAll(std::string_view(configuration.name), std::string_view(file))
          .run();
    for (const auto& [key, folder] : inputs.headers) {
      std::string status;
      TuFacts facts = readEntry({{.key = key}, folder}, status);
      if (status != "ok")
        throw Error("{}: no header facts: {}", factsPath(folder, key), facts.message);
      entryPoints_.addHeaders(std::move(facts));
    }
    std::vector<DriverRow> rows;
    {
      Program program(model_); // gone before the second pass: only one of the two is in memory
      for (const auto& [output, entry] : inputs.entries)
        addTu(configuration.name, entry, program);
      program.link();
      rows = driverRows(program, model_, configuration.name);
    }
    // Both passes leave much memory in small pieces, that malloc would keep beside what is asked for next.
    ::malloc_trim(0);
    entryPoints_.addConfiguration(rows);
    ::malloc_trim(0);
    rows_.insert(rows_.end(), std::make_move_iterator(rows.begin()), std::make_move_iterator(rows.end()));
  }

  MergeResult finish() {
    auto rows = joinConfigurations(std::move(rows_));
    for (const DriverRow& row : rows)
      addDriver(row);
    entryPoints_.countForDrivers();
    fillModuleContent(db());
    result_.drivers = rows.size();
    return result_;
  }

  void meta(const std::string& key, const std::string& value) {
    Statement(db(), "INSERT INTO meta VALUES (?, ?)")
        .bindAll(std::string_view(key), std::string_view(value))
        .run();
  }

private:
  Database& db() { return writer_.database(); }

  // A facts file that is gone, cut or foreign is a TU without facts, and said so.
  static TuFacts readEntry(const Entry& entry, std::string& status) {
    std::string path = factsPath(entry.folder, entry.manifest.key);
    try {
      TuFacts facts = parseFacts(readFile(path), path);
      if (facts.key != entry.manifest.key)
        throw Error("{}: holds the facts of key {}", path, facts.key);
      status = word(facts.status);
      return facts;
    } catch (const Error& error) {
      TuFacts facts;
      facts.message = error.what();
      status = "missing";
      return facts;
    }
  }

  void addTu(const std::string& configuration, const Entry& entry, Program& program) {
    std::string status;
    TuFacts facts = readEntry(entry, status);
    facts.modules = entry.manifest.modules;
    Statement(
        db(),
        "INSERT INTO tu (config, file, output, key, status, message, command) VALUES (?, ?, ?, ?, ?, ?, ?)")
        .bindAll(std::string_view(configuration), std::string_view(entry.manifest.file),
                 std::string_view(entry.manifest.output), std::string_view(entry.manifest.key),
                 std::string_view(status), std::string_view(facts.message), std::string_view(facts.command))
        .run();
    ++result_.tus;
    for (const std::string& module : facts.modules) {
      addModule(module);
      Statement(db(), "INSERT OR IGNORE INTO module_tu SELECT id, ? FROM module WHERE name = ?")
          .bindAll(static_cast<int64_t>(result_.tus), std::string_view(module))
          .run();
    }
    if (status != "ok")
      ++result_.notOk;
    else {
      entryPoints_.note(facts, [&entry] {
        std::string ignored;
        return readEntry(entry, ignored);
      });
      program.add(std::move(facts));
    }
  }

  void addModule(const std::string& module) {
    if (modules_.insert(module).second)
      Statement(db(), "INSERT INTO module (name) VALUES (?)").bindAll(std::string_view(module)).run();
  }

  void addDriver(const DriverRow& row) {
    const PmVerdict& pm = row.pm;
    Statement(
        db(),
        "INSERT INTO driver (class, class_dir, bus, module, driver, name, file, line, configs, registration, "
        "pm, pm_phases, pm_how, pm_style, suspend_fn, resume_fn, reason) VALUES "
        "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
        .bindAll(std::string_view(row.classApi), std::string_view(row.classDir), std::string_view(row.bus),
                 std::string_view(row.module), std::string_view(row.driver), std::string_view(row.name),
                 std::string_view(row.place.file), static_cast<int64_t>(row.place.line),
                 std::string_view(words(row.configs)), std::string_view(words(row.registration)), word(pm.pm),
                 std::string_view(words(pm.phases)), std::string_view(words(pm.how)),
                 std::string_view(words(row.pmStyle)), std::string_view(pm.suspendFunction),
                 std::string_view(pm.resumeFunction), std::string_view(pm.reason))
        .run();
    ++driverId_;
    for (const Finding& finding : pm.findings)
      Statement(db(), "INSERT INTO finding VALUES (?, ?, ?, ?, ?)")
          .bindAll(driverId_, std::string_view(finding.kind), std::string_view(finding.place.file),
                   static_cast<int64_t>(finding.place.line), std::string_view(finding.message))
          .run();
    addRestore(row.restore);
  }

  void addRestore(const RestoreFacts& restore) {
    if (!restore.atomic.empty())
      Statement(db(), "INSERT INTO restore VALUES (?, ?)")
          .bindAll(driverId_, std::string_view(restore.atomic))
          .run();
    for (const RestoredLocation& one : restore.locations)
      Statement(db(), "INSERT INTO restore_location VALUES (?, ?, ?, ?, ?)")
          .bindAll(driverId_, std::string_view(one.base), std::string_view(one.offset),
                   std::string_view(one.name), std::string_view(one.how))
          .run();
    for (const DroppableCall& one : restore.calls)
      Statement(db(), "INSERT INTO restore_call VALUES (?, ?, ?, ?, ?)")
          .bindAll(driverId_, std::string_view(one.function), std::string_view(one.effect),
                   std::string_view(one.file), static_cast<int64_t>(one.line))
          .run();
  }

  const Model& model_;
  Writer& writer_;
  EntryPointRows entryPoints_;
  std::vector<DriverRow> rows_;
  std::set<std::string> modules_;
  int64_t driverId_ = 0;
  MergeResult result_;
};

} // namespace

MergeResult mergeFacts(const std::vector<std::string>& folders, const Model& model,
                       const std::string& database) {
  std::map<std::string, Inputs> inputs;
  for (const std::string& folder : folders)
    for (const std::string& path : findManifests(folder))
      addManifest(inputs, readManifest(path), folder);
  const std::string hash = hashOfInputs(inputs, model);
  if (auto kept = keptDatabase(database, hash))
    return *kept;

  Writer writer(database);
  Merger merger(model, writer);
  std::set<std::string> scope;
  std::set<std::string> releases;
  bool notBuiltKnown = true;
  for (const auto& [name, one] : inputs) {
    merger.addConfiguration(one);
    notBuiltKnown &= one.configuration.notBuiltKnown;
    scope.insert(one.configuration.scope.begin(), one.configuration.scope.end());
    releases.insert(one.configuration.kernelRelease);
  }
  merger.meta("inputs", hash);
  merger.meta("tool_version", FGFT_VERSION);
  merger.meta("schema_version", surveySchemaVersion);
  merger.meta("kernel_version", words(releases));
  merger.meta("scope", words(scope));
  if (!notBuiltKnown)
    merger.meta("not_built", "not recorded");
  MergeResult result = merger.finish();
  writer.finish();
  return result;
}

} // namespace fgft
