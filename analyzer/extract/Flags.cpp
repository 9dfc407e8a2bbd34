// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What of an invocation counts; see Flags.h.
#include "extract/Flags.h"

#include <clang/Basic/LangOptions.h>
#include <clang/Basic/TargetOptions.h>
#include <clang/Lex/HeaderSearchOptions.h>
#include <clang/Lex/PreprocessorOptions.h>
#include <llvm/ADT/STLExtras.h>
#include <llvm/Support/Path.h>

using namespace clang;

namespace fgft {

namespace {

llvm::StringRef nameOf(llvm::StringRef macro) {
  return macro.split('=').first;
}

// Defined by the program that parses, not by the project's build.
bool isToolMacro(llvm::StringRef macro) {
  llvm::StringRef name = nameOf(macro);
  return name == "__clang_analyzer__" || name == "__CHECKER__" || name == "__CHECK_ENDIAN__";
}

// Kbuild says KBUILD_MODFILE to built-in code only, a captured command says it to a module's too; there no
// source asks for it (capture/Invocation.cpp drops it for the same reason).
bool isCaptureMacro(llvm::StringRef macro, bool modular) {
  return modular && nameOf(macro) == "KBUILD_MODFILE";
}

} // namespace

std::vector<std::string> significantFlags(const PreprocessorOptions& preprocessor,
                                          const HeaderSearchOptions& search, const LangOptions& language,
                                          const TargetOptions& target, const Roots& roots) {
  bool modular = llvm::any_of(preprocessor.Macros, [](const auto& macro) {
    return !macro.second && nameOf(macro.first) == "MODULE";
  });
  std::vector<std::string> flags;
  for (const auto& [macro, undefined] : preprocessor.Macros)
    if (!isToolMacro(macro) && !isCaptureMacro(macro, modular))
      flags.push_back((undefined ? "-U" : "-D") + macro);
  for (const std::string& include : preprocessor.Includes)
    flags.push_back("-include " + relativePath(roots, include));
  for (const auto& entry : search.UserEntries)
    flags.push_back("-I" + relativePath(roots, entry.Path));
  flags.push_back("--target=" + target.Triple);
  flags.push_back("-std=" + std::to_string(language.LangStd));
  flags.push_back(std::string("char=") + (language.CharIsSigned ? "s" : "u") +
                  std::to_string(language.WCharSize) + (language.ShortEnums ? "e" : ""));
  return flags;
}

std::string sourceRootOf(const PreprocessorOptions& preprocessor, const std::string& directory) {
  for (llvm::StringRef include : preprocessor.Includes) {
    if (!include.consume_back("include/linux/kconfig.h"))
      continue;
    llvm::SmallString<256> root(include);
    if (!llvm::sys::path::is_absolute(root)) {
      root = directory;
      llvm::sys::path::append(root, include);
    }
    llvm::sys::path::remove_dots(root, /*remove_dot_dot=*/true);
    llvm::StringRef trimmed = root.str().rtrim('/');
    return trimmed.str();
  }
  return {};
}

} // namespace fgft
