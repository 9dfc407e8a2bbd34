// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The pages' style sheet and script, as text.
#pragma once

namespace fgft::report {
extern const char* const reportStyleSheet;
extern const char* const reportScript;
} // namespace fgft::report
