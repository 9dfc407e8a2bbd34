// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Writes the pages: html/index.html, html/findings.html, html/failed.html, html/not-built.html, one page a
// class below html/class/, one a module with entry points below html/module/, the style sheet and the script.
// Nothing is loaded from elsewhere.
#include "reports/Html.h"
#include "reports/HtmlPages.h"
#include "reports/ReportRecord.h"
#include "reports/WebAssets.h"
#include "reports/Writers.h"
#include "support/AtomicFile.h"

#include <filesystem>
#include <set>

namespace fgft::report {

namespace {

/// Class pages of an earlier report in the same folder would be stale; the folder holds nothing else.
void removeOtherPages(const std::filesystem::path& folder, const std::set<std::string>& written) {
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(folder, ignored))
    if (entry.path().extension() == ".html" && !written.contains(entry.path().filename()))
      std::filesystem::remove(entry.path(), ignored);
}

} // namespace

std::string classPageFile(const std::string& className) {
  return "class/" + fileNameFor(className) + ".html";
}

std::string driverAnchor(std::size_t n) {
  return "d" + std::to_string(n + 1);
}

std::vector<std::string> writeHtml(SurveyDb& db, const Survey& survey, const std::string& outFolder,
                                   const std::function<void()>& waitForCsv, ReportRecord& record) {
  std::map<std::string, ClassDrivers> classes;
  for (const Driver& driver : survey.drivers)
    classes[driver.className].push_back(&driver);

  const std::filesystem::path folder = outFolder + "/html";
  makeFolders(folder / "class");
  makeFolders(folder / "module");
  record.write("html/report.css", reportStyleSheet);
  record.write("html/report.js", reportScript);
  std::set<std::string> classFiles;
  for (const auto& [name, drivers] : classes) {
    const std::filesystem::path file = classPageFile(name);
    record.write("html/" + file.string(), classPage(survey, name, drivers));
    classFiles.insert(file.filename());
  }
  const std::set<std::string> moduleFiles = writeModulePages(db, survey, folder, record);
  record.write("html/findings.html", findingsPage(survey, classes));
  record.write("html/failed.html", failedPage(survey));
  record.write("html/not-built.html", notBuiltPage(survey));
  // Last: whoever sees the first page can follow its links.
  if (waitForCsv)
    waitForCsv();
  record.write("html/index.html", indexPage(survey, classes, waitForCsv ? "../" : ""));
  removeOtherPages(folder / "class", classFiles);
  removeOtherPages(folder / "module", moduleFiles);
  return {folder / "index.html"};
}

} // namespace fgft::report
