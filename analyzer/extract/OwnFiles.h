// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Which files are a TU's own: what facts may speak of (docs/semantics.md).
#pragma once

#include <clang/Basic/SourceManager.h>
#include <llvm/ADT/DenseMap.h>

#include <string>

namespace fgft {

/// The roots that paths in facts are relative to; absolute, without a trailing slash. For a module outside of
/// the kernel's tree `sourceRoot` stays the kernel's and `moduleRoot` is the module's folder, else empty.
struct Roots {
  std::string sourceRoot;
  std::string buildRoot;
  std::string moduleRoot;
  std::string directory; // where the compiler was run: relative paths start here
};

/// `path` (absolute, or relative to roots.directory) as facts name it.
std::string relativePath(const Roots& roots, llvm::StringRef path);

/// Tells own files from headers of the kernel, remembering each file's answer.
class OwnFiles {
public:
  OwnFiles(const clang::SourceManager& sources, const Roots& roots) : sources_(sources), roots_(roots) {}

  /// Whether what is written (after macro expansion) at `where` belongs to the TU's own files.
  bool isOwn(clang::SourceLocation where);

  /// The path of the file that `where` expands in, as facts name it.
  const std::string& path(clang::SourceLocation where);

private:
  struct Entry {
    bool own = false;
    std::string path;
  };
  const Entry& entry(clang::SourceLocation where);

  const clang::SourceManager& sources_;
  const Roots& roots_;
  llvm::DenseMap<clang::FileID, Entry> entries_;
};

} // namespace fgft
