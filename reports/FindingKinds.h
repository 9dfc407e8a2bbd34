// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the kinds of findings mean, in words for the reader of a report.
#pragma once

#include <string>

namespace fgft::report {

struct FindingKind {
  std::string title;   ///< a line
  std::string meaning; ///< a sentence or two: what it is and why it matters
};

/// Of an unknown kind (a newer database), the kind's own words.
FindingKind findingKind(const std::string& kind);

} // namespace fgft::report
