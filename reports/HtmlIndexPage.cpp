// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The first page: what was surveyed, the totals, and the classes and buses.
#include "reports/Html.h"
#include "reports/HtmlPages.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace fgft::report {

namespace {

std::string fact(const std::string& name, const std::string& html) {
  return fmt::format("<div><dt>{}</dt><dd>{}</dd></div>", name, html);
}

std::string configurations(const Survey& survey) {
  std::string html;
  for (const Config& config : survey.configs)
    html += fmt::format("<div><b>{}</b> ({}, {}) <span class=\"soft\">.config {}</span></div>",
                        htmlText(config.name), htmlText(config.arch), htmlText(config.kernelRelease),
                        htmlText(config.configHash.substr(0, 12)));
  return html.empty() ? "not recorded" : html;
}

std::string unitsAnalysed(const Survey& survey) {
  const auto failed = static_cast<std::int64_t>(survey.failedUnits.size());
  std::string html = fmt::format("{} of {}", htmlCount(survey.units - failed), htmlCount(survey.units));
  if (failed > 0)
    html += fmt::format("; <a href=\"failed.html\">{} not analysed</a> ({:.2f} %)", htmlCount(failed),
                        100.0 * static_cast<double>(failed) / static_cast<double>(survey.units));
  return html;
}

std::string notBuilt(const Survey& survey) {
  if (survey.notBuilt.empty())
    return survey.listsNotBuilt() ? "0" : "not recorded: the compile database is not of fgft capture";
  std::string html = fmt::format("<a href=\"not-built.html\">{}</a>",
                                 htmlCount(static_cast<std::int64_t>(survey.notBuilt.size())));
  for (const Config& config : survey.configs)
    html += fmt::format("<span class=\"soft\">, {} by {}</span>", htmlCount(config.notBuilt),
                        htmlText(config.name));
  return html;
}

/// Paths, folded where they are many.
std::string scope(const std::string& paths) {
  const std::string code = "<code>" + htmlText(paths) + "</code>";
  const auto count = std::count(paths.begin(), paths.end(), ' ') + 1;
  return count <= 8 ? code : fmt::format("<details><summary>{} paths</summary>{}</details>", count, code);
}

std::string facts(const Survey& survey, const Totals& all, std::size_t classes, std::size_t buses) {
  std::string html = "<dl class=\"facts\">\n";
  html += fact("Kernel", htmlText(survey.metaOr("kernel_version")));
  html += fact("Configurations", configurations(survey));
  html += fact("Scope", scope(survey.metaOr("scope")));
  if (survey.isOnlyPm())
    html += fact("Extent", "PM coverage alone (<code>--only pm</code>): entry points and their effects were "
                           "not looked at");
  html += fact("Tool", "fgft " + htmlText(survey.metaOr("tool_version")));
  html += fact("Drivers",
               fmt::format("{} in {} classes on {} buses", htmlCount(all.drivers.drivers), classes, buses));
  html += fact("Translation units", unitsAnalysed(survey));
  html += fact("C files not built", notBuilt(survey));
  html += fact("Findings", fmt::format("<a href=\"findings.html\">{}</a>", htmlCount(survey.findings)));
  return html + "</dl>\n";
}

std::string classLink(const std::string& name) {
  return fmt::format("<a href=\"{}\">{}</a>", classPageFile(name), htmlText(name));
}

} // namespace

std::string summaryCells(const PmCounts& counts) {
  std::string cells = fmt::format("<td class=\"number\">{}</td>", counts.drivers);
  for (const std::int64_t count :
       {counts.full, counts.core, counts.partial, counts.runtimeOnly, counts.none, counts.unknown})
    cells += fmt::format("<td class=\"number{}\">{}</td>", count == 0 ? " zero" : "", count);
  return cells + fmt::format("<td class=\"number\">{}</td><td>{}</td>", counts.percent(1), htmlBar(counts));
}

