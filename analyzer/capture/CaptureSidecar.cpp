// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// <name>.capture.json: what a database is of. Times and process ids stay out of it: the same capture gives
// the same bytes.
#include "capture/CaptureSidecar.h"

#include "support/AtomicFile.h"
#include "support/Error.h"

#include <nlohmann/json.hpp>

#include <filesystem>

namespace fgft {

namespace {

constexpr int sidecarVersion = 1;

} // namespace

std::string sidecarPath(const std::string& database) {
  std::filesystem::path path(database);
  if (path.extension() == ".json")
    path.replace_extension();
  return path.string() + ".capture.json";
}

void writeCaptureSidecar(const CaptureResult& result) {
  nlohmann::ordered_json json;
  json["version"] = sidecarVersion;
  json["kernel"] = result.kernel;
  json["kernel_release"] = result.kernelRelease;
  json["arch"] = result.arch;
  json["config_hash"] = result.configHash;
  json["scope"] = result.scope;
  json["source_root"] = result.sourceRoot;
  json["build_root"] = result.buildRoot;
  json["command"] = result.command;
  json["log"] = result.log;
  json["commands"] = result.count;
  nlohmann::ordered_json dropped = nlohmann::ordered_json::object();
  for (std::size_t i = 0; i < dropReasons; ++i)
    dropped[toString(static_cast<DropReason>(i))] = result.dropped.count[i];
  json["dropped"] = dropped;
  json["failures"] = result.failures;
  json["notes"] = result.notes;
  nlohmann::ordered_json notBuilt = nlohmann::ordered_json::array();
  for (const NotBuilt& file : result.notBuilt)
    notBuilt.push_back({{"file", file.file}, {"reason", file.reason}});
  json["not_built"] = notBuilt;
  writeFileAtomically(result.sidecar,
                      json.dump(1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n");
}

std::optional<CaptureResult> readCaptureSidecar(const std::string& database) {
  CaptureResult result;
  result.output = database;
  result.sidecar = sidecarPath(database);
  if (!std::filesystem::exists(result.sidecar))
    return std::nullopt;
  try {
    nlohmann::json json = nlohmann::json::parse(readFile(result.sidecar));
    if (json.at("version") != sidecarVersion)
      throw Error("{}: version {}, expected {}: capture again", result.sidecar, json.at("version").dump(),
                  sidecarVersion);
    json.at("kernel").get_to(result.kernel);
    json.at("kernel_release").get_to(result.kernelRelease);
    json.at("arch").get_to(result.arch);
    json.at("config_hash").get_to(result.configHash);
    json.at("scope").get_to(result.scope);
    json.at("source_root").get_to(result.sourceRoot);
    json.at("build_root").get_to(result.buildRoot);
    json.at("command").get_to(result.command);
    json.at("log").get_to(result.log);
    json.at("commands").get_to(result.count);
    for (std::size_t i = 0; i < dropReasons; ++i)
      json.at("dropped").at(toString(static_cast<DropReason>(i))).get_to(result.dropped.count[i]);
    json.at("failures").get_to(result.failures);
    json.at("notes").get_to(result.notes);
    for (const nlohmann::json& file : json.at("not_built"))
      result.notBuilt.push_back({file.at("file"), file.at("reason")});
  } catch (const nlohmann::json::exception& error) {
    throw Error("{}: {}", result.sidecar, error.what());
  }
  return result;
}

} // namespace fgft
