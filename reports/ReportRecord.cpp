// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The record as text: the source's hash, the files to open, then size and name of every file. See
// ReportRecord.h.
#include "reports/ReportRecord.h"

#include "support/AtomicFile.h"
#include "support/Hash.h"
#include "support/SurveyDb.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

namespace fgft::report {

namespace fs = std::filesystem;

namespace {

constexpr const char* topFiles[] = {"drivers.csv", "entry_points.csv", "effects.csv", "classes.csv",
                                    "findings.sarif"};

/// All files of a report, from its folder.
std::vector<std::string> filesOf(const std::string& folder) {
  std::vector<std::string> files;
  std::error_code error;
  for (const char* name : topFiles)
    if (fs::exists(folder + "/" + name, error))
      files.emplace_back(name);
  for (const auto& entry : fs::recursive_directory_iterator(folder + "/html", error))
    if (entry.is_regular_file(error))
      files.push_back(entry.path().lexically_relative(folder));
  std::sort(files.begin(), files.end());
  return files;
}

bool isOlder(const fs::path& file, fs::file_time_type than) {
  std::error_code error;
  const auto time = fs::last_write_time(file, error);
  return !error && time <= than;
}

} // namespace

ReportRecord::ReportRecord(SurveyDb& db, std::string outFolder, const std::vector<std::string>& formats)
    : outFolder_(std::move(outFolder)), database_(db.database().path()) {
  const std::string inputs = db.meta("inputs");
  if (inputs.empty())
    return;
  Hasher hasher;
  hasher.add(inputs).add(hashOfFile("/proc/self/exe"));
  std::vector<std::string> sorted = formats;
  std::sort(sorted.begin(), sorted.end());
  for (const std::string& format : sorted)
    hasher.add(format);
  source_ = hasher.hex();
  stands_ = read();
}

bool ReportRecord::stands() const {
  return stands_;
}

bool ReportRecord::read() {
  std::ifstream in(path());
  std::error_code error;
  const auto made = fs::last_write_time(path(), error);
  std::string line;
  if (error || !std::getline(in, line) || line != source_ || !isOlder(database_, made))
    return false;
  while (std::getline(in, line) && !line.empty())
    opened_.push_back(outFolder_ + "/" + line);
  std::vector<std::string> files;
  while (std::getline(in, line)) {
    const std::size_t space = line.find(' ');
    files.push_back(line.substr(space + 1));
    const fs::path file = outFolder_ + "/" + files.back();
    const auto size = fs::file_size(file, error);
    if (error || std::to_string(size) != line.substr(0, space) || !isOlder(file, made))
      return false;
  }
  return !files.empty() && files == filesOf(outFolder_);
}

void ReportRecord::make(const std::vector<std::string>& opened) const {
  if (source_.empty())
    return;
  std::string text = source_ + "\n";
  for (const std::string& file : opened)
    text += fs::path(file).lexically_relative(outFolder_).string() + "\n";
  text += "\n";
  for (const std::string& file : filesOf(outFolder_))
    text += fmt::format("{} {}\n", fs::file_size(outFolder_ + "/" + file), file);
  writeFileAtomically(path(), text);
}

void ReportRecord::remove() const {
  std::error_code ignored;
  fs::remove(path(), ignored);
}

} // namespace fgft::report
