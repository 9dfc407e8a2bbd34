// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Walks the scope; looks for #include "….c" only if something is missing.
#include "capture/NotBuilt.h"

#include "support/AtomicFile.h"
#include "support/Error.h"

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <map>
#include <mutex>
#include <thread>

namespace fs = std::filesystem;

namespace fgft {

namespace {

struct Files {
  std::vector<std::string> sources; ///< *.c
  std::vector<std::string> all;     ///< and *.h, which include some of them
};

Files filesOf(const std::string& source, const std::vector<std::string>& scope) {
  Files files;
  auto take = [&](const std::string& path) {
    if (path.ends_with(".c"))
      files.sources.push_back(path);
    if (path.ends_with(".c") || path.ends_with(".h"))
      files.all.push_back(path);
  };
  for (const std::string& entry : scope) {
    if (entry.ends_with(".c")) {
      take(entry);
      continue;
    }
    for (const fs::directory_entry& file : fs::recursive_directory_iterator(source + "/" + entry))
      if (file.is_regular_file() && !file.path().filename().string().ends_with(".mod.c"))
        take(file.path().lexically_relative(source).string());
  }
  std::sort(files.sources.begin(), files.sources.end());
  files.sources.erase(std::unique(files.sources.begin(), files.sources.end()), files.sources.end());
  return files;
}

/// The C files that a text includes by name, as written.
void includedSources(const std::string& text, std::vector<std::string>& names) {
  for (std::size_t end = text.find(".c\""); end != std::string::npos; end = text.find(".c\"", end + 3)) {
    std::size_t begin = text.rfind('"', end);
    std::size_t line = text.rfind('\n', end);
    line = line == std::string::npos ? 0 : line + 1;
    if (begin == std::string::npos || begin < line)
      continue;
    std::size_t word = text.find_first_not_of(" \t", line);
    if (text[word] != '#')
      continue;
    word = text.find_first_not_of(" \t", word + 1);
    if (text.compare(word, 7, "include") == 0)
      names.push_back(text.substr(begin + 1, end + 2 - begin - 1));
  }
}

/// included file → files that include it; for the files of `wanted` alone.
using Includers = std::map<std::string, std::set<std::string>>;

Includers findIncluders(const std::string& source, const std::vector<std::string>& files,
                        const std::set<std::string>& wanted, unsigned jobs) {
  Includers result;
  std::mutex mutex;
  std::atomic<std::size_t> next = 0;
  auto work = [&] {
    std::vector<std::string> names;
    for (std::size_t i = next++; i < files.size(); i = next++) {
      names.clear();
      std::string text;
      try {
        text = readFile(source + "/" + files[i]);
      } catch (const Error&) {
        continue; // vanished meanwhile: includes nothing
      }
      includedSources(text, names);
      for (const std::string& name : names) {
        // Relative to the includer, or to the source's root by -I.
        std::string beside = (fs::path(files[i]).parent_path() / name).lexically_normal().string();
        for (const std::string& path : {beside, fs::path(name).lexically_normal().string()})
          if (wanted.count(path)) {
            std::lock_guard lock(mutex);
            result[path].insert(files[i]);
          }
      }
    }
  };
  std::vector<std::thread> threads;
  for (unsigned i = 1; i < jobs; ++i)
    threads.emplace_back(work);
  work();
  for (std::thread& thread : threads)
    thread.join();
  return result;
}

/// Who of a file's includers is really compiled: a built source, a header, or an included file itself.
std::string compiledIncluder(const std::set<std::string>& includers, const std::set<std::string>& compiled) {
  for (const std::string& file : includers)
    if (compiled.count(file) || file.ends_with(".h"))
      return file;
  return {};
}

} // namespace

std::vector<NotBuilt> findNotBuilt(const std::string& source, const std::vector<std::string>& scope,
                                   const std::set<std::string>& built, const std::set<std::string>& host,
                                   unsigned jobs) {
  try {
    Files files = filesOf(source, scope);
    std::set<std::string> missing;
    for (const std::string& file : files.sources)
      if (!built.count(file) && !host.count(file))
        missing.insert(file);
    Includers includers;
    if (!missing.empty())
      includers = findIncluders(source, files.all, missing, jobs);
    std::map<std::string, std::string> includedBy;
    std::set<std::string> compiled = built;
    for (bool more = true; more;) {
      more = false;
      for (const auto& [file, by] : includers)
        if (!includedBy.count(file))
          if (std::string includer = compiledIncluder(by, compiled); !includer.empty()) {
            includedBy[file] = includer;
            compiled.insert(file);
            more = true;
          }
    }
    std::vector<NotBuilt> result;
    for (const std::string& file : files.sources) {
      if (host.count(file) && !built.count(file))
        result.push_back({file, "host program"});
      else if (auto by = includedBy.find(file); by != includedBy.end())
        result.push_back({file, "included by " + by->second});
      else if (missing.count(file))
        result.push_back({file, "not built"});
    }
    return result;
  } catch (const fs::filesystem_error& error) {
    throw Error("cannot look for files that are not built: {}", error.what());
  }
}

} // namespace fgft
