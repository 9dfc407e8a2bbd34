// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The states of a run: groups of TUs, and the processes that make what the cache does not have.
#include "analyze/HeaderState.h"

#include "analyze/FrontendParts.h"
#include "analyze/HeaderChoice.h"
#include "support/AtomicFile.h"
#include "support/Error.h"

#include <algorithm>
#include <cerrno>
#include <sys/wait.h>
#include <unistd.h>

namespace fgft {

namespace {

// Macros that differ from file to file are left to the replay, which knows what the headers make of them.
std::vector<std::string> groupMacros(const SplitArgs& split) {
  std::vector<std::string> macros;
  for (const std::string& macro : split.macros)
    if (!Invocation::isPerFile("-" + macro))
      macros.push_back(macro);
  return macros;
}

// TUs with equal keys see the same shared headers but for the macros of their command lines: the same options
// and folders of shared headers. Folders that come after these cannot hide a shared header from them.
std::string familyKey(const Invocation& tu, const SplitArgs& split) {
  std::string key = tu.directory + "\n" + tu.sourceRoot;
  for (const std::string& argument : split.rest)
    key += "\n" + argument;
  for (const std::string& folder : sharedFolders(tu))
    key += "\n-I" + folder;
  return key;
}

// The folder that stands for a subsystem: drivers/net, sound/soc.
std::string subsystem(const Invocation& tu) {
  std::size_t slash = tu.file.find('/');
  slash = slash == std::string::npos ? slash : tu.file.find('/', slash + 1);
  return tu.file.substr(0, slash);
}

// What a TU of a large group is grouped by: subsystems include headers of their own, which others would
// only clash with.
std::string subgroupKey(const std::string& group, const Invocation& tu) {
  return group + "\n" + subsystem(tu);
}

using Members = std::map<std::string, std::vector<const Invocation*>>;

// Gives large subsystems states of their own; what remains of a group stays together.
void splitLarge(Members& members) {
  Members split;
  for (auto& [key, list] : members) {
    Members parts;
    for (const Invocation* tu : list)
      parts[subgroupKey(key, *tu)].push_back(tu);
    for (auto& [part, tus] : parts) {
      bool own = tus.size() >= HeaderStates::minSubsystem;
      auto& target = split[own ? part : key];
      target.insert(target.end(), tus.begin(), tus.end());
    }
  }
  members = std::move(split);
}

HeaderRequest requestFor(const std::vector<const Invocation*>& tus, const std::string& resourceDir) {
  HeaderRequest request;
  request.resourceDir = resourceDir;
  request.headers = chooseHeaders(tus);
  request.invocation = groupInvocation(*tus.front());
  return request;
}

// A state in the making.
struct Job {
  std::size_t group = 0;
  std::string key;
  pid_t pid = -1;
  int messages = -1;
};

Job start(const HeaderRequest& request, const std::string& folder, std::size_t group) {
  Job job{group, request.key(), -1, -1};
  int ends[2];
  if (::pipe(ends) != 0)
    throw Error("cannot make a pipe: {}", std::strerror(errno));
  job.pid = ::fork();
  if (job.pid == 0) {
    ::close(ends[0]);
    int status = 0;
    try {
      buildHeaderState(request, folder);
    } catch (const std::exception& error) {
      std::string text = error.what();
      status = ::write(ends[1], text.data(), text.size()) < 0 ? 2 : 1;
    }
    ::_exit(status);
  }
  ::close(ends[1]);
  job.messages = ends[0];
  if (job.pid < 0)
    throw Error("cannot start a process: {}", std::strerror(errno));
  return job;
}

// Waits for one job; what went wrong, or "".
std::string finish(const Job& job) {
  std::string message;
  char buffer[512];
  for (ssize_t size; (size = ::read(job.messages, buffer, sizeof buffer)) > 0;)
    message.append(buffer, static_cast<std::size_t>(size));
  ::close(job.messages);
  int status = 0;
  while (::waitpid(job.pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFSIGNALED(status))
    return fmt::format("making the header state died of signal {}", WTERMSIG(status));
  if (status != 0 && message.empty())
    return "making the header state failed";
  return message;
}

} // namespace

std::string headerGroup(const Invocation& tu) {
  SplitArgs split = splitArgs(tu.args);
  std::string key = familyKey(tu, split);
  for (const std::string& macro : groupMacros(split))
    key += "\n-" + macro;
  return key;
}

Invocation groupInvocation(const Invocation& tu) {
  Invocation shared;
  shared.directory = tu.directory;
  shared.sourceRoot = tu.sourceRoot;
  shared.buildRoot = tu.buildRoot;
  SplitArgs split = splitArgs(tu.args);
  shared.args = split.rest;
  for (const std::string& macro : groupMacros(split))
    shared.args.push_back("-" + macro);
  // As written: the same folder by another name would be another folder to the compiler.
  split.folders.resize(sharedFolders(tu).size());
  for (const std::string& folder : split.folders)
    shared.args.push_back("-I" + folder);
  return shared;
}

void HeaderStates::prepare(const std::vector<const Invocation*>& tus, const std::string& cacheFolder,
                           const std::string& resourceDir, unsigned jobs,
                           const std::function<void(const std::string&)>& progress) {
  folder_ = cacheFolder + "/headers";
  makeFolders(folder_);
  Members members;
  for (const Invocation* tu : tus)
    members[headerGroup(*tu)].push_back(tu);
  splitLarge(members);
  std::vector<Job> running;
  auto collect = [&] {
    Job job = running.front();
    running.erase(running.begin());
    Group& group = groups_[job.group];
    group.problem = finish(job);
    group.made = true;
    group.ready = group.problem.empty() && HeaderState().load(folder_, job.key, hashes_);
    if (group.problem.empty() && !group.ready)
      group.problem = "the header state cannot be read back";
    if (progress)
      progress(
          fmt::format("headers of {} files: {}", group.tus, group.problem.empty() ? "ready" : group.problem));
  };
  for (const auto& [key, list] : members) {
    if (list.size() < minTus)
      continue;
    byKey_[key] = groups_.size();
    Group& group = groups_.emplace_back();
    group.tus = list.size();
    HeaderRequest request = requestFor(list, resourceDir);
    group.headers = request.headers.size();
    group.request = request.key();
    SplitArgs split = splitArgs(list.front()->args);
    group.macros = groupMacros(split);
    families_[familyKey(*list.front(), split)].push_back(groups_.size() - 1);
    group.ready = HeaderState().load(folder_, group.request, hashes_);
    if (group.ready)
      continue;
    while (running.size() >= std::max(1U, jobs))
      collect();
    running.push_back(start(request, folder_, groups_.size() - 1));
  }
  while (!running.empty())
    collect();
}

std::size_t HeaderStates::groupOf(const Invocation& tu) const {
  std::string key = headerGroup(tu);
  auto found = byKey_.find(subgroupKey(key, tu));
  if (found == byKey_.end())
    found = byKey_.find(key);
  return found == byKey_.end() ? kinOf(tu) : found->second;
}

// The largest group that has all that the TU has but for some of its macros. Whether the headers of the
// group's state depend on these, the replay finds out.
std::size_t HeaderStates::kinOf(const Invocation& tu) const {
  SplitArgs split = splitArgs(tu.args);
  auto family = families_.find(familyKey(tu, split));
  if (family == families_.end())
    return noGroup;
  std::vector<std::string> macros = groupMacros(split);
  auto has = [&macros](const std::string& macro) {
    return std::find(macros.begin(), macros.end(), macro) != macros.end();
  };
  std::size_t best = noGroup;
  for (std::size_t index : family->second)
    if (std::all_of(groups_[index].macros.begin(), groups_[index].macros.end(), has) &&
        (best == noGroup || groups_[index].tus > groups_[best].tus))
      best = index;
  return best;
}

const HeaderState* HeaderStates::stateFor(const Invocation& tu) {
  std::size_t index = groupOf(tu);
  if (index == noGroup || !groups_[index].ready)
    return nullptr;
  if (index != held_) {
    held_ = index;
    state_ = std::make_unique<HeaderState>();
    if (!state_->load(folder_, groups_[index].request, hashes_))
      state_.reset(); // taken away or changed meanwhile: the plain road
  }
  return state_.get();
}

} // namespace fgft
