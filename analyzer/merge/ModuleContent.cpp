// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Hashes of modules' rows; see ModuleContent.h. One table of tables says which columns count: the hash is
// made of them, and the triggers that empty it look at them.
#include "merge/ModuleContent.h"

#include "support/Hash.h"
#include "support/Sqlite.h"

#include <fmt/format.h>

#include <memory>
#include <string>
#include <vector>

namespace fgft {

namespace {

struct Table {
  const char* name;
  bool ofDriver;                ///< its rows name a driver, by its id; the others name the module
  std::vector<std::string> key; ///< tells the rows of one module, or driver, apart; empty: all columns do
};

/// Whatever a report shows of a module is in one of these.
const std::vector<Table>& tables() {
  static const std::vector<Table> all = {
      {"driver", false, {"file", "driver", "bus"}},
      {"finding", true, {}},
      {"restore", true, {}},
      {"restore_location", true, {}},
      {"restore_call", true, {}},
      {"entry_point", false, {"function", "kind"}},
      {"effect", false, {"function", "effect", "evidence", "callee_or_register"}},
  };
  return all;
}

/// The columns that are content: all but the ids. Asked of the database, so that a new one is not forgotten.
std::vector<std::string> contentOf(Database& database, const Table& table) {
  Statement rows(database,
                 "SELECT name FROM pragma_table_info(?) WHERE name <> 'id' AND name <> ? ORDER BY cid");
  rows.bindAll(std::string_view(table.name), std::string_view(table.ofDriver ? "driver" : ""));
  std::vector<std::string> columns;
  while (rows.step())
    columns.push_back(rows.text(0));
  return columns;
}

/// "a.x, a.y": the columns, each behind a row's name.
std::string columnsOf(const std::string& row, const std::vector<std::string>& columns) {
  std::string list;
  for (const std::string& column : columns)
    list += fmt::format("{}{}.{}", list.empty() ? "" : ", ", row, column);
  return list;
}

/// The rows of one module in an order that hangs on content alone.
std::string queryOf(Database& database, const Table& table) {
  const std::string columns = columnsOf("t", contentOf(database, table));
  const std::string key = table.key.empty() ? columns : columnsOf("t", table.key);
  if (!table.ofDriver)
    return fmt::format("SELECT {} FROM {} AS t WHERE t.module = ? ORDER BY {}", columns, table.name, key);
  return fmt::format("SELECT d.file, d.driver, d.bus, {} FROM driver AS d JOIN {} AS t ON t.driver = d.id "
                     "WHERE d.module = ? ORDER BY d.file, d.driver, d.bus, {}",
                     columns, table.name, key);
}

/// Fields with their lengths, so that no two lists of rows are the same bytes.
void addField(std::string& bytes, std::string_view field) {
  const std::uint64_t size = field.size();
  bytes.append(reinterpret_cast<const char*>(&size), sizeof size);
  bytes += field;
}

class ModuleHasher {
public:
  explicit ModuleHasher(Database& database) {
    for (const Table& table : tables())
      queries_.push_back(std::make_unique<Statement>(database, queryOf(database, table)));
  }

  std::string operator()(std::string_view module) {
    bytes_.clear();
    for (const auto& query : queries_) {
      query->reset();
      query->bind(1, module);
      std::uint64_t rows = 0;
      const int columns = query->columns();
      for (; query->step(); ++rows)
        for (int column = 0; column < columns; ++column)
          addField(bytes_, query->view(column));
      bytes_.append(reinterpret_cast<const char*>(&rows), sizeof rows);
    }
    const Fingerprint hash = fingerprintOf(bytes_);
    return fmt::format("{:016x}{:016x}", hash.high, hash.low);
  }

private:
  std::vector<std::unique_ptr<Statement>> queries_;
  std::string bytes_; // a module's rows; kept for the next, as the largest has tens of megabytes
};

/// Whoever changes a row leaves the hash of its module empty, before and after where these are two.
void addTrigger(Database& database, const Table& table, const std::string& event) {
  std::string owners;
  for (const std::string row : {"old", "new"})
    if (event == "UPDATE" || row == (event == "INSERT" ? "new" : "old"))
      owners += (owners.empty() ? "" : ", ") +
                (table.ofDriver ? fmt::format("(SELECT module FROM driver WHERE id = {}.driver)", row)
                                : row + ".module");
  std::string changed;
  if (event == "UPDATE") {
    std::vector<std::string> columns = contentOf(database, table);
    // Ids are no content, but rows hang on them.
    if (table.ofDriver)
      columns.push_back("driver");
    else if (table.name == std::string_view("driver"))
      columns.push_back("id");
    changed = fmt::format("WHEN ({}) IS NOT ({}) ", columnsOf("old", columns), columnsOf("new", columns));
  }
  database.execute(fmt::format("CREATE TRIGGER IF NOT EXISTS content_{0}_{1} AFTER {1} ON {0} {2}BEGIN "
                               "UPDATE module SET content = '' WHERE name IN ({3}) AND content <> ''; END",
                               table.name, event, changed, owners));
}

} // namespace

void fillModuleContent(Database& database) {
  Statement unknown(database, "SELECT id, name FROM module WHERE content = '' ORDER BY name");
  std::vector<std::pair<std::int64_t, std::string>> modules;
  while (unknown.step())
    modules.emplace_back(unknown.integer(0), unknown.text(1));
  ModuleHasher hashOfModule(database);
  Statement set(database, "UPDATE module SET content = ? WHERE id = ?");
  for (const auto& [id, name] : modules)
    set.bindAll(std::string_view(hashOfModule(name)), id).run();
  // Not before: each row of the merge would ask them.
  for (const Table& table : tables())
    for (const char* event : {"INSERT", "UPDATE", "DELETE"})
      addTrigger(database, table, event);
}

} // namespace fgft
