// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// From facts folders to survey.db.
#pragma once

#include "facts/Manifest.h"
#include "model/Model.h"

#include <string>
#include <vector>

namespace fgft {

struct MergeResult {
  size_t tus = 0;
  size_t notOk = 0;   // failed, crashed, timed out or missing
  size_t missing = 0; // of these: the facts cannot be read
  size_t drivers = 0;
  bool unchanged = false;  // the database was there, of the same inputs, and stays
  size_t modulesAgain = 0; // where only some modules were looked at again: how many
  Extent extent = Extent::All;
};

class Database;

/// What a survey.db's own tables count.
MergeResult countsOf(Database& survey);

/// Reads the manifests in `folders`, the facts they name, and writes `database` whole (to a temporary file,
/// then renamed). The order of folders and the number of shards do not matter; the same TU twice is harmless.
/// Of facts of PM coverage alone it makes a database of that alone.
/// A database that is there and was made of the same keys, model and program is left as it is. Where only the
/// facts of some TUs are others, and the file that the last merge left beside the database fits, only the
/// modules whose rows may differ are looked at, with the same result (MergeAgain.h).
/// Throws Error if two keys stand for one TU of one configuration (naming both), facts of PM coverage
/// alone stand beside others, or a manifest cannot be used.
MergeResult mergeFacts(const std::vector<std::string>& folders, const Model& model,
                       const std::string& database);

} // namespace fgft
