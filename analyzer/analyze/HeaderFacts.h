// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Header facts: what the functions do that shared headers define. Made once a configuration, by parsing one
// made-up file that includes every shared header which the TUs include, with all bodies.
#pragma once

#include "analyze/Frontend.h"

#include <cstddef>
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

/// Finds or makes the header facts for `tus`, which are all of a scope, whatever part of them a run
/// analyses. The facts file goes to `folder`, a facts folder with its cache index. In a process of its own: a
/// crash costs the header facts, nothing else.
HeaderFacts makeHeaderFacts(const std::vector<Invocation>& tus, const AnalysisContext& context,
                            const std::string& folder, unsigned timeoutSeconds);

} // namespace fgft
