// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A merge after few TUs changed: looks at the modules whose rows may differ, and leaves all other rows of the
// survey.db as they are. The rows are those of a whole merge.
#pragma once

#include "merge/Inputs.h"
#include "merge/Merge.h"

#include <map>
#include <optional>
#include <string>

namespace fgft {

/// `hash`: hashOfInputs(). Nothing, and nothing done, where all must be looked at: there is no database with
/// what its merge left (MergeState.h), that does not fit or cannot be believed, TUs came or went, or so many
/// changed that the whole costs no more.
std::optional<MergeResult> mergeChanged(const std::map<std::string, Inputs>& inputs, const Model& model,
                                        const std::string& database, const std::string& hash);

} // namespace fgft
