// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// See Comparison.h.
#include "corpus/Comparison.h"

#include "corpus/Scope.h"
#include "model/Table.h"
#include "support/Error.h"

#include <algorithm>
#include <sstream>

namespace fgft::corpus {

namespace {

const std::set<std::string> pmWords = {"full", "suspend-only", "resume-only", "runtime-only", "core", "none"};
const std::set<std::string> builtWords = {"both", "x86", "arm64", "no"};

std::vector<std::string> wordsOf(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> words;
  for (std::string word; stream >> word;)
    words.push_back(word);
  return words;
}

bool oneOf(const std::vector<std::string>& accepted, const std::string& word) {
  return std::find(accepted.begin(), accepted.end(), word) != accepted.end();
}

// Whether a survey of `configs` must have seen the label's file.
bool isBuilt(const Label& label, const std::set<std::string>& configs) {
  if (label.built == "no")
    return false;
  return (label.built != "arm64" && configs.count("x86_64") != 0) ||
         (label.built != "x86" && configs.count("arm64") != 0);
}

// A label of an array without an index stands for each of its elements.
bool names(const std::string& label, const std::string& driver) {
  if (label == "-")
    return driver.empty();
  return driver == label || driver.starts_with(label + "[");
}

bool classRight(const Label& label, const Answer& answer) {
  return oneOf(label.classes, answer.classApi) ||
         (oneOf(label.classes, "-") && answer.classApi == answer.classDir);
}

// The label's functions, where it names one, must be the survey's.
bool functionsRight(const Label& label, const Answer& answer) {
  return (label.suspendFunction.empty() || label.suspendFunction == answer.suspendFunction) &&
         (label.resumeFunction.empty() || label.resumeFunction == answer.resumeFunction);
}

Pair judge(const Label& label, const Answer& answer) {
  Pair pair{&label,
            &answer,
            Outcome::Wrong,
            classRight(label, answer),
            oneOf(label.buses, answer.bus),
            functionsRight(label, answer)};
  if (answer.pm == "unknown")
    pair.outcome = Outcome::Unknown;
  else if (oneOf(label.pm, answer.pm))
    pair.outcome = Outcome::Right;
  return pair;
}

// Of the elements of an array, the one that fits worst answers; `full` where it must not be is the worst.
Pair worst(const Label& label, const std::vector<const Answer*>& rows) {
  auto badness = [](const Pair& pair) {
    if (pair.outcome == Outcome::Right)
      return 0;
    return pair.outcome == Outcome::Unknown ? 1 : pair.answer->pm == "full" ? 3 : 2;
  };
  Pair found{.label = &label};
  for (const Answer* row : rows)
    if (Pair pair = judge(label, *row); found.answer == nullptr || badness(pair) > badness(found))
      found = pair;
  return found;
}

} // namespace

std::vector<Label> readLabels(const std::string& path) {
  std::vector<Label> labels;
  readTable(path,
            std::array{"stratum", "struct", "driver", "file", "class_dir", "class", "bus", "pm", "suspend_fn",
                       "resume_fn", "how", "built", "reason"},
            [&](const std::array<std::string, 13>& row, const std::string& where) {
              Label label{row[0],          row[2], row[3], wordsOf(row[5]), wordsOf(row[6]),
                          wordsOf(row[7]), row[8], row[9], row[11],         row[12]};
              if (label.file.empty() || label.driver.empty() || label.pm.empty())
                throw Error("{}: expected a driver, a file and a pm word", where);
              for (const std::string& word : label.pm)
                if (pmWords.count(word) == 0)
                  throw Error("{}: '{}' is no pm word that a label can have", where, word);
              if (builtWords.count(label.built) == 0)
                throw Error("{}: built is '{}', expected both, x86, arm64 or no", where, label.built);
              labels.push_back(std::move(label));
            });
  return labels;
}

std::vector<Answer> readAnswers(const std::string& path) {
  std::vector<Answer> answers;
  readTable(path,
            std::array{"class", "class_dir", "bus", "module", "driver", "name", "file", "line", "configs",
                       "registration", "pm", "pm_phases", "pm_how", "pm_style", "suspend_fn", "resume_fn",
                       "entry_points", "candidates", "reason"},
            [&](const std::array<std::string, 19>& row, const std::string&) {
              std::vector<std::string> configs = wordsOf(row[8]);
              answers.push_back({row[4], row[6], row[0], row[1], row[2], row[10], row[14], row[15],
                                 std::set<std::string>(configs.begin(), configs.end()), row[18]});
            });
  return answers;
}

size_t Comparison::count(Outcome outcome) const {
  return static_cast<size_t>(
      std::count_if(pairs.begin(), pairs.end(), [&](const Pair& pair) { return pair.outcome == outcome; }));
}

size_t Comparison::wrongFull() const {
  return static_cast<size_t>(std::count_if(pairs.begin(), pairs.end(), [](const Pair& pair) {
    return pair.outcome == Outcome::Wrong && pair.answer->pm == "full";
  }));
}

Comparison compare(const std::vector<Label>& labels, const std::vector<Answer>& answers,
                   const std::set<std::string>& configs, const std::vector<std::string>& scope) {
  std::map<std::string, std::vector<const Answer*>> byFile;
  for (const Answer& answer : answers)
    byFile[answer.file].push_back(&answer);
  Comparison comparison;
  for (const Label& label : labels) {
    if (!inScope(label.file, scope) || !isBuilt(label, configs)) {
      ++comparison.skipped;
      continue;
    }
    std::vector<const Answer*> rows;
    for (const Answer* row : byFile[label.file])
      if (names(label.driver, row->driver))
        rows.push_back(row);
    Pair pair = worst(label, rows);
    std::string said = pair.answer == nullptr           ? "missing"
                       : pair.outcome == Outcome::Right ? label.pm.front()
                                                        : pair.answer->pm;
    ++comparison.confusion[label.pm.front()][said];
    comparison.pairs.push_back(pair);
  }
  return comparison;
}

} // namespace fgft::corpus
