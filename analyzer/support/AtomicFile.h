// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Files that are there whole or not at all.
#pragma once

#include <string>
#include <string_view>

namespace fgft {

/// Writes `content` beside `path` and renames it into place. Throws Error with the path and the reason.
void writeFileAtomically(const std::string& path, std::string_view content);

/// The whole file. Throws Error if it cannot be read.
std::string readFile(const std::string& path);

/// Makes a folder and its parents. Throws Error if it cannot.
void makeFolders(const std::string& path);

} // namespace fgft
