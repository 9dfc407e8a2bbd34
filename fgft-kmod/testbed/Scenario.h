// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A scenario of the testbed: what machine to boot, what to run in it, what must and must not be seen.
// The text form is a list of blocks; docs/testbed.md describes the keys.
#pragma once

#include <string>
#include <vector>

namespace fgft {

/// One pattern that a scenario looks for, and where it was written.
struct Expectation {
  enum class Stream { Output, Console };
  Stream stream = Stream::Output;
  bool present = true;
  std::string pattern;
  unsigned line = 0;
};

/// One thing without which a scenario is skipped, e.g. `file /boot/x`, `command zstd`, `own fgft`.
struct Requirement {
  std::string kind;
  std::string value;
  unsigned line = 0;
};

struct Scenario {
  std::string name;
  std::string file;
  unsigned line = 0;
  std::vector<std::string> devices;
  std::vector<std::string> modules;   ///< shipped and loaded, in this order, before RUN
  std::vector<std::string> available; ///< shipped, left to RUN to load
  std::vector<std::string> programs;
  std::vector<std::string> files; ///< HOST:GUEST
  std::string run;
  std::vector<Expectation> expectations;
  std::vector<std::string> allowed; ///< console lines that would count as a crash but are meant to be there
  std::vector<Requirement> requirements;
  std::string commandLine;
  std::string cpu = "qemu64";
  std::vector<std::string> qemu; ///< further words for QEMU
  std::string outcome = "pass";  ///< `crash` for a guest that is meant to die
  unsigned processors = 1;
  unsigned memoryMegabytes = 256;
  unsigned timeoutSeconds = 600;
  unsigned stallSeconds = 180;
};

/// Reads the scenarios of a file. Throws fgft::Error with file:line for an unknown key, a bad number or
/// pattern, or a block without NAME or RUN.
std::vector<Scenario> readScenarios(const std::string& path);

} // namespace fgft
