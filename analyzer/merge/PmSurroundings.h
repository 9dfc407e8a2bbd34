// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Which modules' drivers may be judged otherwise when some modules changed, and which TUs a judgement of a
// driver may look at: by who uses whose names, with all that these use in turn. More than needed, never less.
#pragma once

#include "effects/Links.h"

#include <set>
#include <string>
#include <unordered_map>
#include <vector>

namespace fgft {

class PmSurroundings {
public:
  void add(const std::string& output, const std::vector<std::string>& modules, const TuLinks& links);

  /// `changed`, the modules that use them, directly or not, and those whose objects one of these names: it
  /// may register them, or put something into them.
  std::set<std::string> concernedBy(const std::set<std::string>& changed) const;

  /// The TUs (outputs) of these modules and all that define what these use, and so on; with those that name
  /// an object of these modules.
  std::set<std::string> seenBy(const std::set<std::string>& modules) const;

private:
  struct Tu {
    std::string output;
    std::vector<std::string> modules;
    const TuLinks* links;
  };
  using Index = std::unordered_map<NameHash, std::vector<uint32_t>>;
  template <typename Each>
  void definersOf(const TuLinks& links, Each&& each) const;

  std::vector<Tu> tus_;
  Index functions_, objects_; // by name: the TUs that define it
  std::unordered_map<std::string, std::vector<uint32_t>> ofModule_;
};

} // namespace fgft
