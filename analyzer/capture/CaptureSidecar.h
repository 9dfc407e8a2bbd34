// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The file beside a database that says what it is of; its reader is in Capture.h.
#pragma once

#include "capture/Capture.h"

#include <string>

namespace fgft {

/// x/compile_commands.json → x/compile_commands.capture.json.
std::string sidecarPath(const std::string& database);

/// Writes `result` to result.sidecar. Throws Error if it cannot.
void writeCaptureSidecar(const CaptureResult& result);

} // namespace fgft
