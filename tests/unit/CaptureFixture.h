// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What capture's tests share: a folder that goes away, files in it, commands as Kbuild writes them.
#pragma once

#include "capture/CompileDb.h"
#include "support/AtomicFile.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace fgft::test {

/// A temporary folder.
class Scratch {
public:
  Scratch() {
    std::string name = (std::filesystem::temp_directory_path() / "fgft-test-XXXXXX").string();
    path_ = std::filesystem::canonical(mkdtemp(name.data())).string();
  }
  ~Scratch() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  const std::string& path() const { return path_; }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

  /// Writes a file and the folders above it; returns its path.
  std::string write(const std::string& name, const std::string& content) const {
    std::string path = *this / name;
    std::filesystem::create_directories(std::filesystem::path(path).parent_path());
    std::ofstream(path, std::ios::binary) << content;
    return path;
  }

private:
  std::string path_;
};

/// A kernel compile as Kbuild writes it for a tree at /src, built in /build.
inline CompileCommand kernelCommand(std::vector<std::string> more = {},
                                    const std::string& compiler = "clang-22") {
  CompileCommand command;
  command.directory = "/build";
  command.file = "/src/drivers/net/a.c";
  command.arguments = {compiler,
                       "-Wp,-MMD,drivers/net/.a.o.d",
                       "-nostdinc",
                       "-I/src/include",
                       "-I./include",
                       "-include",
                       "/src/include/linux/kconfig.h",
                       "-include",
                       "/src/include/linux/compiler_types.h",
                       "-D__KERNEL__"};
  for (std::string& argument : more)
    command.arguments.push_back(std::move(argument));
  for (const char* argument : {"-c", "-o", "drivers/net/a.o", "/src/drivers/net/a.c"})
    command.arguments.push_back(argument);
  return command;
}

/// The table that the program uses.
inline std::string flagTable() {
  return FGFT_SOURCE_DIR "/analyzer/model/gcc_flags.csv";
}

} // namespace fgft::test
