// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The `fgft` command. Results go to standard output, everything else to standard error; docs/man/fgft.1 has
// the exit statuses.
#include "analyze/Scheduler.h"
#include "command/Commands.h"
#include "support/Error.h"

#include <CLI/CLI.hpp>

#include <cstdio>

int main(int argc, char** argv) {
  int status = 0;
  CLI::App app("Which entry points of Linux drivers can be made fault tolerant, why, and how", "fgft");
  app.set_version_flag("--version", "fgft " FGFT_VERSION);
  app.require_subcommand(1);
  fgft::addCaptureCommand(app);
  fgft::addSurveyCommand(app, status);
  fgft::addAnalyzeCommand(app, status);
  fgft::addMergeCommand(app, status);
  fgft::addReportCommand(app);
  fgft::addExplainCommand(app);
  fgft::addModelCommand(app);
  app.failure_message(CLI::FailureMessage::simple);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : fgft::statusFailed;
  } catch (const fgft::Interrupted& interrupted) {
    std::fprintf(stderr, "fgft: interrupted; finished TUs are kept, --resume goes on from there\n");
    return 128 + interrupted.signal;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "fgft: %s\n", error.what());
    return fgft::statusFailed;
  }
  return status;
}
