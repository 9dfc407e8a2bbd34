// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// CSV for the isolator. Lines are read and unquoted by Fast C++ CSV Parser's line reader and by hand: the
// number of columns is only known from the header, which the library's typed reader fixes at compile time.

#include "Csv.h"

#include <libfccp/csv.h>
#include <stdexcept>

namespace fgft::isolator {

const std::string& CsvRow::operator[](const std::string& column) const {
  static const std::string empty;
  auto found = fields.find(column);
  return found == fields.end() ? empty : found->second;
}

namespace {

std::vector<std::string> splitLine(const char* line, const std::string& place) {
  std::vector<std::string> fields(1);
  bool quoted = false;
  for (const char* c = line; *c; ++c) {
    if (quoted) {
      if (*c != '"')
        fields.back() += *c;
      else if (c[1] == '"')
        fields.back() += *++c;
      else
        quoted = false;
    } else if (*c == '"') {
      quoted = true;
    } else if (*c == ',') {
      fields.emplace_back();
    } else {
      fields.back() += *c;
    }
  }
  if (quoted)
    throw std::runtime_error(place + ": column " + std::to_string(fields.size()) +
                             ": quote that is never closed");
  return fields;
}

} // namespace

std::vector<CsvRow> readCsv(const std::string& path, const std::vector<std::string>& requiredColumns) {
  std::vector<CsvRow> rows;
  std::vector<std::string> header;
  try {
    io::LineReader reader(path);
    while (char* line = reader.next_line()) {
      if (!*line || *line == '#')
        continue;
      std::string place = path + ":" + std::to_string(reader.get_file_line());
      auto fields = splitLine(line, place);
      if (header.empty()) {
        header = fields;
        for (const auto& column : requiredColumns)
          if (std::find(header.begin(), header.end(), column) == header.end())
            throw std::runtime_error(place + ": no column \"" + column + "\"");
        continue;
      }
      if (fields.size() != header.size())
        throw std::runtime_error(place + ": " + std::to_string(fields.size()) + " fields, expected " +
                                 std::to_string(header.size()));
      CsvRow row{place, {}};
      for (size_t i = 0; i < fields.size(); ++i)
        row.fields[header[i]] = fields[i];
      rows.push_back(std::move(row));
    }
  } catch (const io::error::base& error) {
    throw std::runtime_error(path + ": " + error.what());
  }
  return rows;
}

} // namespace fgft::isolator
