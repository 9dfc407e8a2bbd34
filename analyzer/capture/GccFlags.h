// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What becomes of each compiler option before our front end sees it, as data (analyzer/model/gcc_flags.csv):
// what a gcc-configured kernel says in gcc's words, and what neither preprocessor, language nor target
// depends on.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace fgft {

/// The table of compiler options.
class GccFlags {
public:
  enum class Compiler { Clang, Gcc };

  enum class Action {
    Keep,    ///< goes to the front end as it is
    Drop,    ///< changes nothing that the facts speak of
    Replace, ///< another spelling: the row's value
  };

  struct Rule {
    Action action = Action::Keep;
    bool takesNext = false; ///< the option's value is the following argument
    std::string value;
  };

  /// Reads the table. `cacheFolder` is where fixHeader() writes; it is made when needed. Throws Error with
  /// file and line, and what was expected, on a bad row.
  GccFlags(const std::string& tablePath, std::string cacheFolder);

  /// The rule for one argument: the exact row first, else the row with the longest matching prefix; nullopt
  /// where the table has none.
  std::optional<Rule> find(std::string_view argument, Compiler compiler) const;

  /// A header to be included right after the kernel's kconfig.h for a kernel configured with gcc: takes back
  /// CONFIG_ symbols that promise what only gcc has (named address spaces). Written on first use, named by
  /// its content, never into a kernel tree.
  const std::string& fixHeader() const;
  /// The same where it was asked for already, else "".
  const std::string& usedFixHeader() const { return fixHeader_; }

  /// The CONFIG_ symbols that fixHeader() takes back.
  const std::vector<std::string>& undefined() const { return undefined_; }

private:
  struct Table {
    std::unordered_map<std::string, Rule> exact;
    std::map<std::string, Rule, std::greater<>> prefix; ///< the longer of two nested prefixes comes first
  };

  void addRow(const std::string& flag, const std::string& match, const std::string& compiler,
              const std::string& action, const std::string& value);

  Table tables_[2]; ///< by Compiler
  std::vector<std::string> undefined_;
  std::string cacheFolder_;
  mutable std::string fixHeader_;
};

} // namespace fgft
