// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// corpus-compare-entry-points: the labelled entry points of corpus/entry-points-*.csv beside a survey's
// entry_points.csv and effects.csv: kinds, levels, effects, checkpoints; fails where it is worse than asked.
#include "corpus/Scope.h"
#include "model/Effect.h"
#include "model/Table.h"
#include "support/Error.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <sstream>

namespace {

using namespace fgft;
using fgft::corpus::addScopeFile;
using fgft::corpus::inScope;
using Words = std::set<std::string>;

struct Label {
  std::string file, module, function, note;
  std::vector<std::string> kinds, reversibility, checkpoint;
  Words effects, effectsMay;
};

struct Answer {
  std::string className, kind, reversibility, checkpoint, reason;
  Words effects;
};

using Key = std::pair<std::string, std::string>; // module, function
using Answers = std::multimap<Key, Answer>;
using Paths = std::map<std::pair<Key, std::string>, std::string>; // of an effect

struct Arguments {
  std::vector<std::string> labels;
  std::string survey;
  std::vector<std::string> scope;
  std::string scopeFile;
  double minKind = 95;
  double minReversibility = 90;
  double maxLower = 1;
  double minEffects = 90;
  size_t minCompared = 1;
  bool quiet = false;
};

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::istringstream stream(text);
  for (std::string one; std::getline(stream, one, separator);)
    if (!one.empty())
      parts.push_back(one);
  return parts;
}

Words wordsOf(const std::string& where, const std::string& text) {
  Words words;
  for (const std::string& one : split(text, ' ')) {
    if (!effectOf(one))
      throw Error("{}: '{}' is no effect, expected one of {}", where, one, effectWords());
    words.insert(one);
  }
  return words;
}

constexpr std::array<std::string_view, 6> levels = {"pure",           "memory",     "undoable",
                                                    "checkpointable", "deferrable", "irrevocable"};

// The level's number; -1 for unknown, which promises nothing.
int levelOf(const std::string& word) {
  const auto* found = std::find(levels.begin(), levels.end(), word);
  return found == levels.end() ? -1 : static_cast<int>(found - levels.begin());
}

std::vector<Label> readLabels(const std::string& path) {
  std::vector<Label> labels;
  readTable<11>(path,
                {"file", "module", "driver", "function", "ops", "kind", "effects", "effects_may",
                 "reversibility", "checkpoint", "note"},
                [&](const auto& v, const std::string& where) {
                  Label& label = labels.emplace_back();
                  label.file = v[0];
                  label.module = v[1];
                  label.function = v[3];
                  label.kinds = split(v[5], '|');
                  for (const std::string& kind : label.kinds)
                    if (!entryKindOf(kind))
                      throw Error("{}: '{}' is no kind, expected one of {}", where, kind, entryKindWords());
                  label.effects = wordsOf(where, v[6]);
                  label.effectsMay = wordsOf(where, v[7]);
                  label.reversibility = split(v[8], '|');
                  for (const std::string& level : label.reversibility)
                    if (levelOf(level) < 0 && level != "unknown")
                      throw Error("{}: '{}' is no level", where, level);
                  label.checkpoint = split(v[9], '|');
                  label.note = v[10];
                });
  return labels;
}

Answers readAnswers(const std::string& path) {
  Answers answers;
  readTable<16>(path,
                {"class", "module", "driver", "function", "kind", "ops", "file", "line", "effects",
                 "reversibility", "checkpoint", "sleeps", "atomic", "score", "rank", "reason"},
                [&](const auto& v, const std::string&) {
                  Answer answer{v[0], v[4], v[9], v[10], v[15], {}};
                  for (const std::string& one : split(v[8], ' '))
                    answer.effects.insert(one);
                  answers.insert({{v[1], v[3]}, std::move(answer)});
                });
  return answers;
}

Paths readPaths(const std::string& path) {
  Paths paths;
  readTable<7>(path, {"module", "function", "effect", "callee_or_register", "file", "line", "path"},
               [&](const auto& v, const std::string&) { paths.try_emplace({{v[0], v[1]}, v[2]}, v[6]); });
  return paths;
}

