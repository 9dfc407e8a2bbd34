// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The pages' building blocks. Everything that comes from a survey passes htmlText() before it is in a page:
// names in a source tree may hold anything.
#pragma once

#include "reports/Survey.h"

#include <string>
#include <string_view>

namespace fgft::report {

/// Text for HTML content and for attributes in double quotes: markup characters are escaped; bytes that are
/// no UTF-8 and control characters, which HTML forbids, become U+FFFD.
std::string htmlText(std::string_view raw);

/// A file name for any string, one to one: a-z, 0-9, '-' and '_' stay, all else becomes ~XX. Long names are
/// cut and end in a hash of the whole.
std::string fileNameFor(std::string_view raw);

/// A count with thousands separated, e.g. 12 345 (by a narrow no-break space).
std::string htmlCount(std::int64_t count);

/// file:line, or only the file where the line is 0; escaped, and broken by browsers after slashes.
std::string htmlPlace(const std::string& file, std::int64_t line);

/// The PM word with its colour.
std::string htmlPmWord(const std::string& pm);

/// A bar with one part for each PM word; `unknown` stands apart from what is known.
std::string htmlBar(const PmCounts& counts);

/// The colours of htmlBar() and what they mean.
std::string htmlLegend();

struct HtmlPage {
  std::string title;   ///< raw
  std::string root;    ///< what leads from the page to the report's folder: "" or "../"
  std::string current; ///< the navigation's entry that this page is: "index.html", ...
  std::string body;    ///< HTML
  bool counts = true;  ///< whether the navigation says how much the lists have
};

/// The whole document.
std::string htmlDocument(const HtmlPage& page, const Survey& survey);

} // namespace fgft::report
