// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The pages: hostile names stay text, totals are right, links lead somewhere, nothing comes from the network.
#include "ReportFixture.h"
#include "reports/Html.h"
#include "reports/Report.h"

#include <catch2/catch.hpp>

#include <regex>

using namespace fgft;
using namespace fgft::report;

namespace {

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t n = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + part.size()))
    ++n;
  return n;
}

/// A survey with every PM word, two classes, findings, failures and names that try to be markup.
void fill(const std::string& path) {
  TestSurvey survey(path);
  survey.execute("INSERT INTO config VALUES ('arm64', 'arm64', '6.12.117', 'fedcba9876543210')");
  std::int64_t id = 0;
  for (const char* pm : {"full", "suspend-only", "resume-only", "runtime-only", "core", "none", "unknown"}) {
    ++id;
    survey.driver({.id = id, .driver = fmt::format("d{}", id), .line = id, .pm = pm});
  }
  survey.driver({.id = 8,
                 .className = "../<b>evil\"'",
                 .bus = "<i>bus</i>",
                 .module = "drivers/x/<script>alert(1)</script>",
                 .driver = "\"><img src=x onerror=alert(2)>",
                 .name = "</td></table><script>alert(3)</script>",
                 .file = "drivers/x/'onmouseover='alert(4).c",
                 .pm = "none",
                 .reason = "&lt; is not < \x80\xff \x01"});
  survey.driver({.id = 9,
                 .bus = "none",
                 .module = "drivers/net/library",
                 .driver = "",
                 .file = "drivers/net/z.c",
                 .pm = "none"});
  survey.finding(8, "<kind>", "drivers/x/<a>.c", 3, "<u>message</u>");
  survey.finding(1, "shadowed-legacy-hook", "drivers/net/a.c", 44, "a_legacy is never called");
  survey.unit("drivers/net/a.c", "ok", "");
  survey.unit("drivers/net/bad.c", "failed", "a.h:1: expected '<'");
  survey.notBuilt("x86_64", "drivers/net/never.c");
  survey.notBuilt("arm64", "drivers/net/never.c");
  survey.notBuilt("arm64", "drivers/net/<s>.c");
}

std::map<std::string, std::string> pagesBelow(const std::string& folder) {
  std::map<std::string, std::string> pages;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
    if (entry.is_regular_file())
      pages[std::filesystem::relative(entry.path(), folder)] = readFile(entry.path());
  return pages;
}

} // namespace

TEST_CASE("text is escaped for content and for attributes") {
  CHECK(htmlText("<a href=\"x\">'&'</a>") == "&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#39;&lt;/a&gt;");
  CHECK(htmlText("&amp;") == "&amp;amp;");
  CHECK(htmlText("déjà \xF0\x9F\x98\x80") == "déjà \xF0\x9F\x98\x80");
  CHECK(htmlText("line\nbreak\ttab") == "line\nbreak\ttab");
}

TEST_CASE("bytes that HTML forbids become U+FFFD") {
  const std::string mark = "\xEF\xBF\xBD";
  CHECK(htmlText("a\xff"
                 "b") == "a" + mark + "b");
  CHECK(htmlText(std::string_view("a\0b", 3)) == "a" + mark + "b");
  CHECK(htmlText("\x1b[31m") == mark + "[31m");
  CHECK(htmlText("cut \xE2\x82") == "cut " + mark + mark);
  CHECK(htmlText("\xC0\xBC") == mark + mark);            // an overlong '<'
  CHECK(htmlText("\xED\xA0\x80") == mark + mark + mark); // half a surrogate pair
}

TEST_CASE("file names for classes cannot leave the folder and stay apart") {
  CHECK(fileNameFor("net") == "net");
  CHECK(fileNameFor("../etc/passwd") == "~2e~2e~2fetc~2fpasswd");
  CHECK(fileNameFor("Net") != fileNameFor("net"));
  CHECK(fileNameFor("") == "~");
  CHECK(fileNameFor("~") != fileNameFor(""));
  const std::string longName(4000, 'x');
  CHECK(fileNameFor(longName).size() < 200);
  CHECK(fileNameFor(longName) != fileNameFor(longName + "y"));
}

TEST_CASE("no name of the survey becomes markup on any page") {
  const ScratchFolder scratch;
  fill(scratch.file("survey.db"));
  writeReport(scratch.file("survey.db"), scratch.file("out"), {"html"});
  const auto pages = pagesBelow(scratch.file("out/html"));
  CHECK(pages.size() == 8); // index, findings, failed, not-built, two classes, css, js
  for (const auto& [file, text] : pages) {
    if (!file.ends_with(".html"))
      continue;
    INFO(file);
    CHECK_FALSE(has(text, "alert(1)</script>"));
    CHECK_FALSE(has(text, "<img"));
    CHECK_FALSE(has(text, "<i>bus"));
    CHECK_FALSE(has(text, "<b>evil"));
    CHECK_FALSE(has(text, "<u>"));
    CHECK_FALSE(has(text, "<s>"));
    CHECK_FALSE(has(text, "'onmouseover='"));
    CHECK(count(text, "<script") == 1); // the report's own
    CHECK_FALSE(has(text, "\xff"));
  }
  REQUIRE(pages.contains("class/~2e~2e~2f~3cb~3eevil~22~27.html"));
  CHECK(has(pages.at("class/~2e~2e~2f~3cb~3eevil~22~27.html"), "&lt;script&gt;alert(3)&lt;/script&gt;"));
}

