// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// One field of a CSV file, as RFC 4180 wants it.
#pragma once

#include <string>
#include <string_view>

namespace fgft::report {

/// Appends the field, in quotes where it holds a comma, a quote or a line break; inner quotes are doubled.
void appendCsvField(std::string& line, std::string_view field);

} // namespace fgft::report
