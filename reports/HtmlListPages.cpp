// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The lists beside the classes: findings by kind, translation units without facts, files that were not built.
#include "reports/FindingKinds.h"
#include "reports/Html.h"
#include "reports/HtmlPages.h"

#include <fmt/format.h>

namespace fgft::report {

namespace {

std::string table(const std::string& id, const std::vector<std::string>& heads, const std::string& rows,
                  const char* classes = "list sortable filterable") {
  std::string head;
  for (const std::string& name : heads)
    head += fmt::format("<th scope=\"col\">{}</th>", name);
  return fmt::format(
      "<div class=\"wide\"><table id=\"{}\" class=\"{}\"><thead><tr>{}</tr></thead>\n<tbody>\n{}"
      "</tbody></table></div>\n",
      id, classes, head, rows);
}

struct FindingRows {
  std::string rows;
  std::int64_t count = 0;
};

} // namespace

std::string findingsPage(const Survey& survey, const std::map<std::string, ClassDrivers>& classes) {
  std::map<std::string, FindingRows> kinds;
  for (const auto& [className, drivers] : classes)
    for (std::size_t n = 0; n < drivers.size(); ++n)
      for (const Finding& finding : drivers[n]->findings) {
        FindingRows& kind = kinds[finding.kind];
        ++kind.count;
        kind.rows += fmt::format(
            "<tr><td><a href=\"{}#{}\">{}</a></td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>\n",
            classPageFile(className), driverAnchor(n),
            htmlText(drivers[n]->driver.empty() ? drivers[n]->module : drivers[n]->driver),
            htmlText(className), htmlText(drivers[n]->bus), htmlPlace(finding.file, finding.line),
            htmlText(finding.message));
      }
  HtmlPage page{.title = "Findings", .root = "", .current = "findings.html", .body = {}};
  page.body = "<h1>Findings</h1>\n<p>What a maintainer should look at.</p>\n";
  if (kinds.empty())
    page.body += "<p>None.</p>\n";
  for (const auto& [kind, found] : kinds)
    page.body +=
        fmt::format(
            "<h2 id=\"{0}\">{1} <span class=\"count\">{2}</span></h2>\n<p><code>{0}</code>: {3}</p>\n",
            htmlText(kind), htmlText(findingKind(kind).title), htmlCount(found.count),
            htmlText(findingKind(kind).meaning)) +
        table("t-" + fileNameFor(kind), {"driver", "class", "bus", "where", "what"}, found.rows);
  return htmlDocument(page, survey);
}

std::string failedPage(const Survey& survey) {
  std::map<std::string, std::int64_t> statuses;
  std::string rows;
  for (const FailedUnit& unit : survey.failedUnits) {
    ++statuses[unit.status];
    rows += fmt::format("<tr><td>{}</td><td>{}</td><td>{}</td><td>{}{}</td></tr>\n", htmlPlace(unit.file, 0),
                        htmlText(unit.config), htmlText(unit.status), htmlText(unit.message),
                        unit.command.empty() ? ""
                                             : "<details><summary>command</summary><pre>" +
                                                   htmlText(unit.command) + "</pre></details>");
  }
  HtmlPage page{.title = "Translation units not analysed", .root = "", .current = "failed.html", .body = {}};
  page.body =
      fmt::format("<h1>Translation units not analysed</h1>\n<p>{} of {}. Their drivers are missing from the "
                  "tables, or <code>unknown</code>.",
                  htmlCount(static_cast<std::int64_t>(survey.failedUnits.size())), htmlCount(survey.units));
  for (const auto& [status, count] : statuses)
    page.body += fmt::format(" <span class=\"chip\">{} {}</span>", htmlText(status), htmlCount(count));
  page.body += "</p>\n";
  if (!rows.empty())
    page.body += table("failed", {"file", "configuration", "status", "message"}, rows);
  return htmlDocument(page, survey);
}

std::string notBuiltPage(const Survey& survey) {
  std::string everywhere;
  for (const Config& config : survey.configs)
    everywhere += (everywhere.empty() ? "" : " ") + config.name;
  std::int64_t nowhereBuilt = 0;
  std::string rows;
  for (const auto& [file, configs] : survey.notBuilt) {
    nowhereBuilt += configs == everywhere;
    rows += fmt::format("<tr><td>{}</td><td>{}</td></tr>\n", htmlPlace(file, 0), htmlText(configs));
  }
  HtmlPage page{.title = "C files not built", .root = "", .current = "not-built.html", .body = {}};
  page.body =
      fmt::format("<h1>C files not built</h1>\n<p>{} C files of the scope are not compiled by every surveyed "
                  "configuration, {} of them by none. What is in the latter was not surveyed.</p>\n",
                  htmlCount(static_cast<std::int64_t>(survey.notBuilt.size())), htmlCount(nowhereBuilt));
  if (!survey.listsNotBuilt())
    page.body =
        "<h1>C files not built</h1>\n<p>Not recorded: the compile database is not of fgft capture.</p>\n";
  if (!rows.empty())
    page.body += table("not-built", {"file", "not built by"}, rows);
  return htmlDocument(page, survey);
}

} // namespace fgft::report
