// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a report folder was written from: a report of the same survey, whose files nobody touched, is not
// written again. Like make it goes by sizes and times: whatever is newer than the record was changed behind
// its back.
#pragma once

#include <string>
#include <vector>

namespace fgft {
class SurveyDb;
} // namespace fgft

namespace fgft::report {

class ReportRecord {
public:
  ReportRecord(SurveyDb& db, std::string outFolder, const std::vector<std::string>& formats);

  /// Whether the report that lies there is of this survey, these formats and this program, and whole.
  bool stands() const;

  /// The files a user opens, as they were when the record was made; only where it stands.
  const std::vector<std::string>& opened() const { return opened_; }

  /// Makes the record, after all files are written. A survey that does not say what it was made from gets
  /// none.
  void make(const std::vector<std::string>& opened) const;

  /// Before anything is written: a report that is not finished has no record.
  void remove() const;

private:
  std::string path() const { return outFolder_ + "/.fgft-report"; }
  bool read();

  std::string outFolder_;
  std::string database_;
  std::string source_; // a hash; empty: not known
  std::vector<std::string> opened_;
  bool stands_ = false;
};

} // namespace fgft::report
