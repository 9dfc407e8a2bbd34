// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Guesses a loadable module from the names of objects; see ModuleNames.h.
#include "capture/ModuleNames.h"

#include <algorithm>
#include <filesystem>

namespace fgft {

namespace {

std::string folderOf(const std::string& path) {
  std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? std::string() : path.substr(0, slash);
}

std::string nameOf(const std::string& path) {
  return path.substr(path.rfind('/') + 1);
}

bool isAbove(const std::string& folder, const std::string& other) {
  return folder.empty() ||
         (other.size() > folder.size() && other.starts_with(folder) && other[folder.size()] == '/');
}

} // namespace

void ModuleNames::learn(const Invocation& invocation) {
  for (const std::string& module : invocation.modules)
    folders_[nameOf(module)].insert(folderOf(module));
}

void ModuleNames::complete(Invocation& invocation) {
  if (!invocation.modulesGuessed)
    return;
  for (std::string& module : invocation.modules) {
    std::string name = nameOf(module);
    std::string folder = folderOf(module);
    std::string top = folder;
    for (const std::string& other : folders_[name])
      if (isAbove(other, top))
        top = other;
    module = spelling(invocation.buildRoot, top.empty() ? name : top + "/" + name);
  }
}

const std::string& ModuleNames::spelling(const std::string& buildRoot, const std::string& module) {
  auto [found, isNew] = spellings_.emplace(buildRoot + "/" + module, module);
  if (!isNew)
    return found->second;
  std::string listed = buildRoot + "/" + folderOf(module);
  if (beforeListing_)
    beforeListing_(listed);
  std::error_code ignored; // a build folder that is gone has no lists: the guess stays
  for (const auto& entry : std::filesystem::directory_iterator(listed, ignored)) {
    if (entry.path().extension() != ".mod")
      continue;
    std::string stem = entry.path().stem().string();
    std::string asMacro = stem;
    std::replace(asMacro.begin(), asMacro.end(), '-', '_');
    if (asMacro == nameOf(module)) {
      std::string folder = folderOf(module);
      found->second = folder.empty() ? stem : folder + "/" + stem;
      break;
    }
  }
  return found->second;
}

} // namespace fgft
