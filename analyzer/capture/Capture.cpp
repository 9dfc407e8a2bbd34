// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A capture from beginning to end.
#include "capture/Capture.h"

#include "capture/CaptureSidecar.h"
#include "capture/CommandIndex.h"
#include "capture/Kbuild.h"
#include "capture/KernelTree.h"
#include "capture/NotBuilt.h"
#include "capture/Snapshot.h"
#include "capture/SourceMirror.h"
#include "support/AtomicFile.h"
#include "support/Error.h"
#include "support/Hash.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <set>
#include <sys/file.h>
#include <thread>
#include <unistd.h>

namespace fs = std::filesystem;

namespace fgft {

namespace {

/// One capture at a time works in a folder; another waits.
class FolderLock {
public:
  FolderLock(const std::string& path, const CaptureProgress& progress) {
    file_ = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (file_ < 0)
      throw Error("{}: cannot open: {}", path, std::strerror(errno));
    if (flock(file_, LOCK_EX | LOCK_NB) == 0)
      return;
    if (progress)
      progress("waiting for another capture of this kernel", 0);
    while (flock(file_, LOCK_EX) != 0)
      if (errno != EINTR)
        throw Error("{}: cannot lock: {}", path, std::strerror(errno));
  }
  ~FolderLock() { close(file_); }
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

private:
  int file_;
};

/// Takes a folder or file away at the end, whatever the end is.
class Removal {
public:
  explicit Removal(std::string path) : path_(std::move(path)) {}
  ~Removal() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  Removal(const Removal&) = delete;
  Removal& operator=(const Removal&) = delete;

private:
  std::string path_;
};

/// A part of the scope and the target by which Kbuild is asked for it.
struct Wanted {
  std::string scope;
  std::string target;
  std::size_t commands = 0;
};

std::size_t depthOf(const std::string& path) {
  return static_cast<std::size_t>(std::count(path.begin(), path.end(), '/')) + 1;
}

std::string parentOf(const std::string& path) {
  std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? std::string() : path.substr(0, slash);
}

/// The target of the nearest folder, `folder` or above, that Kbuild knows as one; "" if there is none.
std::string targetOfFolder(const std::string& source, std::string folder) {
  std::error_code ignored;
  for (; !folder.empty(); folder = parentOf(folder))
    for (const char* name : {"/Makefile", "/Kbuild"})
      if (fs::exists(source + "/" + folder + name, ignored))
        return folder + "/";
  return {};
}

std::string targetOf(const std::string& source, const std::string& scope) {
  if (!scope.ends_with(".c"))
    return targetOfFolder(source, scope);
  std::string folder = parentOf(scope);
  return targetOfFolder(source, folder) == folder + "/" ? scope.substr(0, scope.size() - 1) + "o"
                                                        : targetOfFolder(source, folder);
}

std::string replaceAll(std::string text, const std::string& from, const std::string& to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
  return text;
}

class CaptureRun {
public:
  CaptureRun(const CaptureOptions& options, const CaptureProgress& progress)
      : options_(options), progress_(progress) {
    if (options_.jobs == 0)
      options_.jobs = std::max(1u, std::thread::hardware_concurrency());
    if (options_.cacheFolder.empty())
      options_.cacheFolder = defaultCacheFolder();
    options_.cacheFolder = fs::absolute(options_.cacheFolder).lexically_normal().string();
  }

  CaptureResult run() {
    say("looking at the kernel");
    tree_ = inspectKernelTree(options_.kernel, options_.arch);
    result_.scope = tree_.resolveScope(options_.scope);
    setFolders();
    std::string outputFolder = fs::absolute(options_.output).parent_path().string();
    makeFolders(outputFolder);
    FolderLock lock(folders_.base + "/lock", progress_);
    Removal records(folders_.records);
    Removal mirror(folders_.mirror);
    std::string source = tree_.source;
    if (!tree_.sourceIsClean) {
      say("making a clean view of the source");
      makeSourceMirror(tree_.source, folders_.mirror);
      source = folders_.mirror;
    }
    record(source);
    say("keeping the generated files");
    updateSnapshot(folders_.work, folders_.snapshot);
    say("writing the commands");
    write();
    return std::move(result_);
  }

private:
  void say(const std::string& step, std::size_t commands = 0) const {
    if (progress_)
      progress_(step, commands);
  }

