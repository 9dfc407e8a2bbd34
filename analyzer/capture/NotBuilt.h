// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The C files of a scope that a configuration leaves out: a survey names them, so that nobody takes them for
// drivers that were looked at.
#pragma once

#include "capture/Capture.h"

#include <set>
#include <string>
#include <vector>

namespace fgft {

/// All C files of the scope that are neither in `built` nor in `host` (sets of paths relative to the source),
/// with the file that includes them where a built one does, and those of `host` as what they are. Ordered by
/// path.
std::vector<NotBuilt> findNotBuilt(const std::string& source, const std::vector<std::string>& scope,
                                   const std::set<std::string>& built, const std::set<std::string>& host,
                                   unsigned jobs);

} // namespace fgft
