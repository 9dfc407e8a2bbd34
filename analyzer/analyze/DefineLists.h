// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Headers that are nothing but long lists of #define, such as a chip's registers: up to 24 MB of text, of
// whose macros a TU uses some hundred. The preprocessor passes over such a list, and a macro of it is defined
// when the TU first names it.
#pragma once

#include "analyze/HeaderRecord.h"

#include <clang/Basic/IdentifierTable.h>
#include <clang/Basic/SourceLocation.h>
#include <llvm/ADT/DenseMap.h>
#include <llvm/ADT/DenseSet.h>
#include <llvm/ADT/STLFunctionalExtras.h>
#include <llvm/ADT/StringRef.h>

#include <cstdint>
#include <optional>
#include <vector>

namespace clang {
class Preprocessor;
class Token;
} // namespace clang

namespace fgft {

/// Where the list in a header's text stands: behind its guard's definition, before its #endif.
struct DefineList {
  std::size_t guard = 0; ///< the guard's name, in its definition
  std::size_t end = 0;   ///< its #endif
};

/// The list that a header's text is, if it is one: in an #ifndef of its guard nothing but comments and macros
/// without parameters whose replacements stand on their line. `found` gets each macro's name and its offset.
std::optional<DefineList> defineListIn(llvm::StringRef text,
                                       llvm::function_ref<void(llvm::StringRef, std::size_t)> found);

/// Goes with one parse, from its start to its end, as the table's lookup of names that it does not have yet.
/// Names that a precompiled header does not know are not looked for there either.
class DefineLists : public clang::IdentifierInfoLookup {
public:
  /// `record`: of the precompiled header that the parse starts from, null for none. Lists below `smallest`
  /// bytes are read as other headers are.
  DefineLists(clang::Preprocessor& preprocessor, const HeaderRecord* record, std::size_t smallest = 1 << 15);
  ~DefineLists() override;
  DefineLists(const DefineLists&) = delete;
  DefineLists& operator=(const DefineLists&) = delete;

  clang::IdentifierInfo* get(llvm::StringRef name) override;

  std::size_t listed() const { return lists_.size(); } ///< headers that were passed over

private:
  class Callbacks;
  // One header's macros: hash of the name → its offset.
  struct List {
    llvm::StringRef text;
    clang::SourceLocation start;
    llvm::DenseMap<uint64_t, uint32_t> macros;
    bool has(uint32_t offset, llvm::StringRef name) const;
    const uint32_t* find(llvm::StringRef name, uint64_t hash) const;
  };

  void enter(const clang::Token& guard);
  void defineKnown(std::size_t list);
  void define(clang::IdentifierInfo& name, const List& list, uint32_t offset);

  clang::Preprocessor& preprocessor_;
  const HeaderRecord* record_;
  std::size_t smallest_;
  clang::IdentifierInfoLookup* precompiled_;
  llvm::DenseSet<clang::FileID> entered_; // large files that have defined something
  std::vector<List> lists_;
};

} // namespace fgft
