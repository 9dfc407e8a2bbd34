// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Keys of facts; see Inputs.h.
#include "facts/Inputs.h"

#include "facts/FactsIo.h"
#include "support/Hash.h"

#include <algorithm>

namespace fgft {

const std::string& InputHashes::of(const std::string& absolutePath) {
  auto [it, isNew] = hashes_.try_emplace(absolutePath);
  if (isNew)
    it->second = hashOfFile(absolutePath);
  return it->second;
}

std::string factsKey(const std::string& modelHash, const std::vector<std::string>& flags,
                     std::vector<Input> inputs, InputHashes& hashes) {
  std::sort(inputs.begin(), inputs.end(), [](const Input& a, const Input& b) { return a.name < b.name; });
  Hasher hasher;
  hasher.add(toolStamp()).add(modelHash);
  for (const std::string& flag : flags)
    hasher.add(flag);
  hasher.add("inputs");
  for (const Input& input : inputs)
    hasher.add(input.name).add(hashes.of(input.path));
  return hasher.hex();
}

} // namespace fgft
