// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The TUs that a compile database names, ready to be analysed.
#pragma once

#include "analyze/SeenFiles.h"
#include "analyze/TuTable.h"
#include "facts/Manifest.h"

#include <string>
#include <vector>

namespace fgft {

struct TuList {
  Configuration configuration;
  TuTable tus; // one an output, sorted by output
  DropCounts dropped;
  std::vector<std::string> unknownFlags; // gcc's, of which the translator knows nothing
  std::vector<uint32_t> sources;         // the files that the list was made from, as seen then
};

struct TuListOptions {
  std::string database;
  std::string flagTable;          // gcc_flags.csv
  std::string cacheFolder;        // where the translator may write its header
  std::vector<std::string> scope; // only files below these; empty: all
  std::string configurationName;  // empty: the architecture
};

/// Notes in `seen` what it reads. Throws Error if the database cannot be read, is cut, or names no TU of a
/// kernel in the scope.
TuList readTuList(const TuListOptions& options, SeenFiles& seen);

/// Every n-th of `count` TUs, the i-th of n (1-based): the same split on every machine.
std::vector<std::size_t> shardOf(std::size_t count, unsigned shard, unsigned shards);

} // namespace fgft
