// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The TUs of a database in few bytes: commands of a kernel are a hundred words each, nearly all of which they
// share. All processes of a run hold the table; an Invocation is made of it for the TU that one is on.
#pragma once

#include "capture/Invocation.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace fgft {

class TuTable {
public:
  void add(const Invocation& tu);
  void setModules(std::size_t tu, const std::vector<std::string>& modules);
  /// Orders by output, of several TUs with one output keeps the first, and gives back what only adding
  /// needs.
  void finish();

  std::size_t size() const { return units_.size(); }
  Invocation at(std::size_t tu) const; ///< without unknownFlags
  std::string_view file(std::size_t tu) const { return word(units_[tu].file); }
  std::string_view path(std::size_t tu) const { return word(units_[tu].path); }
  std::string_view output(std::size_t tu) const { return word(units_[tu].output); }
  std::vector<std::string> modules(std::size_t tu) const;
  bool modulesGuessed(std::size_t tu) const { return units_[tu].modulesGuessed != 0; }

  /// For files of one machine; whether they are whole is for their reader to know.
  std::string bytes() const;
  bool parse(std::string_view bytes);

private:
  struct Unit {
    uint32_t file = 0, path = 0, output = 0, directory = 0, sourceRoot = 0, buildRoot = 0; // words
    uint32_t argsBegin = 0, argsEnd = 0, modulesBegin = 0, modulesEnd = 0;                 // in lists_
    uint32_t generated = 0, modular = 0, modulesGuessed = 0;                               // bool
  };

  uint32_t number(std::string_view text);
  std::string_view word(uint32_t number) const {
    return {text_.data() + begins_[number], begins_[number + 1] - begins_[number]};
  }
  void addList(const std::vector<std::string>& words, uint32_t& begin, uint32_t& end);
  std::vector<std::string> list(uint32_t begin, uint32_t end) const;

  std::vector<Unit> units_;
  std::vector<uint32_t> lists_;        // of words
  std::string text_;                   // of all words
  std::vector<uint32_t> begins_ = {0}; // of each word in text_, and the end
  std::unordered_map<std::string, uint32_t> numbers_;
};

} // namespace fgft