template <typename Word>
bool has(const std::vector<std::string>& list, const Word& word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

struct Sums {
  size_t labels = 0, missing = 0, kind = 0, reversibility = 0, unknown = 0, lower = 0, checkpoint = 0;
  size_t required = 0, found = 0, reported = 0, allowed = 0;
};

class Comparison {
public:
  Comparison(const Answers& answers, const Paths& paths, bool quiet)
      : answers_(answers), paths_(paths), quiet_(quiet) {}

  void add(const Label& label) {
    ++all_.labels;
    Key key{label.module, label.function};
    auto [begin, end] = answers_.equal_range(key);
    if (begin == end) {
      ++all_.missing;
      ++classes_["(missing)"].labels;
      all_.required += label.effects.size();
      print("MISSING", label, "no such row");
      return;
    }
    const Answer* answer = &begin->second;
    for (auto it = begin; it != end; ++it)
      if (has(label.kinds, it->second.kind))
        answer = &it->second;
    Sums& ofClass = classes_[answer->className];
    ++ofClass.labels;
    for (Sums* sums : {&all_, &ofClass})
      compare(label, *answer, *sums);
    printDifferences(label, *answer, key);
  }

  const Sums& all() const { return all_; }
  const std::map<std::string, Sums>& classes() const { return classes_; }

private:
  static int lowestOf(const Label& label) {
    int lowest = static_cast<int>(levels.size());
    for (const std::string& level : label.reversibility)
      if (levelOf(level) >= 0)
        lowest = std::min(lowest, levelOf(level));
    return lowest;
  }

  static bool isLower(const Label& label, const Answer& answer) {
    return levelOf(answer.reversibility) >= 0 && levelOf(answer.reversibility) < lowestOf(label);
  }

  static void compare(const Label& label, const Answer& answer, Sums& sums) {
    sums.kind += has(label.kinds, answer.kind);
    sums.reversibility += has(label.reversibility, answer.reversibility);
    sums.unknown += levelOf(answer.reversibility) < 0;
    sums.lower += isLower(label, answer);
    sums.checkpoint += has(label.checkpoint, answer.checkpoint);
    sums.required += label.effects.size();
    for (const std::string& word : label.effects)
      sums.found += answer.effects.count(word);
    for (const std::string& word : answer.effects)
      if (word != "unknown") {
        ++sums.reported;
        sums.allowed += label.effects.count(word) != 0 || label.effectsMay.count(word) != 0;
      }
  }

  void print(const char* what, const Label& label, const std::string& text) const {
    if (!quiet_)
      fmt::print("{}: {} {}: {}\n  label's note: {}\n", what, label.file, label.function, text, label.note);
  }

  void printDifferences(const Label& label, const Answer& answer, const Key& key) const {
    auto joined = [](const std::vector<std::string>& words) {
      return fmt::format("{}", fmt::join(words, " or "));
    };
    auto pathOf = [&](const std::string& effect) {
      auto found = paths_.find({key, effect});
      return found == paths_.end() ? std::string() : found->second;
    };
    if (!has(label.kinds, answer.kind))
      print("KIND", label, fmt::format("{}, the label says {}", answer.kind, joined(label.kinds)));
    if (!has(label.reversibility, answer.reversibility))
      print(isLower(label, answer)              ? "LOWER"
            : levelOf(answer.reversibility) < 0 ? "UNKNOWN"
                                                : "LEVEL",
            label,
            fmt::format("{}, the label says {}; {}", answer.reversibility, joined(label.reversibility),
                        answer.reason));
    for (const std::string& word : label.effects)
      if (answer.effects.count(word) == 0)
        print("NOT FOUND", label, word);
    for (const std::string& word : answer.effects)
      if (word != "unknown" && label.effects.count(word) == 0 && label.effectsMay.count(word) == 0)
        print("TOO MUCH", label, fmt::format("{}: {}", word, pathOf(word)));
    if (!has(label.checkpoint, answer.checkpoint))
      print("checkpoint", label,
            fmt::format("{}, the label says {}; {}", answer.checkpoint, joined(label.checkpoint),
                        answer.reason));
  }

  const Answers& answers_;
  const Paths& paths_;
  bool quiet_;
  Sums all_;
  std::map<std::string, Sums> classes_;
};

double percent(size_t part, size_t whole) {
  return whole == 0 ? 100.0 : 100.0 * static_cast<double>(part) / static_cast<double>(whole);
}

void printRow(const std::string& name, const Sums& sums) {
  fmt::print("{:<16}{:>7}{:>9}{:>8.1f}{:>8.1f}{:>9}{:>7}{:>9.1f}{:>11.1f}{:>12.1f}\n", name, sums.labels,
             sums.missing, percent(sums.kind, sums.labels), percent(sums.reversibility, sums.labels),
             sums.unknown, sums.lower, percent(sums.found, sums.required),
             percent(sums.allowed, sums.reported), percent(sums.checkpoint, sums.labels));
}

bool judge(const Comparison& comparison, const Arguments& arguments) {
  fmt::print("\n{:<16}{:>7}{:>9}{:>8}{:>8}{:>9}{:>7}{:>9}{:>11}{:>12}\n", "class", "labels", "missing",
             "kind %", "level %", "unknown", "lower", "recall %", "precision %", "checkpoint %");
  for (const auto& [name, sums] : comparison.classes())
    printRow(name, sums);
  const Sums& all = comparison.all();
  printRow("all", all);
  bool good = true;
  auto require = [&](bool held, const std::string& text) {
    if (!held)
      fmt::print("FAILED: {}\n", text);
    good &= held;
  };
  require(all.labels >= arguments.minCompared,
          fmt::format("at least {} labels compared", arguments.minCompared));
  require(percent(all.kind, all.labels) >= arguments.minKind,
          fmt::format("kinds: {} % right", arguments.minKind));
  require(percent(all.reversibility, all.labels) >= arguments.minReversibility,
          fmt::format("levels: {} % acceptable", arguments.minReversibility));
  require(percent(all.lower, all.labels) <= arguments.maxLower,
          fmt::format("at most {} % lower than true", arguments.maxLower));
  require(percent(all.found, all.required) >= arguments.minEffects,
          fmt::format("effects: recall {} %", arguments.minEffects));
  require(percent(all.allowed, all.reported) >= arguments.minEffects,
          fmt::format("effects: precision {} %", arguments.minEffects));
  return good;
}

int run(Arguments& arguments) {
  if (!arguments.scopeFile.empty())
    addScopeFile(arguments.scopeFile, arguments.scope);
  Answers answers = readAnswers(arguments.survey + "/entry_points.csv");
  Paths paths = readPaths(arguments.survey + "/effects.csv");
  Comparison comparison(answers, paths, arguments.quiet);
  for (const std::string& path : arguments.labels)
    for (const Label& label : readLabels(path))
      if (inScope(label.file, arguments.scope))
        comparison.add(label);
  return judge(comparison, arguments) ? 0 : 1;
}

} // namespace

