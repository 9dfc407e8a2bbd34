// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// See Symbol.h.
#include "effects/Symbol.h"

#include <set>

namespace fgft {

namespace {

// The macro or enumerator that names a constant: a register's name, not the accessor's around it. The
// accessors are written in lower case as a rule, and what the author wrote inside stands first.
Name nameOfConstant(const std::vector<Name>& macros) {
  for (Name macro : macros)
    if (macro->find_first_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ") != std::string::npos)
      return macro;
  return {};
}

Symbol constantOf(const Value& value) {
  return {SymbolKind::Constant, value.text, {}, {}, nameOfConstant(value.macros)};
}

Name joinedNames(const std::set<Name>& names) {
  std::string text;
  for (Name name : names)
    text += (text.empty() ? "" : " ") + name;
  return text;
}

// What a run-time choice may be: functions, or nothing that could be said.
Symbol choiceOf(const Value& value) {
  std::set<Name> functions;
  std::set<Name> sources;
  bool others = false;
  // Constants for variants of a device: one place by the name of the first, as all code chooses alike.
  std::string numbers;
  Name shown;
  for (const Value& choice : value.choices) {
    Symbol one = argumentOf(choice).value;
    if (one.kind == SymbolKind::Constant) {
      numbers += (numbers.empty() ? "" : "|") + one.text;
      shown = shown.empty() ? one.shown : shown;
    }
    if (one.kind == SymbolKind::Functions)
      for (Name name : wordsOf(one.text))
        functions.insert(name);
    else if (one.kind == SymbolKind::Computed)
      for (Name name : wordsOf(one.text))
        sources.insert(name);
    else if (one.kind != SymbolKind::Constant)
      others = true;
  }
  if (!functions.empty())
    return {SymbolKind::Functions, joinedNames(functions), {}, {}, {}};
  if (others)
    return {};
  if (sources.empty() && !numbers.empty())
    return {SymbolKind::Constant, numbers, {}, {}, shown};
  return {SymbolKind::Computed, joinedNames(sources), {}, {}, {}};
}

Symbol symbolOf(const Value& value) {
  switch (value.kind) {
  case ValueKind::Null:
    return {SymbolKind::Constant, "0", {}, {}, {}};
  case ValueKind::Integer:
    return value.text.empty() ? Symbol{} : constantOf(value);
  case ValueKind::Function:
    return {SymbolKind::Functions, value.text, {}, {}, {}};
  case ValueKind::Parameter:
    return {SymbolKind::Parameter, value.text, value.path, value.record, {}};
  case ValueKind::Local:
    if (value.text->starts_with('&'))
      return {SymbolKind::Own, value.text->substr(1), value.path, value.record, {}};
    return {SymbolKind::Place, value.text, value.path, value.record, {}};
  case ValueKind::Object:
    return {SymbolKind::Place, value.text, value.path, value.record, {}};
  case ValueKind::String:
    return {SymbolKind::String, value.text, {}, {}, {}};
  case ValueKind::Computed: {
    std::set<Name> sources(value.from.begin(), value.from.end());
    return {SymbolKind::Computed, joinedNames(sources), value.text, {}, nameOfConstant(value.macros)};
  }
  case ValueKind::Choice:
    return choiceOf(value);
  case ValueKind::Other:
    return {};
  }
  return {};
}

bool isNumber(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

unsigned indexOf(Name text) {
  return static_cast<unsigned>(numberOf(text));
}

// The sources of a value, as a Computed symbol lists them.
void addSources(const Symbol& symbol, std::set<Name>& sources) {
  switch (symbol.kind) {
  case SymbolKind::Constant:
    return;
  case SymbolKind::Parameter:
    sources.insert(symbol.text);
    return;
  case SymbolKind::Computed:
    for (Name one : wordsOf(symbol.text))
      sources.insert(one);
    return;
  case SymbolKind::Place:
    if (!symbol.path.empty()) {
      sources.insert(symbol.record + "." + leafOf(symbol.path));
      return;
    }
    [[fallthrough]];
  default:
    sources.insert("?");
  }
}

Symbol sumOf(const Symbol& a, const Symbol& b) {
  if (a.kind == SymbolKind::Nothing)
    return b;
  if (b.kind == SymbolKind::Nothing)
    return a;
  if (a.kind == SymbolKind::Constant && b.kind == SymbolKind::Constant) {
    Symbol sum = a;
    sum.text = std::to_string(numberOf(a.text) + numberOf(b.text));
    sum.shown = a.shown.empty() ? b.shown : a.shown;
    return sum;
  }
  std::set<Name> sources;
  addSources(a, sources);
  addSources(b, sources);
  return {SymbolKind::Computed, joinedNames(sources), {}, {}, {}};
}

} // namespace

bool Symbol::isParameter(unsigned index) const {
  return kind == SymbolKind::Parameter && indexOf(text) == index;
}

bool namesParameter(Name sources) {
  bool number = true; // the word so far
  bool begun = false;
  for (char c : sources.str()) {
    if (c == ' ') {
      if (begun && number)
        return true;
      number = true;
      begun = false;
    } else {
      number &= c >= '0' && c <= '9';
      begun = true;
    }
  }
  return begun && number;
}

std::vector<Name> wordsOf(Name list) {
  std::vector<Name> words;
  std::string_view text(list);
  while (!text.empty()) {
    size_t end = text.find(' ');
    words.emplace_back(text.substr(0, end));
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  }
  return words;
}

Name leafOf(Name path) {
  std::string_view text(path);
  while (text.ends_with(']')) {
    size_t open = text.rfind('[');
    if (open == std::string_view::npos)
      break;
    text = text.substr(0, open);
  }
  size_t dot = text.rfind('.');
  return dot == std::string_view::npos ? Name(text) : Name(text.substr(dot + 1));
}

bool hasUnknownElement(Name path) {
  return path->find("[]") != std::string::npos;
}

Argument argumentOf(const Value& value) {
  Argument argument{symbolOf(value), {}};
  if (!value.offset.empty())
    argument.offset = symbolOf(value.offset.front());
  return argument;
}

Symbol substituted(const Symbol& symbol, const std::vector<Argument>& actual) {
  if (symbol.kind == SymbolKind::Parameter) {
    unsigned index = indexOf(symbol.text);
    if (index >= actual.size())
      return {};
    Symbol result = actual[index].value;
    if (symbol.path.empty())
      return result;
    if (result.kind != SymbolKind::Parameter && result.kind != SymbolKind::Place &&
        result.kind != SymbolKind::Own)
      return {SymbolKind::Place, {}, symbol.path, symbol.record, {}};
    result.path = joined(result.path, symbol.path);
    if (result.record.empty())
      result.record = symbol.record;
    return result;
  }
  if (symbol.kind != SymbolKind::Computed || !namesParameter(symbol.text))
    return symbol;
  std::set<Name> sources;
  Symbol result = symbol;
  for (Name one : wordsOf(symbol.text)) {
    if (!isNumber(one.str())) {
      sources.insert(one);
      continue;
    }
    unsigned index = indexOf(one);
    if (index < actual.size())
      addSources(actual[index].value, sources);
    else
      sources.insert("?");
    // `base + (reg << shift)`: the register's name is still its name.
    if (index < actual.size() && result.shown.empty())
      result.shown = actual[index].value.shown;
  }
  result.text = joinedNames(sources);
  return result;
}

Argument substituted(const Argument& argument, const std::vector<Argument>& actual) {
  Argument result{substituted(argument.value, actual), substituted(argument.offset, actual)};
  if (argument.value.kind == SymbolKind::Parameter && argument.value.path.empty()) {
    unsigned index = indexOf(argument.value.text);
    if (index < actual.size())
      result.offset = sumOf(actual[index].offset, result.offset);
  }
  return result;
}

bool comesFrom(const Symbol& symbol, unsigned index) {
  if (symbol.isParameter(index))
    return true;
  if (symbol.kind != SymbolKind::Computed)
    return false;
  for (Name one : wordsOf(symbol.text))
    if (isNumber(one.str()) && indexOf(one) == index)
      return true;
  return false;
}

} // namespace fgft
