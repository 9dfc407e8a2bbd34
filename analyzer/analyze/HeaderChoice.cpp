// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Counts include lines; see HeaderChoice.h.
#include "analyze/HeaderChoice.h"

#include "analyze/FrontendParts.h"

#include <llvm/ADT/StringMap.h>
#include <llvm/ADT/StringSet.h>
#include <llvm/Support/FileSystem.h>
#include <llvm/Support/MemoryBuffer.h>

#include <algorithm>
#include <functional>

namespace fgft {

namespace {

// A sample tells as much as all of a large group would.
constexpr std::size_t maxSample = 700;
// A header costs about as much to put into a state, and the state's TUs a little for each header they do not
// need, as two TUs pay that read it.
constexpr double minUses = 3;

struct IncludeLine {
  std::string name;
  bool angled = false;
};

// The include lines of one text.
std::vector<IncludeLine> includeLines(llvm::StringRef text) {
  std::vector<IncludeLine> lines;
  for (std::size_t at = text.find('#'); at != llvm::StringRef::npos; at = text.find('#', at + 1)) {
    llvm::StringRef rest = text.drop_front(at + 1).ltrim(" \t");
    if (!rest.consume_front("include"))
      continue;
    rest = rest.ltrim(" \t");
    if (rest.empty() || (rest[0] != '<' && rest[0] != '"'))
      continue;
    bool angled = rest[0] == '<';
    llvm::StringRef name =
        rest.drop_front().take_until([](char c) { return c == '>' || c == '"' || c == '\n'; });
    if (!name.empty())
      lines.push_back({name.str(), angled});
  }
  return lines;
}

class Counter {
public:
  // Counts each shared header that the TU's own files include.
  void add(const Invocation& tu) {
    shared_ = sharedFolders(tu);
    folders_.clear();
    for (const std::string& folder : splitArgs(tu.args).folders)
      folders_.push_back(absolutePath(folder, tu.directory));
    seen_.clear();
    ownSeen_.clear();
    scan(tu.path);
  }
  const llvm::StringMap<unsigned>& counts() const { return counts_; }

private:
  void scan(const std::string& path) {
    if (!ownSeen_.insert(path).second)
      return;
    for (const IncludeLine& line : linesOf(path))
      resolve(line, path);
  }

  void resolve(const IncludeLine& line, const std::string& from) {
    if (!line.angled) {
      std::string beside = absolutePath(line.name, from.substr(0, from.rfind('/')));
      if (exists(beside)) {
        scan(beside);
        return;
      }
    }
    for (const std::string& folder : folders_) {
      std::string path = folder + "/" + line.name;
      if (!exists(path))
        continue;
      if (std::find(shared_.begin(), shared_.end(), folder) == shared_.end())
        scan(absolutePath(path, "/"));
      else if (seen_.insert(line.name).second)
        ++counts_[line.name];
      return;
    }
  }

  bool exists(const std::string& path) {
    auto [it, isNew] = exists_.try_emplace(path, false);
    if (isNew)
      it->second = llvm::sys::fs::exists(path);
    return it->second;
  }

  const std::vector<IncludeLine>& linesOf(const std::string& path) {
    auto [it, isNew] = lines_.try_emplace(path);
    if (isNew)
      if (auto buffer = llvm::MemoryBuffer::getFile(path))
        it->second = includeLines((*buffer)->getBuffer());
    return it->second;
  }

  std::vector<std::string> shared_, folders_;
  llvm::StringSet<> seen_, ownSeen_;
  llvm::StringMap<unsigned> counts_;
  llvm::StringMap<bool> exists_;
  llvm::StringMap<std::vector<IncludeLine>> lines_;
};

// The counted headers that `pays` is true of, most used first.
std::vector<std::string> ranked(const Counter& counter, const std::function<bool(unsigned uses)>& pays) {
  std::vector<std::pair<unsigned, std::string>> chosen;
  for (const auto& entry : counter.counts())
    if (pays(entry.second))
      chosen.emplace_back(entry.second, entry.first().str());
  std::sort(chosen.begin(), chosen.end(), [](const auto& a, const auto& b) {
    return a.first != b.first ? a.first > b.first : a.second < b.second;
  });
  std::vector<std::string> headers;
  headers.reserve(chosen.size());
  for (auto& [uses, name] : chosen)
    headers.push_back(std::move(name));
  return headers;
}

} // namespace

std::vector<std::string> sharedFolders(const Invocation& invocation) {
  Roots roots{invocation.sourceRoot, invocation.buildRoot, {}, invocation.directory};
  std::vector<std::string> shared;
  for (const std::string& folder : splitArgs(invocation.args).folders) {
    std::string relative = relativePath(roots, folder);
    llvm::StringRef name = relative;
    llvm::StringRef first = name.split('/').first;
    bool isShared = first == "include";
    if (first == "arch")
      isShared = name.split('/').second.split('/').second.split('/').first == "include";
    if (!isShared)
      break;
    shared.push_back(absolutePath(folder, invocation.directory));
  }
  return shared;
}

std::vector<std::string> chooseHeaders(const std::vector<const Invocation*>& tus, double minShare) {
  Counter counter;
  std::size_t sample = std::min(tus.size(), maxSample);
  for (std::size_t i = 0; i < sample; ++i)
    counter.add(*tus[i * tus.size() / sample]);
  double scale = static_cast<double>(tus.size()) / static_cast<double>(sample);
  return ranked(counter, [&](unsigned uses) {
    return uses * scale >= minUses && uses >= minShare * static_cast<double>(sample);
  });
}

std::vector<std::string> includedHeaders(const std::vector<const Invocation*>& tus) {
  Counter counter;
  for (const Invocation* tu : tus)
    counter.add(*tu);
  return ranked(counter, [](unsigned) { return true; });
}

} // namespace fgft
