// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The worker's loop and its two messages: a TU's number, and a report (length, then JSON).
#include "analyze/Worker.h"

#include "facts/FactsIo.h"
#include "support/Error.h"

#include <nlohmann/json.hpp>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <sys/prctl.h>
#include <unistd.h>

namespace fgft {

namespace {

bool readAll(int file, void* to, size_t size) {
  char* at = static_cast<char*>(to);
  while (size > 0) {
    ssize_t got = ::read(file, at, size);
    if (got < 0 && errno == EINTR)
      continue;
    if (got <= 0)
      return false;
    at += got;
    size -= static_cast<size_t>(got);
  }
  return true;
}

bool writeAll(int file, const void* from, size_t size) {
  const char* at = static_cast<const char*>(from);
  while (size > 0) {
    ssize_t put = ::write(file, at, size);
    if (put < 0 && errno == EINTR)
      continue;
    if (put <= 0)
      return false;
    at += put;
    size -= static_cast<size_t>(put);
  }
  return true;
}

uint64_t residentBytes() {
  unsigned long total = 0;
  unsigned long resident = 0;
  if (FILE* file = std::fopen("/proc/self/statm", "r")) {
    if (std::fscanf(file, "%lu %lu", &total, &resident) != 2)
      resident = 0;
    std::fclose(file);
  }
  return resident * static_cast<uint64_t>(::sysconf(_SC_PAGESIZE));
}

WorkerReport analyse(Frontend& frontend, const Invocation& tu, const std::string& folder,
                     HeaderStates& states, InputHashes& hashes) {
  Analysis analysis = frontend.run(tu, states.stateFor(tu), hashes);
  if (analysis.facts.status != TuStatus::Ok)
    analysis.facts.command = shellCommand(tu);
  writeFacts(analysis.facts, folder);
  std::string plain = analysis.plainReason == PlainReason::None ? "" : toString(analysis.plainReason);
  return {analysis.facts.key, analysis.facts.status, std::move(plain), false, std::move(analysis.inputs)};
}

[[noreturn]] void workerMain(int in, int out, const std::vector<Invocation>& invocations,
                             const AnalysisContext& context, const std::string& folder, HeaderStates& states,
                             uint64_t workerBytes) {
  // The parent handles the terminal's signals; a worker without a parent has no reason to be.
  ::signal(SIGINT, SIG_IGN);
  ::signal(SIGTERM, SIG_DFL);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  int status = 0;
  try {
    Frontend frontend(context);
    InputHashes hashes;
    // What the parent holds is shared; only the worker's own growth counts.
    uint64_t atStart = residentBytes();
    for (uint32_t index = 0; readAll(in, &index, sizeof index);) {
      WorkerReport report = analyse(frontend, invocations[index], folder, states, hashes);
      report.leaving = residentBytes() > atStart + workerBytes;
      nlohmann::json json = {{"key", report.key},
                             {"status", word(report.status)},
                             {"plain", report.plainReason},
                             {"leaving", report.leaving},
                             {"inputs", report.inputs}};
      std::string text = json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
      uint64_t size = text.size();
      if (!writeAll(out, &size, sizeof size) || !writeAll(out, text.data(), text.size()) || report.leaving)
        break;
    }
  } catch (const std::exception& error) {
    std::fprintf(stderr, "fgft: worker: %s\n", error.what());
    status = 1;
  }
  ::_exit(status);
}

} // namespace

std::string shellCommand(const Invocation& tu) {
  std::string command = "clang";
  for (const std::string& argument : tu.args)
    command += " " + argument;
  return command + " " + tu.path;
}

WorkerProcess startWorkerProcess(const std::vector<Invocation>& invocations, const AnalysisContext& context,
                                 const std::string& folder, HeaderStates& states, uint64_t workerBytes) {
  int down[2];
  int up[2];
  if (::pipe2(down, O_CLOEXEC) != 0 || ::pipe2(up, O_CLOEXEC) != 0)
    throw Error("cannot make a pipe: {}", std::strerror(errno));
  pid_t pid = ::fork();
  if (pid < 0)
    throw Error("cannot start a worker: {}", std::strerror(errno));
  if (pid == 0) {
    // The other workers' pipes came along: held open here, their ends would never be seen closed.
    constexpr int in = 3;
    constexpr int out = 4;
    int keep = ::fcntl(up[1], F_DUPFD, out + 1);
    ::dup2(down[0], in);
    ::dup2(keep, out);
    ::close_range(out + 1, ~0U, 0);
    workerMain(in, out, invocations, context, folder, states, workerBytes);
  }
  ::close(down[0]);
  ::close(up[1]);
  return {pid, down[1], up[0]};
}

std::optional<WorkerReport> readReport(int fromWorker) {
  uint64_t size = 0;
  constexpr uint64_t largest = 64u << 20;
  if (!readAll(fromWorker, &size, sizeof size) || size > largest)
    return std::nullopt;
  std::string text(size, '\0');
  if (!readAll(fromWorker, text.data(), size))
    return std::nullopt;
  nlohmann::json json = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (json.is_discarded())
    return std::nullopt;
  return WorkerReport{json["key"], statusOf(json["status"]), json["plain"], json["leaving"], json["inputs"]};
}

} // namespace fgft
