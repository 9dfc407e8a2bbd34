// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Tells a configured kernel from everything else that a user may point at.
#include "capture/KernelTree.h"

#include "support/AtomicFile.h"
#include "support/Error.h"
#include "support/Hash.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <string_view>

namespace fs = std::filesystem;

namespace fgft {

namespace {

bool isFile(const std::string& path) {
  std::error_code ignored;
  return fs::is_regular_file(path, ignored);
}

bool isFolder(const std::string& path) {
  std::error_code ignored;
  return fs::is_directory(path, ignored);
}

std::string realPath(const std::string& path) {
  std::error_code error;
  std::string real = fs::canonical(path, error).string();
  if (error)
    throw Error("{}: {}", path, error.message());
  return real;
}

bool isKernelSource(const std::string& folder) {
  return isFile(folder + "/Makefile") && isFile(folder + "/Kconfig") && isFile(folder + "/Kbuild") &&
         isFile(folder + "/scripts/Makefile.build");
}

/// The lines of a text.
template <typename Function>
void forEachLine(std::string_view text, Function function) {
  while (!text.empty()) {
    std::size_t end = std::min(text.find('\n'), text.size());
    function(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

/// Kbuild leaves in an O= folder a link to the source, and a Makefile that includes the source's.
std::string sourceOf(const std::string& build) {
  if (isKernelSource(build))
    return build;
  if (isKernelSource(build + "/source"))
    return realPath(build + "/source");
  std::string source;
  if (isFile(build + "/Makefile"))
    forEachLine(readFile(build + "/Makefile"), [&](std::string_view line) {
      if (!line.starts_with("include ") || !line.ends_with("/Makefile"))
        return;
      std::string folder(line.substr(8, line.size() - 8 - 9));
      source = (fs::path(build) / folder).lexically_normal().string();
    });
  if (!source.empty() && isKernelSource(source))
    return realPath(source);
  throw Error(
      "{} is no kernel: expected a kernel's source configured in place, or a folder configured with O=",
      build);
}

/// The value of a CONFIG_ symbol as it stands in .config, without quotes; "" if it is not set.
std::string configValue(const std::string& config, const std::string& symbol) {
  std::string value;
  std::string start = symbol + "=";
  forEachLine(config, [&](std::string_view line) {
    if (line.starts_with(start))
      value = line.substr(start.size());
  });
  if (value.size() >= 2 && value.front() == '"' && value.back() == '"')
    value = value.substr(1, value.size() - 2);
  return value;
}

/// What the compiler is called is no part of the configuration that a survey is about.
std::string hashOfConfig(const std::string& config) {
  std::string lines;
  forEachLine(config, [&](std::string_view line) {
    if (line.starts_with("CONFIG_") && !line.starts_with("CONFIG_CC_VERSION_TEXT"))
      lines.append(line).append("\n");
  });
  return hashOf(lines);
}

/// Kconfig begins the file with "# Linux/ARCH VERSION Kernel Configuration".
std::string archOfConfig(const std::string& config, const std::string& path) {
  std::size_t at = config.find("# Linux/");
  if (at == std::string::npos)
    throw Error(
        "{}: no line \"# Linux/ARCH … Kernel Configuration\": not written by the kernel's configuration",
        path);
  at += 8;
  return config.substr(at, config.find(' ', at) - at);
}

/// One name for what users and the kernel call an architecture.
std::string canonicalArch(const std::string& arch, const std::string& config) {
  static const std::map<std::string, std::string> names = {
      {"amd64", "x86_64"},  {"aarch64", "arm64"},         {"ppc64", "powerpc"}, {"ppc64le", "powerpc"},
      {"ppc", "powerpc"},   {"riscv64", "riscv"},         {"riscv32", "riscv"}, {"s390x", "s390"},
      {"mips64", "mips"},   {"loongarch64", "loongarch"}, {"armhf", "arm"},     {"sparc64", "sparc"},
      {"sparc32", "sparc"}, {"parisc64", "parisc"},       {"i686", "i386"}};
  if (arch == "x86")
    return configValue(config, "CONFIG_X86_64") == "y" ? "x86_64" : "i386";
  auto known = names.find(arch);
  return known == names.end() ? arch : known->second;
}

std::string architecturesOf(const std::string& source) {
  std::vector<std::string> names = {"x86_64", "i386"};
  for (const auto& entry : fs::directory_iterator(source + "/arch"))
    if (isFile(entry.path().string() + "/Makefile"))
      names.push_back(entry.path().filename().string());
  std::sort(names.begin(), names.end());
  return fmt::format("{}", fmt::join(names, ", "));
}

void checkArch(const KernelTree& tree, const std::string& wanted) {
  if (wanted.empty())
    return;
  std::string want = canonicalArch(wanted, tree.config);
  std::string folder = want == "x86_64" || want == "i386" ? "x86" : want;
  if (!isFile(tree.source + "/arch/" + folder + "/Makefile"))
    throw Error("unknown architecture {}: the kernel has {}", wanted, architecturesOf(tree.source));
  std::string is = canonicalArch(tree.arch, tree.config);
  if (is != want)
    throw Error("{} is configured for {}, not for {}", tree.build, is, wanted);
}

void checkPowerManagement(const KernelTree& tree) {
  for (const char* symbol : {"CONFIG_PM", "CONFIG_PM_SLEEP"})
    if (configValue(tree.config, symbol) != "y")
      throw Error(
          "{}/.config: {} is not set: without it the drivers' suspend and resume code is compiled out, and "
          "there is nothing to survey; enable CONFIG_SUSPEND and configure again",
          tree.build, symbol);
}

/// CC_VERSION_TEXT is the first line of `gcc --version`, which begins with the name gcc was called by.
void findCompiler(KernelTree& tree) {
  if (configValue(tree.config, "CONFIG_CC_IS_GCC") != "y")
    return;
  tree.gcc = true;
  std::string text = configValue(tree.config, "CONFIG_CC_VERSION_TEXT");
  tree.compiler = text.substr(0, text.find(' '));
  if (tree.compiler.find("gcc") == std::string::npos)
    tree.compiler = "gcc";
  tree.crossCompile = tree.compiler.substr(0, tree.compiler.rfind("gcc"));
}

/// The version as the source's Makefile says it, for a build folder that has not been prepared.
std::string versionOfSource(const std::string& source) {
  std::map<std::string, std::string> parts;
  forEachLine(readFile(source + "/Makefile"), [&](std::string_view line) {
    for (const char* name : {"VERSION", "PATCHLEVEL", "SUBLEVEL", "EXTRAVERSION"})
      if (std::string start = std::string(name) + " = "; line.starts_with(start) && !parts.count(name))
        parts[name] = line.substr(start.size());
  });
  return fmt::format("{}.{}.{}{}", parts["VERSION"], parts["PATCHLEVEL"], parts["SUBLEVEL"],
                     parts["EXTRAVERSION"]);
}

/// What Kbuild's outputmakefile looks at before it builds into another folder.
bool isClean(const std::string& source) {
  if (isFile(source + "/.config") || isFolder(source + "/include/config"))
    return false;
  for (const auto& entry : fs::directory_iterator(source + "/arch"))
    if (isFolder(entry.path().string() + "/include/generated"))
      return false;
  return true;
}

} // namespace

KernelTree inspectKernelTree(const std::string& folder, const std::string& arch) {
  if (!isFolder(folder))
    throw Error("{}: no such folder: expected a configured kernel", folder);
  KernelTree tree;
  tree.build = realPath(folder);
  tree.source = sourceOf(tree.build);
  std::string configPath = tree.build + "/.config";
  if (!isFile(configPath))
    throw Error(
        "{} is not configured: it has no .config; configure it (make allmodconfig), or name the folder given "
        "to make by O=",
        tree.build);
  tree.config = readFile(configPath);
  tree.configHash = hashOfConfig(tree.config);
  tree.arch = archOfConfig(tree.config, configPath);
  checkArch(tree, arch);
  checkPowerManagement(tree);
  findCompiler(tree);
  std::string releasePath = tree.build + "/include/config/kernel.release";
  tree.release = isFile(releasePath) ? readFile(releasePath) : versionOfSource(tree.source);
  while (!tree.release.empty() && tree.release.back() == '\n')
    tree.release.pop_back();
  tree.sourceIsClean = isClean(tree.source);
  tree.arch = tree.arch == "x86" ? canonicalArch(tree.arch, tree.config) : tree.arch;
  return tree;
}

std::vector<std::string> KernelTree::resolveScope(const std::vector<std::string>& scope) const {
  std::vector<std::string> wanted = scope.empty() ? std::vector<std::string>{"drivers", "sound"} : scope;
  std::vector<std::string> result;
  for (const std::string& entry : wanted) {
    fs::path path(entry);
    std::string absolute = (path.is_absolute() ? path : fs::path(source) / path).lexically_normal().string();
    while (absolute.size() > 1 && absolute.back() == '/')
      absolute.pop_back();
    std::string relative = fs::path(absolute).lexically_relative(source).string();
    if (relative.empty() || relative == "." || relative.starts_with(".."))
      throw Error("scope {}: expected a folder or C file below {}, e.g. drivers/net", entry, source);
    if (!isFolder(absolute) && !isFile(absolute))
      throw Error("scope {}: there is no {} in {}", entry, relative, source);
    if (!isFolder(absolute) && !absolute.ends_with(".c"))
      throw Error("scope {}: expected a folder or a C file", entry);
    result.push_back(relative);
  }
  std::sort(result.begin(), result.end());
  // What lies inside another entry says nothing new.
  std::vector<std::string> outer;
  for (const std::string& entry : result)
    if (std::none_of(outer.begin(), outer.end(), [&](const std::string& o) { return isWithin(entry, o); }))
      outer.push_back(entry);
  return outer;
}

bool isWithin(const std::string& path, const std::string& folder) {
  return path == folder ||
         (path.size() > folder.size() && path.starts_with(folder) && path[folder.size()] == '/');
}

} // namespace fgft
