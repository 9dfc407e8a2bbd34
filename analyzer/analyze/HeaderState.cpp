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

// Of a group's TUs, that include a header of its state. What a rare header saves is little (a few ms for each
// that includes it), and its names may clash with those of any other, which then costs a hundred times that.
// Over drivers/net limits of 2 to 4 % cost least; over everything it makes little difference.
constexpr double minShare = 0.025;
// The same for the state that is the second choice.
constexpr double commonShare = 0.1;

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
std::string_view subsystem(std::string_view file) {
  std::size_t slash = file.find('/');
  slash = slash == std::string_view::npos ? slash : file.find('/', slash + 1);
  return file.substr(0, slash);
}

// What a TU of a large group is grouped by: subsystems include headers of their own, which others would
// only clash with.
std::string subgroupKey(const std::string& group, std::string_view file) {
  return fmt::format("{}\n{}", group, subsystem(file));
}

// Gives subsystems of at least `least` TUs states of their own; what remains of the group stays together.
void split(const std::string& key, const std::vector<std::size_t>& list, std::size_t least,
           const TuTable& tus, HeaderStates::Members& into) {
  HeaderStates::Members parts;
  for (std::size_t tu : list)
    parts[subgroupKey(key, tus.file(tu))].push_back(tu);
  for (auto& [part, some] : parts) {
    auto& target = into[some.size() >= least ? part : key];
    target.insert(target.end(), some.begin(), some.end());
  }
}

HeaderRequest requestFor(const TuTable& tus, const std::vector<std::size_t>& which, double minShare,
                         const std::string& resourceDir) {
  HeaderRequest request;
  request.resourceDir = resourceDir;
  request.headers = chooseHeaders(which.size(), [&](std::size_t i) { return tus.at(which[i]); }, minShare);
  request.invocation = groupInvocation(tus.at(which.front()));
  return request;
}

// A state in the making.
struct Job {
  std::size_t group = 0;
  pid_t pid = -1;
  int messages = -1;
};

