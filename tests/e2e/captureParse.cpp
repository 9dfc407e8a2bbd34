// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// captureParse DB TABLE CACHE COMPILER [EVERY]: parses every EVERYth normalised command of a database with
// clang alone and says which do not parse. Exit status 0 if all do, 1 otherwise. Shows that what capture and
// the table of gcc's options leave of a command is enough for a front end, from the folder that the command
// names.
#include "capture/Invocation.h"
#include "capture/MakeRun.h"

#include <cstdlib>
#include <iostream>
#include <string>

int main(int argc, char** argv) {
  if (argc < 5) {
    std::cerr << "usage: captureParse DB TABLE CACHE COMPILER [EVERY]\n";
    return 2;
  }
  unsigned long every = argc > 5 ? std::strtoul(argv[5], nullptr, 10) : 1;
  try {
    fgft::GccFlags flags(argv[2], argv[3]);
    fgft::CompileDbReader reader(argv[1]);
    fgft::CompileCommand command;
    unsigned long number = 0, parsed = 0, failed = 0;
    while (reader.next(command)) {
      std::optional<fgft::Invocation> invocation = fgft::normalise(command, flags);
      if (!invocation || number++ % every != 0)
        continue;
      fgft::MakeRun run;
      run.arguments = {argv[4], "-fsyntax-only", "-w"};
      run.arguments.insert(run.arguments.end(), invocation->args.begin(), invocation->args.end());
      run.arguments.push_back(invocation->path);
      run.directory = invocation->directory;
      run.log = std::string(argv[3]) + "/parse.log";
      ++parsed;
      if (fgft::run(run) != 0) {
        ++failed;
        std::cout << "does not parse: " << invocation->file << "\n";
      }
      for (const std::string& flag : invocation->unknownFlags)
        std::cout << "unknown flag " << flag << " of " << invocation->file << "\n";
    }
    std::cout << parsed << " parsed, " << failed << " failed\n";
    return parsed > 0 && failed == 0 ? 0 : 1;
  } catch (const std::exception& error) {
    std::cerr << error.what() << "\n";
    return 2;
  }
}
