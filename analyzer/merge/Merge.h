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
  size_t notOk = 0; // failed, crashed, timed out or missing
  size_t drivers = 0;
  bool unchanged = false; // the database was there, of the same inputs, and stays
};

/// Reads the manifests in `folders`, the facts they name, and writes `database` whole (to a temporary file,
/// then renamed). The order of folders and the number of shards do not matter; the same TU twice is harmless.
/// A database that is there and was made of the same keys, model and program is left as it is.
/// Throws Error if two keys stand for one TU of one configuration (naming both), or a manifest cannot be
/// used.
MergeResult mergeFacts(const std::vector<std::string>& folders, const Model& model,
                       const std::string& database);

} // namespace fgft
