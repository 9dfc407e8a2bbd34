// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Runs the analysis of many TUs in worker processes. A worker's death costs the TU it was on, nothing else.
#pragma once

#include "analyze/FactsCache.h"
#include "analyze/Frontend.h"
#include "analyze/HeaderFacts.h"
#include "analyze/RunMemory.h"
#include "analyze/TuTable.h"
#include "facts/Manifest.h"
#include "support/Interrupted.h"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace fgft {

struct ScheduleOptions {
  std::string
      factsFolder; // where the run's facts and manifest go; the cache's folder where there is no other
  uint64_t cacheBytes = 0; // 0: no bound
  bool reuse = true;       // take facts of earlier runs whose command and inputs are as they were
  unsigned jobs = 2;
  unsigned timeoutSeconds = 120;    // for one TU
  bool fast = true;                 // precompiled headers where they fit
  uint64_t workerBytes = 96U << 20; // a worker that has grown by more is replaced by a fresh one
};

/// Why a TU did not start from a header state.
struct PlainUnit {
  std::string output;
  std::string reason;
  std::string detail;
};

/// What a run did, for people.
struct ScheduleResult {
  std::vector<ManifestEntry> entries; // sorted by output
  size_t fromCache = 0;
  size_t analysed = 0;
  size_t notOk = 0;
  size_t unremembered = 0; // ok, and did not stand
  size_t plain = 0;        // analysed without a precompiled header
  std::map<std::string, size_t> plainReasons;
  std::vector<PlainUnit> plainUnits; // sorted by output
  double cpuSeconds = 0;             // of the workers
  uint64_t peakBytes = 0;            // of the largest worker
  HeaderFacts headers;
};

/// Called after each TU: done, total, failed so far.
using AnalysisProgress = std::function<void(size_t done, size_t total, size_t failed)>;

/// Analyses the TUs `part` of `tus`. `units` is by TU: facts of those that stand are taken, and what the run
/// finds out is put there. Throws Interrupted on SIGINT or SIGTERM, with all finished TUs kept.
ScheduleResult runAnalyses(const TuTable& tus, const std::vector<size_t>& part,
                           std::vector<RunMemory::Unit>& units, FactsCache& cache,
                           const AnalysisContext& context, const ScheduleOptions& options,
                           const AnalysisProgress& progress);

} // namespace fgft
