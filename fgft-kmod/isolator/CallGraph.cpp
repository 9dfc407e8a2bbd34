// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Notes of a driver's calls, one file a compilation, and their union.

#include "CallGraph.h"

#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Instructions.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"

#include <deque>
#include <stdexcept>

using namespace llvm;

namespace fgft::isolator {

namespace {

std::string fileName(const Module& module) {
  return sys::path::filename(module.getSourceFileName()).str();
}

/// The name without the file of the file's own functions.
StringRef plainName(StringRef key) {
  return key.substr(key.rfind(':') + 1);
}

} // namespace

std::string CallGraph::cycle() const {
  for (const auto& start : reached) {
    // A file's own recursion is seen in its code, where what is dead is gone.
    if (!external.contains(start.getKey()))
      continue;
    StringSet<> seen;
    SmallVector<StringRef> work{start.getKey()};
    while (!work.empty()) {
      auto found = calls.find(work.pop_back_val());
      if (found == calls.end())
        continue;
      for (const std::string& callee : found->second) {
        if (callee == start.getKey())
          return callee;
        if (seen.insert(callee).second)
          work.push_back(callee);
      }
    }
  }
  return {};
}

bool isOwn(const Function& function) {
  // Also the kernel headers' `extern inline` functions: each file has its own copy of the body.
  return !function.isDeclaration() && !function.hasExternalLinkage();
}

std::string keyOf(const Function& function) {
  if (isOwn(function))
    return fileName(*function.getParent()) + ":" + function.getName().str();
  return function.getName().str();
}

void writeCalls(const Module& module, const std::string& folder) {
  SmallString<128> path(folder);
  sys::path::append(path, fileName(module) + ".calls");
  std::error_code error;
  raw_fd_ostream out(path, error);
  if (error)
    throw std::runtime_error((path + ": " + error.message()).str());
  for (const Function& function : module) {
    if (function.isDeclaration())
      continue;
    out << (isOwn(function) ? "own " : "external ") << keyOf(function) << "\n";
    for (const Instruction& instruction : instructions(function))
      if (const auto* call = dyn_cast<CallBase>(&instruction))
        if (const auto* callee = dyn_cast<Function>(call->getCalledOperand()->stripPointerCastsAndAliases()))
          if (!callee->isIntrinsic())
            out << "call " << keyOf(*callee) << "\n";
  }
}

CallGraph readCalls(const std::string& folder, const std::vector<std::string>& roots) {
  CallGraph graph;
  std::error_code error;
  for (sys::fs::directory_iterator file(folder, error), end; file != end && !error; file.increment(error)) {
    if (!StringRef(file->path()).ends_with(".calls"))
      continue;
    auto text = MemoryBuffer::getFile(file->path());
    if (!text)
      throw std::runtime_error(file->path() + ": " + text.getError().message());
    SmallVector<StringRef> lines;
    (*text)->getBuffer().split(lines, '\n', -1, false);
    std::string caller;
    for (StringRef line : lines) {
      auto [kind, key] = line.split(' ');
      if (kind == "call") {
        graph.calls[caller].push_back(key.str());
        continue;
      }
      caller = key.str();
      graph.calls[caller];
      if (kind == "external")
        graph.external.insert(key);
    }
  }
  if (error)
    throw std::runtime_error(folder + ": " + error.message());
  std::deque<std::string> queue;
  auto reach = [&](StringRef key) {
    if (graph.calls.contains(key) && graph.reached.insert(key).second)
      queue.push_back(key.str());
  };
  for (const std::string& root : roots) {
    StringRef found;
    for (const auto& [key, calls] : graph.calls)
      if (plainName(key) == root) {
        if (!found.empty())
          throw std::runtime_error("two functions of the driver are named " + root + ": " + found.str() +
                                   " and " + key.str());
        found = key;
      }
    if (found.empty())
      throw std::runtime_error("the driver has no function " + root);
    reach(found);
  }
  for (; !queue.empty(); queue.pop_front())
    for (const std::string& callee : graph.calls[queue.front()])
      reach(callee);
  return graph;
}

} // namespace fgft::isolator
