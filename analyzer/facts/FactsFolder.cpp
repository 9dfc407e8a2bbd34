// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// See FactsFolder.h.
#include "facts/FactsFolder.h"

#include "facts/FactsIo.h"
#include "support/AtomicFile.h"
#include "support/Error.h"
#include "support/Hash.h"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <map>
#include <sstream>
#include <vector>

namespace fgft {

namespace fs = std::filesystem;

namespace {

// A link more or less changes a file's time of change, and nothing else of it.
bool isSameFile(const FileStamp& a, const FileStamp& b) {
  return a.exists() && a.size == b.size && a.modified == b.modified && a.inode == b.inode;
}

// What is known of one subfolder.
struct Count {
  FileStamp stamp;
  uint64_t bytes = 0;
};
using Counts = std::map<std::string, Count>; // by the subfolder's name

constexpr std::string_view countsMagic = "fgft sizes 1";

std::string countsPath(const std::string& folder) {
  return folder + "/sizes";
}

// Nothing is known where the file is cut or foreign.
Counts readCounts(const std::string& folder) {
  std::error_code error;
  if (!fs::exists(countsPath(folder), error))
    return {};
  std::string text = readFile(countsPath(folder));
  size_t end = text.rfind('\n');
  if (end == std::string::npos || hashOf(std::string_view(text).substr(0, end)) != text.substr(end + 1))
    return {};
  Counts counts;
  std::istringstream lines(text.substr(0, end));
  std::string name;
  if (!std::getline(lines, name) || name != countsMagic)
    return {};
  for (Count one; lines >> name >> one.stamp.size >> one.stamp.modified >> one.stamp.changed >>
                  one.stamp.inode >> one.bytes;)
    counts[name] = one;
  return counts;
}

void writeCounts(const std::string& folder, const Counts& counts) {
  std::string text(countsMagic);
  for (const auto& [name, one] : counts)
    text += fmt::format("\n{} {} {} {} {} {}", name, one.stamp.size, one.stamp.modified, one.stamp.changed,
                        one.stamp.inode, one.bytes);
  writeFileAtomically(countsPath(folder), text + "\n" + hashOf(text));
}

// Calls `file` with each file of a subfolder that the bound counts: facts, and header states, which any run
// can make again.
template <typename Function>
void forKept(const fs::path& subfolder, const Function& file) {
  std::error_code error;
  for (fs::directory_iterator it(subfolder, error), end; it != end && !error; it.increment(error))
    if (auto kind = it->path().extension(); kind == ".facts" || kind == ".pch" || kind == ".state")
      file(*it);
}

std::vector<fs::path> subfolders(const std::string& folder) {
  std::vector<fs::path> list;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; it != end && !error; it.increment(error))
    if (std::error_code ignored; it->is_directory(ignored))
      list.push_back(it->path());
  return list;
}

uint64_t bytesBelow(const std::string& folder) {
  Counts known = readCounts(folder);
  Counts counts;
  uint64_t total = 0;
  bool isNews = false;
  for (const fs::path& subfolder : subfolders(folder)) {
    int64_t before = wallClock();
    Count one{FileStamp::of(subfolder.string()), 0};
    auto found = known.find(subfolder.filename());
    if (found != known.end() && found->second.stamp == one.stamp) {
      one = found->second;
    } else {
      isNews = true;
      std::error_code gone;
      forKept(subfolder, [&](const fs::directory_entry& file) {
        uint64_t size = file.file_size(gone);
        one.bytes += gone ? 0 : size;
      });
      if (!one.stamp.settledAt(before))
        one.stamp = FileStamp::unsure();
    }
    total += one.bytes;
    counts[subfolder.filename()] = one;
  }
  if (isNews)
    writeCounts(folder, counts);
  return total;
}

} // namespace

// A whole file ends with its count line.
bool isWholeFacts(const std::string& path) {
  FILE* file = std::fopen(path.c_str(), "rb");
  if (!file)
    return false;
  char tail[64] = {};
  bool whole = std::fseek(file, -std::min<long>(sizeof tail - 1, 24), SEEK_END) == 0 &&
               std::fread(tail, 1, sizeof tail - 1, file) > 0 && std::strstr(tail, "{\"end\":") != nullptr &&
               tail[std::strlen(tail) - 1] == '\n';
  std::fclose(file);
  return whole;
}

void linkFacts(const std::string& from, const std::string& to, const std::string& key) {
  std::string source = factsPath(from, key);
  fs::path path = factsPath(to, key);
  std::error_code error;
  if (FileStamp there = FileStamp::of(path.string()); there.exists()) {
    if (isSameFile(there, FileStamp::of(source)) || isWholeFacts(path))
      return;
    fs::remove(path, error);
  }
  fs::create_directories(path.parent_path(), error);
  fs::create_hard_link(source, path, error);
  if (error)
    fs::copy_file(source, path, fs::copy_options::overwrite_existing);
}

bool takeFacts(const std::string& from, const std::string& to, const std::string& key,
               const FileStamp& known) {
  if (from != to && isSameFile(FileStamp::of(factsPath(to, key)), known))
    return true;
  std::string source = factsPath(from, key);
  if (!isSameFile(FileStamp::of(source), known) && !isWholeFacts(source))
    return false;
  if (from != to)
    linkFacts(from, to, key);
  return true;
}

void shrinkFacts(const std::string& folder, uint64_t maxBytes) {
  uint64_t total = bytesBelow(folder);
  if (total <= maxBytes)
    return;
  struct Item {
    int64_t used; // a run that takes facts links them, which changes them in this sense
    uint64_t size;
    fs::path path;
  };
  std::vector<Item> items;
  std::error_code error;
  for (const fs::path& subfolder : subfolders(folder))
    forKept(subfolder, [&](const fs::directory_entry& file) {
      FileStamp stamp = FileStamp::of(file.path().string());
      if (stamp.exists())
        items.push_back({stamp.changed, static_cast<uint64_t>(stamp.size), file.path()});
    });
  std::sort(items.begin(), items.end(), [](const Item& a, const Item& b) { return a.used < b.used; });
  for (const Item& item : items) {
    if (total <= maxBytes)
      break;
    fs::remove(item.path, error);
    total -= item.size;
  }
}

void pruneFacts(const std::string& folder, const std::unordered_set<std::string>& keys) {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    std::string name = entry.path().filename();
    if (name.starts_with("manifest-"))
      continue;
    if (name.size() != 2 || !entry.is_directory(error)) {
      fs::remove_all(entry.path(), error);
      continue;
    }
    for (const auto& file : fs::directory_iterator(entry.path(), error))
      if (file.path().extension() != ".facts" || !keys.contains(file.path().stem()))
        fs::remove_all(file.path(), error);
  }
}

} // namespace fgft
