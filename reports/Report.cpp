// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Chooses the writers; see Report.h.
#include "reports/Report.h"

#include "reports/ReportRecord.h"
#include "reports/Survey.h"
#include "reports/Writers.h"
#include "support/AtomicFile.h"
#include "support/Error.h"
#include "support/SurveyDb.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <functional>
#include <future>
#include <optional>

namespace fgft {

const std::vector<std::string>& reportFormats() {
  static const std::vector<std::string> formats = {"csv", "html", "sarif"};
  return formats;
}

namespace {

using Written = std::vector<std::string>;

/// `beside`: the same survey for another thread.
Written writeFiles(SurveyDb& db, SurveyDb& beside, const std::string& outFolder,
                   const std::function<bool(const char*)>& wanted, report::ReportRecord& record) {
  Written written;
  auto add = [&](const Written& files) { written.insert(written.end(), files.begin(), files.end()); };
  // Tables and pages are about the same work, and have nothing in common but what they read.
  std::future<Written> csv;
  if (wanted("csv"))
    csv = std::async(std::launch::async, [&] { return report::writeCsv(beside, outFolder, record); });
  std::function<void()> waitForCsv;
  if (csv.valid())
    waitForCsv = [&] { add(csv.get()); };

  if (wanted("html") || wanted("sarif")) {
    const report::Survey survey = report::readSurvey(db);
    if (wanted("html"))
      add(report::writeHtml(db, survey, outFolder, waitForCsv, record));
    if (wanted("sarif"))
      add(report::writeSarif(survey, outFolder, record));
  }
  if (csv.valid())
    waitForCsv();
  return written;
}

} // namespace

std::vector<std::string> writeReport(const std::string& database, const std::string& outFolder,
                                     const std::vector<std::string>& formats) {
  const auto& known = reportFormats();
  for (const std::string& format : formats)
    if (std::find(known.begin(), known.end(), format) == known.end())
      throw Error("'{}' is no report format; expected one of {}", format, fmt::join(known, ", "));
  auto wanted = [&](const char* format) {
    return std::find(formats.begin(), formats.end(), format) != formats.end();
  };

  SurveyDb db(database, SurveyDb::Check::Size);
  db.holdStill();
  report::ReportRecord record(db, outFolder, formats);
  if (record.stands())
    return record.opened();
  if (!record.hasParts())
    db.checkPages(); // all are read then, and nothing is written if one is damaged
  SurveyDb beside(database, SurveyDb::Check::Size);
  beside.holdStill();
  if (beside.meta("inputs") != db.meta("inputs"))
    throw Error("{}: became another survey while it was read", database);
  record.remove();
  makeFolders(outFolder);
  const Written written = writeFiles(db, beside, outFolder, wanted, record);
  record.make(written);
  return written;
}

} // namespace fgft