TEST_CASE("every link leads to a page or an anchor that exists, none to the network") {
  const ScratchFolder scratch;
  fill(scratch.file("survey.db"));
  writeReport(scratch.file("survey.db"), scratch.file("out"), {"csv", "html"});
  const std::filesystem::path root = scratch.file("out/html");
  const std::regex reference("(?:href|src)=\"([^\"]*)\"");
  int checked = 0;
  for (const auto& [file, text] : pagesBelow(root)) {
    if (!file.ends_with(".html"))
      continue;
    for (std::sregex_iterator match(text.begin(), text.end(), reference), end; match != end; ++match) {
      std::string target = (*match)[1];
      INFO(fmt::format("{} -> {}", file, target));
      CHECK_FALSE(has(target, ":"));
      const auto hash = target.find('#');
      const std::string anchor = hash == std::string::npos ? "" : target.substr(hash + 1);
      const auto path = (root / file).parent_path() / target.substr(0, hash);
      REQUIRE(std::filesystem::exists(path));
      if (!anchor.empty())
        CHECK(has(readFile(path), "id=\"" + anchor + "\""));
      ++checked;
    }
  }
  CHECK(checked > 30);
}

TEST_CASE("the first page says what was surveyed and how it came out") {
  const ScratchFolder scratch;
  fill(scratch.file("survey.db"));
  CHECK(writeReport(scratch.file("survey.db"), scratch.file("out"), {"html"}) ==
        std::vector<std::string>{scratch.file("out/html/index.html")});
  const std::string index = readFile(scratch.file("out/html/index.html"));
  for (const char* part : {"6.12.117", "drivers/net", "fgft 0.1.0", "x86_64", "arm64", ".config 0123456789ab",
                           "8 in 2 classes on 2 buses", "1 of 2", "1 not analysed", "(50.00 %)"})
    CHECK(has(index, part));
  CHECK(has(index, "<strong>25.0 %</strong>")); // one full and one core of eight
  CHECK(has(index, "Not counted: 1 module that registers with no bus"));
  // The class of seven: drivers, full, core, partial, runtime-only, none, unknown, percent.
  CHECK(has(index, "<td class=\"number\">7</td><td class=\"number\">1</td><td class=\"number\">1</td>"
                   "<td class=\"number\">2</td><td class=\"number\">1</td><td class=\"number\">1</td>"
                   "<td class=\"number\">1</td><td class=\"number\">28.6</td>"));
  CHECK(has(index, "aria-label=\"full 1, core 1, partial 2, runtime-only 1, none 1, unknown 1\""));
}

TEST_CASE("failed units and files not built are listed, findings are marked at their driver") {
  const ScratchFolder scratch;
  fill(scratch.file("survey.db"));
  writeReport(scratch.file("survey.db"), scratch.file("out"), {"html"});
  const std::string failed = readFile(scratch.file("out/html/failed.html"));
  CHECK(has(failed, "<wbr>bad.c"));
  CHECK(has(failed, "expected &#39;&lt;&#39;"));
  CHECK_FALSE(has(failed, "<wbr>a.c"));
  const std::string notBuilt = readFile(scratch.file("out/html/not-built.html"));
  CHECK(has(notBuilt,
            "2 C files of the scope are not compiled by every surveyed configuration, 1 of them by none"));
  CHECK(has(notBuilt, "arm64 x86_64"));
  const std::string net = readFile(scratch.file("out/html/class/net.html"));
  CHECK(count(net, " data-finding") == 1);
  CHECK(has(net, "a_legacy is never called"));
  CHECK(has(readFile(scratch.file("out/html/findings.html")), "href=\"class/net.html#d1\""));
}

TEST_CASE("pages are byte-stable, and those of an earlier survey go") {
  const ScratchFolder scratch;
  fill(scratch.file("survey.db"));
  {
    TestSurvey other(scratch.file("other.db"));
    other.driver({.id = 1, .className = "gone"});
  }
  writeReport(scratch.file("other.db"), scratch.file("second"), {"html"});
  CHECK(std::filesystem::exists(scratch.file("second/html/class/gone.html")));
  writeReport(scratch.file("survey.db"), scratch.file("first"), {"html"});
  writeReport(scratch.file("survey.db"), scratch.file("second"), {"html"});
  CHECK(pagesBelow(scratch.file("first")) == pagesBelow(scratch.file("second")));
}

TEST_CASE("what nobody counted is not shown as none") {
  const ScratchFolder scratch;
  TestSurvey{scratch.file("captured.db")};
  TestSurvey{scratch.file("foreign.db")}.meta("scope", "");
  for (const char* name : {"captured", "foreign"})
    writeReport(scratch.file(std::string(name) + ".db"), scratch.file(name), {"html"});
  const std::string words = "not recorded: the compile database";
  CHECK_FALSE(has(readFile(scratch.file("captured/html/index.html")), words));
  CHECK(has(readFile(scratch.file("foreign/html/index.html")), words));
  CHECK(has(readFile(scratch.file("foreign/html/not-built.html")), "Not recorded"));
}

TEST_CASE("a survey of PM coverage alone says so") {
  const ScratchFolder scratch;
  TestSurvey{scratch.file("all.db")}.meta("extent", "all");
  TestSurvey{scratch.file("pm.db")}.meta("extent", extentPm);
  for (const char* name : {"all", "pm"})
    writeReport(scratch.file(std::string(name) + ".db"), scratch.file(name), {"html", "csv"});
  CHECK_FALSE(has(readFile(scratch.file("all/html/index.html")), "--only pm"));
  CHECK(has(readFile(scratch.file("pm/html/index.html")), "--only pm"));
  CHECK(readFile(scratch.file("pm/entry_points.csv")) == readFile(scratch.file("all/entry_points.csv")));
}
