// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The parent hands out TU numbers over pipes and collects what came of them; see Scheduler.h. The workers'
// code is in Worker.cpp.
#include "analyze/Scheduler.h"

#include "analyze/Worker.h"
#include "facts/FactsFolder.h"
#include "facts/FactsIo.h"
#include "support/AtomicFile.h"
#include "support/Error.h"
#include "support/Hash.h"
#include "support/Usage.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <numeric>
#include <poll.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace fgft {

namespace {

using Clock = std::chrono::steady_clock;

volatile std::sig_atomic_t caughtSignal = 0;
void onSignal(int signal) {
  caughtSignal = signal;
}

// Installs the handlers for the time of a run.
class SignalGuard {
public:
  SignalGuard() {
    caughtSignal = 0;
    struct sigaction action = {};
    action.sa_handler = onSignal;
    ::sigaction(SIGINT, &action, &oldInt_);
    ::sigaction(SIGTERM, &action, &oldTerm_);
    action.sa_handler = SIG_IGN;
    ::sigaction(SIGPIPE, &action, &oldPipe_);
  }
  ~SignalGuard() {
    ::sigaction(SIGINT, &oldInt_, nullptr);
    ::sigaction(SIGTERM, &oldTerm_, nullptr);
    ::sigaction(SIGPIPE, &oldPipe_, nullptr);
  }

private:
  struct sigaction oldInt_ = {}, oldTerm_ = {}, oldPipe_ = {};
};

// All that a command says, less where the tree lies; with what the tool and the model add.
std::string commandDigest(const Invocation& tu, const AnalysisContext& context) {
  Hasher hasher;
  hasher.add(toolStamp()).add(context.modelHash).add(tu.file).add(tu.output);
  hasher.add(tu.sourceRoot).add(tu.buildRoot);
  for (const std::string& argument : tu.args)
    hasher.add(argument);
  return hasher.hex();
}

class Run {
public:
  Run(const TuTable& tus, const std::vector<size_t>& part, std::vector<RunMemory::Unit>& units,
      FactsCache& cache, const AnalysisContext& context, const ScheduleOptions& options,
      const AnalysisProgress& progress)
      : tus_(tus), part_(part), units_(units), cache_(cache), context_(context), options_(options),
        progress_(progress) {}

  ScheduleResult run() {
    makeFolders(options_.factsFolder);
    result_.entries.reserve(part_.size());
    findKnown();
    if (!queue_.empty()) {
      SignalGuard guard;
      prepareStates();
      analyseQueue();
    }
    cache_.flush();
    if (options_.cacheBytes != 0)
      shrinkFacts(cache_.folder(), options_.cacheBytes);
    std::sort(result_.entries.begin(), result_.entries.end(),
              [](const auto& a, const auto& b) { return a.output < b.output; });
    std::sort(result_.plainUnits.begin(), result_.plainUnits.end(),
              [](const auto& a, const auto& b) { return a.output < b.output; });
    return std::move(result_);
  }

private:
  struct Slot {
    WorkerProcess process;
    int current = -1; // index of the TU it is on
    Clock::time_point since;
    std::vector<FactsCache::InputId> inputs; // of the cache, by the worker's numbers
    std::vector<FactsCache::InputId> sets;
  };

  void findKnown() {
    for (size_t i : part_) {
      if (isKnown(i)) {
        ++result_.fromCache;
        finish(i, units_[i].key, TuStatus::Ok);
      } else {
        queue_.push_back(i);
      }
    }
    // Largest first, so that no worker is left alone with a long one at the end; work is taken from the back.
    std::vector<uintmax_t> size(tus_.size());
    std::error_code error;
    for (size_t i : queue_)
      size[i] = std::filesystem::file_size(tus_.path(i), error);
    std::sort(queue_.begin(), queue_.end(),
              [&](size_t a, size_t b) { return size[a] != size[b] ? size[a] < size[b] : a > b; });
  }

  // Whether the facts of TU `i` are there; its unit has their key then, and the run's folder has them.
  bool isKnown(size_t i) {
    RunMemory::Unit& unit = units_[i];
    if (unit.stands && !unit.key.empty() &&
        takeFacts(cache_.folder(), options_.factsFolder, unit.key, unit.facts))
      return true;
    unit = {.command = commandDigest(tus_.at(i), context_)};
    if (options_.reuse)
      unit.key = cache_.find(unit.command).value_or("");
    if (unit.key.empty())
      return false;
    ++result_.unremembered;
    takeFromCache(unit.key);
    return true;
  }

