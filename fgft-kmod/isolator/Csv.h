// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Reads a CSV file with a header row into rows of named fields. A bad row is an error that names file, line
// and column.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace fgft::isolator {

struct CsvRow {
  std::string place; ///< file:line, for messages
  std::map<std::string, std::string> fields;

  /// The field, or the empty string for a column that the file doesn't have.
  [[nodiscard]] const std::string& operator[](const std::string& column) const;
};

/// Rows of a CSV file (RFC 4180; blank lines and lines that start with # are skipped). Throws
/// std::runtime_error with "file:line: …" for an unreadable file, a missing required column, or a row whose
/// number of fields is not the header's.
std::vector<CsvRow> readCsv(const std::string& path, const std::vector<std::string>& requiredColumns);

} // namespace fgft::isolator
