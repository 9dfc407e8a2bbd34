// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The two folders of a capture below the cache: where Kbuild works, and what is kept of it for parsing.
#pragma once

#include <string>
#include <vector>

namespace fgft {

/// Takes away what an earlier run has left in `folders` (relative to `work`), so that Kbuild asks for every
/// object again: objects, archives, lists and their command files. Generated sources stay.
void pruneObjects(const std::string& work, const std::vector<std::string>& folders);

/// Copies what a translation unit may include or consist of (generated headers and sources, the
/// configuration) from `work` to `snapshot`, file by file and each whole at once; what is equal there is left
/// alone, so a capture may run while an earlier one's commands are being parsed.
void updateSnapshot(const std::string& work, const std::string& snapshot);

} // namespace fgft
