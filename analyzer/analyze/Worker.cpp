// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The worker's loop and its two messages: a TU's number, and a report (length, then bytes).
#include "analyze/Worker.h"

#include "analyze/Bytes.h"
#include "facts/FactsIo.h"
#include "support/Error.h"

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <sys/prctl.h>
#include <unistd.h>
#include <unordered_map>

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
  uint64_t total = 0;
  uint64_t resident = 0;
  std::ifstream("/proc/self/statm") >> total >> resident;
  return resident * static_cast<uint64_t>(::sysconf(_SC_PAGESIZE));
}

// Analyses TUs and makes the reports of one worker.
class Reporter {
public:
  Reporter(const AnalysisContext& context, const std::string& folder, HeaderStates& states)
      : frontend_(context), folder_(folder), states_(states) {}

  WorkerReport analyse(const Invocation& tu) {
    int asked = 0;
    auto nextState = [&]() -> const HeaderState* {
      switch (asked++) {
      case 0:
        return states_.stateFor(tu);
      case 1:
        return states_.commonStateFor(tu);
      default:
        return nullptr;
      }
    };
    Analysis analysis = frontend_.run(tu, nextState, hashes_);
    if (analysis.facts.status != TuStatus::Ok)
      analysis.facts.command = shellCommand(tu);
    writeFacts(analysis.facts, folder_);
    WorkerReport report;
    report.key = analysis.facts.key;
    report.status = analysis.facts.status;
    if (analysis.plainReason != PlainReason::None)
      report.plainReason = toString(analysis.plainReason);
    report.plainDetail = analysis.plainDetail;
    report.inputs.reserve(analysis.inputs.size() + analysis.missing.size());
    for (const Input& input : analysis.inputs)
      report.inputs.push_back(numberOf(input.path, report));
    for (const std::string& path : analysis.missing)
      report.inputs.push_back(numberOf(path, report, /*missing=*/true));
    if (analysis.state)
      addMissingOf(*analysis.state, report);
    return report;
  }

private:
  uint32_t numberOf(const std::string& path, WorkerReport& report, bool missing = false) {
    auto [it, isNew] = numbers_.try_emplace(path, static_cast<uint32_t>(numbers_.size()));
    if (isNew)
      report.newInputs.push_back({path, missing ? std::string() : hashes_.of(path)});
    return it->second;
  }

  // Where headers of the state were looked for in vain, for whichever TU.
  void addMissingOf(const HeaderState& state, WorkerReport& report) {
    auto [it, isNew] = sets_.try_emplace(state.pchPath, static_cast<uint32_t>(sets_.size()));
    report.set = it->second;
    if (isNew)
      for (const std::string& path : state.record.missing)
        report.newSet.push_back(numberOf(path, report, /*missing=*/true));
  }

  Frontend frontend_;
  const std::string& folder_;
  HeaderStates& states_;
  InputHashes hashes_;
  std::unordered_map<std::string, uint32_t> numbers_; // of inputs, by path
  std::unordered_map<std::string, uint32_t> sets_;    // by precompiled header
};

std::string bytesOf(const WorkerReport& report) {
  std::string bytes;
  ByteWriter out(bytes);
  out.text(report.key);
  out.number(static_cast<uint32_t>(report.status));
  out.text(report.plainReason);
  out.text(report.plainDetail);
  out.number(report.leaving ? 1 : 0);
  out.number(static_cast<uint32_t>(report.newInputs.size()));
  for (const WorkerReport::NewInput& input : report.newInputs) {
    out.text(input.path);
    out.text(input.hash);
  }
  out.array(report.inputs);
  out.number(report.set);
  out.array(report.newSet);
  return bytes;
}

[[noreturn]] void workerMain(int in, int out, const TuTable& tus, const AnalysisContext& context,
                             const std::string& folder, HeaderStates& states, uint64_t workerBytes) {
  // The parent handles the terminal's signals; a worker without a parent has no reason to be.
  ::signal(SIGINT, SIG_IGN);
  ::signal(SIGTERM, SIG_DFL);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  int status = 0;
  try {
    Reporter reporter(context, folder, states);
    // What the parent holds is shared; only the worker's own growth counts.
    uint64_t atStart = residentBytes();
    for (uint32_t index = 0; readAll(in, &index, sizeof index);) {
      WorkerReport report = reporter.analyse(tus.at(index));
      report.leaving = residentBytes() > atStart + workerBytes;
      std::string text = bytesOf(report);
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

WorkerProcess startWorkerProcess(const TuTable& tus, const AnalysisContext& context,
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
    workerMain(in, out, tus, context, folder, states, workerBytes);
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
  ByteReader in(text);
  WorkerReport report;
  report.key = in.text();
  report.status = static_cast<TuStatus>(in.number());
  report.plainReason = in.text();
  report.plainDetail = in.text();
  report.leaving = in.number() != 0;
  for (uint32_t i = in.number(); i > 0 && in.ok(); --i) {
    std::string path = in.text();
    report.newInputs.push_back({std::move(path), in.text()});
  }
  in.array(report.inputs);
  report.set = in.number();
  in.array(report.newSet);
  if (!in.atEnd())
    return std::nullopt;
  return report;
}

} // namespace fgft
