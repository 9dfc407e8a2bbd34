// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The module of an object whose command does not say it: Kbuild gives KBUILD_MODFILE only to what is built
// into the kernel, and a database not made by `fgft capture` has nothing else than KBUILD_MODNAME for
// loadable modules.
#pragma once

#include "capture/Invocation.h"

#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>

namespace fgft {

/// Two passes over a database: learn() every invocation, then complete() each.
///
/// A composite module's objects may lie in folders below the module's (drivers/gpu/drm/xe/display/… of xe),
/// so where another object of the same module name lies in a folder above, the module is that folder's. Where
/// the build folder has Kbuild's NAME.mod list, its name is taken: KBUILD_MODNAME has underscores for dashes.
class ModuleNames {
public:
  /// `beforeListing` is told of each folder whose files are looked at.
  explicit ModuleNames(std::function<void(const std::string& folder)> beforeListing = {})
      : beforeListing_(std::move(beforeListing)) {}

  void learn(const Invocation& invocation);

  /// Corrects `invocation.modules` if they are a guess; leaves them alone if the command names them.
  void complete(Invocation& invocation);

private:
  const std::string& spelling(const std::string& buildRoot, const std::string& module);

  std::function<void(const std::string&)> beforeListing_;
  std::map<std::string, std::set<std::string>> folders_; ///< module name → folders that have objects of it
  std::map<std::string, std::string> spellings_;
};

} // namespace fgft
