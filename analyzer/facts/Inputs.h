// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Keys: what names a TU's facts. A key changes if and only if something that the facts may depend on changes:
// the content of an input, a flag, the model, the tool.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

namespace fgft {

/// Content hashes of input files, each file read once.
class InputHashes {
public:
  /// Hash of the file's content; empty if it cannot be read.
  const std::string& of(const std::string& absolutePath);

private:
  std::unordered_map<std::string, std::string> hashes_;
};

/// An input: its name in the key, and where it is now.
struct Input {
  std::string name;
  std::string path;
};

/// The key over the tool's version, the model, the flags (in order) and the inputs (sorted by name here).
std::string factsKey(const std::string& modelHash, const std::vector<std::string>& flags,
                     std::vector<Input> inputs, InputHashes& hashes);

} // namespace fgft
