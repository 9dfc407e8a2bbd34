// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The record as text: two hashes, the files to open, then every file with its parts, and at the end a hash of
// all that, as a record that was cut or edited says nothing. See ReportRecord.h.
#include "reports/ReportRecord.h"

#include "support/AtomicFile.h"
#include "support/Error.h"
#include "support/Hash.h"
#include "support/SurveyDb.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <sys/stat.h>

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
  const std::size_t before = folder.size() + 1;
  for (const auto& entry : fs::recursive_directory_iterator(folder + "/html", error))
    if (entry.is_regular_file(error))
      files.push_back(entry.path().native().substr(before));
  std::sort(files.begin(), files.end());
  return files;
}

std::string makerOf(const std::vector<std::string>& formats) {
  Hasher hasher;
  hasher.add(hashOfProgram());
  std::vector<std::string> sorted = formats;
  std::sort(sorted.begin(), sorted.end());
  for (const std::string& format : sorted)
    hasher.add(format);
  return hasher.hex();
}

/// Takes the text up to the separator, and the separator.
std::string_view take(std::string_view& text, char separator) {
  const std::size_t end = std::min(text.find(separator), text.size());
  const std::string_view taken = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return taken;
}

template <typename Number>
bool takeNumber(std::string_view& text, Number& number) {
  const std::string_view digits = take(text, ' ');
  const auto result = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return result.ec == std::errc() && result.ptr == digits.data() + digits.size();
}

std::string digitsOf(std::string_view text) {
  const Fingerprint hash = fingerprintOf(text);
  return fmt::format("{:016x}{:016x}", hash.high, hash.low);
}

std::string endOf(std::string_view text) {
  return "end " + digitsOf(text) + "\n";
}

} // namespace

ReportRecord::ReportRecord(SurveyDb& db, std::string outFolder, const std::vector<std::string>& formats)
    : outFolder_(std::move(outFolder)), database_(db.database().path()), maker_(makerOf(formats)),
      inputs_(db.meta("inputs")) {
  if (inputs_.empty() || !read())
    files_.clear();
}

bool ReportRecord::read() {
  std::string text;
  try {
    text = readFile(path());
  } catch (const Error&) {
    return false; // there is none
  }
  const std::size_t end = text.rfind("end ");
  if (end == std::string::npos)
    return false;
  std::string_view rest(text.data(), end);
  if (text.substr(end) != endOf(rest) || take(rest, '\n') != maker_)
    return false;
  recordedInputs_ = take(rest, '\n');
  for (std::string_view line = take(rest, '\n'); !line.empty(); line = take(rest, '\n'))
    opened_.push_back(outFolder_ + "/" + std::string(line));
  while (!rest.empty())
    if (!readLine(take(rest, '\n')))
      return false;
  return true;
}

/// "file SIZE TIME NAME", or "part SIZE CONTENT MODULE" of the file before.
bool ReportRecord::readLine(std::string_view line) {
  const std::string_view kind = take(line, ' ');
  if (kind == "file") {
    File file;
    if (!takeNumber(line, file.size) || !takeNumber(line, file.time))
      return false;
    files_.insert_or_assign(files_.end(), std::string(line), std::move(file));
    return true;
  }
  Part part;
  if (kind != "part" || files_.empty() || !takeNumber(line, part.size))
    return false;
  part.content = take(line, ' ');
  part.module = line;
  std::prev(files_.end())->second.parts.push_back(std::move(part));
  return true;
}

std::optional<ReportRecord::File> ReportRecord::look(const std::string& name) const {
  struct stat found;
  if (::stat((outFolder_ + "/" + name).c_str(), &found) != 0 || !S_ISREG(found.st_mode))
    return std::nullopt;
  return File{static_cast<std::uint64_t>(found.st_size),
              found.st_mtim.tv_sec * INT64_C(1000000000) + found.st_mtim.tv_nsec,
              {}};
}

bool ReportRecord::isUntouched(const std::string& name, const File& file) const {
  const auto now = look(name);
  return now && now->size == file.size && now->time == file.time;
}

bool ReportRecord::stands() const {
  if (files_.empty() || recordedInputs_ != inputs_)
    return false;
  std::error_code error;
  const auto made = fs::last_write_time(path(), error);
  if (error || fs::last_write_time(database_, error) > made || error)
    return false;
  const std::vector<std::string> there = filesOf(outFolder_);
  return std::equal(there.begin(), there.end(), files_.begin(), files_.end(),
                    [&](const std::string& name, const auto& recorded) {
                      return name == recorded.first && isUntouched(name, recorded.second);
                    });
}

const Parts& ReportRecord::standingParts(const std::string& file) const {
  static const Parts none;
  const auto found = files_.find(file);
  if (found == files_.end() || found->second.parts.empty() || !isUntouched(file, found->second))
    return none;
  return found->second.parts;
}

void ReportRecord::write(const std::string& file, std::string_view content) {
  const std::string hash = digitsOf(content);
  const Parts& earlier = standingParts(file);
  if (earlier.size() == 1 && earlier.front().content == hash && earlier.front().size == content.size())
    return keep(file);
  writeFileAtomically(outFolder_ + "/" + file, content);
  wrote(file, {{"", hash, content.size()}});
}

void ReportRecord::keep(const std::string& file) {
  const std::lock_guard lock(nextMutex_);
  next_[file] = files_.at(file);
}

void ReportRecord::wrote(const std::string& file, Parts parts) {
  File now = look(file).value_or(File());
  now.parts = std::move(parts);
  const std::lock_guard lock(nextMutex_);
  next_[file] = std::move(now);
}

void ReportRecord::make(const std::vector<std::string>& opened) const {
  if (inputs_.empty())
    return;
  std::string text = maker_ + "\n" + inputs_ + "\n";
  for (const std::string& file : opened)
    text += fs::path(file).lexically_relative(outFolder_).string() + "\n";
  text += "\n";
  for (const std::string& name : filesOf(outFolder_)) {
    const auto known = next_.find(name);
    const File file = known == next_.end() ? look(name).value_or(File()) : known->second;
    text += fmt::format("file {} {} {}\n", file.size, file.time, name);
    for (const Part& part : file.parts)
      text += fmt::format("part {} {} {}\n", part.size, part.content, part.module);
  }
  writeFileAtomically(path(), text + endOf(text));
}

void ReportRecord::remove() const {
  std::error_code ignored;
  fs::remove(path(), ignored);
}

} // namespace fgft::report