std::string headline(const Totals& totals, const std::string& claim) {
  std::string apart;
  if (totals.modules > 0)
    apart = fmt::format("<p class=\"soft\">Not counted: {} that register{} with no bus (rows with bus "
                        "<code>none</code>).</p>",
                        totals.modules == 1 ? "1 module" : htmlCount(totals.modules) + " modules",
                        totals.modules == 1 ? "s" : "");
  return fmt::format(
      "<section class=\"headline\"><p><strong>{} %</strong> of {} drivers {}</p>{}{}{}</section>\n",
      totals.drivers.percent(1), htmlCount(totals.drivers.drivers), claim, htmlBar(totals.drivers),
      htmlLegend(), apart);
}

std::string summaryTable(const std::string& id, const std::vector<std::string>& names,
                         const std::string& rows) {
  std::string head;
  for (const std::string& name : names)
    head += fmt::format("<th scope=\"col\">{}</th>", name);
  return fmt::format(
      "<div class=\"wide\"><table id=\"{}\" class=\"summary sortable\"><thead><tr>{}"
      "<th scope=\"col\" class=\"number\">drivers</th><th scope=\"col\" class=\"number\">full</th>"
      "<th scope=\"col\" class=\"number\">core</th><th scope=\"col\" class=\"number\">partial</th>"
      "<th scope=\"col\" class=\"number\">runtime-only</th><th scope=\"col\" class=\"number\">none</th>"
      "<th scope=\"col\" class=\"number\">unknown</th><th scope=\"col\" class=\"number\">%</th>"
      "<th scope=\"col\" class=\"share\" "
      "data-nosort>share</th></tr></thead>\n<tbody>\n{}</tbody></table></div>\n",
      id, head, rows);
}

std::string indexPage(const Survey& survey, const std::map<std::string, ClassDrivers>& classes,
                      const std::string& csvFolder) {
  Totals all;
  std::map<std::string, PmCounts> buses;
  std::map<std::pair<std::string, std::string>, PmCounts> pairs;
  std::string classRows, busRows, pairRows;
  for (const auto& [name, drivers] : classes) {
    Totals ofClass;
    for (const Driver* driver : drivers) {
      all.add(*driver);
      ofClass.add(*driver);
      buses[driver->bus].add(driver->pm);
      pairs[{name, driver->bus}].add(driver->pm);
    }
    classRows += fmt::format("<tr><td>{}</td>{}</tr>\n", classLink(name), summaryCells(ofClass.drivers));
  }
  for (const auto& [bus, counts] : buses)
    busRows += fmt::format("<tr><td>{}</td>{}</tr>\n", htmlText(bus), summaryCells(counts));
  for (const auto& [pair, counts] : pairs)
    pairRows += fmt::format("<tr><td>{}</td><td>{}</td>{}</tr>\n", classLink(pair.first),
                            htmlText(pair.second), summaryCells(counts));

  HtmlPage page{.title = "Driver survey of Linux " + survey.metaOr("kernel_version"),
                .root = "",
                .current = "index.html",
                .body = {}};
  const std::string claim =
      fmt::format("have the suspend and resume code that a device checkpoint needs, in the "
                  "driver ({}) or in a core ({}).",
                  htmlCount(all.drivers.full), htmlCount(all.drivers.core));
  page.body =
      fmt::format("<h1>{}</h1>\n{}<h2>What was surveyed</h2>\n{}<h2>Classes</h2>\n{}<h2>Buses</h2>\n{}"
                  "<h2>Classes on each bus</h2>\n{}",
                  htmlText(page.title), headline(all, claim),
                  facts(survey, all, classes.size(), buses.size() - buses.count("none")),
                  summaryTable("classes", {"class"}, classRows), summaryTable("buses", {"bus"}, busRows),
                  summaryTable("pairs", {"class", "bus"}, pairRows));
  page.body += "<p class=\"soft\">% is 100 · (full + core) / drivers. A driver is one registration with a "
               "bus. Modules "
               "that register with none are left out of the classes' table; the other two show them on bus "
               "<code>none</code>.";
  if (!csvFolder.empty())
    page.body += fmt::format(" The same as tables: <a href=\"{0}classes.csv\">classes.csv</a>, "
                             "<a href=\"{0}drivers.csv\">drivers.csv</a>.",
                             csvFolder);
  page.body += "</p>\n";
  return htmlDocument(page, survey);
}

} // namespace fgft::report
