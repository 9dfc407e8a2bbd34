// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Opening a survey.db; see SurveyDb.h.
#include "support/SurveyDb.h"

#include "support/Error.h"

#include <filesystem>

namespace fgft {

namespace {

/// SQLite makes nothing in read mode, but its "unable to open database file" does not say which of these it
/// is.
void checkFile(const std::string& path) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (!std::filesystem::exists(status))
    throw Error("{}: no such file; expected a survey.db made by `fgft merge` or `fgft survey`", path);
  if (!std::filesystem::is_regular_file(status))
    throw Error("{}: not a file; expected a survey.db made by `fgft merge` or `fgft survey`", path);
}

// The file is as long as its own header says.
bool isWhole(Database& database) {
  Statement size(database, "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size");
  std::error_code error;
  return size.step() &&
         static_cast<uintmax_t>(size.integer(0)) == std::filesystem::file_size(database.path(), error) &&
         !error;
}

void checkIntegrity(Database& database, SurveyDb::Check how) {
  std::string verdict;
  try {
    if (how == SurveyDb::Check::Size && isWhole(database))
      return;
    Statement check(database, "PRAGMA quick_check(1)");
    verdict = check.step() ? check.text(0) : "no answer";
  } catch (const Error& error) {
    throw Error(
        "{} (expected a whole survey.db made by `fgft merge`; is the file cut off or of another kind?)",
        error.what());
  }
  if (verdict != "ok")
    throw Error("{}: the database is damaged: {}; make it again with `fgft merge`", database.path(), verdict);
}

} // namespace

SurveyDb::SurveyDb(const std::string& path, Check check)
    : database_((checkFile(path), path), Database::Mode::Read) { // the better message first
  checkIntegrity(database_, check);
  {
    Statement tables(database_, "SELECT COUNT(*) FROM sqlite_master WHERE name IN ('meta', 'driver', 'tu')");
    tables.step();
    if (tables.integer(0) != 3)
      throw Error("{}: an SQLite database, but no survey.db (it lacks the tables meta, driver or tu)", path);
  }
  const std::string version = meta("schema_version");
  if (version != surveySchemaVersion)
    throw Error("{}: has schema version '{}', this fgft reads version '{}'; make it again with `fgft merge`",
                path, version, surveySchemaVersion);
}

void SurveyDb::checkPages() {
  checkIntegrity(database_, Check::Pages);
}

void SurveyDb::holdStill() {
  database_.execute("BEGIN");
  meta("schema_version"); // the first look takes the lock
}

void SurveyDb::needEntryPoints() {
  if (meta("extent") == extentPm)
    throw Error("{}: a survey of PM coverage alone (--only pm), without entry points; survey again without "
                "--only",
                database_.path());
}

std::string SurveyDb::meta(const std::string& key) {
  Statement select(database_, "SELECT value FROM meta WHERE key = ?");
  select.bind(1, std::string_view(key));
  return select.step() ? select.text(0) : std::string();
}

} // namespace fgft
