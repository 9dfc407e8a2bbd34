// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Decides, while a TU is parsed on top of a header state, whether the plain road would have seen the same
// text: the state's record is played in the order in which the TU includes its headers, and every macro that
// the headers' text depended on must have the definition it had when the state was made. A second question
// is asked of the TU's own text: a macro that it tests or uses must be what it would be had only the headers
// been read that the TU includes.
#pragma once

#include "analyze/HeaderRecord.h"
#include "extract/OwnFiles.h"
#include "facts/Inputs.h"

#include <clang/Lex/Preprocessor.h>
#include <llvm/ADT/DenseMap.h>

#include <string>
#include <vector>

namespace fgft {

/// Why a TU is not analysed on top of a header state.
enum class PlainReason {
  None,         ///< it is
  NoState,      ///< its flag group has none
  Error,        ///< it does not parse on top of the state
  DefinesMacro, ///< it defines a macro that the state's headers depend on, before it includes them
  ForeignMacro, ///< it tests or uses a macro that a header it does not include gives or takes
  HeaderOrder,  ///< its order of includes would give the state's headers another text
};

/// The reason in words, for counters.
const char* toString(PlainReason reason);

/// Which file of a record each file of a file manager is; -1: none. Lives as long as the file manager.
using RecordFiles = llvm::DenseMap<const clang::FileEntry*, int>;

/// What came of a replay.
struct ReplayResult {
  PlainReason reason = PlainReason::None;
  std::string detail;            ///< the first reason with names, for people
  std::vector<char> included;    ///< by file of the record: the TU reads it, directly or not
  std::vector<Input> otherFiles; ///< read in the TU's own parse
};

/// Registers the replay with the TU's preprocessor. All but the preprocessor must outlive the parse.
/// endReplay() is to be called after it, while the preprocessor lives.
class HeaderReplay;
HeaderReplay& startReplay(clang::Preprocessor& preprocessor, const HeaderRecord& record, RecordFiles& files,
                          const Roots& roots, ReplayResult& result);
void endReplay(HeaderReplay& replay);
/// Whether the TU reads `file` of the state.
bool readsFile(HeaderReplay& replay, clang::FileEntryRef file);

} // namespace fgft
