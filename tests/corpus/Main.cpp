// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// corpus-compare: prints how a survey stands to the hand-made labels, and fails where it is worse than asked.
#include "corpus/Comparison.h"
#include "corpus/Scope.h"
#include "support/Error.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <cstdio>

namespace {

using namespace fgft;
using namespace fgft::corpus;

struct Arguments {
  std::vector<std::string> labels;
  std::string survey;
  std::vector<std::string> scope;
  std::string scopeFile;
  std::set<std::string> configs;
  double minRight = 98;
  double maxUnknown = 3;
  size_t maxWrongFull = 0;
  size_t minCompared = 1;
};

// One path a line; # begins a comment.
void printMatrix(const Comparison& comparison) {
  std::set<std::string> columns;
  for (const auto& [label, said] : comparison.confusion)
    for (const auto& [word, count] : said)
      columns.insert(word);
  fmt::print("{:<24}", "label \\ survey");
  for (const std::string& column : columns)
    fmt::print("{:>14}", column);
  fmt::print("\n");
  for (const auto& [label, said] : comparison.confusion) {
    fmt::print("{:<24}", label);
    for (const std::string& column : columns)
      fmt::print("{:>14}", said.count(column) != 0 ? std::to_string(said.at(column)) : ".");
    fmt::print("\n");
  }
  fmt::print(
      "(a label with several acceptable words stands under its first, also where the survey says another "
      "of them)\n\n");
}

std::string joined(const std::vector<std::string>& words) {
  return fmt::format("{}", fmt::join(words, " or "));
}

void printPair(const Pair& pair, const char* what, const std::string& label, const std::string& survey) {
  fmt::print("{}: {} {} ({})\n  label:  {}: {}\n  survey: {}{}\n", what, pair.label->file, pair.label->driver,
             pair.label->stratum, label, pair.label->reason, survey,
             pair.answer != nullptr ? ": " + pair.answer->reason : "");
}

void printMismatches(const Comparison& comparison) {
  for (const Pair& pair : comparison.pairs) {
    const Label& label = *pair.label;
    if (pair.outcome == Outcome::Missing) {
      printPair(pair, "MISSING", joined(label.pm), "no such row, built in " + label.built);
      continue;
    }
    const Answer& answer = *pair.answer;
    if (pair.outcome != Outcome::Right)
      printPair(pair, pair.outcome == Outcome::Unknown ? "UNKNOWN" : "WRONG", joined(label.pm), answer.pm);
    else if (!pair.functionsRight)
      printPair(pair, "functions", label.suspendFunction + " " + label.resumeFunction,
                answer.suspendFunction + " " + answer.resumeFunction);
    if (!pair.busRight)
      printPair(pair, "bus", joined(label.buses), answer.bus);
    if (!pair.classRight)
      printPair(pair, "class", joined(label.classes), answer.classApi);
  }
}

template <typename Test>
size_t countIf(const Comparison& comparison, Test test) {
  return static_cast<size_t>(std::count_if(comparison.pairs.begin(), comparison.pairs.end(), test));
}

// The sums, and whether the survey is as good as asked.
bool printSums(const Comparison& comparison, const Arguments& arguments) {
  size_t all = comparison.pairs.size();
  auto percent = [all](size_t part) {
    return all == 0 ? 0.0 : 100.0 * static_cast<double>(part) / static_cast<double>(all);
  };
  size_t right = comparison.count(Outcome::Right);
  size_t unknown = comparison.count(Outcome::Unknown);
  fmt::print("\ncompared {}, skipped {} (not built here, or out of the scope)\n", all, comparison.skipped);
  fmt::print(
      "pm: right {} ({:.1f} %), wrong {} (of them {} a false full), unknown {} ({:.1f} %), missing {}\n",
      right, percent(right), comparison.count(Outcome::Wrong), comparison.wrongFull(), unknown,
      percent(unknown), comparison.count(Outcome::Missing));
  size_t bus = countIf(comparison, [](const Pair& pair) { return pair.answer && !pair.busRight; });
  size_t classes = countIf(comparison, [](const Pair& pair) { return pair.answer && !pair.classRight; });
  size_t functions = countIf(
      comparison, [](const Pair& pair) { return pair.outcome == Outcome::Right && !pair.functionsRight; });
  fmt::print("beside it: bus differs {}, class differs {}, functions differ {} (of the right ones)\n", bus,
             classes, functions);

  bool good = true;
  auto require = [&](bool held, const std::string& text) {
    if (!held)
      fmt::print("FAILED: {}\n", text);
    good &= held;
  };
  require(all >= arguments.minCompared, fmt::format("at least {} labels compared", arguments.minCompared));
  require(comparison.wrongFull() <= arguments.maxWrongFull,
          fmt::format("at most {} false full", arguments.maxWrongFull));
  require(percent(right) >= arguments.minRight, fmt::format("at least {} % right", arguments.minRight));
  require(percent(unknown) < arguments.maxUnknown, fmt::format("under {} % unknown", arguments.maxUnknown));
  return good;
}

int run(Arguments& arguments) {
  std::vector<Label> labels;
  for (const std::string& path : arguments.labels) {
    std::vector<Label> more = readLabels(path);
    labels.insert(labels.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
  }
  if (!arguments.scopeFile.empty())
    addScopeFile(arguments.scopeFile, arguments.scope);
  std::vector<Answer> answers = readAnswers(arguments.survey);
  if (arguments.configs.empty())
    for (const Answer& answer : answers)
      arguments.configs.insert(answer.configs.begin(), answer.configs.end());
  Comparison comparison = compare(labels, answers, arguments.configs, arguments.scope);
  printMatrix(comparison);
  printMismatches(comparison);
  return printSums(comparison, arguments) ? 0 : 1;
}

} // namespace

int main(int argc, char** argv) {
  Arguments arguments;
  CLI::App app("Compares a survey's drivers.csv with hand-made labels. Exit status 1: worse than asked.");
  app.add_option("--labels", arguments.labels, "Label files (CSV)")->required();
  app.add_option("--survey", arguments.survey, "The drivers.csv")->required();
  app.add_option("--scope", arguments.scope, "Only labels of these files or folders");
  app.add_option("--scope-file", arguments.scopeFile, "A file with such paths, one a line");
  app.add_option("--config", arguments.configs,
                 "Configurations that were surveyed (default: those that the rows name)");
  app.add_option("--min-right", arguments.minRight, "Percent that must be right")->capture_default_str();
  app.add_option("--max-unknown", arguments.maxUnknown, "Percent below which unknown must stay")
      ->capture_default_str();
  app.add_option("--max-wrong-full", arguments.maxWrongFull, "False full that are tolerated")
      ->capture_default_str();
  app.add_option("--min-compared", arguments.minCompared, "Labels that must take part")
      ->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  try {
    return run(arguments);
  } catch (const std::exception& error) {
    fmt::print(stderr, "corpus-compare: {}\n", error.what());
    return 2;
  }
}
