// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Reads a compile database into invocations; see TuList.h.
#include "analyze/TuList.h"

#include "capture/Capture.h"
#include "capture/ModuleNames.h"
#include "support/AtomicFile.h"
#include "support/Error.h"
#include "support/Hash.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

namespace fgft {

namespace {

bool inScope(const std::string& file, const std::vector<std::string>& scope) {
  if (scope.empty())
    return true;
  return std::any_of(scope.begin(), scope.end(), [&](std::string prefix) {
    while (prefix.ends_with("/"))
      prefix.pop_back();
    return file == prefix || file.starts_with(prefix + "/");
  });
}

std::string firstLine(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::exists(path, error))
    return {};
  std::string text = readFile(path);
  return text.substr(0, text.find('\n'));
}

std::string archOf(const Invocation& invocation) {
  for (const std::string& argument : invocation.args)
    if (argument.starts_with("--target=")) {
      std::string arch = argument.substr(9, argument.find('-', 9) - 9);
      return arch == "aarch64" ? "arm64" : arch;
    }
  return "x86_64";
}

// What the capture's sidecar says, or what can be told from the build folder of a foreign database.
Configuration configurationOf(const TuListOptions& options, const Invocation& first) {
  Configuration configuration;
  if (auto sidecar = readCaptureSidecar(options.database)) {
    configuration.arch = sidecar->arch;
    configuration.kernelRelease = sidecar->kernelRelease;
    configuration.configHash = sidecar->configHash;
    configuration.scope = sidecar->scope;
    for (const NotBuilt& file : sidecar->notBuilt)
      if (file.reason == "not built" && inScope(file.file, options.scope))
        configuration.notBuilt.push_back(file.file);
  } else {
    configuration.notBuiltKnown = false;
    configuration.arch = archOf(first);
    configuration.kernelRelease = firstLine(first.buildRoot + "/include/config/kernel.release");
    configuration.configHash = hashOfFile(first.buildRoot + "/.config");
  }
  if (!options.scope.empty())
    configuration.scope = options.scope;
  configuration.name = options.configurationName.empty() ? configuration.arch : options.configurationName;
  return configuration;
}

} // namespace

TuList readTuList(const TuListOptions& options) {
  GccFlags flags(options.flagTable, options.cacheFolder);
  CompileDbReader reader(options.database);
  ModuleNames modules;
  TuList list;
  std::set<std::string> unknown;
  for (CompileCommand command; reader.next(command);) {
    DropReason reason{};
    std::optional<Invocation> invocation = normalise(command, flags, &reason);
    if (!invocation) {
      list.dropped.add(reason);
      continue;
    }
    modules.learn(*invocation);
    unknown.insert(invocation->unknownFlags.begin(), invocation->unknownFlags.end());
    if (inScope(invocation->file, options.scope))
      list.invocations.push_back(std::move(*invocation));
  }
  if (list.invocations.empty())
    throw Error("{}: no compile command of a kernel's C file{} ({} other entries)", options.database,
                options.scope.empty() ? "" : " in the scope", list.dropped.total());
  for (Invocation& invocation : list.invocations)
    modules.complete(invocation);
  std::sort(list.invocations.begin(), list.invocations.end(),
            [](const Invocation& a, const Invocation& b) { return a.output < b.output; });
  auto same = [](const Invocation& a, const Invocation& b) { return a.output == b.output; };
  list.invocations.erase(std::unique(list.invocations.begin(), list.invocations.end(), same),
                         list.invocations.end());
  list.unknownFlags.assign(unknown.begin(), unknown.end());
  list.configuration = configurationOf(options, list.invocations.front());
  return list;
}

void takeShard(TuList& list, unsigned shard, unsigned shards) {
  std::vector<Invocation> taken;
  for (size_t i = shard - 1; i < list.invocations.size(); i += shards)
    taken.push_back(std::move(list.invocations[i]));
  list.invocations = std::move(taken);
}

} // namespace fgft
