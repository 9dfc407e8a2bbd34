// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a report folder was written from. A report of the same survey, whose files nobody touched, is not
// written again; of another survey those parts of files stand that are made of the same modules. Like make it
// goes by sizes and times: whatever has others than the record says was changed behind its back.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fgft {
class SurveyDb;
} // namespace fgft

namespace fgft::report {

/// A piece of a file which follows from one module's rows.
struct Part {
  std::string module;  ///< as fileNameFor() writes it: names may hold anything
  std::string content; ///< a hash of all that the piece is made of; empty: not known
  std::uint64_t size = 0;
};
using Parts = std::vector<Part>;

class ReportRecord {
public:
  ReportRecord(SurveyDb& db, std::string outFolder, const std::vector<std::string>& formats);

  /// Whether the report that lies there is of this survey, these formats and this program, and whole.
  bool stands() const;

  /// Whether it is at least of these formats and this program.
  bool hasParts() const { return !files_.empty(); }

  /// The files a user opens, as they were when the record was made; only where it stands.
  const std::vector<std::string>& opened() const { return opened_; }

  /// The parts of a file that lies there as it was written. None where there is any doubt. Files are named
  /// from the report's folder.
  const Parts& standingParts(const std::string& file) const;

  // What several threads may call:

  /// Writes the file, unless it lies there with this content.
  void write(const std::string& file, std::string_view content);

  /// For make(): the file was left as it is.
  void keep(const std::string& file);

  /// For make(): the file was written, of these parts.
  void wrote(const std::string& file, Parts parts);

  // What none may call meanwhile:

  /// Makes the record, after all files are written. A survey that does not say what it was made from gets
  /// none.
  void make(const std::vector<std::string>& opened) const;

  /// Before anything is written: a report that is not finished has no record.
  void remove() const;

private:
  struct File {
    std::uint64_t size = 0;
    std::int64_t time = 0;
    Parts parts;
  };

  std::string path() const { return outFolder_ + "/.fgft-report"; }
  bool read();
  bool readLine(std::string_view line);
  bool isUntouched(const std::string& name, const File& file) const;
  std::optional<File> look(const std::string& name) const;

  std::string outFolder_;
  std::string database_;
  std::string maker_;  // a hash of the program and the formats
  std::string inputs_; // the survey's; empty: not known
  std::string recordedInputs_;
  std::vector<std::string> opened_;
  std::map<std::string, File> files_; // of the record that lies there
  std::mutex nextMutex_;
  std::map<std::string, File> next_; // of the one to be made
};

} // namespace fgft::report
