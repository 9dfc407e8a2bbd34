// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// fgft-config: `fgft config` alone, for the driver build glue, which needs nothing else of the command.
#include "protect/ConfigCommand.h"

#include <iostream>

int main(int argc, char** argv) {
  CLI::App app{"Reads, checks and prints protection configs"};
  try {
    fgft::protect::addConfigCommands(app);
    CLI11_PARSE(app, argc, argv);
  } catch (const std::exception& error) {
    std::cerr << "fgft-config: " << error.what() << "\n";
    return 1;
  }
  return 0;
}
