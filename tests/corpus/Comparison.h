// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The corpus against a survey: hand-made labels beside drivers.csv, row by row.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

namespace fgft::corpus {

/// One row of corpus/labels-*.csv. Columns with a list of words hold every acceptable one, best first.
struct Label {
  std::string stratum;
  std::string driver; // "-": the module registers with no bus
  std::string file;
  std::vector<std::string> classes; // "-": no API tells the class
  std::vector<std::string> buses;
  std::vector<std::string> pm;
  std::string suspendFunction;
  std::string resumeFunction;
  std::string built; // both, x86, arm64, no
  std::string reason;
};

/// What is compared of a row of drivers.csv.
struct Answer {
  std::string driver;
  std::string file;
  std::string classApi;
  std::string classDir;
  std::string bus;
  std::string pm;
  std::string suspendFunction;
  std::string resumeFunction;
  std::set<std::string> configs;
  std::string reason;
};

/// Throws Error for a bad header or row, with file and line; also where a label's word is none of design's.
std::vector<Label> readLabels(const std::string& path);
std::vector<Answer> readAnswers(const std::string& path);

enum class Outcome { Right, Wrong, Unknown, Missing };

/// One label that took part, and the row that answers it (null: not in the survey although it is built).
struct Pair {
  const Label* label = nullptr;
  const Answer* answer = nullptr;
  Outcome outcome = Outcome::Missing;
  bool classRight = false;
  bool busRight = false;
  bool functionsRight = false;
};

struct Comparison {
  std::vector<Pair> pairs;
  size_t skipped = 0; // not built in any configuration of the survey, or out of the scope
  /// label's best word -> answer's word ("missing" where there is no row) -> how many
  std::map<std::string, std::map<std::string, size_t>> confusion;

  size_t count(Outcome outcome) const;
  /// Answers `full` where the label does not allow it.
  size_t wrongFull() const;
};

/// Compares the labels whose file lies in `scope` (empty: all) and that `configs` (e.g. x86_64, arm64) build.
/// `answers` may hold rows that no label speaks of.
Comparison compare(const std::vector<Label>& labels, const std::vector<Answer>& answers,
                   const std::set<std::string>& configs, const std::vector<std::string>& scope);

} // namespace fgft::corpus