  // The facts file is in the cache: makes it the run's.
  void takeFromCache(const std::string& key) {
    if (cache_.folder() != options_.factsFolder)
      linkFacts(cache_.folder(), options_.factsFolder, key);
  }

  void finish(size_t i, const std::string& key, TuStatus status) {
    result_.entries.push_back(
        {std::string(tus_.output(i)), std::string(tus_.file(i)), key, status, tus_.modules(i)});
    if (status != TuStatus::Ok)
      ++result_.notOk;
    if (progress_)
      progress_(result_.entries.size(), part_.size(), result_.notOk);
  }

  // The precompiled headers are made before the workers are forked, which then share them.
  void prepareStates() {
    if (!options_.fast)
      return;
    states_.prepare(tus_, queue_, cache_.folder(), context_.resourceDir, options_.jobs, {});
    // A worker holds one state: TUs are taken group by group, in each the largest first (work is taken from
    // the back).
    std::vector<size_t> group(tus_.size());
    for (size_t i : queue_)
      group[i] = states_.groupOf(tus_.at(i));
    std::vector<size_t> place(tus_.size());
    for (size_t at = 0; at < queue_.size(); ++at)
      place[queue_[at]] = at;
    std::sort(queue_.begin(), queue_.end(), [&](size_t a, size_t b) {
      return group[a] != group[b] ? group[a] < group[b] : place[a] < place[b];
    });
  }

  void analyseQueue() {
    slots_.resize(std::min<size_t>(std::max(1U, options_.jobs), queue_.size()));
    for (Slot& slot : slots_)
      startWorker(slot);
    size_t sinceFlush = 0;
    while (!queue_.empty() || busy()) {
      if (caughtSignal != 0)
        interrupt();
      waitForResults();
      killLate();
      if (++sinceFlush % 256 == 0)
        cache_.flush();
    }
    for (Slot& slot : slots_)
      stopWorker(slot);
  }

  bool busy() const {
    return std::any_of(slots_.begin(), slots_.end(), [](const Slot& slot) { return slot.current >= 0; });
  }

  void startWorker(Slot& slot) {
    slot.process = startWorkerProcess(tus_, context_, cache_.folder(), states_, options_.workerBytes);
    slot.current = -1;
    slot.inputs.clear();
    slot.sets.clear();
    giveWork(slot);
  }

  void giveWork(Slot& slot) {
    if (queue_.empty())
      return;
    slot.current = static_cast<int>(queue_.back());
    slot.since = Clock::now();
    queue_.pop_back();
    auto index = static_cast<uint32_t>(slot.current);
    if (::write(slot.process.toWorker, &index, sizeof index) != sizeof index)
      lost(slot); // it died between two TUs
  }

  void waitForResults() {
    std::vector<pollfd> polled;
    for (const Slot& slot : slots_)
      polled.push_back({slot.current >= 0 ? slot.process.fromWorker : -1, POLLIN, 0});
    if (::poll(polled.data(), polled.size(), 500) < 0)
      return; // a signal: the caller looks
    for (size_t i = 0; i < slots_.size(); ++i)
      if (polled[i].revents != 0)
        receive(slots_[i]);
  }

  void receive(Slot& slot) {
    std::optional<WorkerReport> report = readReport(slot.process.fromWorker);
    if (!report) {
      lost(slot);
      return;
    }
    auto index = static_cast<size_t>(slot.current);
    ++result_.analysed;
    if (!report->plainReason.empty()) {
      ++result_.plain;
      ++result_.plainReasons[report->plainReason];
      result_.plainUnits.push_back(
          {std::string(tus_.output(index)), report->plainReason, report->plainDetail});
    }
    remember(slot, *report);
    if (report->status == TuStatus::Ok) {
      addToCache(slot, *report);
      ++result_.unremembered;
      units_[index].key = report->key;
    }
    takeFromCache(report->key);
    finish(index, report->key, report->status);
    slot.current = -1;
    if (report->leaving) {
      stopWorker(slot);
      if (!queue_.empty())
        startWorker(slot);
    } else
      giveWork(slot);
  }

