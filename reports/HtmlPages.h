// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The report's pages, each as one function from the survey to the document.
#pragma once

#include "reports/Survey.h"

#include <set>
#include <string>
#include <vector>

namespace fgft {
class SurveyDb;
} // namespace fgft

namespace fgft::report {

class ReportRecord;

/// The drivers of one class; the same order on its page and in the anchors that lead there.
using ClassDrivers = std::vector<const Driver*>;

/// Where a class's page lies, from the report's folder.
std::string classPageFile(const std::string& className);

/// The anchor of the n-th driver on its class's page.
std::string driverAnchor(std::size_t n);

/// `csvFolder`: what leads from the page to the CSV files, "" where none were written.
std::string indexPage(const Survey& survey, const std::map<std::string, ClassDrivers>& classes,
                      const std::string& csvFolder);
std::string classPage(const Survey& survey, const std::string& className, const ClassDrivers& drivers);
std::string findingsPage(const Survey& survey, const std::map<std::string, ClassDrivers>& classes);
std::string failedPage(const Survey& survey);
std::string notBuiltPage(const Survey& survey);

/// Where the page of a module's entry points lies, from the report's folder.
std::string modulePageFile(const std::string& module);

/// Writes these pages below `folder`, unless the record says that they lie there; returns the names of their
/// files.
std::set<std::string> writeModulePages(SurveyDb& db, const Survey& survey, const std::string& folder,
                                       ReportRecord& record);

/// The cells of a summary row after its name: number of drivers, one count for each word, percent, bar.
std::string summaryCells(const PmCounts& counts);

/// The table that summaryCells() fills; `names` are the headings of the columns before it.
std::string summaryTable(const std::string& id, const std::vector<std::string>& names,
                         const std::string& rows);

/// What a page opens with: the percentage in a sentence (`claim` follows "of N drivers"), the bar, the
/// legend, and how many modules are counted apart.
std::string headline(const Totals& totals, const std::string& claim);

} // namespace fgft::report
