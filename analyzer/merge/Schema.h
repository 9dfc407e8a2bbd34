// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The text of schema.sql, compiled in.
#pragma once

namespace fgft {

extern const char* const surveySchema;

} // namespace fgft
