// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The two make runs of a capture.
#include "capture/Kbuild.h"

#include "capture/CommandLog.h"
#include "capture/MakeRun.h"
#include "support/AtomicFile.h"
#include "support/Error.h"
#include "support/Hash.h"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <set>
#include <string_view>
#include <unistd.h>

namespace fs = std::filesystem;

namespace fgft {

namespace {

std::set<std::string> configLines(const std::string& text) {
  std::set<std::string> lines;
  for (std::size_t begin = 0; begin < text.size();) {
    std::size_t end = std::min(text.find('\n', begin), text.size());
    std::string line = text.substr(begin, end - begin);
    if (line.starts_with("CONFIG_"))
      lines.insert(line);
    begin = end + 1;
  }
  return lines;
}

/// What olddefconfig made of a configuration, line by line: "+CONFIG_…" and "-CONFIG_…".
std::vector<std::string> configChanges(const std::string& before, const std::string& after) {
  std::set<std::string> old = configLines(before), now = configLines(after);
  std::vector<std::string> changes;
  for (const std::string& line : old)
    if (!now.count(line))
      changes.push_back("-" + line);
  for (const std::string& line : now)
    if (!old.count(line))
      changes.push_back("+" + line);
  return changes;
}

/// The last lines of a log that say something.
std::string tailOf(const std::string& text) {
  std::size_t begin = text.size();
  for (int lines = 0; begin > 0 && lines < 12; ++lines)
    begin = text.rfind('\n', begin - 1) == std::string::npos ? 0 : text.rfind('\n', begin - 1);
  return text.substr(begin == 0 ? 0 : begin + 1);
}

std::string wrapperPath(const CaptureOptions& options) {
  std::string path = options.wrapper;
  if (path.empty()) {
    std::error_code error;
    path = (fs::read_symlink("/proc/self/exe", error).parent_path() / "fgft-cc").string();
  }
  if (access(path.c_str(), X_OK) != 0)
    throw Error("{}: expected the recording compiler there: it belongs beside fgft", path);
  return fs::absolute(path).string();
}

void copyIfDifferent(const std::string& from, const std::string& to) {
  std::error_code ignored;
  std::string content = readFile(from);
  if (!fs::exists(to, ignored) || readFile(to) != content)
    writeFileAtomically(to, content);
}

} // namespace

void requireProgram(const std::string& name, const std::string& purpose) {
  const char* value = std::getenv("PATH");
  std::string_view path = value ? value : "";
  while (!path.empty()) {
    std::size_t end = std::min(path.find(':'), path.size());
    if (access((std::string(path.substr(0, end)) + "/" + name).c_str(), X_OK) == 0)
      return;
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  throw Error("{} is not on PATH: {}", name, purpose);
}

std::string shellQuoted(const std::string& text) {
  if (text.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_@%+=:,./-") ==
      std::string::npos)
    return text;
  std::string quoted = "'";
  for (char c : text)
    quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

Kbuild::Kbuild(const KernelTree& tree, const CaptureOptions& options, CaptureFolders folders,
               std::string source)
    : tree_(tree), folders_(std::move(folders)), source_(std::move(source)), wrapper_(wrapperPath(options)),
      jobs_(options.jobs) {
  requireProgram("make", "the kernel's commands are asked of its own build");
  if (tree.gcc) {
    compiler_ = tree.compiler;
    host_ = "gcc";
    requireProgram(compiler_, fmt::format("{} is configured for it", tree.build));
    requireProgram(host_, "the kernel's build compiles programs of its own with it");
    return;
  }
  llvm_ = options.llvmSuffix.empty() ? "-" FGFT_LLVM_VERSION : options.llvmSuffix;
  compiler_ = host_ = "clang" + llvm_;
  requireProgram(compiler_, fmt::format("{} is configured for clang", tree.build));
}

std::vector<std::string> Kbuild::make() const {
  std::vector<std::string> words = {"make", "-C", source_, "O=" + folders_.work, "ARCH=" + tree_.arch};
  if (!llvm_.empty())
    words.push_back("LLVM=" + llvm_);
  else if (!tree_.crossCompile.empty())
    words.push_back("CROSS_COMPILE=" + tree_.crossCompile);
  words.push_back("CC=" + wrapper_);
  words.push_back("HOSTCC=" + wrapper_ + " --fgft-host");
  // Kbuild tells only built-in code which module it belongs to; modules are asked the same way here.
  words.push_back("CFLAGS_MODULE=$(modfile_flags)");
  // Objects with nothing in them are not worth a check.
  words.push_back("objtool=true");
  words.push_back("gen-randstruct-seed=" + seedScript());
  words.push_back("-s");
  words.push_back(fmt::format("-j{}", jobs_));
  return words;
}

std::string Kbuild::seedScript() const {
  return folders_.base + "/randstruct-seed.sh";
}

// Kbuild draws the seed of randomised struct layouts, and generated headers tell the layouts. With the seed
// of the tree's own build, or else one by the configuration, they are the same here as there, and with them
// the keys of all facts.
void Kbuild::writeSeedScript() const {
  std::string seed;
  std::error_code ignored;
  std::string own = tree_.build + "/scripts/basic/randstruct.seed";
  if (fs::exists(own, ignored))
    seed = readFile(own);
  seed.erase(std::find_if_not(seed.begin(), seed.end(), [](unsigned char c) { return std::isxdigit(c); }),
             seed.end());
  if (seed.empty())
    seed = hashOf(tree_.configHash);
  std::string script = seedScript();
  std::string text = fmt::format("echo {} >\"$1\"\necho '#define RANDSTRUCT_HASHED_SEED \"{}\"' >\"$2\"\n",
                                 seed, hashOf(seed));
  // Kbuild looks at times here too.
  if (!fs::exists(script, ignored) || readFile(script) != text)
    writeFileAtomically(script, text);
}

int Kbuild::runMake(std::vector<std::string> arguments, const std::string& scope, const Poll& poll) {
  MakeRun what;
  what.arguments = std::move(arguments);
  what.directory = source_;
  what.log = folders_.log;
  what.environment = {{"LC_ALL", "C"},
                      {"PYTHONDONTWRITEBYTECODE", "1"}, // Python would leave its cache in the source
                      {"KBUILD_BUILD_TIMESTAMP", "@0"},
                      {"KBUILD_BUILD_USER", "fgft"},
                      {"KBUILD_BUILD_HOST", "fgft"},
                      {FGFT_CC_REAL, compiler_},
                      {FGFT_CC_HOST, host_},
                      {FGFT_CC_LOG, folders_.records},
                      {FGFT_CC_EMPTY, folders_.base + "/empty.o"},
                      {FGFT_CC_SCOPE, scope.empty() ? ":" : scope}};
  // What a make around us, or a kernel developer's shell, may have set.
  what.unset = {"MAKEFLAGS",
                "MFLAGS",
                "MAKELEVEL",
                "MAKEOVERRIDES",
                "GNUMAKEFLAGS",
                "MAKEFILES",
                "O",
                "KBUILD_OUTPUT",
                "KBUILD_EXTMOD",
                "M",
                "C",
                "W",
                "V",
                "KCFLAGS",
                "KCPPFLAGS",
                "KAFLAGS",
                "CC",
                "HOSTCC",
                "LLVM",
                "LLVM_IAS",
                "CROSS_COMPILE",
                "ARCH",
                "SUBARCH",
                "LOCALVERSION",
                "CFLAGS_KERNEL",
                "KBUILD_ABS_SRCTREE",
                "KBUILD_VERBOSE",
                "VPATH"};
  return run(what, poll);
}

std::vector<std::string> Kbuild::prepare(const Poll& poll) {
  std::error_code ignored;
  fs::remove(folders_.log, ignored);
  makeFolders(folders_.work);
  writeSeedScript();
  if (tree_.build != tree_.source)
    for (const fs::directory_entry& entry : fs::directory_iterator(tree_.build))
      if (entry.is_regular_file() && entry.path().filename().string().starts_with("localversion"))
        copyIfDifferent(entry.path().string(), folders_.work + "/" + entry.path().filename().string());
  // Kbuild looks at times: the configuration is only written again if it is another one.
  std::string original = folders_.work + "/.fgft-config";
  std::vector<std::string> goals = {"prepare"};
  if (!fs::exists(original, ignored) || readFile(original) != tree_.config ||
      !fs::exists(folders_.work + "/.config", ignored)) {
    fs::remove(original, ignored);
    writeFileAtomically(folders_.work + "/.config", tree_.config);
    goals.insert(goals.begin(), "olddefconfig");
  }
  for (const std::string& goal : goals) {
    std::vector<std::string> arguments = make();
    arguments.push_back(goal);
    if (runMake(arguments, "", poll) != 0)
      throw Error("the kernel's own build fails at make {}; its last words ({}):\n{}", goal, folders_.log,
                  tailOf(readFile(folders_.log)));
  }
  writeFileAtomically(original, tree_.config);
  return configChanges(tree_.config, readFile(folders_.work + "/.config"));
}

void Kbuild::record(const std::vector<std::string>& targets, const Poll& poll) {
  if (recordingFrom_ == 0)
    recordingFrom_ = readFile(folders_.log).size();
  std::vector<std::string> arguments = make();
  arguments.push_back("-k");
  std::string scope;
  for (const std::string& target : targets) {
    arguments.push_back(target);
    scope += (scope.empty() ? "" : ":") + target;
  }
  command_.clear();
  for (const std::string& word : arguments)
    command_ += (command_.empty() ? "" : " ") + shellQuoted(word);
  int status = runMake(arguments, scope, poll);
  if (status > 2)
    throw Error("make ended with status {}; see {}", status, folders_.log);
}

std::vector<std::string> Kbuild::failures() const {
  std::vector<std::string> failures;
  std::set<std::string> seen;
  std::string text = readFile(folders_.log).substr(recordingFrom_);
  for (std::size_t begin = 0; begin < text.size();) {
    std::size_t end = std::min(text.find('\n', begin), text.size());
    std::string line = text.substr(begin, end - begin);
    begin = end + 1;
    std::size_t stars = line.find(": *** ");
    if (!line.starts_with("make") || stars == std::string::npos)
      continue;
    std::string what = line.substr(stars + 6);
    // The folders above only pass the failure on, and clean up behind it.
    bool passedOn = what.starts_with("Deleting file ");
    for (const char* file : {"/scripts/Makefile.build:", "Makefile:"})
      passedOn |= what.find(file) != std::string::npos && what.ends_with("Error 2");
    if (!passedOn && seen.insert(what).second)
      failures.push_back(what);
  }
  return failures;
}

} // namespace fgft