  /// One folder for each kernel, configuration and compiler: commands of an earlier capture stay valid.
  void setFolders() {
    Hasher key;
    key.add(tree_.source).add(tree_.build).add(tree_.arch).add(tree_.configHash);
    key.add(tree_.gcc                     ? tree_.compiler
            : options_.llvmSuffix.empty() ? "-" FGFT_LLVM_VERSION
                                          : options_.llvmSuffix);
    folders_.base = options_.cacheFolder + "/capture/" + key.hex().substr(0, 16);
    folders_.work = folders_.base + "/work";
    folders_.snapshot = folders_.base + "/build";
    folders_.mirror = folders_.base + "/source";
    folders_.records = folders_.base + "/records";
    folders_.log = folders_.base + "/make.log";
    makeFolders(folders_.base);
  }

  void record(const std::string& source) {
    Kbuild kbuild(tree_, options_, folders_, source);
    writeFileAtomically(folders_.records, "");
    say("preparing the kernel's build");
    std::vector<std::string> changes = kbuild.prepare([&] { say("preparing the kernel's build"); });
    noteChanges(changes);
    for (const std::string& scope : result_.scope)
      wanted_.push_back({scope, targetOf(tree_.source, scope)});
    // A folder without a Makefile of its own belongs to one above, and one with a Makefile may be a mere part
    // of a module described above: then Kbuild has no rule for it, and the folder above is asked. Never all
    // of drivers/.
    CommandCounter counter(folders_.records);
    std::vector<std::string> targets = pendingTargets();
    for (int climbs = 0; !targets.empty() && climbs < 4; ++climbs) {
      std::vector<std::string> folders;
      for (const std::string& target : targets)
        folders.push_back(parentOf(target));
      pruneObjects(folders_.work, folders);
      kbuild.record(targets, [&] { say("recording", counter.count()); });
      say("recording", counter.count());
      countCommands();
      climb();
      targets = pendingTargets();
    }
    result_.failures = kbuild.failures();
    result_.command = kbuild.command();
  }

  void noteChanges(const std::vector<std::string>& changes) {
    if (changes.empty())
      return;
    std::size_t shown = std::min<std::size_t>(changes.size(), 5);
    std::vector<std::string> first(changes.begin(), changes.begin() + static_cast<std::ptrdiff_t>(shown));
    result_.notes.push_back(fmt::format("the configuration changes in {} lines with this compiler: {}{}",
                                        changes.size(), fmt::join(first, " "),
                                        shown < changes.size() ? " …" : ""));
  }

  std::vector<std::string> pendingTargets() const {
    std::set<std::string> targets;
    for (const Wanted& wanted : wanted_)
      if (!wanted.target.empty() && wanted.commands == 0)
        targets.insert(wanted.target);
    return {targets.begin(), targets.end()};
  }

  void countCommands() {
    CommandIndex index(folders_.records);
    for (Wanted& wanted : wanted_)
      wanted.commands = 0;
    for (const CommandIndex::Entry& entry : index.entries())
      for (Wanted& wanted : wanted_)
        if (entry.kind == LogKernelC && isIn(entry, wanted.scope))
          ++wanted.commands;
  }

  void climb() {
    for (Wanted& wanted : wanted_) {
      if (wanted.commands != 0)
        continue;
      bool isFolder = wanted.target.ends_with('/');
      std::string folder = parentOf(wanted.target);
      std::string above = isFolder ? parentOf(folder) : folder;
      wanted.target = depthOf(above) < 2 ? std::string() : targetOfFolder(tree_.source, above);
      if (depthOf(parentOf(wanted.target)) < 2)
        wanted.target.clear();
    }
  }

  /// The path of a record's source below the kernel's source or, for a generated one, below the build.
  std::string relativeSource(const CommandIndex::Entry& entry) const {
    std::string path = absolutePath(entry.source, folders_.work);
    for (const std::string& root : {folders_.work, folders_.mirror, tree_.source})
      if (isWithin(path, root))
        return path.substr(root.size() + 1);
    return path;
  }

  bool isIn(const CommandIndex::Entry& entry, const std::string& scope) const {
    return isWithin(relativeSource(entry), scope) || isWithin(entry.output, scope);
  }

