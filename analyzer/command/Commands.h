// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The subcommands of `fgft`, a file each. A command throws Error where the tool failed (exit status 1) and
// sets `status` where it ends otherwise than well: statusPartial if some TU failed.
#pragma once

#include <CLI/App.hpp>

namespace fgft {

inline constexpr int statusFailed = 1;
inline constexpr int statusFindings = 2;
inline constexpr int statusPartial = 3;

void addCaptureCommand(CLI::App& app);
void addAnalyzeCommand(CLI::App& app, int& status);
void addMergeCommand(CLI::App& app, int& status);
void addReportCommand(CLI::App& app);
void addSurveyCommand(CLI::App& app, int& status);
void addExplainCommand(CLI::App& app);
void addModelCommand(CLI::App& app);

} // namespace fgft
