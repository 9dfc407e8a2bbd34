// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Recalls a run; see RunMemory.h. What it costs is a stat() of each file, however many TUs read it.
#include "analyze/RunMemory.h"

#include "analyze/RunMemoryFile.h"
#include "support/AtomicFile.h"
#include "support/Error.h"
#include "support/Hash.h"

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstring>
#include <thread>

namespace fgft {

namespace {

// Compares what was remembered with what is there now.
class Comparison {
public:
  explicit Comparison(RunMemoryFile& file) : file_(file), changed_(file.files.size() + file.places.size()) {}

  void run() {
    std::vector<std::thread> others;
    unsigned threads = std::clamp(std::thread::hardware_concurrency(), 1U, 8U);
    for (unsigned i = 1; i < threads; ++i)
      others.emplace_back([this] { work(); });
    work();
    for (std::thread& other : others)
      other.join();
  }

  bool changed(std::size_t input) const { return changed_[input] != 0; }
  std::size_t inputs() const { return changed_.size(); }
  // Files whose new stamps vouch for the old content.
  std::size_t restamped() const { return restamped_; }

private:
  void work() {
    constexpr std::size_t share = 512;
    for (std::size_t begin; (begin = next_.fetch_add(share)) < changed_.size();)
      for (std::size_t i = begin; i < std::min(begin + share, changed_.size()); ++i)
        changed_[i] =
            i < file_.files.size() ? isOther(file_.files[i]) : isOther(file_.places[i - file_.files.size()]);
  }

  bool isOther(RememberedFile& file) {
    const char* path = file_.pathOf(file.path);
    int64_t before = wallClock();
    FileStamp stamp = FileStamp::of(path);
    if (stamp == file.stamp)
      return false;
    if (file.folder != 0 || !stamp.exists() ||
        hashOfFile(path) != std::string_view(file.hash, sizeof file.hash))
      return true;
    if (stamp.settledAt(before)) {
      file.stamp = stamp;
      ++restamped_;
    }
    return false;
  }

  bool isOther(const RememberedPlace& place) const {
    return FileStamp::of(file_.pathOf(place.path)).exists() != (place.exists != 0);
  }

  RunMemoryFile& file_;
  std::vector<char> changed_;
  std::atomic<std::size_t> next_ = 0;
  std::atomic<std::size_t> restamped_ = 0;
};

// By reader, whether something that it was made from has changed.
std::vector<char> affectedReaders(const RunMemoryFile& file, const Comparison& comparison, std::size_t tus) {
  std::size_t groups = tus + 2;
  std::vector<char> affected(groups + file.groups.ends.size());
  for (std::size_t i = 0; i < comparison.inputs(); ++i)
    if (comparison.changed(i))
      file.readers.mark(i, affected);
  for (std::size_t group = 0; group < file.groups.ends.size(); ++group)
    if (affected[groups + group])
      file.groups.mark(group, affected);
  return affected;
}

void noteSources(const RunMemoryFile& file, TuList& list, SeenFiles& seen) {
  for (uint32_t source : file.sources) {
    const RememberedFile& one = file.files.at(source);
    const char* path = file.pathOf(one.path);
    bool folder = one.folder != 0;
    FileStamp stamp = folder ? one.stamp : FileStamp::of(path);
    std::string hash = folder || !stamp.exists() ? std::string() : std::string(one.hash, sizeof one.hash);
    list.sources.push_back(
        seen.add(path, folder ? SeenFiles::Kind::Folder : SeenFiles::Kind::Content, stamp, std::move(hash)));
  }
}

} // namespace

RunMemory::RunMemory(const std::string& folder, const std::string& question)
    : folder_(folder), path_(folder + "/runs/" + question + ".run"), question_(question) {}

std::optional<RunMemory::Run> RunMemory::recall(SeenFiles& seen) {
  RunMemoryFile file;
  Run run;
  if (!file.read(path_, question_) || !parseUnits(file.units, run.units) || run.units.empty())
    return std::nullopt;
  std::size_t tus = run.units.size() - 1;
  Comparison comparison(file);
  comparison.run();
  std::vector<char> affected = affectedReaders(file, comparison, tus);
  if (affected[tus + 1] || !parseList(file.list, run) || run.list.tus.size() != tus)
    return std::nullopt;
  for (std::size_t i = 0; i < run.units.size(); ++i)
    run.units[i].stands = run.units[i].stands && !affected[i];
  noteSources(file, run.list, seen);
  if (comparison.restamped() >= enough)
    try {
      file.write(path_, question_);
    } catch (const Error& error) {
      std::fprintf(stderr, "fgft: warning: %s; some files are compared again the next time\n", error.what());
    }
  uses_ = std::move(file.uses);
  return run;
}

} // namespace fgft