int main(int argc, char** argv) {
  Arguments arguments;
  CLI::App app("Compares a survey's entry points with hand-made labels. Exit status 1: worse than asked.");
  app.add_option("--labels", arguments.labels, "Label files (CSV)")->required();
  app.add_option("--survey", arguments.survey, "The survey's folder")->required();
  app.add_option("--scope", arguments.scope, "Only labels of these files or folders");
  app.add_option("--scope-file", arguments.scopeFile, "A file with such paths, one a line");
  app.add_option("--min-kind", arguments.minKind, "Percent of kinds that must be right")
      ->capture_default_str();
  app.add_option("--min-reversibility", arguments.minReversibility,
                 "Percent of levels that must be acceptable")
      ->capture_default_str();
  app.add_option("--max-lower", arguments.maxLower, "Percent of levels that may be lower than true")
      ->capture_default_str();
  app.add_option("--min-effects", arguments.minEffects, "Percent of effects: recall and precision")
      ->capture_default_str();
  app.add_option("--min-compared", arguments.minCompared, "Labels that must take part")
      ->capture_default_str();
  app.add_flag("--quiet", arguments.quiet, "Only the sums");
  CLI11_PARSE(app, argc, argv);
  try {
    return run(arguments);
  } catch (const std::exception& error) {
    fmt::print(stderr, "corpus-compare-entry-points: {}\n", error.what());
    return 2;
  }
}
