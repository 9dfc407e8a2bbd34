// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A child in a process group of its own, and the signals that end it.
#include "capture/MakeRun.h"

#include "support/Error.h"

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

namespace fgft {

namespace {

volatile std::sig_atomic_t pendingSignal = 0;

void noteSignal(int signal) {
  pendingSignal = signal;
}

/// Takes the three signals that end a program, and gives them back.
class SignalGuard {
public:
  SignalGuard() {
    pendingSignal = 0;
    struct sigaction action = {};
    action.sa_handler = noteSignal; // without SA_RESTART: sleeping ends at once
    for (std::size_t i = 0; i < count; ++i)
      sigaction(signals[i], &action, &old_[i]);
  }
  ~SignalGuard() {
    for (std::size_t i = 0; i < count; ++i)
      sigaction(signals[i], &old_[i], nullptr);
  }
  SignalGuard(const SignalGuard&) = delete;
  SignalGuard& operator=(const SignalGuard&) = delete;

private:
  static constexpr std::size_t count = 3;
  static constexpr int signals[count] = {SIGINT, SIGTERM, SIGHUP};
  struct sigaction old_[count];
};

void sleepMilliseconds(long milliseconds) {
  timespec time = {milliseconds / 1000, milliseconds % 1000 * 1000000};
  nanosleep(&time, nullptr);
}

/// Only async-signal-safe calls from here to execve: other threads of ours may hold any lock.
[[noreturn]] void child(const MakeRun& what, char* const* arguments, char* const* environment, int log,
                        int null) {
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGTERM); // if we are killed without a word, make ends too
  for (int signal : {SIGINT, SIGTERM, SIGHUP})
    std::signal(signal, SIG_DFL);
  dup2(null, STDIN_FILENO);
  dup2(log, STDOUT_FILENO);
  dup2(log, STDERR_FILENO);
  if (!what.directory.empty() && chdir(what.directory.c_str()) != 0)
    _exit(126);
  execvpe(arguments[0], arguments, environment);
  _exit(127);
}

/// Ends the whole group, and waits until the leader is gone.
void endGroup(pid_t leader) {
  kill(-leader, SIGTERM);
  for (int i = 0; i < 50; ++i) {
    if (waitpid(leader, nullptr, WNOHANG) != 0) {
      // Compilers that were running may not be done dying; none may write once we have returned.
      kill(-leader, SIGKILL);
      return;
    }
    sleepMilliseconds(100);
  }
  kill(-leader, SIGKILL);
  while (waitpid(leader, nullptr, 0) < 0 && errno == EINTR) {
  }
}

std::vector<std::string> environmentOf(const MakeRun& what) {
  std::vector<std::string> result;
  auto isUnset = [&](const std::string& name) {
    for (const std::string& other : what.unset)
      if (other == name)
        return true;
    return what.environment.count(name) != 0;
  };
  for (char** entry = environ; *entry; ++entry) {
    std::string text = *entry;
    if (!isUnset(text.substr(0, text.find('='))))
      result.push_back(std::move(text));
  }
  for (const auto& [name, value] : what.environment)
    result.push_back(fmt::format("{}={}", name, value));
  return result;
}

std::vector<char*> pointersTo(std::vector<std::string>& strings) {
  std::vector<char*> pointers;
  for (std::string& text : strings)
    pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

} // namespace

int run(const MakeRun& what, const std::function<void()>& poll) {
  std::vector<std::string> arguments = what.arguments;
  std::vector<std::string> environment = environmentOf(what);
  std::vector<char*> argumentPointers = pointersTo(arguments);
  std::vector<char*> environmentPointers = pointersTo(environment);
  int log = open(what.log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  if (log < 0)
    throw Error("{}: cannot open: {}", what.log, std::strerror(errno));
  int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
  SignalGuard guard;
  pid_t pid = fork();
  if (pid == 0)
    child(what, argumentPointers.data(), environmentPointers.data(), log, null);
  int error = errno;
  close(log);
  close(null);
  if (pid < 0)
    throw Error("cannot start {}: {}", arguments[0], std::strerror(error));
  setpgid(pid, pid);
  for (int tick = 0;; ++tick) {
    int status = 0;
    pid_t done = waitpid(pid, &status, WNOHANG);
    if (done == pid && pendingSignal) {
      // The signal was for all of us, and the child was faster.
      kill(-pid, SIGKILL);
      throw Interrupted{pendingSignal};
    }
    if (done == pid) {
      if (WIFSIGNALED(status))
        return 128 + WTERMSIG(status);
      if (WEXITSTATUS(status) == 127 || WEXITSTATUS(status) == 126)
        throw Error("cannot run {} in {}", arguments[0], what.directory);
      return WEXITSTATUS(status);
    }
    if (pendingSignal) {
      endGroup(pid);
      throw Interrupted{pendingSignal};
    }
    if (poll && tick % 10 == 0)
      poll();
    sleepMilliseconds(50);
  }
}

} // namespace fgft
