// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The pages' building blocks; see Html.h.
#include "reports/Html.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace fgft::report {

namespace {

/// The length of the UTF-8 sequence that starts here, 0 if it is none (overlong, surrogate, cut or too
/// large).
std::size_t utf8Length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  const std::size_t length = lead < 0x80                   ? 1
                             : lead >= 0xC2 && lead < 0xE0 ? 2
                             : lead >= 0xE0 && lead < 0xF0 ? 3
                             : lead >= 0xF0 && lead < 0xF5 ? 4
                                                           : 0;
  if (length == 0 || length > text.size())
    return 0;
  for (std::size_t i = 1; i < length; ++i)
    if ((byte(i) & 0xC0) != 0x80)
      return 0;
  if ((lead == 0xE0 && byte(1) < 0xA0) || (lead == 0xED && byte(1) > 0x9F) ||
      (lead == 0xF0 && byte(1) < 0x90) || (lead == 0xF4 && byte(1) > 0x8F))
    return 0;
  return length;
}

constexpr std::string_view escapeOf(char c) {
  switch (c) {
  case '&':
    return "&amp;";
  case '<':
    return "&lt;";
  case '>':
    return "&gt;";
  case '"':
    return "&quot;";
  case '\'':
    return "&#39;";
  default:
    return {};
  }
}

/// Bytes that stand for themselves: printable ASCII but for what escapeOf() knows.
constexpr auto plainBytes = [] {
  std::array<bool, 256> plain{};
  for (std::size_t byte = 0x20; byte < 0x7F; ++byte)
    plain[byte] = escapeOf(static_cast<char>(byte)).empty();
  return plain;
}();

bool isPlain(char c) {
  return plainBytes[static_cast<unsigned char>(c)];
}

constexpr std::string_view replacement = "\xEF\xBF\xBD";

struct PmPart {
  const char* word;
  const char* meaning;
  std::int64_t PmCounts::* count;
};

/// In the order of the bar: what helps a checkpoint first.
constexpr std::array<PmPart, 6> pmParts = {{
    {"full", "system suspend and resume, both in the driver", &PmCounts::full},
    {"core", "a core or bus does both for the driver", &PmCounts::core},
    {"partial", "suspend or resume, not both", &PmCounts::partial},
    {"runtime-only", "only runtime power management", &PmCounts::runtimeOnly},
    {"none", "no power-management code", &PmCounts::none},
    {"unknown", "could not be told; the reason says why", &PmCounts::unknown},
}};

} // namespace

std::string htmlText(std::string_view raw) {
  std::string text;
  text.reserve(raw.size() + raw.size() / 8);
  while (!raw.empty()) {
    // Nearly all that there is.
    const auto plain =
        static_cast<std::size_t>(std::find_if_not(raw.begin(), raw.end(), isPlain) - raw.begin());
    text += raw.substr(0, plain);
    raw.remove_prefix(plain);
    if (raw.empty())
      break;
    const std::size_t length = utf8Length(raw);
    const char c = raw[0];
    const bool control = (static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t') || c == 0x7F;
    if (length == 0 || control)
      text += replacement;
    else if (const std::string_view escape = escapeOf(c); !escape.empty())
      text += escape;
    else
      text += raw.substr(0, length);
    raw.remove_prefix(length == 0 ? 1 : length);
  }
  return text;
}

std::string fileNameFor(std::string_view raw) {
  constexpr std::size_t longest = 120;
  std::string name;
  for (const char c : raw)
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_')
      name += c;
    else // also capitals: some file systems do not tell them from small letters
      name += fmt::format("~{:02x}", static_cast<unsigned char>(c));
  if (name.empty())
    return "~";
  if (name.size() <= longest)
    return name;
  std::uint64_t hash = 0xcbf29ce484222325; // FNV-1a
  for (const char c : raw)
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return fmt::format("{}~~{:016x}", name.substr(0, longest), hash);
}

std::string htmlCount(std::int64_t count) {
  std::string digits = std::to_string(count);
  for (auto position = static_cast<std::ptrdiff_t>(digits.size()) - 3; position > 0; position -= 3)
    digits.insert(static_cast<std::size_t>(position), "\u202F");
  return digits;
}

std::string htmlPlace(const std::string& file, std::int64_t line) {
  std::string place;
  for (const char c : htmlText(file)) {
    place += c;
    if (c == '/')
      place += "<wbr>";
  }
  if (line > 0)
    place += fmt::format(":{}", line);
  return "<code class=\"place\">" + place + "</code>";
}

std::string htmlPmWord(const std::string& pm) {
  const bool partial = pm == "suspend-only" || pm == "resume-only";
  std::string colour = "unknown";
  for (const PmPart& part : pmParts)
    if (pm == part.word || (partial && std::string_view(part.word) == "partial"))
      colour = part.word;
  return fmt::format("<span class=\"pm {}\">{}</span>", colour, htmlText(pm));
}

std::string htmlBar(const PmCounts& counts) {
  std::string label, parts;
  for (const PmPart& part : pmParts) {
    const std::int64_t count = counts.*part.count;
    if (count == 0)
      continue;
    label += fmt::format("{}{} {}", label.empty() ? "" : ", ", part.word, count);
    parts += fmt::format("<i class=\"{0}\" style=\"flex-grow:{1}\" title=\"{0}: {1} of {2}\"></i>", part.word,
                         count, counts.drivers);
  }
  return fmt::format("<div class=\"bar\" role=\"img\" aria-label=\"{}\">{}</div>",
                     label.empty() ? "no drivers" : label, parts);
}

std::string htmlLegend() {
  std::string legend = "<dl class=\"legend\">";
  for (const PmPart& part : pmParts)
    legend += fmt::format("<div><dt><span class=\"pm {0}\">{0}</span></dt><dd>{1}</dd></div>", part.word,
                          part.meaning);
  return legend + "</dl>\n";
}

std::string htmlDocument(const HtmlPage& page, const Survey& survey) {
  struct Link {
    const char* file;
    const char* text;
    std::int64_t count; ///< -1: none is shown
  };
  const std::array<Link, 4> links = {{
      {"index.html", "Overview", -1},
      {"findings.html", "Findings", survey.findings},
      {"failed.html", "Not analysed", static_cast<std::int64_t>(survey.failedUnits.size())},
      {"not-built.html", "Not built", static_cast<std::int64_t>(survey.notBuilt.size())},
  }};
  std::string navigation;
  for (const Link& link : links)
    navigation += fmt::format("<a href=\"{}{}\"{}>{}{}</a>", page.root, link.file,
                              page.current == link.file ? " aria-current=\"page\"" : "", link.text,
                              link.count < 0 || !page.counts
                                  ? ""
                                  : fmt::format(" <span class=\"count\">{}</span>", htmlCount(link.count)));
  return fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta name=\"color-scheme\" content=\"light dark\">\n<title>{title}</title>\n"
      "<link rel=\"stylesheet\" href=\"{root}report.css\">\n<script defer src=\"{root}report.js\"></script>\n"
      "</head>\n<body>\n<header><nav aria-label=\"Report\"><b>FGFT Advisor</b>{navigation}</nav></header>\n"
      "<main>\n{body}</main>\n<footer>Linux {kernel} · fgft {tool}</footer>\n</body>\n</html>\n",
      fmt::arg("title", htmlText(page.title)), fmt::arg("root", page.root),
      fmt::arg("navigation", navigation), fmt::arg("body", page.body),
      fmt::arg("kernel", htmlText(survey.metaOr("kernel_version"))),
      fmt::arg("tool", htmlText(survey.metaOr("tool_version"))));
}

} // namespace fgft::report
