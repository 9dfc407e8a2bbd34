// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// SQLite with destructors; see Sqlite.h.
#include "support/Sqlite.h"

#include "support/Error.h"

#include <sqlite3.h>
#include <utility>

namespace fgft {

namespace {

// Counts that nobody asks for, under a lock that all threads share. Before the first database is opened.
const int withoutCounts = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);

} // namespace

Database::Database(std::string path, Mode mode) : path_(std::move(path)) {
  const int flags = SQLITE_OPEN_NOMUTEX |
                    (mode == Mode::Read ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
  if (sqlite3_open_v2(path_.c_str(), &handle_, flags, nullptr) != SQLITE_OK) {
    // The handle exists even then (it carries the message) and the destructor of a half-made object never
    // runs.
    const std::string message = handle_ ? sqlite3_errmsg(handle_) : "out of memory";
    sqlite3_close(handle_);
    throw Error("{}: cannot open the database: {}", path_, message);
  }
  sqlite3_extended_result_codes(handle_, 1);
}

Database::~Database() {
  sqlite3_close_v2(handle_);
}

void Database::fail(const std::string& what) const {
  throw Error("{}: {}: {}", path_, what, sqlite3_errmsg(handle_));
}

void Database::execute(const std::string& sql) {
  if (sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK)
    fail("cannot run '" + sql.substr(0, 60) + "'");
}

Statement::Statement(Database& database, std::string_view sql) : database_(database) {
  if (sqlite3_prepare_v2(database.handle_, sql.data(), static_cast<int>(sql.size()), &handle_, nullptr) !=
      SQLITE_OK)
    database.fail("cannot prepare '" + std::string(sql.substr(0, 60)) + "'");
}

Statement::~Statement() {
  sqlite3_finalize(handle_);
}

Statement& Statement::bind(int parameter, std::string_view value) {
  // An empty view may have a null pointer, which SQLite would take for NULL.
  const char* data = value.data() ? value.data() : "";
  if (sqlite3_bind_text64(handle_, parameter, data, value.size(), SQLITE_TRANSIENT, SQLITE_UTF8) != SQLITE_OK)
    database_.fail("cannot bind parameter " + std::to_string(parameter));
  return *this;
}

Statement& Statement::bind(int parameter, std::int64_t value) {
  if (sqlite3_bind_int64(handle_, parameter, value) != SQLITE_OK)
    database_.fail("cannot bind parameter " + std::to_string(parameter));
  return *this;
}

Statement& Statement::bindNull(int parameter) {
  if (sqlite3_bind_null(handle_, parameter) != SQLITE_OK)
    database_.fail("cannot bind parameter " + std::to_string(parameter));
  return *this;
}

bool Statement::step() {
  switch (sqlite3_step(handle_)) {
  case SQLITE_ROW:
    return true;
  case SQLITE_DONE:
    return false;
  default:
    database_.fail("reading or writing failed");
  }
}

void Statement::run() {
  while (step()) {
  }
  reset();
}

void Statement::reset() {
  sqlite3_reset(handle_);
  sqlite3_clear_bindings(handle_);
}

int Statement::columns() const {
  return sqlite3_column_count(handle_);
}

std::string Statement::name(int column) const {
  return sqlite3_column_name(handle_, column);
}

std::string Statement::text(int column) const {
  return std::string(view(column));
}

std::string_view Statement::view(int column) const {
  const auto* data = reinterpret_cast<const char*>(sqlite3_column_text(handle_, column));
  return data ? std::string_view(data, static_cast<size_t>(sqlite3_column_bytes(handle_, column)))
              : std::string_view();
}

std::int64_t Statement::integer(int column) const {
  return sqlite3_column_int64(handle_, column);
}

double Statement::real(int column) const {
  return sqlite3_column_double(handle_, column);
}

bool Statement::isNull(int column) const {
  return sqlite3_column_type(handle_, column) == SQLITE_NULL;
}

} // namespace fgft
