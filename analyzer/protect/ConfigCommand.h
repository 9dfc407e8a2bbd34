// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// `fgft config`: check, lines, schema, format, hash. Also built as a program of its own, for the driver build
// glue.
#pragma once

#include <CLI/CLI.hpp>

namespace fgft::protect {

/// Adds the sub-commands to `app`; the one that was chosen runs at the end of parsing and throws fgft::Error
/// when it fails.
void addConfigCommands(CLI::App& app);

} // namespace fgft::protect
