// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// One CSV table of the kernel model, read with Fast C++ CSV Parser. Lines that start with # are comments.
#pragma once

#include "support/Error.h"
#include "support/Pattern.h"

#include <array>
#include <initializer_list>
#include <libfccp/csv.h>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace fgft {

inline std::vector<std::string> words(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> list;
  for (std::string one; stream >> one;)
    list.push_back(one);
  return list;
}

// Columns that may not be empty, and words from a fixed set: each error names the row and what it should be.
inline void require(const std::string& where, const char* column, const std::string& value) {
  if (value.empty())
    throw Error("{}: column '{}' is empty", where, column);
}

template <typename T>
T oneOf(const std::string& where, const char* column, const std::string& value,
        std::initializer_list<std::pair<const char*, T>> choices) {
  std::string expected;
  for (const auto& [name, meaning] : choices) {
    if (value == name)
      return meaning;
    expected += fmt::format("{}'{}'", expected.empty() ? "" : ", ", name);
  }
  throw Error("{}: column '{}' is '{}', expected one of {}", where, column, value, expected);
}

inline Pattern pattern(const std::string& where, const char* column, const std::string& text,
                       Pattern::Part part) {
  return Pattern(fmt::format("{}: column '{}'", where, column), text, part);
}

/// Calls `row(values, where)` for each row of `path`, whose header must name exactly `columns`; `where` is
/// "path:line". Throws Error with file, line and what was expected.
template <size_t N, typename Row>
void readTable(const std::string& path, const std::array<const char*, N>& columns, Row row) {
  using Reader = io::CSVReader<N, io::trim_chars<' ', '\t'>, io::double_quote_escape<',', '"'>,
                               io::throw_on_overflow, io::single_and_empty_line_comment<'#'>>;
  try {
    Reader reader(path);
    std::array<std::string, N> values;
    [&]<size_t... I>(std::index_sequence<I...>) {
      reader.read_header(io::ignore_no_column, columns[I]...);
      while (reader.read_row(values[I]...))
        row(values, fmt::format("{}:{}", path, reader.get_file_line()));
    }(std::make_index_sequence<N>());
  } catch (const io::error::base& error) {
    throw Error("{}", error.what());
  }
}

} // namespace fgft
