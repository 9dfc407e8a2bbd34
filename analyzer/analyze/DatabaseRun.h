// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// One compile database's way to facts and manifest: its list of TUs, the header facts, the TUs; each step
// taken from what an earlier run remembered as far as that still holds.
#pragma once

#include "analyze/Frontend.h"
#include "analyze/Scheduler.h"
#include "analyze/TuList.h"

#include <string>

namespace fgft {

struct DatabaseRunOptions {
  TuListOptions list;
  ScheduleOptions schedule;
  std::string cacheFolder; // of facts; empty: none beyond the run's folder
  unsigned shard = 1;      // the shard-th of `shards` parts
  unsigned shards = 1;
};

/// Throws Error where the database cannot be used, Interrupted on SIGINT or SIGTERM; the manifest is there
/// only if the run ended.
ScheduleResult runDatabase(const DatabaseRunOptions& options, const AnalysisContext& context,
                           const AnalysisProgress& progress);

} // namespace fgft
