// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Regular expressions by PCRE2 with its compiler to machine code: a merge asks the model's patterns millions
// of times. They mean what ECMAScript's mean, byte by byte.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace fgft {

/// A regular expression, compiled once; copies share it.
class Pattern {
public:
  /// Which part of a text has to fit.
  enum class Part { Any, Whole };

  /// Throws Error for a text that is no regular expression; `where` is what its message begins with.
  Pattern(const std::string& where, const std::string& text, Part part);

  enum class Fit { No, Yes, GaveUp };

  /// Whether a text fits; GaveUp: that takes more steps or memory than PCRE2 allows.
  Fit fit(std::string_view text) const noexcept;

  /// The same, but throws Error where it is not known.
  bool fits(std::string_view text) const;

private:
  struct Compiled;
  std::shared_ptr<const Compiled> compiled_;
};

} // namespace fgft
