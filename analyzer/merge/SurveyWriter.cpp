// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// See SurveyWriter.h.
#include "merge/SurveyWriter.h"

#include "merge/EntryPointRows.h"
#include "merge/Schema.h"
#include "support/Error.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <unistd.h>

namespace fgft {

SurveyFile::SurveyFile(const std::string& path, From from)
    : path_(path), temporary_(fmt::format("{}.{}.tmp", path, ::getpid())) {
  ::unlink(temporary_.c_str());
  if (from == From::Copy) {
    std::error_code error;
    std::filesystem::copy_file(path_, temporary_, error);
    if (error)
      throw Error("{}: cannot be copied: {}", path_, error.message());
  }
  database_ = std::make_unique<Database>(temporary_, Database::Mode::Create);
  database_->execute("PRAGMA synchronous = OFF");
  database_->execute("PRAGMA journal_mode = MEMORY");
  if (from == From::Nothing)
    database_->execute(surveySchema);
  database_->execute("BEGIN");
}

SurveyFile::~SurveyFile() {
  database_.reset();
  ::unlink(temporary_.c_str());
}

void SurveyFile::finish() {
  database_->execute("COMMIT");
  database_.reset();
  if (std::rename(temporary_.c_str(), path_.c_str()) != 0)
    throw Error("{}: cannot rename into place: {}", path_, std::strerror(errno));
}

void SurveyWriter::setMeta(const std::string& key, const std::string& value) {
  Statement(database_, "INSERT OR REPLACE INTO meta VALUES (?, ?)")
      .bindAll(std::string_view(key), std::string_view(value))
      .run();
}

void SurveyWriter::addConfiguration(const Configuration& configuration) {
  Statement(database_, "INSERT INTO config VALUES (?, ?, ?, ?)")
      .bindAll(std::string_view(configuration.name), std::string_view(configuration.arch),
               std::string_view(configuration.kernelRelease), std::string_view(configuration.configHash))
      .run();
  for (const std::string& file : configuration.notBuilt)
    Statement(database_, "INSERT INTO not_built VALUES (?, ?)")
        .bindAll(std::string_view(configuration.name), std::string_view(file))
        .run();
}

void SurveyWriter::addTu(const std::string& configuration, const Entry& entry, const std::string& status,
                         const TuFacts& facts) {
  Statement(
      database_,
      "INSERT INTO tu (config, file, output, key, status, message, command) VALUES (?, ?, ?, ?, ?, ?, ?)")
      .bindAll(std::string_view(configuration), std::string_view(entry.manifest.file),
               std::string_view(entry.manifest.output), std::string_view(entry.manifest.key),
               std::string_view(status), std::string_view(facts.message), std::string_view(facts.command))
      .run();
  ++tus_;
  for (const std::string& module : entry.manifest.modules) {
    addModule(module);
    Statement(database_, "INSERT OR IGNORE INTO module_tu SELECT id, ? FROM module WHERE name = ?")
        .bindAll(tus_, std::string_view(module))
        .run();
  }
}

void SurveyWriter::changeTu(const std::string& configuration, const Entry& entry, const std::string& status,
                            const TuFacts& facts) {
  Statement(database_,
            "UPDATE tu SET key = ?, status = ?, message = ?, command = ? WHERE config = ? AND output = ?")
      .bindAll(std::string_view(entry.manifest.key), std::string_view(status),
               std::string_view(facts.message), std::string_view(facts.command),
               std::string_view(configuration), std::string_view(entry.manifest.output))
      .run();
}

void SurveyWriter::addModule(const std::string& module) {
  if (modules_.insert(module).second)
    Statement(database_, "INSERT INTO module (name) VALUES (?)").bindAll(std::string_view(module)).run();
}

void SurveyWriter::removeDrivers(const std::string& module) {
  for (const char* table : {"finding", "restore", "restore_location", "restore_call"})
    Statement(database_,
              fmt::format("DELETE FROM {} WHERE driver IN (SELECT id FROM driver WHERE module = ?)", table))
        .bindAll(std::string_view(module))
        .run();
  Statement(database_, "DELETE FROM driver WHERE module = ?").bindAll(std::string_view(module)).run();
}

void SurveyWriter::addDriver(const DriverRow& row) {
  const PmVerdict& pm = row.pm;
  Statement(
      database_,
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
  Statement last(database_, "SELECT last_insert_rowid()");
  last.step();
  const int64_t driver = last.integer(0);
  for (const Finding& finding : pm.findings)
    Statement(database_, "INSERT INTO finding VALUES (?, ?, ?, ?, ?)")
        .bindAll(driver, std::string_view(finding.kind), std::string_view(finding.place.file),
                 static_cast<int64_t>(finding.place.line), std::string_view(finding.message))
        .run();
  addRestore(driver, row.restore);
}

void SurveyWriter::addRestore(int64_t driver, const RestoreFacts& restore) {
  if (!restore.atomic.empty())
    Statement(database_, "INSERT INTO restore VALUES (?, ?)")
        .bindAll(driver, std::string_view(restore.atomic))
        .run();
  for (const RestoredLocation& one : restore.locations)
    Statement(database_, "INSERT INTO restore_location VALUES (?, ?, ?, ?, ?)")
        .bindAll(driver, std::string_view(one.base), std::string_view(one.offset), std::string_view(one.name),
                 std::string_view(one.how))
        .run();
  for (const DroppableCall& one : restore.calls)
    Statement(database_, "INSERT INTO restore_call VALUES (?, ?, ?, ?, ?)")
        .bindAll(driver, std::string_view(one.function), std::string_view(one.effect),
                 std::string_view(one.file), static_cast<int64_t>(one.line))
        .run();
}

} // namespace fgft
