// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The CSV files: a header row, fields quoted as RFC 4180 says, lines that end in LF, rows sorted by the key
// that tells them apart. The columns are a contract; docs/semantics.md explains them.
#include "reports/Csv.h"
#include "reports/Writers.h"
#include "support/AtomicFile.h"
#include "support/SurveyDb.h"

namespace fgft::report {

namespace {

struct CsvTable {
  const char* file;
  const char* columns; ///< as in the header row; SQL and header are one list
  const char* from;
  const char* key; ///< rows are sorted by it
};

constexpr CsvTable tables[] = {
    {"drivers.csv",
     "class, class_dir, bus, module, driver, name, file, line, configs, registration, pm, pm_phases, pm_how, "
     "pm_style, "
     "suspend_fn, resume_fn, entry_points, candidates, reason",
     "driver", "module, file, driver, bus"},
    {"entry_points.csv",
     "class, module, driver, function, kind, ops, file, line, effects, reversibility, checkpoint, sleeps, "
     "atomic, "
     "score, rank, reason",
     "entry_point", "module, function, kind"},
    {"effects.csv",
     "module, function, effect, callee_or_register, file, line, "
     "path || CASE evidence WHEN '' THEN '' ELSE ' [' || evidence || ']' END AS path",
     "effect", "module, function, effect, callee_or_register, file, line, path"},
    {"classes.csv",
     "class, bus, drivers, full, partial, runtime_only, core, none, unknown, printf('%.2f', percent) AS "
     "percent",
     "class_summary", "class, bus"},
};

void writeTable(Database& db, const CsvTable& table, const std::string& path) {
  // Not the whole table at once: effects of a whole kernel are hundreds of megabytes.
  constexpr std::size_t piece = std::size_t(1) << 20;
  Statement rows(db,
                 std::string("SELECT ") + table.columns + " FROM " + table.from + " ORDER BY " + table.key);
  const int columns = rows.columns();
  AtomicFile file(path);
  std::string text;
  auto endField = [&](int column) { text += column + 1 == columns ? '\n' : ','; };
  for (int column = 0; column < columns; ++column) {
    text += rows.name(column);
    endField(column);
  }
  while (rows.step()) {
    for (int column = 0; column < columns; ++column) {
      appendCsvField(text, rows.view(column));
      endField(column);
    }
    if (text.size() < piece)
      continue;
    file.write(text);
    text.clear();
  }
  file.write(text);
  file.finish();
}

} // namespace

void appendCsvField(std::string& line, std::string_view field) {
  if (field.find_first_of(",\"\r\n") == std::string_view::npos) {
    line += field;
    return;
  }
  line += '"';
  for (const char c : field) {
    if (c == '"')
      line += '"';
    line += c;
  }
  line += '"';
}

std::vector<std::string> writeCsv(SurveyDb& db, const std::string& outFolder) {
  std::vector<std::string> written;
  for (const CsvTable& table : tables) {
    written.push_back(outFolder + "/" + table.file);
    writeTable(db.database(), table, written.back());
  }
  return written;
}

} // namespace fgft::report
