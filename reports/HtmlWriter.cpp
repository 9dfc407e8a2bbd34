// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Writes the pages: html/index.html, html/findings.html, html/failed.html, html/not-built.html, one page a
// class below html/class/, one a module with entry points below html/module/, the style sheet and the script.
// Nothing is loaded from elsewhere.
#include "reports/Html.h"
#include "reports/HtmlPages.h"
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
                                   bool withCsv) {
  std::map<std::string, ClassDrivers> classes;
  for (const Driver& driver : survey.drivers)
    classes[driver.className].push_back(&driver);

  const std::filesystem::path folder = outFolder + "/html";
  makeFolders(folder / "class");
  makeFolders(folder / "module");
  writeFileAtomically(folder / "report.css", reportStyleSheet);
  writeFileAtomically(folder / "report.js", reportScript);
  std::set<std::string> classFiles;
  for (const auto& [name, drivers] : classes) {
    const std::filesystem::path file = classPageFile(name);
    writeFileAtomically(folder / file, classPage(survey, name, drivers));
    classFiles.insert(file.filename());
  }
  const std::set<std::string> moduleFiles = writeModulePages(db, survey, folder);
  writeFileAtomically(folder / "findings.html", findingsPage(survey, classes));
  writeFileAtomically(folder / "failed.html", failedPage(survey));
  writeFileAtomically(folder / "not-built.html", notBuiltPage(survey));
  // Last: whoever sees the first page can follow its links.
  writeFileAtomically(folder / "index.html", indexPage(survey, classes, withCsv ? "../" : ""));
  removeOtherPages(folder / "class", classFiles);
  removeOtherPages(folder / "module", moduleFiles);
  return {folder / "index.html"};
}

} // namespace fgft::report
