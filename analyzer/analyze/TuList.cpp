// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Reads a compile database into invocations; see TuList.h.
#include "analyze/TuList.h"

#include "capture/CaptureSidecar.h"
#include "capture/ModuleNames.h"
#include "support/AtomicFile.h"
#include "support/Error.h"
#include "support/Hash.h"

#include <algorithm>
#include <filesystem>
#include <functional>
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

// Called with a file before it is read.
using SeeFile = std::function<void(const std::string& path, SeenFiles::Kind kind)>;

// What the capture's sidecar says, or what can be told from the build folder of a foreign database.
Configuration configurationOf(const TuListOptions& options, const Invocation& first, const SeeFile& see) {
  Configuration configuration;
  see(sidecarPath(options.database), SeenFiles::Kind::Content);
  if (auto sidecar = readCaptureSidecar(options.database)) {
    configuration.arch = sidecar->arch;
    configuration.kernelRelease = sidecar->kernelRelease;
    configuration.configHash = sidecar->configHash;
    configuration.scope = sidecar->scope;
    for (const NotBuilt& file : sidecar->notBuilt)
      if (file.reason == "not built" && inScope(file.file, options.scope))
        configuration.notBuilt.push_back(file.file);
  } else {
    std::string release = first.buildRoot + "/include/config/kernel.release";
    std::string config = first.buildRoot + "/.config";
    see(release, SeenFiles::Kind::Content);
    see(config, SeenFiles::Kind::Content);
    configuration.notBuiltKnown = false;
    configuration.arch = archOf(first);
    configuration.kernelRelease = firstLine(release);
    configuration.configHash = hashOfFile(config);
  }
  if (!options.scope.empty())
    configuration.scope = options.scope;
  configuration.name = options.configurationName.empty() ? configuration.arch : options.configurationName;
  return configuration;
}

} // namespace

TuList readTuList(const TuListOptions& options, SeenFiles& seen) {
  TuList list;
  SeeFile see = [&](const std::string& path, SeenFiles::Kind kind) {
    list.sources.push_back(seen.note(path, kind));
  };
  see(options.flagTable, SeenFiles::Kind::Content);
  see(options.database, SeenFiles::Kind::Content);
  GccFlags flags(options.flagTable, options.cacheFolder);
  CompileDbReader reader(options.database);
  ModuleNames modules([&](const std::string& folder) { see(folder, SeenFiles::Kind::Folder); });
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
      list.tus.add(*invocation);
  }
  if (list.tus.size() == 0)
    throw Error("{}: no compile command of a kernel's C file{} ({} other entries)", options.database,
                options.scope.empty() ? "" : " in the scope", list.dropped.total());
  for (std::size_t tu = 0; tu < list.tus.size(); ++tu)
    if (list.tus.modulesGuessed(tu)) {
      Invocation invocation = list.tus.at(tu);
      modules.complete(invocation);
      list.tus.setModules(tu, invocation.modules);
    }
  list.tus.finish();
  list.unknownFlags.assign(unknown.begin(), unknown.end());
  list.configuration = configurationOf(options, list.tus.at(0), see);
  // It is written where it is not there: a step of its own.
  if (!flags.usedFixHeader().empty())
    see(flags.usedFixHeader(), SeenFiles::Kind::Content);
  return list;
}

std::vector<std::size_t> shardOf(std::size_t count, unsigned shard, unsigned shards) {
  std::vector<std::size_t> part;
  for (std::size_t tu = shard - 1; tu < count; tu += shards)
    part.push_back(tu);
  return part;
}

} // namespace fgft
