// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// QEMU's command line, its process and its time limits. TCG is used: KVM is not to be relied on inside a
// machine.
#include "Guest.h"

#include "support/Error.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <fstream>
#include <map>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace fgft {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

const char* const moduleTree = "/lib/modules/";

/// Starts a program; the child dies with us, so that no guest outlives a killed test.
pid_t start(const std::vector<std::string>& command, bool keepTerminal) {
  std::vector<char*> arguments;
  for (const std::string& word : command)
    arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  const pid_t child = fork();
  if (child < 0)
    throw Error("{}: fork: {}", command[0], std::strerror(errno));
  if (child == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (!keepTerminal)
      setpgid(0, 0);
    execvp(arguments[0], arguments.data());
    std::fprintf(stderr, "%s: %s\n", arguments[0], std::strerror(errno));
    _exit(127);
  }
  return child;
}

int waitFor(pid_t child) {
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR)
    ;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

std::uintmax_t sizeOf(const fs::path& file) {
  std::error_code error;
  const auto size = fs::file_size(file, error);
  return error ? 0 : size;
}

/// A module as a scenario names it: a path, one of ours, or one of the distribution's.
void addModule(const GuestOptions& options, const std::string& name, std::vector<std::string>& command) {
  if (name.starts_with("stock:")) {
    command.insert(command.end(), {"--stock", name.substr(6)});
  } else if (name.find('/') != std::string::npos) {
    command.insert(command.end(), {"--own", name});
  } else if (const auto own = findOwnModule(options, name)) {
    command.insert(command.end(), {"--own", own->string()});
  } else {
    command.insert(command.end(), {"--stock", name});
  }
}

std::string loadLine(const std::string& name) {
  if (name.starts_with("stock:"))
    return "load --stock " + name.substr(6) + " || fail load " + name.substr(6) + "\n";
  const std::string stem = fs::path(name).stem().string();
  return "load " + stem + " || fail load " + stem + "\n";
}

/// ${KMOD} is the first folder of own modules, ${HERE} the scenario file's.
std::string expanded(const GuestOptions& options, const Scenario& scenario, std::string text) {
  const std::pair<std::string, fs::path> variables[] = {
      {"${KMOD}", options.moduleFolders.empty() ? fs::path("/nowhere") : options.moduleFolders.front()},
      {"${HERE}", fs::absolute(scenario.file).parent_path()}};
  for (const auto& [name, value] : variables)
    for (auto at = text.find(name); at != std::string::npos; at = text.find(name))
      text.replace(at, name.size(), value.string());
  return text;
}

fs::path makeImage(const GuestOptions& options, const Scenario& scenario, const fs::path& folder) {
  const fs::path script = folder / "run.sh";
  {
    std::ofstream out(script);
    for (const std::string& name : scenario.modules)
      out << loadLine(name);
    out << scenario.run;
    if (!out.flush())
      throw Error("{}: cannot be written", script.string());
  }
  const fs::path image = folder / "initramfs.cpio";
  std::vector<std::string> command = {(options.testbed / "initramfs").string(),
                                      "--kernel",
                                      options.kernel,
                                      "--output",
                                      image.string(),
                                      "--program",
                                      "ethtool",
                                      "--file",
                                      script.string() + ":run.sh"};
  for (const std::string& name : scenario.modules)
    addModule(options, expanded(options, scenario, name), command);
  for (const std::string& name : scenario.available)
    addModule(options, expanded(options, scenario, name), command);
  for (const std::string& name : scenario.programs)
    command.insert(command.end(), {"--program", name});
  for (const std::string& pair : scenario.files)
    command.insert(command.end(), {"--file", expanded(options, scenario, pair)});
  if (const int status = waitFor(start(command, true)))
    throw Error("{}:{}: the initial file system of {} could not be made (status {})", scenario.file,
                scenario.line, scenario.name, status);
  return image;
}

/// The devices that scenarios name by one word; a word with a comma or `=` is given to QEMU's -device as it
/// is.
std::vector<std::string> deviceArguments(const std::string& device, unsigned index) {
  static const std::map<std::string, std::string> networks = {
      {"rtl8139", "rtl8139"}, {"e1000", "e1000"},       {"e1000e", "e1000e"},
      {"pcnet", "pcnet"},     {"tulip", "tulip"},       {"e100", "i82559c"},
      {"vmxnet3", "vmxnet3"}, {"ne2k_pci", "ne2k_pci"}, {"usb-net", "usb-net"}};
  if (const auto network = networks.find(device); network != networks.end()) {
    const std::string id = "net" + std::to_string(index);
    return {"-netdev", "user,id=" + id + ",restrict=off", "-device", network->second + ",netdev=" + id};
  }
  return {"-device", device};
}

