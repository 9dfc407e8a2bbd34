// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Reading, writing and the kernel's line form, all from the tables of ConfigSchema.cpp.
#include "protect/ProtectionConfig.h"

#include "protect/ConfigSchema.h"
#include "support/AtomicFile.h"
#include "support/Error.h"

#include <filesystem>

namespace fgft::protect {

ProtectionConfig parseProtectionConfig(std::string_view text, const std::string& name) {
  const JsonNode root = parseJson(text, name);
  const ReadContext context(name);
  ProtectionConfig config = readFields(configFields(), root, context);
  config.file = name;
  validate(config, root, context);
  return config;
}

ProtectionConfig readProtectionConfig(const std::string& path) {
  std::error_code error;
  const auto size = std::filesystem::file_size(path, error);
  // Asked before reading, so that an absurd file is not read into memory first.
  if (!error && size > JsonLimits{}.bytes)
    throw Error("{}:1:1: {} bytes; at most {} are expected", path, size, JsonLimits{}.bytes);
  return parseProtectionConfig(readFile(path), path);
}

bool tryReadProtectionConfig(const std::string& path, ProtectionConfig& config,
                             std::string& message) noexcept {
  try {
    config = readProtectionConfig(path);
    return true;
  } catch (const std::exception& error) {
    message = error.what();
    return false;
  }
}

std::string writeProtectionConfig(const ProtectionConfig& config) {
  return writeFields(configFields(), config).dump(2) + "\n";
}

void saveProtectionConfig(const ProtectionConfig& config, const std::string& path) {
  writeFileAtomically(path, writeProtectionConfig(config));
}

std::string policyLines(const ProtectionConfig& config) {
  const std::string module = config.module.substr(config.module.rfind('/') + 1);
  std::string text = fmt::format("fgft-policy 1\ndriver {}\nmodule {}\nkernel {}\nsources {}\n",
                                 config.driver, module, config.kernel.buildId, config.sources.sha256);
  for (const EntryPoint& entry : config.entryPoints) {
    text += fmt::format("entry {} mode={}", entry.function, name(entry.mode));
    if (entry.mode != Mode::Refuse)
      text += fmt::format(
          " when={} count={} log_full={} on_abort={} context={} log_bytes={} loops={} wall_ms={}",
          name(entry.policy.when), entry.policy.count, name(entry.logFull), name(entry.onAbort),
          name(entry.restoreContext), entry.limits.logBytes, entry.limits.loops, entry.limits.wallMs);
    text += "\n";
  }
  return text + fmt::format("end {}\n", config.entryPoints.size());
}

std::string protectionSchema() {
  Json schema = {{"$schema", "https://json-schema.org/draft/2020-12/schema"},
                 {"title", "Protection config of FGFT Advisor"},
                 {"description", "Which entry points of one driver run as transactions, and how"}};
  schema.update(schemaOf(configFields()));
  return schema.dump(2) + "\n";
}

} // namespace fgft::protect
