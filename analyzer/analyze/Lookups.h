// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Where the preprocessor looked for headers and found nothing. A file that appears there later would be read
// in place of the one that was found: such places are inputs as much as files are.
#pragma once

#include <string>
#include <vector>

namespace clang {
class Preprocessor;
}

namespace fgft {

/// Registers a listener that adds to `missing` the absolute paths at which a header was looked for and not
/// found, each once. `missing` must outlive the preprocessor; `directory` is where relative folders start.
void noteMissing(clang::Preprocessor& preprocessor, const std::string& directory,
                 std::vector<std::string>& missing);

} // namespace fgft
