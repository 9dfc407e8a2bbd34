// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Writes a survey.db: its file, and the rows of all tables but those of entry points (EntryPointRows.h).
#pragma once

#include "merge/DriverRows.h"
#include "merge/Inputs.h"
#include "support/Sqlite.h"

#include <cstdint>
#include <memory>
#include <set>
#include <string>

namespace fgft {

/// A database under a temporary name beside `path`; finish() renames it into place, without it is gone.
class SurveyFile {
public:
  enum class From { Nothing, Copy };
  /// Empty, with the survey's tables; or a copy of what `path` has.
  SurveyFile(const std::string& path, From from);
  ~SurveyFile();
  SurveyFile(const SurveyFile&) = delete;
  SurveyFile& operator=(const SurveyFile&) = delete;

  Database& database() { return *database_; }
  void finish();

private:
  std::string path_;
  std::string temporary_;
  std::unique_ptr<Database> database_;
};

class SurveyWriter {
public:
  explicit SurveyWriter(Database& database) : database_(database) {}

  void setMeta(const std::string& key, const std::string& value);
  void addConfiguration(const Configuration& configuration);
  /// A TU and its modules. `message` and `command` where it is not ok.
  void addTu(const std::string& configuration, const Entry& entry, const std::string& status,
             const TuFacts& facts);
  /// The TU is there; its facts are others.
  void changeTu(const std::string& configuration, const Entry& entry, const std::string& status,
                const TuFacts& facts);
  void addDriver(const DriverRow& row);
  /// Takes away all rows of the module's drivers.
  void removeDrivers(const std::string& module);

private:
  void addModule(const std::string& module);
  void addRestore(int64_t driver, const RestoreFacts& restore);

  Database& database_;
  std::set<std::string> modules_;
  int64_t tus_ = 0;
};

} // namespace fgft
