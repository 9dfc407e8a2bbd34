// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// .gitignore, the part that the kernel uses.
#include "capture/IgnoreRules.h"

#include <algorithm>
#include <fnmatch.h>
#include <ranges>

namespace fgft {

namespace {

constexpr const char* kbuildProducts = R"(
*.a
*.cmd
*.ko
*.mod
*.mod.c
*.o
*.order
*.symvers
/.config
/.config.old
/include/config/
/include/generated/
/arch/*/include/generated/
/vmlinux
/vmlinux.o
/System.map
)";

} // namespace

IgnoreRules::IgnoreRules() {
  add(kbuildProducts, "");
}

void IgnoreRules::add(std::string_view text, const std::string& folder) {
  while (!text.empty()) {
    std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    while (!line.empty() && (line.back() == ' ' || line.back() == '\t' || line.back() == '\r'))
      line.remove_suffix(1);
    if (line.empty() || line.front() == '#')
      continue;
    Rule rule;
    rule.folder = folder;
    rule.exception = line.front() == '!';
    if (rule.exception || line.front() == '\\')
      line.remove_prefix(1);
    rule.folderOnly = line.ends_with('/');
    if (rule.folderOnly)
      line.remove_suffix(1);
    rule.anchored = line.find('/') != std::string_view::npos;
    if (line.starts_with('/'))
      line.remove_prefix(1);
    // "Everything" is no product of the build: Debian's kernels say it of the whole source at their root.
    if (!line.empty() && (line != "*" || !folder.empty())) {
      rule.pattern = line;
      rules_.push_back(std::move(rule));
    }
  }
}

bool IgnoreRules::ignored(const std::string& path, bool isFolder) const {
  std::string name = path.substr(path.rfind('/') + 1);
  for (const auto& rule : rules_ | std::views::reverse) {
    if (rule.folderOnly && !isFolder)
      continue;
    if (!rule.folder.empty() && !path.starts_with(rule.folder + "/"))
      continue;
    std::size_t skip = rule.folder.empty() ? 0 : rule.folder.size() + 1;
    bool matches = rule.anchored ? fnmatch(rule.pattern.c_str(), path.c_str() + skip, FNM_PATHNAME) == 0
                                 : fnmatch(rule.pattern.c_str(), name.c_str(), 0) == 0;
    if (matches)
      return !rule.exception;
  }
  return false;
}

} // namespace fgft
