// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The one definition of the config's format: every struct's keys with their meaning, whether they must be
// there, and what values they take. Reader, writer and JSON Schema are made from it.
#pragma once

#include "protect/Codec.h"
#include "protect/ProtectionConfig.h"

namespace fgft::protect {

inline constexpr const char* formatName = "fgft-protection/1";

std::vector<Field<ProtectionConfig>> configFields();

/// Cross references: names that must be unique, names that must exist, keys that go together. Throws
/// fgft::Error.
void validate(const ProtectionConfig& config, const JsonNode& root, const ReadContext& context);

} // namespace fgft::protect
