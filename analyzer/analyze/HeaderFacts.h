// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Header facts: what the functions do that shared headers define. Made once a configuration, by parsing one
// made-up file that includes every shared header which the TUs include, with all bodies.
#pragma once

#include "analyze/FactsCache.h"
#include "analyze/Frontend.h"
#include "analyze/TuTable.h"

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace fgft {

/// What came of it, for the manifest and for people.
struct HeaderFacts {
  std::string key; // empty: there are none, `problem` says why
  std::string problem;
  bool fromCache = false;
  std::size_t headers = 0;
  std::size_t functions = 0;
  std::size_t leftOut = 0; // functions with an error, or with two definitions
  std::string firstError;  // of the headers, if they have one together
  double cpuSeconds = 0;
};

/// The TU of which most others have the command, but for what differs from file to file.
std::size_t mostCommonCommand(const TuTable& tus);

/// What header facts are made from.
struct HeaderFactsRequest {
  Invocation invocation;
  std::string text;   // of the made-up file
  std::string digest; // names it all as the command of a TU is named
};

/// For TUs that include `headers`, and of which `common` is the most common command.
HeaderFactsRequest headerFactsRequest(const Invocation& common, const std::vector<std::string>& headers,
                                      const AnalysisContext& context);

/// Finds or makes the header facts. The facts file goes to the cache's folder. In a process of its own: a
/// crash costs the header facts, nothing else. It is the largest of a run: `unload`, called there first,
/// gives back what it has no use for.
HeaderFacts makeHeaderFacts(const HeaderFactsRequest& request, const AnalysisContext& context,
                            FactsCache& cache, unsigned timeoutSeconds, const std::function<void()>& unload);

} // namespace fgft
