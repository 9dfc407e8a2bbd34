// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Opening a survey.db: what every reader (report, rank, protect, explain) checks before it believes one.
#pragma once

#include "support/Sqlite.h"

#include <string>

namespace fgft {

/// meta.extent of a survey of PM coverage alone; of others it is "all".
inline constexpr const char* extentPm = "pm";

/// meta.schema_version of the databases that this program writes and reads. It changes with
/// analyzer/merge/schema.sql whenever a reader of the old shape would go wrong.
inline constexpr const char* surveySchemaVersion = "5";

/// A survey.db, open for reading. Fails, with the path and what is wrong, on a file that is missing, no
/// SQLite database, cut off, not a survey, or of another schema version.
class SurveyDb {
public:
  /// How the file is looked at: all pages (seconds for a whole kernel's survey), or only that none is cut
  /// off, for who knows that it was written whole.
  enum class Check { Pages, Size };
  explicit SurveyDb(const std::string& path, Check check = Check::Pages);

  Database& database() { return database_; }

  /// What Check::Pages does, later.
  void checkPages();

  /// From here on nothing changes for this reader: who wants to write into the file has to wait, until the
  /// object is gone.
  void holdStill();

  /// A value of the meta table, "" where there is none.
  std::string meta(const std::string& key);

  /// Throws Error if the survey is of PM coverage alone, as its tables of entry points are empty whatever the
  /// drivers have.
  void needEntryPoints();

private:
  Database database_;
};

} // namespace fgft
