// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Arguments of calls as the closure over the call graph needs them: what a function says of its parameters is
// said of the caller's arguments by substitution.
#pragma once

#include "facts/Facts.h"

#include <tuple>
#include <vector>

namespace fgft {

enum class SymbolKind : uint8_t {
  Nothing,   // not known
  Constant,  // text: the number; shown: the name it is written with
  Parameter, // text: the index; path, record as in facts
  Place,     // a variable or what it points to; text: its name; path, record as in facts
  Own,       // storage of a function's own variable: text: its name; path
  Functions, // text: names, separated by a space
  String,
  Computed, // an integer made at run time; text: its sources (Value::from), separated by a space; path:
            // asItCame or empty
};

struct Symbol {
  SymbolKind kind = SymbolKind::Nothing;
  Name text;
  Name path;
  Name record;
  Name shown;

  bool isParameter(unsigned index) const;
  auto identity() const { return std::tie(kind, text, path, record); }
  bool operator==(const Symbol& other) const { return identity() == other.identity(); }
};

/// A pointer and what is added to it.
struct Argument {
  Symbol value;
  Symbol offset;
  bool operator==(const Argument& other) const { return value == other.value && offset == other.offset; }
};

Argument argumentOf(const Value& value);

/// `argument`, said of the parameters of a function, as the caller that passes `actual` sees it.
Argument substituted(const Argument& argument, const std::vector<Argument>& actual);
Symbol substituted(const Symbol& symbol, const std::vector<Argument>& actual);

/// Whether the value is made from parameter `index`.
bool comesFrom(const Symbol& symbol, unsigned index);

/// Whether a parameter is among the sources of a Computed symbol.
bool namesParameter(Name sources);

/// The words of a list in one name.
std::vector<Name> wordsOf(Name list);

/// The last member of a path, without array indexes; empty for an empty path.
Name leafOf(Name path);

/// Whether the path goes through an array element that is not constant.
bool hasUnknownElement(Name path);

} // namespace fgft
