// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Manifests as JSON lines; see Manifest.h.
#include "facts/Manifest.h"

#include "facts/FactsIo.h"
#include "support/AtomicFile.h"
#include "support/Error.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <filesystem>
#include <sstream>

namespace fgft {

using Json = nlohmann::ordered_json;

namespace {

std::string line(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

void readHeader(const Json& json, Manifest& manifest) {
  if (!json.contains("fgft-manifest"))
    throw Error("not a manifest");
  if (json["fgft-manifest"] != factsVersion)
    throw Error("manifest version {}, this program reads {}", json["fgft-manifest"].dump(), factsVersion);
  manifest.toolVersion = json.at("tool");
  manifest.modelHash = json.at("model");
  manifest.headers = json.value("headers", "");
  std::string extent = json.value("extent", "all");
  if (extent != word(Extent::All) && extent != word(Extent::Pm))
    throw Error("extent '{}', expected all or pm", extent);
  manifest.extent = extent == word(Extent::Pm) ? Extent::Pm : Extent::All;
  const Json& configuration = json.at("configuration");
  manifest.configuration = {configuration.at("name"),         configuration.at("arch"),
                            configuration.at("release"),      configuration.at("hash"),
                            configuration.at("scope"),        configuration.at("notBuilt"),
                            configuration.at("notBuiltKnown")};
}

} // namespace

std::string_view word(Extent extent) {
  return extent == Extent::Pm ? "pm" : "all";
}

std::string manifestName(const std::string& configuration, unsigned shard, unsigned shards) {
  if (shards <= 1)
    return "manifest-" + configuration + ".jsonl";
  return "manifest-" + configuration + "-" + std::to_string(shard) + "-of-" + std::to_string(shards) +
         ".jsonl";
}

void writeManifest(const Manifest& manifest, const std::string& path) {
  const Configuration& configuration = manifest.configuration;
  std::string text = line({{"fgft-manifest", factsVersion},
                           {"tool", manifest.toolVersion},
                           {"model", manifest.modelHash},
                           {"headers", manifest.headers},
                           {"extent", word(manifest.extent)},
                           {"configuration",
                            {{"name", configuration.name},
                             {"arch", configuration.arch},
                             {"release", configuration.kernelRelease},
                             {"hash", configuration.configHash},
                             {"scope", configuration.scope},
                             {"notBuilt", configuration.notBuilt},
                             {"notBuiltKnown", configuration.notBuiltKnown}}}});
  for (const ManifestEntry& entry : manifest.entries)
    text += line({{"output", entry.output},
                  {"file", entry.file},
                  {"key", entry.key},
                  {"status", word(entry.status)},
                  {"modules", entry.modules}});
  text += line({{"end", manifest.entries.size()}});
  writeFileAtomically(path, text);
}

Manifest readManifest(const std::string& path) {
  std::istringstream stream(readFile(path));
  Manifest manifest;
  size_t lineNumber = 0;
  bool ended = false;
  try {
    for (std::string text; std::getline(stream, text);) {
      ++lineNumber;
      if (ended)
        throw Error("text after the last line");
      Json json = Json::parse(text);
      if (lineNumber == 1)
        readHeader(json, manifest);
      else if (json.contains("end"))
        ended = json["end"] == manifest.entries.size();
      else
        manifest.entries.push_back({json.at("output"), json.at("file"), json.at("key"),
                                    statusOf(json.at("status").get<std::string>()), json.at("modules")});
    }
    if (!ended)
      throw Error("the file is cut");
  } catch (const std::exception& error) {
    throw Error("{}:{}: {}", path, lineNumber, error.what());
  }
  return manifest;
}

namespace {

std::vector<std::string> listManifests(const std::string& folder, std::error_code& error) {
  std::vector<std::string> paths;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error))
    if (std::string name = entry.path().filename(); name.starts_with("manifest-") && name.ends_with(".jsonl"))
      paths.push_back(entry.path());
  std::sort(paths.begin(), paths.end());
  return paths;
}

} // namespace

std::vector<std::string> manifestsIn(const std::string& folder) {
  std::error_code ignored;
  return listManifests(folder, ignored);
}

std::vector<std::string> findManifests(const std::string& folder) {
  std::error_code error;
  std::vector<std::string> paths = listManifests(folder, error);
  if (error)
    throw Error("{}: cannot read the folder: {}", folder, error.message());
  if (paths.empty())
    throw Error(
        "{}: no manifest (manifest-*.jsonl) here: not a facts folder of `fgft analyze`, or an unfinished one",
        folder);
  return paths;
}

} // namespace fgft
