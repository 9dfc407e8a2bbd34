// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// See Inputs.h.
#include "merge/Inputs.h"

#include "facts/FactsIo.h"
#include "support/AtomicFile.h"
#include "support/Error.h"
#include "support/Hash.h"

#include <set>

namespace fgft {

namespace {

void addUnion(std::vector<std::string>& to, const std::vector<std::string>& from) {
  std::set<std::string> all(to.begin(), to.end());
  all.insert(from.begin(), from.end());
  to.assign(all.begin(), all.end());
}

// What some of the drivers would have entry points for, and others not, is no survey.
void checkExtent(const std::map<std::string, Inputs>& inputs, const Manifest& manifest,
                 const std::string& path) {
  if (inputs.empty() || extentOf(inputs) == manifest.extent)
    return;
  const std::string& other = inputs.begin()->second.manifest;
  const bool onlyPm = manifest.extent == Extent::Pm;
  throw Error("{} is of a run with --only pm and {} of one without: they cannot be merged; analyze both in "
              "the same way",
              onlyPm ? path : other, onlyPm ? other : path);
}

void addManifest(std::map<std::string, Inputs>& inputs, const Manifest& manifest, const std::string& folder,
                 const std::string& path) {
  checkExtent(inputs, manifest, path);
  const Configuration& configuration = manifest.configuration;
  auto [it, isNew] = inputs.try_emplace(configuration.name);
  Inputs& into = it->second;
  if (isNew) {
    into.configuration = configuration;
    into.configuration.scope.clear();
    into.configuration.notBuilt.clear();
    into.extent = manifest.extent;
    into.manifest = path;
  }
  if (into.configuration.configHash != configuration.configHash)
    throw Error("two kernels are both called configuration '{}': .config {} and {}", configuration.name,
                into.configuration.configHash, configuration.configHash);
  addUnion(into.configuration.scope, configuration.scope);
  addUnion(into.configuration.notBuilt, configuration.notBuilt);
  into.configuration.notBuiltKnown &= configuration.notBuiltKnown;
  if (!manifest.headers.empty())
    into.headers.emplace(manifest.headers, folder);
  for (const ManifestEntry& entry : manifest.entries) {
    auto [known, first] = into.entries.try_emplace(entry.output, Entry{entry, folder});
    if (!first && known->second.manifest.key != entry.key)
      throw Error("{} ({}): two keys for one TU: {} in {} and {} in {}", entry.output, configuration.name,
                  known->second.manifest.key, known->second.folder, entry.key, folder);
  }
}

std::string hashOf(const std::map<std::string, Inputs>& inputs, const Model& model, bool withFacts) {
  Hasher hasher;
  auto addList = [&hasher](const std::vector<std::string>& list) {
    hasher.add(std::to_string(list.size()));
    for (const std::string& one : list)
      hasher.add(one);
  };
  hasher.add(hashOfProgram()).add(model.contentHash()).add(std::to_string(inputs.size()));
  for (const auto& [name, one] : inputs) {
    const Configuration& configuration = one.configuration;
    hasher.add(name).add(configuration.arch).add(configuration.kernelRelease).add(configuration.configHash);
    addList(configuration.scope);
    addList(configuration.notBuilt);
    hasher.add(configuration.notBuiltKnown ? "known" : "not known");
    hasher.add(word(one.extent)).add(std::to_string(one.headers.size()));
    for (const auto& [key, folder] : one.headers)
      hasher.add(key);
    hasher.add(std::to_string(one.entries.size()));
    for (const auto& [output, entry] : one.entries) {
      hasher.add(output).add(entry.manifest.file);
      if (withFacts)
        hasher.add(entry.manifest.key).add(word(entry.manifest.status));
      addList(entry.manifest.modules);
    }
  }
  return hasher.hex();
}

} // namespace

std::map<std::string, Inputs> readInputs(const std::vector<std::string>& folders) {
  std::map<std::string, Inputs> inputs;
  for (const std::string& folder : folders)
    for (const std::string& path : findManifests(folder))
      addManifest(inputs, readManifest(path), folder, path);
  return inputs;
}

Extent extentOf(const std::map<std::string, Inputs>& inputs) {
  return inputs.empty() ? Extent::All : inputs.begin()->second.extent;
}

std::string hashOfInputs(const std::map<std::string, Inputs>& inputs, const Model& model) {
  return hashOf(inputs, model, true);
}

std::string hashOfFrame(const std::map<std::string, Inputs>& inputs, const Model& model) {
  return hashOf(inputs, model, false);
}

TuFacts readEntry(const Entry& entry, std::string& status) {
  std::string path = factsPath(entry.folder, entry.manifest.key);
  try {
    TuFacts facts = parseFacts(readFile(path), path);
    if (facts.key != entry.manifest.key)
      throw Error("{}: holds the facts of key {}", path, facts.key);
    status = word(facts.status);
    facts.modules = entry.manifest.modules;
    return facts;
  } catch (const Error& error) {
    TuFacts facts;
    facts.message = error.what();
    facts.modules = entry.manifest.modules;
    status = "missing";
    return facts;
  }
}

std::function<TuFacts()> loaderOf(const Entry& entry) {
  return [&entry] {
    std::string ignored;
    return readEntry(entry, ignored);
  };
}

TuFacts readHeaders(const std::string& key, const std::string& folder) {
  std::string status;
  TuFacts facts = readEntry({{.key = key}, folder}, status);
  if (status != "ok")
    throw Error("{}: no header facts: {}", factsPath(folder, key), facts.message);
  return facts;
}

} // namespace fgft