  bool isInScope(const CommandIndex::Entry& entry) const {
    return std::any_of(result_.scope.begin(), result_.scope.end(),
                       [&](const std::string& scope) { return isIn(entry, scope); });
  }

  /// Paths of our working folders become those that stay.
  std::string lasting(const std::string& text) const {
    return replaceAll(replaceAll(text, folders_.work, folders_.snapshot), folders_.mirror, tree_.source);
  }

  void write() {
    CommandIndex index(folders_.records);
    result_.output = fs::absolute(options_.output).lexically_normal().string();
    result_.sidecar = sidecarPath(result_.output);
    CompileDbWriter writer(result_.output);
    std::set<std::string> built;
    std::set<std::string> host = hostSources(index);
    for (const CommandIndex::Entry& entry : index.entries()) {
      if (!isInScope(entry) || entry.kind == LogHost)
        continue;
      if (entry.kind == LogAssembler) {
        result_.dropped.add(DropReason::Assembler);
        continue;
      }
      CompileCommand command = index.command(entry);
      for (std::string& argument : command.arguments)
        argument = lasting(argument);
      command.directory = lasting(command.directory);
      command.file = absolutePath(lasting(command.file), command.directory);
      writer.add(command);
      built.insert(relativeSource(entry));
      ++result_.count;
    }
    for (const std::string& source : host)
      if (std::any_of(result_.scope.begin(), result_.scope.end(),
                      [&](const std::string& scope) { return isWithin(source, scope); }))
        result_.dropped.add(DropReason::HostTool);
    describe();
    result_.notBuilt = findNotBuilt(tree_.source, result_.scope, built, host, options_.jobs);
    if (result_.count == 0)
      throw Error("nothing of the scope ({}) is compiled by this configuration: {} C files are not built{}",
                  fmt::join(result_.scope, " "), result_.notBuilt.size(),
                  result_.failures.empty() ? "" : "; make said: " + result_.failures.front());
    std::error_code ignored;
    fs::remove(result_.sidecar, ignored);
    writer.finish();
    writeCaptureSidecar(result_);
  }

  void describe() {
    for (const Wanted& wanted : wanted_)
      if (wanted.commands == 0)
        result_.notes.push_back(fmt::format("nothing in {} is compiled by this configuration", wanted.scope));
    result_.sourceRoot = tree_.source;
    result_.buildRoot = folders_.snapshot;
    result_.kernel = tree_.build;
    result_.kernelRelease = tree_.release;
    result_.arch = tree_.arch;
    result_.configHash = tree_.configHash;
    result_.log = folders_.log;
  }

  /// Programs of the build are compiled once and then kept in the working folder, so is the list of their
  /// sources.
  std::set<std::string> hostSources(const CommandIndex& index) const {
    std::string path = folders_.work + "/.fgft-host";
    std::set<std::string> sources;
    std::error_code ignored;
    if (fs::exists(path, ignored)) {
      std::string text = readFile(path);
      for (std::size_t begin = 0; begin < text.size();) {
        std::size_t end = std::min(text.find('\n', begin), text.size());
        sources.insert(text.substr(begin, end - begin));
        begin = end + 1;
      }
    }
    for (const CommandIndex::Entry& entry : index.entries())
      if (entry.kind == LogHost)
        sources.insert(relativeSource(entry));
    std::string text;
    for (const std::string& source : sources)
      text += source + "\n";
    writeFileAtomically(path, text);
    return sources;
  }

  CaptureOptions options_;
  const CaptureProgress& progress_;
  KernelTree tree_;
  CaptureFolders folders_;
  std::vector<Wanted> wanted_;
  CaptureResult result_;
};

} // namespace

std::string defaultCacheFolder() {
  auto value = [](const char* name) {
    const char* text = std::getenv(name);
    return std::string(text ? text : "");
  };
  if (std::string folder = value("FGFT_CACHE"); !folder.empty())
    return folder;
  if (std::string folder = value("XDG_CACHE_HOME"); !folder.empty())
    return folder + "/fgft";
  if (std::string folder = value("HOME"); !folder.empty())
    return folder + "/.cache/fgft";
  throw Error("no place for a cache folder: set FGFT_CACHE, XDG_CACHE_HOME or HOME");
}

CaptureResult capture(const CaptureOptions& options, const CaptureProgress& progress) {
  return CaptureRun(options, progress).run();
}

} // namespace fgft
