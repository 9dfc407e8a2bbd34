// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The TUs that a compile database names, ready to be analysed.
#pragma once

#include "capture/Invocation.h"
#include "facts/Manifest.h"

#include <string>
#include <vector>

namespace fgft {

struct TuList {
  Configuration configuration;
  std::vector<Invocation> invocations; // one an output, sorted by output
  DropCounts dropped;
  std::vector<std::string> unknownFlags; // gcc's, of which the translator knows nothing
};

struct TuListOptions {
  std::string database;
  std::string flagTable;          // gcc_flags.csv
  std::string cacheFolder;        // where the translator may write its header
  std::vector<std::string> scope; // only files below these; empty: all
  std::string configurationName;  // empty: the architecture
};

/// Throws Error if the database cannot be read, is cut, or names no TU of a kernel in the scope.
TuList readTuList(const TuListOptions& options);

/// Leaves every n-th TU, the i-th of n (1-based): the same split on every machine.
void takeShard(TuList& list, unsigned shard, unsigned shards);

} // namespace fgft
