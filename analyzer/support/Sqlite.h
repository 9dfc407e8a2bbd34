// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// SQLite with destructors: an open database, a prepared statement. Every failure is a fgft::Error that names
// the database's path and what SQLite said.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace fgft {

/// One open database file; for one thread at a time.
class Database {
public:
  enum class Mode {
    Read,  ///< must exist; nothing is written, so it works on a read-only medium
    Create ///< made if it is not there
  };

  Database(std::string path, Mode mode);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  /// Runs statements that return no rows of interest (schema, BEGIN, COMMIT, PRAGMA).
  void execute(const std::string& sql);

  const std::string& path() const { return path_; }

private:
  friend class Statement;
  [[noreturn]] void fail(const std::string& what) const;

  std::string path_;
  sqlite3* handle_ = nullptr;
};

/// One prepared statement: bind, then step() for each row; columns count from 0, parameters from 1.
class Statement {
public:
  Statement(Database& database, std::string_view sql);
  ~Statement();
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  Statement& bind(int parameter, std::string_view value);
  Statement& bind(int parameter, std::int64_t value);
  Statement& bindNull(int parameter);

  /// Binds all parameters in order.
  template <typename... Values>
  Statement& bindAll(const Values&... values) {
    int parameter = 0;
    (bind(++parameter, values), ...);
    return *this;
  }

  /// True while there is a row to read.
  bool step();

  /// For statements that return no row: steps once and makes the statement ready for the next bind.
  void run();

  void reset();

  int columns() const;
  std::string name(int column) const;

  /// The column's text, byte for byte, also where it holds NUL bytes; "" for NULL. Valid as a copy.
  std::string text(int column) const;
  /// The same, good until the next step() or another look at the column.
  std::string_view view(int column) const;
  std::int64_t integer(int column) const;
  double real(int column) const;
  bool isNull(int column) const;

private:
  Database& database_;
  sqlite3_stmt* handle_ = nullptr;
};

} // namespace fgft
