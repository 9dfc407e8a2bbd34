// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Which files of a kernel tree the build has made: the kernel's own .gitignore files know.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace fgft {

/// Rules of .gitignore files, in the form that the kernel uses: names, globs, rules bound to their folder by
/// a '/' at the beginning or inside, rules for folders alone by one at the end, exceptions by '!'.
class IgnoreRules {
public:
  /// Begins with what Kbuild always makes, for trees that were unpacked without .gitignore.
  IgnoreRules();

  /// Adds the rules of one .gitignore; `folder` is where it lies, relative to the root ("" for the root).
  /// Later rules go before earlier ones, so folders are to be added on the way down.
  void add(std::string_view text, const std::string& folder);

  /// True if `path`, relative to the root, is made by the build. A folder above that is ignored is not asked
  /// for.
  bool ignored(const std::string& path, bool isFolder) const;

  std::size_t size() const { return rules_.size(); }

  /// Forgets the rules that were added after there were `size` of them.
  void truncate(std::size_t size) { rules_.resize(size); }

private:
  struct Rule {
    std::string pattern;
    std::string folder;
    bool anchored = false;
    bool folderOnly = false;
    bool exception = false;
  };

  std::vector<Rule> rules_;
};

} // namespace fgft
