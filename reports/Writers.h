// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The writers behind writeReport(), one function each. They return the files a user opens.
#pragma once

#include "reports/Survey.h"

#include <string>
#include <vector>

namespace fgft {
class SurveyDb;
} // namespace fgft

namespace fgft::report {

std::vector<std::string> writeCsv(SurveyDb& db, const std::string& outFolder);

/// `withCsv`: the CSV files stand in the same folder and may be linked.
std::vector<std::string> writeHtml(SurveyDb& db, const Survey& survey, const std::string& outFolder,
                                   bool withCsv);

std::vector<std::string> writeSarif(const Survey& survey, const std::string& outFolder);

} // namespace fgft::report
