// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A class's page: its buses, and every driver with place, PM word, how, phases, functions, reason and
// findings.
#include "reports/Html.h"
#include "reports/HtmlPages.h"

#include <fmt/format.h>

namespace fgft::report {

namespace {

/// A second line in a cell; nothing for an empty value.
std::string below(const std::string& label, const std::string& raw, bool code = false) {
  if (raw.empty())
    return {};
  const std::string text = code ? "<code>" + htmlText(raw) + "</code>" : htmlText(raw);
  return fmt::format("<div class=\"soft\">{}{}</div>", label, text);
}

std::string driverCell(const Driver& driver) {
  std::string cell = "<b>" + htmlText(driver.driver.empty() ? driver.module : driver.driver) + "</b>";
  if (!driver.name.empty())
    cell += " <q>" + htmlText(driver.name) + "</q>";
  cell += "<div>" + htmlPlace(driver.file, driver.line) + "</div>";
  cell += below("module ", driver.module);
  cell += below("registered by ", driver.registration, true);
  if (driver.classDir != driver.className)
    cell += below("directory's class ", driver.classDir);
  cell += below("in ", driver.configs);
  return cell;
}

std::string functionsCell(const Driver& driver) {
  std::string cell;
  auto line = [&](const char* what, const std::string& functions) {
    if (!functions.empty())
      cell +=
          fmt::format("<div><span class=\"soft\">{}</span> <code>{}</code></div>", what, htmlText(functions));
  };
  line("suspend", driver.suspendFn);
  line("resume", driver.resumeFn);
  return cell;
}

std::string reasonCell(const Driver& driver) {
  std::string cell = htmlText(driver.reason);
  for (const Finding& finding : driver.findings)
    cell += fmt::format("<div class=\"finding\"><b>{}</b> {} {}</div>", htmlText(finding.kind),
                        htmlText(finding.message), htmlPlace(finding.file, finding.line));
  return cell;
}

std::string entryPointsCell(const Driver& driver) {
  if (!driver.entryPoints)
    return "<td class=\"number\"></td>";
  const std::string counts = fmt::format("{} of {}", driver.candidates.value_or(0), *driver.entryPoints);
  if (*driver.entryPoints == 0)
    return "<td class=\"number\">" + counts + "</td>";
  return fmt::format("<td class=\"number\"><a href=\"../{}\">{}</a></td>", modulePageFile(driver.module),
                     counts);
}

std::string driverRow(const Driver& driver, std::size_t n, bool withEntryPoints) {
  const bool found = !driver.findings.empty();
  return fmt::format(
      "<tr id=\"{}\" "
      "data-pm=\"{}\"{}><td>{}</td><td>{}</td><td>{}{}</td><td>{}{}{}</td><td>{}</td>{}<td>{}</td></tr>\n",
      driverAnchor(n), htmlText(driver.pm), found ? " data-finding" : "", driverCell(driver),
      htmlText(driver.bus), htmlPmWord(driver.pm),
      found ? "<span class=\"flag\" title=\"has a finding\">finding</span>" : "", htmlText(driver.pmHow),
      below("phases ", driver.pmPhases), below("style ", driver.pmStyle), functionsCell(driver),
      withEntryPoints ? entryPointsCell(driver) : "", reasonCell(driver));
}

} // namespace

std::string classPage(const Survey& survey, const std::string& className, const ClassDrivers& drivers) {
  Totals all;
  std::map<std::string, PmCounts> buses;
  bool withEntryPoints = false;
  for (const Driver* driver : drivers) {
    all.add(*driver);
    buses[driver->bus].add(driver->pm);
    withEntryPoints |= driver->entryPoints.has_value();
  }
  std::string busRows, rows;
  for (const auto& [bus, counts] : buses)
    busRows += "<tr><td>" + htmlText(bus) + "</td>" + summaryCells(counts) + "</tr>\n";
  for (std::size_t n = 0; n < drivers.size(); ++n)
    rows += driverRow(*drivers[n], n, withEntryPoints);

  HtmlPage page{.title = "Class " + className + ", Linux " + survey.metaOr("kernel_version"),
                .root = "../",
                .current = {},
                .body = {}};
  page.body = fmt::format("<h1>Class <em>{}</em></h1>\n{}", htmlText(className),
                          headline(all, "have suspend and resume code."));
  page.body += "<h2>Buses</h2>\n" + summaryTable("buses", {"bus"}, busRows);
  page.body += fmt::format(
      "<h2>Drivers</h2>\n<table id=\"drivers\" class=\"drivers sortable filterable{}\"><thead><tr>"
      "<th scope=\"col\">driver</th><th scope=\"col\">bus</th><th scope=\"col\">PM</th>"
      "<th scope=\"col\">how</th><th scope=\"col\">functions</th>{}<th scope=\"col\">reason</th>"
      "</tr></thead>\n<tbody>\n{}</tbody></table>\n",
      withEntryPoints ? " effects" : "",
      withEntryPoints ? "<th scope=\"col\" class=\"number\">candidates</th>" : "", rows);
  return htmlDocument(page, survey);
}

} // namespace fgft::report