  // Learns the inputs that the worker has numbered for the first time.
  void remember(Slot& slot, const WorkerReport& report) {
    for (const WorkerReport::NewInput& input : report.newInputs)
      slot.inputs.push_back(cache_.input(input.path, input.hash));
    if (report.set != WorkerReport::noSet && report.set == slot.sets.size())
      slot.sets.push_back(cache_.set(idsOf(slot, report.newSet)));
  }

  void addToCache(Slot& slot, const WorkerReport& report) {
    cache_.add(units_[static_cast<size_t>(slot.current)].command, report.key, idsOf(slot, report.inputs),
               report.set == WorkerReport::noSet ? FactsCache::noSet : slot.sets.at(report.set));
  }

  static std::vector<FactsCache::InputId> idsOf(const Slot& slot, const std::vector<uint32_t>& numbers) {
    std::vector<FactsCache::InputId> ids;
    ids.reserve(numbers.size());
    for (uint32_t number : numbers)
      ids.push_back(slot.inputs.at(number));
    return ids;
  }

  // The worker died on its TU: that TU's facts say so, and a fresh worker goes on.
  void lost(Slot& slot, bool timeout = false) {
    int status = stopWorker(slot);
    std::string why = timeout ? fmt::format("no result within {} s", options_.timeoutSeconds)
                      : WIFSIGNALED(status)
                          ? fmt::format("the front end was killed by signal {} ({})", WTERMSIG(status),
                                        ::strsignal(WTERMSIG(status)))
                          : fmt::format("the front end ended with status {}", WEXITSTATUS(status));
    if (slot.current >= 0) {
      auto index = static_cast<size_t>(slot.current);
      Invocation tu = tus_.at(index);
      TuFacts facts;
      facts.key = Hasher().add(units_[index].command).add(why).hex();
      facts.file = tu.file;
      facts.output = tu.output;
      facts.status = timeout ? TuStatus::Timeout : TuStatus::Crashed;
      facts.message = why;
      facts.command = shellCommand(tu);
      writeFacts(facts, cache_.folder());
      ++result_.analysed;
      takeFromCache(facts.key);
      finish(index, facts.key, facts.status);
      slot.current = -1;
    }
    if (!queue_.empty())
      startWorker(slot);
  }

  void killLate() {
    auto limit = std::chrono::seconds(options_.timeoutSeconds);
    for (Slot& slot : slots_)
      if (slot.current >= 0 && Clock::now() - slot.since > limit) {
        ::kill(slot.process.pid, SIGKILL);
        lost(slot, /*timeout=*/true);
      }
  }

  int stopWorker(Slot& slot) {
    if (slot.process.pid <= 0)
      return 0;
    ::close(slot.process.toWorker);
    ::close(slot.process.fromWorker);
    int status = 0;
    rusage usage = {};
    while (::wait4(slot.process.pid, &status, 0, &usage) < 0 && errno == EINTR)
      ;
    result_.cpuSeconds += cpuSeconds(usage);
    result_.peakBytes = std::max(result_.peakBytes, static_cast<uint64_t>(usage.ru_maxrss) << 10);
    slot.process.pid = -1;
    return status;
  }

  [[noreturn]] void interrupt() {
    int signal = caughtSignal;
    for (Slot& slot : slots_) {
      if (slot.process.pid > 0)
        ::kill(slot.process.pid, SIGKILL);
      stopWorker(slot);
    }
    cache_.flush();
    throw Interrupted{signal};
  }

  const TuTable& tus_;
  const std::vector<size_t>& part_;
  std::vector<RunMemory::Unit>& units_;
  FactsCache& cache_;
  const AnalysisContext& context_;
  const ScheduleOptions& options_;
  const AnalysisProgress& progress_;
  std::vector<size_t> queue_;
  std::vector<Slot> slots_;
  HeaderStates states_;
  ScheduleResult result_;
};

} // namespace

ScheduleResult runAnalyses(const TuTable& tus, const std::vector<size_t>& part,
                           std::vector<RunMemory::Unit>& units, FactsCache& cache,
                           const AnalysisContext& context, const ScheduleOptions& options,
                           const AnalysisProgress& progress) {
  return Run(tus, part, units, cache, context, options, progress).run();
}

} // namespace fgft
