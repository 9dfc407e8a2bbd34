// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Reads include lines; see HeaderChoice.h.
#include "analyze/HeaderChoice.h"

#include "analyze/Bytes.h"
#include "analyze/FrontendParts.h"

#include <clang/Lex/Lexer.h>
#include <llvm/ADT/StringMap.h>
#include <llvm/ADT/StringSet.h>
#include <llvm/Support/MemoryBuffer.h>

#include <algorithm>
#include <deque>

using namespace clang;

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

// Whether all of a header's text stands in one #ifndef, or it says #pragma once: reading it twice gives
// nothing.
bool looksGuarded(llvm::StringRef text) {
  Lexer raw(SourceLocation(), LangOptions(), text.begin(), text.begin(), text.end());
  Token token;
  auto directive = [&] {
    raw.LexFromRawLexer(token);
    return token.is(tok::raw_identifier) ? token.getRawIdentifier() : llvm::StringRef();
  };
  raw.LexFromRawLexer(token);
  if (token.isNot(tok::hash))
    return false;
  llvm::StringRef first = directive();
  if (first != "ifndef" && first != "if")
    return first == "pragma";
  for (unsigned depth = 1; depth > 0;) {
    raw.LexFromRawLexer(token);
    if (token.is(tok::eof))
      return false;
    if (token.isNot(tok::hash) || !token.isAtStartOfLine())
      continue;
    llvm::StringRef name = directive();
    if (name.starts_with("if"))
      ++depth;
    else if (name == "endif")
      --depth;
    else if (depth == 1 && name.starts_with("el"))
      return false;
  }
  raw.LexFromRawLexer(token);
  return token.is(tok::eof);
}

// Whether a TU that includes a shared header gets a guarded file.
bool isGuarded(const std::string& header, const std::vector<std::string>& folders) {
  for (const std::string& folder : folders)
    if (auto buffer = llvm::MemoryBuffer::getFile(folder + "/" + header))
      return looksGuarded((*buffer)->getBuffer());
  return false;
}

} // namespace

// Where includes lead. What it knows of texts and lookups serves all TUs.
class HeaderUses::Scanner {
public:
  explicit Scanner(SeenFiles& seen) : seen_(seen) {}

  struct Lookup {
    std::vector<uint32_t> files; // where the header was looked for, to the place where it is
    bool found = false;
    uint32_t header = 0; // a number, where found
  };

  Unit scan(const Invocation& tu) {
    unit_ = {};
    ownSeen_.clear();
    setFolders(tu);
    read(tu.path, /*keep=*/false);
    for (std::vector<uint32_t>* list : {&unit_.headers, &unit_.files, &unit_.lookups}) {
      std::sort(list->begin(), list->end());
      list->erase(std::unique(list->begin(), list->end()), list->end());
      list->shrink_to_fit();
    }
    return std::move(unit_);
  }

  const Lookup& lookup(std::size_t number) const { return lookups_[number]; }
  std::size_t lookups() const { return lookups_.size(); }
  std::function<uint32_t(const std::string& header)> numberOf;

private:
  void setFolders(const Invocation& tu) {
    shared_ = sharedFolders(tu);
    own_.clear();
    for (const std::string& folder : splitArgs(tu.args).folders)
      own_.push_back(absolutePath(folder, tu.directory));
    own_.erase(own_.begin(), own_.begin() + static_cast<std::ptrdiff_t>(shared_.size()));
    group_.clear();
    for (const std::string& folder : shared_)
      (group_ += folder) += '\n';
  }

  void read(const std::string& path, bool keep) {
    if (!ownSeen_.insert(path).second)
      return;
    unit_.files.push_back(seen_.note(path, SeenFiles::Kind::Content));
    // A TU's file is read once, its headers by other TUs as well.
    if (keep) {
      auto [it, isNew] = lines_.try_emplace(path);
      if (isNew)
        it->second = linesOf(path);
      for (const IncludeLine& line : it->second)
        resolve(line, path);
    } else
      for (const IncludeLine& line : linesOf(path))
        resolve(line, path);
  }

  void resolve(const IncludeLine& line, const std::string& from) {
    if (!line.angled) {
      std::string beside = absolutePath(line.name, from.substr(0, from.rfind('/')));
      if (isThere(beside)) {
        read(beside, /*keep=*/true);
        return;
      }
    }
    uint32_t number = lookUp(line.name);
    unit_.lookups.push_back(number);
    if (lookups_[number].found) {
      unit_.headers.push_back(lookups_[number].header);
      return;
    }
    for (const std::string& folder : own_)
      if (std::string path = folder + "/" + line.name; isThere(path)) {
        read(absolutePath(path, "/"), /*keep=*/true);
        return;
      }
  }

  bool isThere(const std::string& path) {
    unit_.files.push_back(seen_.note(path, SeenFiles::Kind::Place));
    return seen_.exists(unit_.files.back());
  }

