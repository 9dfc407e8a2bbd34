// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// See DatabaseRun.h.
#include "analyze/DatabaseRun.h"

#include "analyze/HeaderChoice.h"
#include "analyze/HeaderFacts.h"
#include "facts/FactsFolder.h"
#include "facts/FactsIo.h"
#include "facts/Manifest.h"
#include "support/AtomicFile.h"
#include "support/Error.h"
#include "support/Hash.h"
#include "support/Memory.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>

namespace fgft {

namespace {

// All that decides the list and the keys and is no file that could be compared.
std::string questionOf(const DatabaseRunOptions& options, const AnalysisContext& context) {
  Hasher hasher;
  // Not only the tool's version: how a list is made of a database is in no stamp.
  hasher.add(toolStamp()).add(hashOfProgram());
  hasher.add(context.modelHash).add(context.resourceDir);
  hasher.add(std::filesystem::absolute(options.list.database).string()).add(options.list.flagTable);
  hasher.add(options.list.cacheFolder).add(options.list.configurationName);
  hasher.add(fmt::format("{}/{}", options.shard, options.shards));
  for (const std::string& folder : options.list.scope)
    hasher.add(folder);
  return hasher.hex();
}

class DatabaseRun {
public:
  DatabaseRun(const DatabaseRunOptions& options, const AnalysisContext& context)
      : options_(options), context_(context),
        cache_(options.cacheFolder.empty() ? options.schedule.factsFolder : options.cacheFolder),
        memory_(cache_.folder(), questionOf(options, context)) {}

  ScheduleResult run(const AnalysisProgress& progress) {
    readList();
    const TuList& list = run_.list;
    for (const std::string& flag : list.unknownFlags)
      std::fprintf(stderr, "fgft: %s: option %s is unknown and left out\n", options_.list.database.c_str(),
                   flag.c_str());
    std::string manifest = options_.schedule.factsFolder + "/" +
                           manifestName(list.configuration.name, options_.shard, options_.shards);
    std::error_code ignored;
    std::filesystem::remove(manifest, ignored); // an old one must not stand for this run if it does not end
    // Of the whole scope, so that all shards have the same. PM coverage has no use for them.
    HeaderFacts headers = context_.onlyPm ? HeaderFacts{} : headerFacts();
    ScheduleResult result = runAnalyses(list.tus, shardOf(list.tus.size(), options_.shard, options_.shards),
                                        run_.units, cache_, context_, options_.schedule, progress);
    writeManifest({FGFT_VERSION, context_.modelHash, list.configuration, result.entries, headers.key,
                   context_.onlyPm ? Extent::Pm : Extent::All},
                  manifest);
    result.headers = std::move(headers);
    if (options_.schedule.reuse && (!recalled_ || result.unremembered >= RunMemory::enough))
      remember();
    return result;
  }

private:
  void readList() {
    if (options_.schedule.reuse)
      if (std::optional<RunMemory::Run> known = memory_.recall(seen_)) {
        recalled_ = true;
        run_ = std::move(*known);
        return;
      }
    run_.list = readTuList(options_.list, seen_);
    run_.common = mostCommonCommand(run_.list.tus);
    run_.units.resize(run_.list.tus.size() + 1);
  }

  HeaderFacts headerFacts() {
    if (recalled_ && tusStand() && takeHeaderFacts())
      return rememberedHeaderFacts();
    HeaderFactsRequest request = headerRequest();
    RunMemory::Unit& unit = run_.headerFacts();
    if (unit.command == request.digest && takeHeaderFacts())
      return rememberedHeaderFacts();
    makeFolders(cache_.folder());
    HeaderFacts made = makeHeaderFacts(request, context_, cache_, options_.schedule.timeoutSeconds, [this] {
      run_.list.tus = {};
      giveBackMemory();
    });
    made.headers = run_.headers;
    unit = {.command = request.digest, .key = made.key};
    // Without header facts a survey is poorer, not wrong: a failure is a word to the user.
    if (!made.problem.empty())
      std::fprintf(stderr, "fgft: no facts of the kernel headers' functions: %s\n", made.problem.c_str());
    else if (cache_.folder() != options_.schedule.factsFolder)
      linkFacts(cache_.folder(), options_.schedule.factsFolder, made.key);
    return made;
  }

  bool tusStand() const {
    return std::all_of(run_.units.begin(), run_.units.end() - 1,
                       [](const RunMemory::Unit& unit) { return unit.stands; });
  }

  bool takeHeaderFacts() {
    const RunMemory::Unit& unit = run_.headerFacts();
    return unit.stands && !unit.key.empty() &&
           takeFacts(cache_.folder(), options_.schedule.factsFolder, unit.key, unit.facts);
  }

  HeaderFacts rememberedHeaderFacts() {
    return {.key = run_.headerFacts().key, .fromCache = true, .headers = run_.headers};
  }

  // Looks at the TUs that have changed; at all of them if nothing is known of the others.
  HeaderFactsRequest headerRequest() {
    HeaderFactsRequest request;
    {
      SeenFiles seen;
      HeaderUses uses(seen);
      bool known = recalled_ && memory_.recallUses(uses);
      scan(uses, [&](std::size_t tu) { return !known || !run_.units[tu].stands; });
      request = requestFor(uses);
    }
    giveBackMemory(); // the processes that are forked from here on would inherit it
    return request;
  }

  HeaderFactsRequest requestFor(const HeaderUses& uses) {
    std::vector<std::string> headers = uses.ranked();
    run_.headers = headers.size();
    return headerFactsRequest(run_.list.tus.at(run_.common), headers, context_);
  }

  template <typename Wanted>
  void scan(HeaderUses& uses, const Wanted& wanted) {
    for (std::size_t tu = 0; tu < run_.list.tus.size(); ++tu)
      if (wanted(tu))
        uses.scan(tu, run_.list.tus.at(tu));
  }

  // The headers are looked for once more rather than kept in the memory of every worker.
  void remember() {
    HeaderUses uses(seen_);
    scan(uses, [](std::size_t) { return true; });
    if (RunMemory::Unit& headers = run_.headerFacts(); requestFor(uses).digest != headers.command)
      headers.key.clear(); // something changed meanwhile
    try {
      memory_.save(run_, uses, seen_, cache_);
    } catch (const Error& error) {
      std::fprintf(stderr, "fgft: warning: %s; the next run asks everything anew\n", error.what());
    }
  }

  const DatabaseRunOptions& options_;
  const AnalysisContext& context_;
  FactsCache cache_;
  RunMemory memory_;
  SeenFiles seen_; // what the list was made from, and to remember
  RunMemory::Run run_;
  bool recalled_ = false;
};

} // namespace

ScheduleResult runDatabase(const DatabaseRunOptions& options, const AnalysisContext& context,
                           const AnalysisProgress& progress) {
  return DatabaseRun(options, context).run(progress);
}

} // namespace fgft
