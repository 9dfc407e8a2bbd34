// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// See TuTable.h.
#include "analyze/TuTable.h"

#include "analyze/Bytes.h"

#include <algorithm>

namespace fgft {

uint32_t TuTable::number(std::string_view text) {
  auto [it, isNew] = numbers_.try_emplace(std::string(text), static_cast<uint32_t>(begins_.size() - 1));
  if (isNew) {
    text_ += text;
    begins_.push_back(static_cast<uint32_t>(text_.size()));
  }
  return it->second;
}

void TuTable::addList(const std::vector<std::string>& words, uint32_t& begin, uint32_t& end) {
  begin = static_cast<uint32_t>(lists_.size());
  for (const std::string& one : words)
    lists_.push_back(number(one));
  end = static_cast<uint32_t>(lists_.size());
}

std::vector<std::string> TuTable::list(uint32_t begin, uint32_t end) const {
  std::vector<std::string> words;
  words.reserve(end - begin);
  for (uint32_t i = begin; i < end; ++i)
    words.emplace_back(word(lists_[i]));
  return words;
}

void TuTable::add(const Invocation& tu) {
  Unit unit;
  unit.file = number(tu.file);
  unit.path = number(tu.path);
  unit.output = number(tu.output);
  unit.directory = number(tu.directory);
  unit.sourceRoot = number(tu.sourceRoot);
  unit.buildRoot = number(tu.buildRoot);
  unit.generated = tu.generated;
  unit.modular = tu.modular;
  unit.modulesGuessed = tu.modulesGuessed;
  addList(tu.args, unit.argsBegin, unit.argsEnd);
  addList(tu.modules, unit.modulesBegin, unit.modulesEnd);
  units_.push_back(unit);
}

void TuTable::setModules(std::size_t tu, const std::vector<std::string>& modules) {
  addList(modules, units_[tu].modulesBegin, units_[tu].modulesEnd);
}

void TuTable::finish() {
  // Arguments were added in the order of the TUs.
  std::sort(units_.begin(), units_.end(), [this](const Unit& a, const Unit& b) {
    return a.output != b.output ? word(a.output) < word(b.output) : a.argsBegin < b.argsBegin;
  });
  auto same = [](const Unit& a, const Unit& b) { return a.output == b.output; };
  units_.erase(std::unique(units_.begin(), units_.end(), same), units_.end());
  numbers_ = {};
  units_.shrink_to_fit();
  lists_.shrink_to_fit();
  text_.shrink_to_fit();
  begins_.shrink_to_fit();
}

Invocation TuTable::at(std::size_t tu) const {
  const Unit& unit = units_[tu];
  Invocation result;
  result.file = word(unit.file);
  result.path = word(unit.path);
  result.output = word(unit.output);
  result.directory = word(unit.directory);
  result.sourceRoot = word(unit.sourceRoot);
  result.buildRoot = word(unit.buildRoot);
  result.generated = unit.generated != 0;
  result.modular = unit.modular != 0;
  result.modulesGuessed = unit.modulesGuessed != 0;
  result.args = list(unit.argsBegin, unit.argsEnd);
  result.modules = modules(tu);
  return result;
}

std::vector<std::string> TuTable::modules(std::size_t tu) const {
  return list(units_[tu].modulesBegin, units_[tu].modulesEnd);
}

std::string TuTable::bytes() const {
  std::string bytes;
  ByteWriter out(bytes);
  out.array(units_);
  out.array(lists_);
  out.array(begins_);
  out.text(text_);
  return bytes;
}

bool TuTable::parse(std::string_view bytes) {
  ByteReader in(bytes);
  in.array(units_);
  in.array(lists_);
  in.array(begins_);
  text_ = in.text();
  return in.atEnd();
}

} // namespace fgft
