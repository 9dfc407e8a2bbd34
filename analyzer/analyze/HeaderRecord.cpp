// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The file form of header records; see HeaderRecord.h.
#include "analyze/HeaderRecord.h"

#include "support/Hash.h"

#include <clang/Basic/CharInfo.h>

#include <cstring>
#include <type_traits>

namespace fgft {

namespace {

constexpr std::string_view magic = "fgft header record 3\n";
constexpr std::size_t sumSize = 64; // hexadecimal SHA-256

class Writer {
public:
  explicit Writer(std::string& bytes) : bytes_(bytes) {}
  void number(uint32_t value) { bytes_.append(reinterpret_cast<const char*>(&value), sizeof value); }
  void text(std::string_view value) {
    number(static_cast<uint32_t>(value.size()));
    bytes_.append(value);
  }
  template <typename T>
  void array(const std::vector<T>& values) {
    static_assert(std::is_trivially_copyable_v<T>);
    number(static_cast<uint32_t>(values.size()));
    bytes_.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T));
  }

private:
  std::string& bytes_;
};

// Reads as long as there is something to read; ok() tells whether all was there.
class Reader {
public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}
  uint32_t number() {
    uint32_t value = 0;
    if (take(sizeof value))
      std::memcpy(&value, taken_, sizeof value);
    return value;
  }
  std::string text() {
    uint32_t size = number();
    return take(size) ? std::string(taken_, size) : std::string();
  }
  template <typename T>
  void array(std::vector<T>& values) {
    uint64_t size = number();
    if (!take(size * sizeof(T)))
      return;
    values.resize(size);
    std::memcpy(values.data(), taken_, size * sizeof(T));
  }
  bool ok() const { return ok_; }
  bool atEnd() const { return ok_ && bytes_.empty(); }

private:
  bool take(std::size_t size) {
    ok_ = ok_ && size <= bytes_.size();
    if (!ok_)
      return false;
    taken_ = bytes_.data();
    bytes_.remove_prefix(size);
    return true;
  }
  std::string_view bytes_;
  const char* taken_ = nullptr;
  bool ok_ = true;
};

} // namespace

void HeaderRecord::index() {
  nameIndex.clear();
  fileIndex.clear();
  for (uint32_t i = 0; i < names.size(); ++i)
    nameIndex.try_emplace(names[i], i);
  for (uint32_t i = 0; i < files.size(); ++i)
    fileIndex.try_emplace(files[i].name, i);
}

std::string HeaderRecord::serialise() const {
  std::string bytes(magic);
  Writer out(bytes);
  out.number(static_cast<uint32_t>(names.size()));
  for (const std::string& name : names)
    out.text(name);
  out.array(initial);
  out.array(final);
  out.array(everMacro);
  out.array(fleeting);
  out.number(static_cast<uint32_t>(files.size()));
  for (const File& file : files) {
    out.text(file.name);
    out.text(file.path);
    out.number(file.guarded ? 1 : 0);
    out.array(file.visits);
  }
  out.array(forced);
  out.array(visits);
  out.array(events);
  out.array(plainMentions);
  out.array(hasParameters);
  return bytes + hashOf(bytes);
}

bool HeaderRecord::parse(std::string_view bytes) {
  if (bytes.size() < magic.size() + sumSize || !bytes.starts_with(magic))
    return false;
  std::string_view sum = bytes.substr(bytes.size() - sumSize);
  bytes.remove_suffix(sumSize);
  if (hashOf(bytes) != sum)
    return false;
  Reader in(bytes.substr(magic.size()));
  for (uint32_t i = in.number(); i > 0 && in.ok(); --i)
    names.push_back(in.text());
  in.array(initial);
  in.array(final);
  in.array(everMacro);
  in.array(fleeting);
  for (uint32_t i = in.number(); i > 0 && in.ok(); --i) {
    File& file = files.emplace_back();
    file.name = in.text();
    file.path = in.text();
    file.guarded = in.number() != 0;
    in.array(file.visits);
  }
  in.array(forced);
  in.array(visits);
  in.array(events);
  in.array(plainMentions);
  in.array(hasParameters);
  if (!in.atEnd())
    return false;
  index();
  return true;
}

void namesInCondition(llvm::StringRef condition, const std::function<void(llvm::StringRef)>& found) {
  bool operand = false;
  while (!condition.empty()) {
    llvm::StringRef word =
        condition.take_while([](unsigned char c) { return clang::isAsciiIdentifierContinue(c); });
    char first = condition.front();
    condition = condition.drop_front(word.empty() ? 1 : word.size());
    if (word.empty()) {
      operand = operand && (first == '(' || clang::isWhitespace(first));
    } else if (clang::isAsciiIdentifierStart(first)) {
      if (!operand && word != "defined")
        found(word);
      operand = word == "defined";
    }
  }
}

} // namespace fgft
