// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A TU's own files: the main file and what it includes outside include/, arch/*/include/ and generated
// headers.
#include "extract/OwnFiles.h"

#include <llvm/Support/Path.h>

namespace fgft {

namespace {

// `path` below `root`, or nothing.
std::optional<llvm::StringRef> below(llvm::StringRef path, llvm::StringRef root) {
  if (root.empty() || !path.consume_front(root) || !path.consume_front("/"))
    return std::nullopt;
  return path;
}

bool isSharedHeader(llvm::StringRef path) {
  if (path.starts_with("include/"))
    return true;
  if (!path.consume_front("arch/"))
    return false;
  auto rest = path.split('/').second;
  return rest.starts_with("include/");
}

} // namespace

std::string relativePath(const Roots& roots, llvm::StringRef path) {
  llvm::SmallString<256> full(path);
  if (!llvm::sys::path::is_absolute(full)) {
    full = roots.directory;
    llvm::sys::path::append(full, path);
  }
  llvm::sys::path::remove_dots(full, /*remove_dot_dot=*/true);
  for (llvm::StringRef root : {roots.moduleRoot, roots.buildRoot, roots.sourceRoot})
    if (auto relative = below(full, root))
      return relative->str();
  return full.str().str();
}

const OwnFiles::Entry& OwnFiles::entry(clang::SourceLocation where) {
  clang::FileID file = sources_.getFileID(sources_.getExpansionLoc(where));
  auto [it, isNew] = entries_.try_emplace(file);
  if (!isNew)
    return it->second;
  auto reference = sources_.getFileEntryRefForID(file);
  if (!reference)
    return it->second; // <built-in>, <command line>
  it->second.path = relativePath(roots_, reference->getName());
  bool inTree = !llvm::sys::path::is_absolute(it->second.path);
  it->second.own = file == sources_.getMainFileID() || (inTree && !isSharedHeader(it->second.path));
  return it->second;
}

bool OwnFiles::isOwn(clang::SourceLocation where) {
  return where.isValid() && entry(where).own;
}

const std::string& OwnFiles::path(clang::SourceLocation where) {
  return entry(where).path;
}

} // namespace fgft
