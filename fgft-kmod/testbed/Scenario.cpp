// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The reader of scenario files. A line that starts with white space belongs to the key above it; `#` in the
// first column is a comment; NAME starts a block.
#include "Scenario.h"

#include "support/Error.h"

#include <charconv>
#include <fstream>
#include <functional>
#include <map>
#include <regex>
#include <sstream>

namespace fgft {
namespace {

struct KeyLine {
  std::string key;
  std::string value;
  unsigned line;
};

std::vector<std::string> words(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> result;
  for (std::string word; stream >> word;)
    result.push_back(word);
  return result;
}

std::string trimmed(const std::string& text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string::npos)
    return "";
  return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

/// Joins continuation lines to their keys.
std::vector<KeyLine> readKeys(const std::string& path) {
  std::ifstream in(path);
  if (!in)
    throw Error("{}: cannot be read", path);
  std::vector<KeyLine> result;
  unsigned number = 0;
  for (std::string line; std::getline(in, line);) {
    ++number;
    if (line.starts_with("#"))
      continue;
    const bool continued = line.empty() || line[0] == ' ' || line[0] == '\t';
    if (continued) {
      if (trimmed(line).empty() && result.empty())
        continue;
      if (result.empty())
        throw Error("{}:{}: a key was expected before the first indented line", path, number);
      result.back().value += "\n" + trimmed(line);
      continue;
    }
    const auto space = line.find_first_of(" \t");
    result.push_back(
        {line.substr(0, space), space == std::string::npos ? "" : trimmed(line.substr(space)), number});
  }
  return result;
}

unsigned number(const std::string& path, const KeyLine& key, unsigned least, unsigned most) {
  unsigned value = 0;
  const std::string text = trimmed(key.value);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < least || value > most)
    throw Error("{}:{}: {}: expected a number from {} to {}, found '{}'", path, key.line, key.key, least,
                most, text);
  return value;
}

void checkPattern(const std::string& path, unsigned line, const std::string& pattern) {
  try {
    static_cast<void>(std::regex(pattern));
  } catch (const std::regex_error& error) {
    throw Error("{}:{}: '{}' is not a regular expression: {}", path, line, pattern, error.what());
  }
}

/// One pattern a line; the key's first line and every continuation line are patterns of their own.
void forEachPattern(const std::string& path, const KeyLine& key,
                    const std::function<void(const std::string&, unsigned)>& take) {
  std::istringstream lines(key.value);
  unsigned line = key.line;
  for (std::string pattern; std::getline(lines, pattern); ++line) {
    if (trimmed(pattern).empty())
      continue;
    checkPattern(path, line, trimmed(pattern));
    take(trimmed(pattern), line);
  }
}

void append(std::vector<std::string>& to, const std::vector<std::string>& what) {
  to.insert(to.end(), what.begin(), what.end());
}

void takeRequirement(const std::string& path, const KeyLine& key, Scenario& scenario) {
  const auto parts = words(key.value);
  static const std::vector<std::string> kinds = {"command", "file", "module", "own"};
  if (parts.size() != 2 || std::find(kinds.begin(), kinds.end(), parts[0]) == kinds.end())
    throw Error("{}:{}: REQUIRES: expected 'command|file|module|own VALUE', found '{}'", path, key.line,
                key.value);
  scenario.requirements.push_back({parts[0], parts[1], key.line});
}

void takeKey(const std::string& path, const KeyLine& key, Scenario& s) {
  const auto expect = [&](Expectation::Stream stream, bool present) {
    forEachPattern(path, key, [&](const std::string& pattern, unsigned line) {
      s.expectations.push_back({stream, present, pattern, line});
    });
  };
  using Stream = Expectation::Stream;
  const std::map<std::string, std::function<void()>> takers = {
      {"DEVICES", [&] { append(s.devices, words(key.value)); }},
      {"MODULES", [&] { append(s.modules, words(key.value)); }},
      {"AVAILABLE", [&] { append(s.available, words(key.value)); }},
      {"PROGRAMS", [&] { append(s.programs, words(key.value)); }},
      {"FILES", [&] { append(s.files, words(key.value)); }},
      {"RUN", [&] { s.run += key.value + "\n"; }},
      {"EXPECT", [&] { expect(Stream::Output, true); }},
      {"EXPECT_NOT", [&] { expect(Stream::Output, false); }},
      {"CONSOLE", [&] { expect(Stream::Console, true); }},
      {"CONSOLE_NOT", [&] { expect(Stream::Console, false); }},
      {"ALLOW",
       [&] { forEachPattern(path, key, [&](const std::string& p, unsigned) { s.allowed.push_back(p); }); }},
      {"REQUIRES", [&] { takeRequirement(path, key, s); }},
      {"CMDLINE", [&] { s.commandLine = trimmed(key.value); }},
      {"QEMU", [&] { append(s.qemu, words(key.value)); }},
      {"OUTCOME",
       [&] {
         s.outcome = trimmed(key.value);
         if (s.outcome != "pass" && s.outcome != "crash")
           throw Error("{}:{}: OUTCOME: expected pass or crash, found '{}'", path, key.line, s.outcome);
       }},
      {"CPU", [&] { s.cpu = trimmed(key.value); }},
      {"SMP", [&] { s.processors = number(path, key, 1, 64); }},
      {"MEMORY", [&] { s.memoryMegabytes = number(path, key, 64, 16384); }},
      {"TIMEOUT", [&] { s.timeoutSeconds = number(path, key, 1, 36000); }},
      {"STALL", [&] { s.stallSeconds = number(path, key, 1, 36000); }},
  };
  const auto taker = takers.find(key.key);
  if (taker == takers.end()) {
    std::string known = "NAME";
    for (const auto& [name, function] : takers)
      known += " " + name;
    throw Error("{}:{}: '{}' is no key; expected one of: {}", path, key.line, key.key, known);
  }
  taker->second();
}

} // namespace

std::vector<Scenario> readScenarios(const std::string& path) {
  std::vector<Scenario> result;
  for (const KeyLine& key : readKeys(path)) {
    if (key.key == "NAME") {
      Scenario scenario;
      scenario.name = trimmed(key.value.substr(0, key.value.find('\n')));
      scenario.file = path;
      scenario.line = key.line;
      if (scenario.name.empty() || scenario.name.find_first_of(" \t/") != std::string::npos)
        throw Error("{}:{}: NAME: expected one word without '/', found '{}'", path, key.line, scenario.name);
      result.push_back(scenario);
      continue;
    }
    if (result.empty())
      throw Error("{}:{}: NAME was expected before '{}'", path, key.line, key.key);
    takeKey(path, key, result.back());
  }
  if (result.empty())
    throw Error("{}: holds no scenario; a line 'NAME word' was expected", path);
  for (const Scenario& scenario : result)
    if (scenario.run.empty())
      throw Error("{}:{}: scenario {} has no RUN", path, scenario.line, scenario.name);
  return result;
}

} // namespace fgft
