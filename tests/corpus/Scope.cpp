// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// See Scope.h.
#include "corpus/Scope.h"

#include "support/AtomicFile.h"

#include <algorithm>
#include <sstream>

namespace fgft::corpus {

bool inScope(const std::string& file, const std::vector<std::string>& scope) {
  return scope.empty() || std::any_of(scope.begin(), scope.end(), [&](const std::string& prefix) {
           return file == prefix || file.starts_with(prefix + "/");
         });
}

void addScopeFile(const std::string& path, std::vector<std::string>& scope) {
  std::istringstream stream(readFile(path));
  for (std::string line; std::getline(stream, line);)
    if (!line.empty() && line[0] != '#')
      scope.push_back(line);
}

} // namespace fgft::corpus
