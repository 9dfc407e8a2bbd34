// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Folders of facts files: whether a file is whole, taking it from one folder to another, and keeping a folder
// to what is wanted of it.
#pragma once

#include "support/FileStamp.h"

#include <cstdint>
#include <string>
#include <unordered_set>

namespace fgft {

/// Whether the facts file at `path` is there and not cut.
bool isWholeFacts(const std::string& path);

/// Makes the facts `key` of the folder `from`, which are whole, those of the folder `to` as well.
void linkFacts(const std::string& from, const std::string& to, const std::string& key);

/// Whether the facts `key` are whole in the folder `from`; `to` has them then as well. A file that is as it
/// was when it was `known` to be whole is not opened.
bool takeFacts(const std::string& from, const std::string& to, const std::string& key,
               const FileStamp& known);

/// Takes away, of facts and header states below `folder`, what was made or taken longest ago until the rest
/// is below `maxBytes`. A subfolder is counted again only if something came or went in it.
void shrinkFacts(const std::string& folder, uint64_t maxBytes);

/// Takes away what is in a run's folder, but for manifests and the facts `keys`.
void pruneFacts(const std::string& folder, const std::unordered_set<std::string>& keys);

} // namespace fgft
