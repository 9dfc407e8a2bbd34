// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Which labels take part: paths of files and folders.
#pragma once

#include <string>
#include <vector>

namespace fgft::corpus {

/// Whether `file` is one of `scope` or below one; an empty scope is everything.
bool inScope(const std::string& file, const std::vector<std::string>& scope);

/// Adds the lines of the file at `path`; empty ones and those that begin with # are passed over. Throws
/// Error.
void addScopeFile(const std::string& path, std::vector<std::string>& scope);

} // namespace fgft::corpus
