// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Which files of a build folder are products, and which are input to a compiler.
#include "capture/Snapshot.h"

#include "capture/KernelTree.h"
#include "support/AtomicFile.h"
#include "support/Error.h"

#include <array>
#include <filesystem>
#include <string_view>

namespace fs = std::filesystem;

namespace fgft {

namespace {

template <std::size_t N>
bool hasEnding(std::string_view name, const std::array<std::string_view, N>& endings) {
  for (std::string_view ending : endings)
    if (name.ends_with(ending))
      return true;
  return false;
}

bool isProduct(std::string_view name) {
  static constexpr std::array<std::string_view, 8> endings = {".o", ".a",     ".ko",    ".mod",
                                                              ".s", ".order", ".usyms", ".mod.c"};
  return hasEnding(name, endings);
}

/// What .NAME.cmd and .NAME.d belong to.
bool isProductsRecord(std::string_view name) {
  if (!name.starts_with('.'))
    return false;
  for (std::string_view ending : {".cmd", ".d"})
    if (name.ends_with(ending))
      return isProduct(name.substr(1, name.size() - 1 - ending.size()));
  return false;
}

/// Programs, libraries and records of the build: no compiler of the kernel ever reads them.
bool isInput(const std::string& path, std::string_view name) {
  if (isWithin(path, "scripts") || isWithin(path, "tools") || isWithin(path, "usr"))
    return false;
  if (isWithin(path, "include/config"))
    return name == "auto.conf" || name == "kernel.release";
  static constexpr std::array<std::string_view, 12> no = {".o", ".a",     ".ko",    ".cmd", ".d",   ".mod",
                                                          ".s", ".order", ".usyms", ".so",  ".dbg", ".mod.c"};
  if (name == ".config")
    return true;
  return name.find('.', 1) != std::string_view::npos && !name.starts_with('.') && !hasEnding(name, no);
}

bool sameContent(const fs::path& a, const fs::path& b) {
  std::error_code error;
  auto size = fs::file_size(b, error);
  return !error && size == fs::file_size(a) && readFile(a.string()) == readFile(b.string());
}

} // namespace

void pruneObjects(const std::string& work, const std::vector<std::string>& folders) {
  for (const std::string& folder : folders) {
    std::error_code error;
    fs::recursive_directory_iterator files(work + "/" + folder, error);
    if (error)
      continue; // never built
    for (const fs::directory_entry& entry : files) {
      std::string name = entry.path().filename().string();
      if (!entry.is_directory() && (isProduct(name) || isProductsRecord(name)))
        fs::remove(entry.path(), error);
    }
  }
}

void updateSnapshot(const std::string& work, const std::string& snapshot) {
  try {
    fs::recursive_directory_iterator files(work);
    for (const fs::directory_entry& entry : files) {
      if (entry.is_symlink() || !entry.is_regular_file())
        continue;
      std::string path = entry.path().lexically_relative(work).string();
      if (!isInput(path, entry.path().filename().string()))
        continue;
      fs::path target = fs::path(snapshot) / path;
      if (sameContent(entry.path(), target))
        continue;
      makeFolders(target.parent_path().string());
      writeFileAtomically(target.string(), readFile(entry.path().string()));
    }
  } catch (const fs::filesystem_error& error) {
    throw Error("cannot keep the generated files: {}", error.what());
  }
}

} // namespace fgft
