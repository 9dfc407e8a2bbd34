// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A survey.db made by hand from the schema that merge uses, and a scratch folder, for the report's tests.
#pragma once

#include "support/AtomicFile.h"
#include "support/Sqlite.h"
#include "support/SurveyDb.h"

#include <fmt/format.h>

#include <filesystem>
#include <string>
#include <unistd.h>

namespace fgft {

/// A folder that is gone at the end of the test.
class ScratchFolder {
public:
  ScratchFolder() {
    std::string pattern = std::filesystem::temp_directory_path() / "fgft-report-XXXXXX";
    path_ = ::mkdtemp(pattern.data());
  }
  ~ScratchFolder() { std::filesystem::remove_all(path_); }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;

  std::string file(const std::string& name) const { return path_ + "/" + name; }
  const std::string& path() const { return path_; }

private:
  std::string path_;
};

/// The columns that tests care about; the rest get plain values.
struct TestDriver {
  std::int64_t id;
  std::string className = "net", bus = "pci", module = "drivers/net/a", driver = "a_driver", name = "a";
  std::string file = "drivers/net/a.c";
  std::int64_t line = 10;
  std::string pm = "full", reason = "both members are set";
};

/// Fills a survey.db row by row.
class TestSurvey {
public:
  explicit TestSurvey(const std::string& path) : db_(path, Database::Mode::Create) {
    db_.execute("PRAGMA synchronous = OFF"); // hundreds of them, and none outlives its test
    db_.execute("BEGIN");
    db_.execute(readFile(FGFT_SOURCE_DIR "/analyzer/merge/schema.sql"));
    meta("schema_version", surveySchemaVersion);
    meta("tool_version", "0.1.0");
    meta("kernel_version", "6.12.117");
    meta("scope", "drivers/net");
    db_.execute("INSERT INTO config VALUES ('x86_64', 'x86_64', '6.12.117', '0123456789abcdef')");
  }
  ~TestSurvey() { db_.execute("COMMIT"); }
  TestSurvey(const TestSurvey&) = delete;
  TestSurvey& operator=(const TestSurvey&) = delete;

  void meta(const std::string& key, const std::string& value) {
    Statement(db_, "INSERT OR REPLACE INTO meta VALUES (?, ?)").bindAll(key, value).run();
  }

  void driver(const TestDriver& d) {
    Statement(db_,
              "INSERT INTO driver VALUES (?, ?, 'net', ?, ?, ?, ?, ?, ?, 'x86_64', 'module_pci_driver', ?,"
              " 'suspend resume', 'macro', 'register-save', 'a_suspend', 'a_resume', NULL, NULL, ?)")
        .bindAll(d.id, d.className, d.bus, d.module, d.driver, d.name, d.file, d.line, d.pm, d.reason)
        .run();
  }

  void finding(std::int64_t driver, const std::string& kind, const std::string& file, std::int64_t line,
               const std::string& message) {
    Statement(db_, "INSERT INTO finding VALUES (?, ?, ?, ?, ?)")
        .bindAll(driver, kind, file, line, message)
        .run();
  }

  void unit(const std::string& file, const std::string& status, const std::string& message) {
    Statement(db_, "INSERT INTO tu (config, file, output, key, status, message, command)"
                   " VALUES ('x86_64', ?, ? || '.o', '', ?, ?, 'clang -c')")
        .bindAll(file, file, status, message)
        .run();
  }

  void notBuilt(const std::string& config, const std::string& file) {
    Statement(db_, "INSERT INTO not_built VALUES (?, ?)").bindAll(config, file).run();
  }

  void execute(const std::string& sql) { db_.execute(sql); }

private:
  Database db_;
};

} // namespace fgft
