// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A page for each module with entry points: every one with its words, what decides them, and for each effect
// the shortest path to the statement. Written one after the other from the database: all together they would
// not fit in memory. A page shows nothing that does not follow from its module's rows, but for the frame: so
// it need not be written again while these are the same.
#include "reports/Html.h"
#include "reports/HtmlPages.h"
#include "reports/Modules.h"
#include "reports/ReportRecord.h"
#include "support/AtomicFile.h"
#include "support/Hash.h"
#include "support/SurveyDb.h"

#include <fmt/format.h>

#include <filesystem>
#include <map>
#include <optional>
#include <sstream>

namespace fgft::report {

namespace {

struct EntryPoint {
  std::string function, kind, ops, file, effects, reversibility, checkpoint, sleeps, atomic, reason,
      candidate, obstacles;
  std::int64_t line = 0;
};

std::string code(const std::string& raw) {
  return "<code>" + htmlText(raw) + "</code>";
}

/// A module's effect rows, by function.
std::map<std::string, std::string> effectRows(Statement& rows, const std::string& module) {
  std::map<std::string, std::string> byFunction;
  rows.reset();
  rows.bind(1, module);
  while (rows.step()) {
    const std::string evidence = rows.text(6);
    byFunction[rows.text(0)] += fmt::format(
        "<tr><td>{}</td><td>{}</td><td>{}</td><td>{}{}</td><td>{}</td></tr>\n", htmlText(rows.text(1)),
        code(rows.text(2)), htmlPlace(rows.text(3), rows.integer(4)), code(rows.text(5)),
        rows.text(7).empty() ? "" : "<div class=\"soft\">" + htmlText(rows.text(7)) + "</div>",
        evidence.empty() ? "not known" : htmlText(evidence));
  }
  return byFunction;
}

std::string obstacleList(const std::string& lines) {
  std::istringstream stream(lines);
  std::string html;
  for (std::string line; std::getline(stream, line);) {
    const std::size_t tab = line.find('\t');
    html += fmt::format("<li>{}", htmlText(line.substr(0, tab)));
    if (tab != std::string::npos)
      html += fmt::format("<div class=\"soft\">would need: {}</div>", htmlText(line.substr(tab + 1)));
    html += "</li>";
  }
  return html.empty() ? "" : "<ul>" + html + "</ul>";
}

std::string entryRow(const EntryPoint& entry, const std::string& effects) {
  return fmt::format(
      "<tr id=\"{0}\"><td><b>{0}</b><div>{1}</div><div class=\"soft\">{2}</div></td><td>{3}</td>"
      "<td>{4}<div class=\"soft\">{5}</div></td><td>{6}</td><td>{7}{8}</td><td>{9}"
      "<details><summary>effects with paths</summary><table "
      "class=\"list\"><thead><tr><th>effect</th><th>by</th>"
      "<th>where</th><th>path</th><th>evidence</th></tr></thead><tbody>{10}</tbody></table></details></td></"
      "tr>\n",
      htmlText(entry.function), htmlPlace(entry.file, entry.line), htmlText(entry.ops), htmlText(entry.kind),
      htmlText(entry.reversibility), htmlText(entry.effects), htmlText(entry.checkpoint),
      htmlText(entry.candidate), obstacleList(entry.obstacles), htmlText(entry.reason), effects);
}

/// What the drivers' suspend and resume give a checkpoint, by module.
std::map<std::string, std::string> restoreLists(Database& db) {
  std::map<std::string, std::string> byModule;
  Statement rows(db, "SELECT d.module, d.driver, l.line FROM restore_line AS l JOIN driver AS d ON d.id = "
                     "l.driver ORDER BY d.module, d.driver, d.file, d.bus, l.part, l.line");
  while (rows.step())
    byModule[rows.text(0)] += fmt::format("<li>{}: {}</li>\n", code(rows.text(1)), htmlText(rows.text(2)));
  return byModule;
}

/// The same for all these pages.
HtmlPage frame() {
  HtmlPage page;
  page.root = "../";
  page.counts = false; // those of the whole survey would change every page
  return page;
}

std::string modulePage(const Survey& survey, const std::string& module,
                       const std::vector<EntryPoint>& entries,
                       const std::map<std::string, std::string>& effects, const std::string& restore) {
  std::int64_t candidates = 0;
  std::string rows;
  for (const EntryPoint& entry : entries) {
    candidates += entry.candidate == "yes";
    auto found = effects.find(entry.function);
    rows += entryRow(entry, found == effects.end() ? "" : found->second);
  }
  HtmlPage page = frame();
  page.title = "Entry points of " + module;
  page.body = fmt::format(
      "<h1>Entry points of <em>{}</em></h1>\n<p>{} of {} can run as a transaction with a device "
      "checkpoint.</p>\n{}"
      "<table id=\"entry-points\" class=\"list sortable filterable\"><thead><tr><th scope=\"col\">entry "
      "point</th>"
      "<th scope=\"col\">kind</th><th scope=\"col\">reversibility</th><th scope=\"col\">checkpoint</th>"
      "<th scope=\"col\">candidate</th><th "
      "scope=\"col\">why</th></tr></thead>\n<tbody>\n{}</tbody></table>\n",
      htmlText(module), htmlCount(candidates), htmlCount(static_cast<std::int64_t>(entries.size())),
      restore.empty()
          ? ""
          : "<details id=\"restore\"><summary>what suspend and resume give a checkpoint</summary><ul>" +
                restore + "</ul></details>\n",
      rows);
  return htmlDocument(page, survey);
}

/// Writes pages from the database, one a module.
class ModulePages {
public:
  ModulePages(Database& db, const Survey& survey)
      : db_(db), survey_(survey),
        rows_(db, "SELECT function, kind, ops, file, effects, reversibility, checkpoint, sleeps, atomic, "
                  "reason, candidate, obstacles, line FROM entry_point WHERE module = ? "
                  "ORDER BY file, line, function, kind"),
        effects_(db, "SELECT function, effect, callee_or_register, file, line, path, evidence, why FROM "
                     "effect WHERE module = ? ORDER BY function, effect, evidence, callee_or_register") {}

