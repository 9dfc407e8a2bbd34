// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Remembers a run; see RunMemory.h. A file counts with the content that the run saw: where it cannot be told
// whether it is still that, who read it is not remembered.
#include "analyze/RunMemory.h"
#include "analyze/RunMemoryFile.h"
#include "facts/FactsIo.h"
#include "support/AtomicFile.h"
#include "support/Hash.h"

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <unordered_map>

namespace fgft {

namespace {

// Runs that are kept: of other databases, scopes, models. Each has some tens of MB where the scope is all.
constexpr std::size_t maxRuns = 16;

class Saver {
public:
  Saver(const RunMemory::Run& run, const HeaderUses& uses, const SeenFiles& seen, FactsCache& cache)
      : run_(run), uses_(uses), seen_(seen), cache_(cache), ofSeen_(seen.size(), unasked) {
    for (std::size_t lookup = 0; lookup < uses.lookups(); ++lookup)
      lookupStands_.push_back(std::all_of(uses.filesOfLookup(lookup).begin(),
                                          uses.filesOfLookup(lookup).end(),
                                          [this](uint32_t file) { return ofSeen(file) != none; }));
  }

  // False if the list cannot be remembered, or if the cache has lost what an earlier run remembered of it.
  bool make(RunMemoryFile& file) {
    std::size_t tus = run_.units.size() - 1;
    std::vector<RunMemory::Unit> units;
    for (std::size_t i = 0; i < run_.units.size(); ++i)
      units.push_back(unit(static_cast<uint32_t>(i), i < tus));
    if (lost_ >= RunMemory::enough)
      return false;
    auto list = static_cast<uint32_t>(tus + 1);
    for (uint32_t source : run_.list.sources) {
      uint32_t input = ofSeen(source);
      if (input == none || isPlace(input))
        return false;
      addReader(input, list);
      file.sources.push_back(input);
    }
    addGroups(list + 1);
    file.list = listBytes(run_);
    file.uses = uses_.bytes();
    file.units = unitBytes(units);
    file.paths = std::move(paths_);
    fileReaders_.finish(files_.size(), file.readers);
    placeReaders_.finish(places_.size(), file.readers);
    groups_.finish(uses_.lookups() + sets_.size(), file.groups);
    file.files = std::move(files_);
    file.places = std::move(places_);
    return true;
  }

private:
  // Inputs are numbers of files, or of places with this bit.
  static constexpr uint32_t placeBit = 1U << 31;
  static constexpr uint32_t none = ~0U; // it is not what was seen
  static constexpr uint32_t unasked = none - 1;
  static bool isPlace(uint32_t input) { return (input & placeBit) != 0; }

  uint32_t pathOf(std::string_view path) {
    auto begin = static_cast<uint32_t>(paths_.size());
    (paths_ += path) += '\0';
    return begin;
  }

  uint32_t addFile(std::string_view path, const FileStamp& stamp, const std::string& hash, bool folder) {
    RememberedFile file{stamp, pathOf(path), folder};
    std::memcpy(file.hash, hash.data(), std::min(hash.size(), sizeof file.hash));
    files_.push_back(file);
    return static_cast<uint32_t>(files_.size() - 1);
  }

  uint32_t addPlace(std::string_view path, bool exists) {
    places_.push_back({pathOf(path), exists});
    return static_cast<uint32_t>(places_.size() - 1) | placeBit;
  }

  uint32_t ofCache(FactsCache::InputId id) {
    if (ofCache_.size() <= id)
      ofCache_.resize(id + 1, unasked);
    if (ofCache_[id] == unasked) {
      const FactsCache::InputFile& file = cache_.file(id);
      ofCache_[id] =
          file.hash.empty() ? addPlace(file.path, false) : addFile(file.path, file.stamp, file.hash, false);
    }
    return ofCache_[id];
  }

  uint32_t ofSeen(uint32_t number) {
    if (ofSeen_[number] == unasked)
      ofSeen_[number] = findSeen(seen_.file(number));
    return ofSeen_[number];
  }

  uint32_t findSeen(const SeenFiles::File& file) {
    if (file.kind == SeenFiles::Kind::Folder)
      return FileStamp::of(file.path.str()) == file.stamp ? addFile(file.path, file.stamp, {}, true) : none;
    // What a TU's parse depends on too has one number.
    if (const FactsCache::InputFile* known = cache_.known(file.path.str())) {
      bool same = file.kind == SeenFiles::Kind::Place ? file.stamp.exists() != known->hash.empty()
                                                      : file.stamp.exists() && file.stamp == known->stamp;
      if (same)
        return ofCache(static_cast<FactsCache::InputId>(known->id));
    }
    if (file.kind == SeenFiles::Kind::Place)
      return addPlace(file.path, file.stamp.exists());
    return findContent(file);
  }