std::vector<std::string> qemuCommand(const GuestOptions& options, const Scenario& scenario,
                                     const fs::path& image, const GuestRun& run) {
  // panic=-1 with -no-reboot ends QEMU at once when the guest's kernel panics.
  // A busy host makes the kernel's timer check at boot fail and RCU complain of stalls, which has nothing to
  // do with what is tested; a guest that really hangs is found by our own limits. The log must hold a slow
  // run's lines.
  std::string append =
      "console=ttyS0 panic=-1 loglevel=4 no_timer_check rcupdate.rcu_cpu_stall_timeout=200 log_buf_len=4M " +
      scenario.commandLine;
  std::vector<std::string> command = {"qemu-system-x86_64",
                                      "-accel",
                                      "tcg",
                                      "-m",
                                      std::to_string(scenario.memoryMegabytes),
                                      "-smp",
                                      std::to_string(scenario.processors),
                                      "-nodefaults",
                                      "-no-user-config",
                                      "-display",
                                      "none",
                                      "-no-reboot",
                                      "-kernel",
                                      "/boot/vmlinuz-" + options.kernel,
                                      "-initrd",
                                      image.string()};
  if (!scenario.cpu.empty())
    command.insert(command.end(), {"-cpu", scenario.cpu});
  if (options.shell) {
    append += " fgft.shell";
    command.insert(command.end(), {"-serial", "mon:stdio"});
  } else {
    command.insert(command.end(),
                   {"-chardev", "file,id=console,path=" + run.console.string(), "-serial", "chardev:console",
                    "-chardev", "file,id=result,path=" + run.result.string(), "-serial", "chardev:result"});
  }
  command.insert(command.end(), {"-append", append});
  command.insert(command.end(), scenario.qemu.begin(), scenario.qemu.end());
  unsigned index = 0;
  for (const std::string& device : scenario.devices)
    for (const std::string& argument : deviceArguments(device, index++))
      command.push_back(argument);
  return command;
}

/// Waits for QEMU's end; kills it when the time is over or when nothing has been heard for too long.
void supervise(pid_t qemu, const Scenario& scenario, GuestRun& run) {
  const auto begin = Clock::now();
  auto heard = begin;
  std::uintmax_t size = 0;
  for (;;) {
    int status = 0;
    const pid_t ended = waitpid(qemu, &status, WNOHANG);
    const auto now = Clock::now();
    if (ended == qemu) {
      run.qemuStatus = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
      run.end = run.qemuStatus == 0 ? GuestRun::End::PoweredOff : GuestRun::End::QemuFailed;
      break;
    }
    if (const auto newSize = sizeOf(run.console) + sizeOf(run.result); newSize != size) {
      size = newSize;
      heard = now;
    }
    const bool late = now - begin > std::chrono::seconds(scenario.timeoutSeconds);
    if (late || now - heard > std::chrono::seconds(scenario.stallSeconds)) {
      run.end = late ? GuestRun::End::TimeLimit : GuestRun::End::Stalled;
      kill(qemu, SIGKILL);
      waitFor(qemu);
      break;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  run.seconds = std::chrono::duration<double>(Clock::now() - begin).count();
}

bool hasCommand(const std::string& name) {
  const char* path = std::getenv("PATH");
  std::string folders = std::string(path ? path : "") + ":/usr/sbin:/sbin";
  for (std::size_t begin = 0; begin <= folders.size();) {
    const auto end = std::min(folders.find(':', begin), folders.size());
    if (access((folders.substr(begin, end - begin) + "/" + name).c_str(), X_OK) == 0)
      return true;
    begin = end + 1;
  }
  return false;
}

bool hasStockModule(const std::string& kernel, const std::string& name) {
  std::ifstream in(moduleTree + kernel + "/modules.dep");
  for (std::string line; std::getline(in, line);) {
    const auto slash = line.substr(0, line.find(':')).rfind('/');
    std::string stem = line.substr(slash + 1, line.find(".ko") - slash - 1);
    std::replace(stem.begin(), stem.end(), '-', '_');
    if (stem == name)
      return true;
  }
  return false;
}

} // namespace

std::optional<fs::path> findOwnModule(const GuestOptions& options, const std::string& name) {
  for (const fs::path& folder : options.moduleFolders)
    if (fs::exists(folder / (name + ".ko")))
      return folder / (name + ".ko");
  return std::nullopt;
}

std::optional<std::string> whySkipped(const GuestOptions& options, const Scenario& scenario) {
  if (!hasCommand("qemu-system-x86_64"))
    return "command qemu-system-x86_64 is not installed";
  if (!fs::exists("/boot/vmlinuz-" + options.kernel))
    return "kernel image /boot/vmlinuz-" + options.kernel + " is not installed";
  for (const Requirement& requirement : scenario.requirements) {
    const std::string& value = requirement.value;
    const bool there = requirement.kind == "command"  ? hasCommand(value)
                       : requirement.kind == "file"   ? fs::exists(expanded(options, scenario, value))
                       : requirement.kind == "module" ? hasStockModule(options.kernel, value)
                                                      : findOwnModule(options, value).has_value();
    if (!there)
      return requirement.kind + " " + value + " is not there";
  }
  return std::nullopt;
}

GuestRun runGuest(const GuestOptions& options, const Scenario& scenario) {
  const fs::path folder = options.output / scenario.name;
  fs::create_directories(folder);
  GuestRun run;
  run.console = folder / "console.log";
  run.result = folder / "result.log";
  fs::remove(run.console);
  fs::remove(run.result);
  const fs::path image = makeImage(options, scenario, folder);
  const pid_t qemu = start(qemuCommand(options, scenario, image, run), options.shell);
  if (options.shell)
    run.qemuStatus = waitFor(qemu);
  else
    supervise(qemu, scenario, run);
  fs::remove(image);
  return run;
}

} // namespace fgft