  // In the shared folders: all TUs with the same ones have the same answer.
  uint32_t lookUp(const std::string& name) {
    auto [it, isNew] = numbers_.try_emplace(group_ + name, static_cast<uint32_t>(lookups_.size()));
    if (!isNew)
      return it->second;
    Lookup& lookup = lookups_.emplace_back();
    for (const std::string& folder : shared_) {
      lookup.files.push_back(seen_.note(folder + "/" + name, SeenFiles::Kind::Place));
      lookup.found = seen_.exists(lookup.files.back());
      if (lookup.found) {
        lookup.header = numberOf(name);
        break;
      }
    }
    return it->second;
  }

  static std::vector<IncludeLine> linesOf(const std::string& path) {
    auto buffer = llvm::MemoryBuffer::getFile(path);
    return buffer ? includeLines((*buffer)->getBuffer()) : std::vector<IncludeLine>();
  }

  SeenFiles& seen_;
  Unit unit_;
  std::vector<std::string> shared_, own_;
  std::string group_; // names shared_
  llvm::StringSet<> ownSeen_;
  llvm::StringMap<std::vector<IncludeLine>> lines_;
  llvm::StringMap<uint32_t> numbers_; // of lookups
  std::deque<Lookup> lookups_;
};

HeaderUses::HeaderUses(SeenFiles& seen) : seen_(seen) {}
HeaderUses::~HeaderUses() = default;

void HeaderUses::scan(std::size_t tu, const Invocation& invocation) {
  if (!scanner_) {
    scanner_ = std::make_unique<Scanner>(seen_);
    auto numbers = std::make_shared<llvm::StringMap<uint32_t>>();
    for (const std::string& header : headers_)
      numbers->try_emplace(header, static_cast<uint32_t>(numbers->size()));
    scanner_->numberOf = [this, numbers](const std::string& header) {
      auto [it, isNew] = numbers->try_emplace(header, static_cast<uint32_t>(headers_.size()));
      if (isNew)
        headers_.push_back(header);
      return it->second;
    };
  }
  if (units_.size() <= tu)
    units_.resize(tu + 1);
  units_[tu] = scanner_->scan(invocation);
}

std::vector<std::string> HeaderUses::ranked(const std::function<bool(unsigned uses)>& pays) const {
  std::vector<unsigned> uses(headers_.size());
  for (const Unit& unit : units_)
    for (uint32_t header : unit.headers)
      ++uses[header];
  std::vector<uint32_t> chosen;
  for (uint32_t header = 0; header < uses.size(); ++header)
    if (uses[header] > 0 && pays(uses[header]))
      chosen.push_back(header);
  std::sort(chosen.begin(), chosen.end(), [&](uint32_t a, uint32_t b) {
    return uses[a] != uses[b] ? uses[a] > uses[b] : headers_[a] < headers_[b];
  });
  std::vector<std::string> names;
  names.reserve(chosen.size());
  for (uint32_t header : chosen)
    names.push_back(headers_[header]);
  return names;
}

std::vector<std::string> HeaderUses::ranked() const {
  return ranked([](unsigned) { return true; });
}

std::size_t HeaderUses::lookups() const {
  return scanner_ ? scanner_->lookups() : 0;
}

const std::vector<uint32_t>& HeaderUses::filesOfLookup(std::size_t lookup) const {
  return scanner_->lookup(lookup).files;
}

std::string HeaderUses::bytes() const {
  std::string bytes;
  ByteWriter out(bytes);
  out.texts(headers_);
  out.number(static_cast<uint32_t>(units_.size()));
  for (const Unit& unit : units_)
    out.array(unit.headers);
  return bytes;
}

bool HeaderUses::parse(std::string_view bytes) {
  ByteReader in(bytes);
  in.texts(headers_);
  for (uint32_t i = in.number(); i > 0 && in.ok(); --i)
    in.array(units_.emplace_back().headers);
  return in.atEnd();
}

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

std::vector<std::string> chooseHeaders(std::size_t count, const std::function<Invocation(std::size_t)>& tu,
                                       double minShare) {
  SeenFiles seen;
  HeaderUses uses(seen);
  std::size_t sample = std::min(count, maxSample);
  for (std::size_t i = 0; i < sample; ++i)
    uses.scan(i, tu(i * count / sample));
  double scale = static_cast<double>(count) / static_cast<double>(sample);
  std::vector<std::string> headers = uses.ranked([&](unsigned used) {
    return used * scale >= minUses && used >= minShare * static_cast<double>(sample);
  });
  // A header that may be read twice is read again by each TU: nothing is gained by it.
  const std::vector<std::string> folders = sharedFolders(tu(0));
  std::erase_if(headers, [&](const std::string& header) { return !isGuarded(header, folders); });
  return headers;
}

} // namespace fgft
