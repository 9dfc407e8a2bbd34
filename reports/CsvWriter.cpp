// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The CSV files: a header row, fields quoted as RFC 4180 says, lines that end in LF, rows sorted by the key
// that tells them apart. The columns are a contract; docs/semantics.md explains them. The large ones are
// written module by module; where a module's rows are as they were, their bytes come from the file that lies
// there.
#include "reports/Csv.h"
#include "reports/Html.h"
#include "reports/Modules.h"
#include "reports/ReportRecord.h"
#include "reports/Writers.h"
#include "support/AtomicFile.h"
#include "support/SurveyDb.h"

#include <algorithm>
#include <fcntl.h>
#include <unistd.h>
#include <unordered_map>

namespace fgft::report {

namespace {

struct CsvTable {
  const char* file;
  const char* columns; ///< as in the header row; SQL and header are one list
  const char* from;
  const char* key;    ///< rows are sorted by it
  bool large = false; ///< its key begins with the module
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
     "entry_point", "module, function, kind", true},
    {"effects.csv",
     "module, function, effect, callee_or_register, file, line, "
     "path || CASE evidence WHEN '' THEN '' ELSE ' [' || evidence || ']' END AS path",
     "effect", "module, function, effect, callee_or_register, file, line, path", true},
    {"classes.csv",
     "class, bus, drivers, full, partial, runtime_only, core, none, unknown, printf('%.2f', percent) AS "
     "percent",
     "class_summary", "class, bus"},
};

/// A table's file, whole or module by module.
class TableFile {
public:
  TableFile(Database& db, const CsvTable& table, const std::string& path)
      : file_(path), rows_(db, std::string("SELECT ") + table.columns + " FROM " + table.from +
                                   (table.large ? " WHERE module = ?" : "") + " ORDER BY " + table.key) {
    std::string header;
    for (int column = 0; column < rows_.columns(); ++column)
      header += (column ? "," : "") + rows_.name(column);
    write(header + "\n");
  }

  /// All rows that the query gives.
  void writeRows() {
    const int columns = rows_.columns();
    // Not the whole table at once: effects of a whole kernel are hundreds of megabytes.
    constexpr std::size_t piece = std::size_t(1) << 20;
    std::string text;
    while (rows_.step()) {
      for (int column = 0; column < columns; ++column) {
        appendCsvField(text, rows_.view(column));
        text += column + 1 == columns ? '\n' : ',';
      }
      if (text.size() < piece)
        continue;
      write(text);
      text.clear();
    }
    write(text);
  }

  void writeRowsOf(const std::string& module) {
    rows_.reset();
    rows_.bind(1, module);
    writeRows();
  }

  void copy(int from, std::uint64_t offset, std::uint64_t size) {
    file_.copy(from, offset, size);
    size_ += size;
  }

  std::uint64_t size() const { return size_; }
  void finish() { file_.finish(); }

private:
  void write(std::string_view text) {
    file_.write(text);
    size_ += text.size();
  }

  AtomicFile file_;
  Statement rows_;
  std::uint64_t size_ = 0; // so far
};

/// The parts of a file that lies there, and where they begin.
class EarlierFile {
public:
  EarlierFile(const std::string& path, const Parts& parts, std::uint64_t header)
      : file_(parts.empty() ? -1 : ::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
    if (file_ < 0)
      return;
    std::uint64_t offset = header;
    for (const Part& part : parts) {
      if (!part.content.empty())
        places_.emplace(part.module + " " + part.content, Place{offset, part.size});
      offset += part.size;
    }
  }
  ~EarlierFile() {
    if (file_ >= 0)
      ::close(file_);
  }
  EarlierFile(const EarlierFile&) = delete;
  EarlierFile& operator=(const EarlierFile&) = delete;

  struct Place {
    std::uint64_t offset, size;
  };
  /// Where the part is; null: not there.
  const Place* find(const Part& part) const {
    const auto found = places_.find(part.module + " " + part.content);
    return found == places_.end() ? nullptr : &found->second;
  }
  int file() const { return file_; }

private:
  int file_;
  std::unordered_map<std::string, Place> places_; // by module and content
};

/// Parts of the earlier file that lie there and here side by side are copied together.
Parts writeModules(TableFile& file, const EarlierFile& earlier, const std::vector<Module>& modules) {
  Parts parts;
  EarlierFile::Place run{0, 0};
  auto endRun = [&] {
    if (run.size > 0)
      file.copy(earlier.file(), run.offset, run.size);
    run.size = 0;
  };
  for (const Module& module : modules) {
    Part& part = parts.emplace_back(Part{fileNameFor(module.name), module.content, 0});
    if (const EarlierFile::Place* place = earlier.find(part)) {
      if (run.offset + run.size != place->offset || run.size == 0) {
        endRun();
        run.offset = place->offset;
      }
      run.size += part.size = place->size;
      continue;
    }
    endRun();
    const std::uint64_t before = file.size();
    file.writeRowsOf(module.name);
    part.size = file.size() - before;
  }
  endRun();
  return parts;
}

void writeTable(Database& db, const CsvTable& table, const std::string& outFolder, ReportRecord& record) {
  const std::string path = outFolder + "/" + table.file;
  TableFile file(db, table, path);
  Parts parts;
  if (table.large)
    parts = writeModules(file, EarlierFile(path, record.standingParts(table.file), file.size()),
                         modulesOf(db, table.from));
  else
    file.writeRows();
  file.finish();
  record.wrote(table.file, std::move(parts));
}

} // namespace

void appendCsvField(std::string& line, std::string_view field) {
  // find_first_of() would search the four for each character.
  auto needsQuotes = [](char c) { return c == ',' || c == '"' || c == '\r' || c == '\n'; };
  if (std::none_of(field.begin(), field.end(), needsQuotes)) {
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

std::vector<std::string> writeCsv(SurveyDb& db, const std::string& outFolder, ReportRecord& record) {
  std::vector<std::string> written;
  for (const CsvTable& table : tables) {
    writeTable(db.database(), table, outFolder, record);
    written.push_back(outFolder + "/" + table.file);
  }
  return written;
}

} // namespace fgft::report
