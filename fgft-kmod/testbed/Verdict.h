// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a guest's console and output say about a scenario.
#pragma once

#include "Guest.h"
#include "Scenario.h"

#include <nlohmann/json.hpp>

#include <string>

namespace fgft {

/// The result of one scenario: outcome (pass, fail, crash, hang, error, skip), the reason, every check, the
/// records that the guest made, times in seconds, the kernel's taint, where console and output were kept.
nlohmann::ordered_json judge(const Scenario& scenario, const GuestRun& run);

/// The result of a scenario that was not run.
nlohmann::ordered_json skipped(const Scenario& scenario, const std::string& reason);

} // namespace fgft
