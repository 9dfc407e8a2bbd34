// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the preprocessor did while a header state was made: every header read, every include directive, and
// every macro that a header's text depended on, in order. Played again for a TU's own order of includes
// (HeaderReplay.h), it tells whether reading the headers afresh would have given the same text.
#pragma once

#include "analyze/NameFilter.h"

#include <llvm/ADT/StringMap.h>
#include <llvm/Support/Allocator.h>

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace fgft {

/// The record of one header state. Not to be copied: names point into it.
struct HeaderRecord {
  HeaderRecord() = default;
  HeaderRecord(HeaderRecord&&) = default;
  HeaderRecord& operator=(HeaderRecord&&) = default;

  /// The definition of a name that is no macro.
  static constexpr uint32_t undefined = 0;
  /// Definitions that a TU's own text gave: without and with parameters.
  static constexpr uint32_t foreign = ~0U;
  static constexpr uint32_t foreignFunction = ~0U - 1;

  enum class Op : uint32_t {
    Mention, ///< the text depends on `subject` (a name) having `definition`
    Word, ///< `subject` (a name) stands in the text, no parenthesis follows, and `definition` leaves it alone
    Test, ///< the text depends on whether `subject` (a name) is a macro; `definition` tells that it is
    Define,  ///< the text gives `subject` (a name) `definition`
    Default, ///< as Define, but only where the name is no macro yet: #ifndef X, #define X, #endif
    Include, ///< an include directive of `subject` (a file), entered or not
    Look,    ///< __has_include found `subject` (a file)
  };

  struct Event {
    Op op;
    uint32_t subject;
    uint32_t definition;
  };

  /// One reading of a file: slices of `events` and of `plainMentions`.
  struct Visit {
    uint32_t file = 0;
    uint32_t eventsBegin = 0, eventsEnd = 0;
    uint32_t plainBegin = 0, plainEnd = 0;
  };

  struct File {
    std::string name;     ///< as inputs of a key are named
    std::string path;     ///< where it is
    bool guarded = false; ///< the preprocessor knows that a second reading gives nothing
    std::vector<uint32_t> visits;
  };

  std::vector<llvm::StringRef> names; ///< keys of nameIndex
  std::vector<uint32_t> initial;      ///< by name: definition before the first header
  std::vector<uint32_t> final;        ///< by name: definition at the end
  std::vector<char> everMacro;        ///< by name: whether it ever was a macro
  std::vector<uint32_t> fleeting;     ///< names that were macros once and are none at the end
  std::vector<File> files;
  std::vector<uint32_t> forced; ///< files included by the command line, in order
  std::vector<Visit> visits;
  std::vector<Event> events;
  /// Names that never were macros and stand in a visit's text, as 2 * name, plus 1 where a macro with
  /// parameters would be expanded too; sorted.
  std::vector<uint32_t> plainMentions;
  std::vector<char> hasParameters;  ///< by definition
  std::vector<uint64_t> texts;      ///< by definition: a hash of its text
  NameFilter identifiers;           ///< that the precompiled header knows
  std::vector<std::string> missing; ///< paths at which a header was looked for in vain (Lookups.h)

  llvm::StringMap<uint32_t, llvm::BumpPtrAllocator> nameIndex; ///< of `names`
  llvm::StringMap<uint32_t> fileIndex;                         ///< by File::name

  /// The number of a name, a new one if there is none yet.
  uint32_t numberOf(llvm::StringRef name);

  /// Whether a name with this definition is expanded without a parenthesis after it.
  bool expandsAlone(uint32_t definition) const {
    return definition == foreign ||
           (definition != undefined && definition != foreignFunction && !hasParameters[definition]);
  }

  /// The file form, with a check sum.
  std::string serialise() const;
  /// Reads what serialise() wrote; false for anything else.
  bool parse(std::string_view bytes);
};

/// Calls `found` with each name in the text of an #if whose value counts: all but operands of `defined`,
/// which the preprocessor reports.
void namesInCondition(llvm::StringRef condition, const std::function<void(llvm::StringRef)>& found);

} // namespace fgft
