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
WorkerProcess startWorkerProcess(const std::vector<Invocation>& invocations, const AnalysisContext& context,
                                 const std::string& folder, HeaderStates& states, uint64_t workerBytes);

/// What a worker says of one TU.
struct WorkerReport {
  std::string key;
  TuStatus status = TuStatus::Ok;
  std::string plainReason; // why the plain road; empty on the fast one
  bool leaving = false;    // the worker has grown too large and ends
  std::vector<std::string> inputs;
};

/// Reads one report; nothing if the worker is gone.
std::optional<WorkerReport> readReport(int fromWorker);

} // namespace fgft
