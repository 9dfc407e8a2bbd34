// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// One worker process of the scheduler: takes TU numbers from a pipe, writes facts, reports on another pipe.
#pragma once

#include "analyze/HeaderState.h"
#include "analyze/Scheduler.h"

#include <memory>
#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

namespace fgft {

/// The command line that facts of a TU which is not ok keep, for people.
std::string shellCommand(const Invocation& tu);

struct WorkerProcess {
  pid_t pid = -1;
  int toWorker = -1;
  int fromWorker = -1;
};

/// Forks a worker that writes facts files into `folder` and starts from `states` where one fits. Throws Error
/// if the system refuses.
WorkerProcess startWorkerProcess(const TuTable& tus, const AnalysisContext& context,
                                 const std::string& folder, HeaderStates& states, uint64_t workerBytes);

/// What a worker says of one TU. A worker numbers inputs, and sets of them, in the order in which it mentions
/// them: each path is sent once.
struct WorkerReport {
  struct NewInput {
    std::string path;
    std::string hash; // of the content that was read; empty: nothing is there
  };
  static constexpr uint32_t noSet = ~0U;

  std::string key;
  TuStatus status = TuStatus::Ok;
  std::string plainReason; // why the plain road; empty on the fast one
  std::string plainDetail;
  bool leaving = false; // the worker has grown too large and ends
  std::vector<NewInput> newInputs;
  std::vector<uint32_t> inputs; // numbers
  uint32_t set = noSet;         // number of a set of further inputs
  std::vector<uint32_t> newSet; // what the set holds, if it is mentioned for the first time
};

/// Reads one report; nothing if the worker is gone.
std::optional<WorkerReport> readReport(int fromWorker);

} // namespace fgft
