// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The writers behind writeReport(), one function each. They return the files a user opens. What an earlier
// report has and is still good they take from the record, and tell it what they wrote.
#pragma once

#include "reports/Survey.h"

#include <functional>
#include <string>
#include <vector>

namespace fgft {
class SurveyDb;
} // namespace fgft

namespace fgft::report {

class ReportRecord;

std::vector<std::string> writeCsv(SurveyDb& db, const std::string& outFolder, ReportRecord& record);

/// `waitForCsv` returns when the CSV files are there: the first page links them. Empty: there are none.
std::vector<std::string> writeHtml(SurveyDb& db, const Survey& survey, const std::string& outFolder,
                                   const std::function<void()>& waitForCsv, ReportRecord& record);

std::vector<std::string> writeSarif(const Survey& survey, const std::string& outFolder, ReportRecord& record);

} // namespace fgft::report
