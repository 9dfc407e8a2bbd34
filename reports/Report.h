// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// From a survey.db to what people and other tools read.
#pragma once

#include <string>
#include <vector>

namespace fgft {

/// The formats that writeReport() knows: "csv", "html", "sarif".
const std::vector<std::string>& reportFormats();

/// Writes the report of a survey.db below `outFolder`, which is made where it is missing:
///   csv    drivers.csv, entry_points.csv, effects.csv, classes.csv
///   html   html/index.html and the pages it links; opens from disk, offline
///   sarif  findings.sarif (SARIF 2.1.0)
/// Every file is written beside its place and renamed into it; the same database gives the same bytes.
/// A report that lies there, was written from the same survey and was not touched since is left as it is; of
/// another survey, what follows from modules that did not change (module.content).
/// Returns the files a user opens, in the order written. Throws Error on a database that cannot be believed
/// (see support/SurveyDb.h), on an unknown format and on a folder that cannot be written.
std::vector<std::string> writeReport(const std::string& database, const std::string& outFolder,
                                     const std::vector<std::string>& formats);

} // namespace fgft
