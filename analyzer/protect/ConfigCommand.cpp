// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// `fgft config`; see ConfigCommand.h.
#include "protect/ConfigCommand.h"

#include "protect/ProtectionConfig.h"

#include <iostream>
#include <memory>

namespace fgft::protect {
namespace {

struct Arguments {
  std::string file;
  std::string source;
  std::string kernel;
  std::string output;
  std::vector<std::string> files;
};

void check(const Arguments& arguments) {
  const ProtectionConfig config = readProtectionConfig(arguments.file);
  if (!arguments.source.empty())
    checkSources(config, arguments.source);
  if (!arguments.kernel.empty())
    checkKernel(config, arguments.kernel);
  std::size_t refused = 0;
  for (const EntryPoint& entry : config.entryPoints)
    refused += entry.mode == Mode::Refuse;
  std::cout << arguments.file << ": good; " << config.driver << ", " << config.entryPoints.size() - refused
            << " entry points protected, " << refused << " refused\n";
}

void format(const Arguments& arguments) {
  const ProtectionConfig config = readProtectionConfig(arguments.file);
  if (arguments.output.empty())
    std::cout << writeProtectionConfig(config);
  else
    saveProtectionConfig(config, arguments.output);
}

/// For tests: what must equal the checkpoint after a restore, one register of one entry point a line.
void registers(const Arguments& arguments) {
  const ProtectionConfig config = readProtectionConfig(arguments.file);
  for (const EntryPoint& entry : config.entryPoints)
    for (const Checkpoint& checkpoint : config.checkpoints)
      for (const std::string& name : checkpoint.compare)
        for (const Register& reg : config.registers)
          if (checkpoint.name == entry.checkpoint && reg.name == name)
            std::cout << "register " << entry.function << " " << reg.name << " " << reg.offset << " "
                      << reg.width << " " << reg.mask << "\n";
}

} // namespace

void addConfigCommands(CLI::App& app) {
  const auto arguments = std::make_shared<Arguments>();
  app.require_subcommand(1);
  CLI::App* checkCommand = app.add_subcommand("check", "Read a config; say what is wrong with it");
  checkCommand->add_option("file", arguments->file, "the config")->required();
  checkCommand->add_option("--source", arguments->source, "it must be for the sources in this kernel tree");
  checkCommand->add_option("--kernel", arguments->kernel,
                           "it must be for this kernel: a boot image, vmlinux, or /sys/kernel/notes");
  checkCommand->callback([arguments] { check(*arguments); });

  CLI::App* linesCommand = app.add_subcommand("lines", "Print what fgft.ko's policy device takes");
  linesCommand->add_option("file", arguments->file, "the config")->required();
  linesCommand->callback([arguments] { std::cout << policyLines(readProtectionConfig(arguments->file)); });

  CLI::App* registersCommand =
      app.add_subcommand("registers", "Print the registers that a restore must bring back");
  registersCommand->add_option("file", arguments->file, "the config")->required();
  registersCommand->callback([arguments] { registers(*arguments); });

  CLI::App* formatCommand = app.add_subcommand("format", "Print the config in its standard form");
  formatCommand->add_option("file", arguments->file, "the config")->required();
  formatCommand->add_option("-o", arguments->output, "write it here instead");
  formatCommand->callback([arguments] { format(*arguments); });

  app.add_subcommand("schema", "Print the JSON Schema of the format")->callback([] {
    std::cout << protectionSchema();
  });

  CLI::App* hashCommand = app.add_subcommand("hash", "Print the hash of a driver's sources");
  hashCommand->add_option("--source", arguments->source, "the kernel tree")->required();
  hashCommand->add_option("files", arguments->files, "the driver's files, relative to it")->required();
  hashCommand->callback(
      [arguments] { std::cout << sourcesHash(arguments->source, arguments->files) << "\n"; });

  CLI::App* buildIdCommand = app.add_subcommand("build-id", "Print a kernel's build id");
  buildIdCommand->add_option("file", arguments->kernel, "a boot image, vmlinux, or /sys/kernel/notes")
      ->required();
  buildIdCommand->callback([arguments] { std::cout << kernelBuildId(arguments->kernel) << "\n"; });
}

} // namespace fgft::protect