  uint32_t findContent(const SeenFiles::File& file) {
    int64_t before = wallClock();
    FileStamp stamp = FileStamp::of(file.path.str());
    if (stamp != file.stamp)
      return none;
    std::string hash = stamp.exists() ? hashOfFile(file.path.str()) : std::string();
    if (!file.hash.empty() && hash != file.hash)
      return none;
    return addFile(file.path, stamp.settledAt(before) ? stamp : FileStamp::unsure(), hash, false);
  }

  void addReader(uint32_t input, uint32_t reader) {
    if (isPlace(input))
      placeReaders_.add(input & ~placeBit, reader);
    else
      fileReaders_.add(input, reader);
  }

  // What of unit `number` can be remembered.
  RunMemory::Unit unit(uint32_t number, bool isTu) {
    RunMemory::Unit unit = run_.units[number];
    std::optional<FactsCache::Unit> known;
    if (!unit.key.empty())
      known = cache_.unit(unit.command);
    if (known && known->key == unit.key) {
      for (FactsCache::InputId input : known->inputs)
        addReader(ofCache(input), number);
      if (known->set != FactsCache::noSet)
        groups_.add(groupOf(known->set), number);
      unit.facts = FileStamp::of(factsPath(cache_.folder(), unit.key));
    } else {
      lost_ += unit.stands && !unit.key.empty() ? 1 : 0;
      unit.key.clear();
    }
    unit.stands = !isTu || addScan(number);
    return unit;
  }

  bool addScan(uint32_t tu) {
    bool stands = true;
    for (uint32_t file : uses_.filesOf(tu)) {
      uint32_t input = ofSeen(file);
      stands = stands && input != none;
      if (input != none)
        addReader(input, tu);
    }
    for (uint32_t lookup : uses_.lookupsOf(tu)) {
      stands = stands && lookupStands_[lookup];
      groups_.add(lookup, tu);
    }
    return stands;
  }

  // Groups: the lookups, then sets of the cache.
  std::size_t groupOf(FactsCache::InputId set) {
    auto [it, isNew] = setNumbers_.try_emplace(set, sets_.size());
    if (isNew)
      sets_.push_back(set);
    return uses_.lookups() + it->second;
  }

  void addGroups(uint32_t firstGroup) {
    uint32_t group = firstGroup;
    for (std::size_t lookup = 0; lookup < uses_.lookups(); ++lookup, ++group)
      for (uint32_t file : uses_.filesOfLookup(lookup))
        if (uint32_t input = ofSeen(file); input != none)
          addReader(input, group);
    for (FactsCache::InputId set : sets_) {
      for (FactsCache::InputId input : *cache_.inputsOf(set))
        addReader(ofCache(input), group);
      ++group;
    }
  }

  const RunMemory::Run& run_;
  const HeaderUses& uses_;
  const SeenFiles& seen_;
  FactsCache& cache_;
  std::size_t lost_ = 0; // units
  std::string paths_;
  std::vector<RememberedFile> files_;
  std::vector<RememberedPlace> places_;
  ReaderListsMaker fileReaders_, placeReaders_, groups_;
  std::vector<uint32_t> ofCache_, ofSeen_;
  std::vector<bool> lookupStands_;
  std::vector<FactsCache::InputId> sets_;
  std::unordered_map<FactsCache::InputId, std::size_t> setNumbers_;
};

void keepNewest(const std::string& folder) {
  namespace fs = std::filesystem;
  std::error_code error;
  std::vector<std::pair<fs::file_time_type, fs::path>> runs;
  for (const auto& entry : fs::directory_iterator(folder, error))
    runs.emplace_back(entry.last_write_time(error), entry.path());
  std::sort(runs.rbegin(), runs.rend());
  for (std::size_t i = maxRuns; i < runs.size(); ++i)
    fs::remove(runs[i].second, error);
}

} // namespace

void RunMemory::save(const Run& run, const HeaderUses& uses, const SeenFiles& seen, FactsCache& cache) const {
  RunMemoryFile file;
  if (!Saver(run, uses, seen, cache).make(file))
    return;
  makeFolders(folder_ + "/runs");
  file.write(path_, question_);
  keepNewest(folder_ + "/runs");
}

} // namespace fgft
