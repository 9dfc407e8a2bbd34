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

namespace fgft {

const std::vector<std::string>& reportFormats() {
  static const std::vector<std::string> formats = {"csv", "html", "sarif"};
  return formats;
}

std::vector<std::string> writeReport(const std::string& database, const std::string& outFolder,
                                     const std::vector<std::string>& formats) {
  const auto& known = reportFormats();
  for (const std::string& format : formats)
    if (std::find(known.begin(), known.end(), format) == known.end())
      throw Error("'{}' is no report format; expected one of {}", format, fmt::join(known, ", "));
  auto wanted = [&](const char* format) {
    return std::find(formats.begin(), formats.end(), format) != formats.end();
  };

  {
    SurveyDb db(database, SurveyDb::Check::Size);
    const report::ReportRecord record(db, outFolder, formats);
    if (record.stands())
      return record.opened();
  }
  SurveyDb db(database);
  const report::ReportRecord record(db, outFolder, formats);
  record.remove();
  makeFolders(outFolder);
  std::vector<std::string> written;
  auto add = [&](const std::vector<std::string>& files) {
    written.insert(written.end(), files.begin(), files.end());
  };
  if (wanted("csv"))
    add(report::writeCsv(db, outFolder));
  if (wanted("html") || wanted("sarif")) {
    const report::Survey survey = report::readSurvey(db);
    if (wanted("html"))
      add(report::writeHtml(db, survey, outFolder, wanted("csv")));
    if (wanted("sarif"))
      add(report::writeSarif(survey, outFolder));
  }
  record.make(written);
  return written;
}

} // namespace fgft