  std::string page(const std::string& module) {
    if (!restores_)
      restores_ = restoreLists(db_);
    const auto restore = restores_->find(module);
    return modulePage(survey_, module, entriesOf(module), effectRows(effects_, module),
                      restore == restores_->end() ? "" : restore->second);
  }

private:
  std::vector<EntryPoint> entriesOf(const std::string& module) {
    std::vector<EntryPoint> entries;
    rows_.reset();
    rows_.bind(1, module);
    while (rows_.step()) {
      EntryPoint& entry = entries.emplace_back();
      int column = 0;
      for (std::string* field : {&entry.function, &entry.kind, &entry.ops, &entry.file, &entry.effects,
                                 &entry.reversibility, &entry.checkpoint, &entry.sleeps, &entry.atomic,
                                 &entry.reason, &entry.candidate, &entry.obstacles})
        *field = rows_.view(column++);
      entry.line = rows_.integer(column);
    }
    return entries;
  }

  Database& db_;
  const Survey& survey_;
  Statement rows_, effects_;
  std::optional<std::map<std::string, std::string>> restores_; // read for the first page
};

} // namespace

std::string modulePageFile(const std::string& module) {
  return "module/" + fileNameFor(module) + ".html";
}

std::set<std::string> writeModulePages(SurveyDb& db, const Survey& survey, const std::string& folder,
                                       ReportRecord& record) {
  std::set<std::string> names;
  ModulePages pages(db.database(), survey);
  const std::string frameContent = hashOf(htmlDocument(frame(), survey)).substr(0, 16);
  for (const Module& module : modulesOf(db.database(), "entry_point")) {
    const std::filesystem::path file = modulePageFile(module.name);
    names.insert(file.filename());
    const std::string recorded = "html/" + file.string();
    const std::string content = module.content.empty() ? "" : frameContent + module.content;
    const Parts& earlier = record.standingParts(recorded);
    if (!content.empty() && earlier.size() == 1 && earlier.front().content == content) {
      record.keep(recorded);
      continue;
    }
    const std::string page = pages.page(module.name);
    writeFileAtomically(std::filesystem::path(folder) / file, page);
    record.wrote(recorded, {{fileNameFor(module.name), content, page.size()}});
  }
  return names;
}

} // namespace fgft::report