Job start(const HeaderRequest& request, const std::string& folder, std::size_t group) {
  Job job{.group = group};
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

// The states that are being made, each by a process of its own.
class HeaderStates::Making {
public:
  Making(HeaderStates& states, const std::string& resourceDir, unsigned jobs,
         const std::function<void(const std::string&)>& progress)
      : resourceDir(resourceDir), states_(states), jobs_(std::max(1U, jobs)), progress_(progress) {}

  void add(const HeaderRequest& request, std::size_t group) {
    while (running_.size() >= jobs_)
      collect();
    running_.push_back(start(request, states_.folder_, group));
  }
  void wait() {
    while (!running_.empty())
      collect();
  }

  const std::string& resourceDir;

private:
  void collect() {
    Job job = running_.front();
    running_.erase(running_.begin());
    Group& group = states_.groups_[job.group];
    group.problem = finish(job);
    group.made = true;
    group.ready = group.problem.empty();
    if (progress_)
      progress_(
          fmt::format("headers of {} files: {}", group.tus, group.problem.empty() ? "ready" : group.problem));
  }

  HeaderStates& states_;
  std::size_t jobs_;
  const std::function<void(const std::string&)>& progress_;
  std::vector<Job> running_;
};

// The common states, loaded, on which others are to stand.
class HeaderStates::Bases {
public:
  explicit Bases(HeaderStates& states) : states_(states) {}

  void add(const Invocation& tu, std::size_t group) {
    families_[familyKey(tu, splitArgs(tu.args))].push_back(group);
  }

  void load() {
    for (const auto& [key, groups] : families_)
      for (std::size_t group : groups) {
        auto state = std::make_unique<HeaderState>();
        if (states_.groups_[group].ready &&
            state->load(states_.folder_, states_.groups_[group].request, states_.hashes_))
          loaded_[group] = std::move(state);
      }
  }

  // The group of the one that suits these TUs best, noGroup if none does.
  std::size_t groupFor(const Invocation& tu) const {
    SplitArgs split = splitArgs(tu.args);
    auto family = families_.find(familyKey(tu, split));
    if (family == families_.end())
      return noGroup;
    std::vector<std::string> macros = groupMacros(split);
    std::vector<std::size_t> suitable;
    for (std::size_t group : family->second)
      if (loaded_.count(group) != 0 && suits(group, macros))
        suitable.push_back(group);
    return states_.nearest(suitable, macros);
  }

  const HeaderState* of(std::size_t group) const {
    auto found = loaded_.find(group);
    return found == loaded_.end() ? nullptr : found->second.get();
  }

private:
  bool suits(std::size_t group, const std::vector<std::string>& macros) const {
    const std::vector<std::string>& had = states_.groups_[group].macros;
    std::vector<std::string> more;
    for (const std::string& macro : macros)
      if (std::find(had.begin(), had.end(), macro) == had.end())
        more.push_back(macro);
    return suitsAsBase(*loaded_.at(group), more);
  }

  HeaderStates& states_;
  std::map<std::string, std::vector<std::size_t>> families_;
  std::map<std::size_t, std::unique_ptr<HeaderState>> loaded_;
};

// Finds the state for `which` in the cache, or has it made.
std::size_t HeaderStates::addGroup(const TuTable& tus, const std::vector<std::size_t>& which, double minShare,
                                   const Bases* bases, Making& making) {
  std::size_t index = groups_.size();
  Group& group = groups_.emplace_back();
  group.tus = which.size();
  HeaderRequest request = requestFor(tus, which, minShare, making.resourceDir);
  Invocation first = tus.at(which.front());
  if (bases) {
    group.common = bases->groupFor(first);
    request.base = bases->of(group.common);
  }
  group.headers = request.headers.size();
  group.request = request.key();
  group.macros = groupMacros(splitArgs(first.args));
  group.ready = HeaderState().load(folder_, group.request, hashes_);
  if (!group.ready)
    making.add(request, index);
  return index;
}

void HeaderStates::prepare(const TuTable& tus, const std::vector<std::size_t>& which,
                           const std::string& cacheFolder, const std::string& resourceDir, unsigned jobs,
                           const std::function<void(const std::string&)>& progress) {
  folder_ = cacheFolder + "/headers";
  makeFolders(folder_);
  Members members;
  for (std::size_t tu : which)
    members[headerGroup(tus.at(tu))].push_back(tu);
  Making making(*this, resourceDir, jobs, progress);
  Bases bases(*this);
  for (const auto& [key, list] : members)
    if (list.size() >= minCommon)
      bases.add(tus.at(list.front()), addGroup(tus, list, commonShare, nullptr, making));
  making.wait();
  bases.load();
  Members parts;
  for (const auto& [key, list] : members) {
    bool onBase = bases.groupFor(tus.at(list.front())) != noGroup;
    split(key, list, onBase ? minOnCommon : minSubsystem, tus, parts);
  }
  for (const auto& [key, list] : parts) {
    if (list.size() < minTus)
      continue;
    byKey_[key] = addGroup(tus, list, minShare, &bases, making);
    Invocation first = tus.at(list.front());
    families_[familyKey(first, splitArgs(first.args))].push_back(byKey_[key]);
  }
  making.wait();
}

std::size_t HeaderStates::groupOf(const Invocation& tu) const {
  std::string key = headerGroup(tu);
  auto found = byKey_.find(subgroupKey(key, tu.file));
  if (found == byKey_.end())
    found = byKey_.find(key);
  return found == byKey_.end() ? kinOf(tu) : found->second;
}

// The group that has all that the TU has but for some of its macros, as few as can be; of several, the
// largest. Whether the headers of the group's state depend on these, the replay finds out.
std::size_t HeaderStates::kinOf(const Invocation& tu) const {
  SplitArgs split = splitArgs(tu.args);
  auto family = families_.find(familyKey(tu, split));
  if (family == families_.end())
    return noGroup;
  return nearest(family->second, groupMacros(split));
}

std::size_t HeaderStates::nearest(const std::vector<std::size_t>& groups,
                                  const std::vector<std::string>& macros) const {
  auto has = [&macros](const std::string& macro) {
    return std::find(macros.begin(), macros.end(), macro) != macros.end();
  };
  auto rank = [this](std::size_t index) {
    return std::pair(groups_[index].macros.size(), groups_[index].tus);
  };
  std::size_t best = noGroup;
  for (std::size_t index : groups)
    if (std::all_of(groups_[index].macros.begin(), groups_[index].macros.end(), has) &&
        (best == noGroup || rank(index) > rank(best)))
      best = index;
  return best;
}

const HeaderState* HeaderStates::hold(Held& held, std::size_t group) {
  if (group == noGroup || !groups_[group].ready)
    return nullptr;
  if (group != held.group) {
    held.group = group;
    held.state = std::make_unique<HeaderState>();
    if (!held.state->load(folder_, groups_[group].request, hashes_))
      held.state.reset(); // taken away or changed meanwhile: the plain road
  }
  return held.state.get();
}

const HeaderState* HeaderStates::stateFor(const Invocation& tu) {
  return hold(first_, groupOf(tu));
}

const HeaderState* HeaderStates::commonStateFor(const Invocation& tu) {
  std::size_t group = groupOf(tu);
  return group == noGroup ? nullptr : hold(common_, groups_[group].common);
}

} // namespace fgft
