// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The file form of header records; see HeaderRecord.h.
#include "analyze/HeaderRecord.h"

#include "analyze/Bytes.h"
#include "support/Hash.h"

#include <clang/Basic/CharInfo.h>

namespace fgft {

namespace {

constexpr std::string_view magic = "fgft header record 6\n";
constexpr std::size_t sumSize = 64; // of hashOf()

} // namespace

uint32_t HeaderRecord::numberOf(llvm::StringRef name) {
  auto [it, isNew] = nameIndex.try_emplace(name, static_cast<uint32_t>(names.size()));
  if (isNew)
    names.push_back(it->getKey());
  return it->second;
}

std::string HeaderRecord::serialise() const {
  std::string bytes(magic);
  ByteWriter out(bytes);
  out.number(static_cast<uint32_t>(names.size()));
  for (llvm::StringRef name : names)
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
  out.array(texts);
  out.array(identifiers.words);
  out.texts(missing);
  return bytes + hashOf(bytes);
}

bool HeaderRecord::parse(std::string_view bytes) {
  if (bytes.size() < magic.size() + sumSize || !bytes.starts_with(magic))
    return false;
  std::string_view sum = bytes.substr(bytes.size() - sumSize);
  bytes.remove_suffix(sumSize);
  if (hashOf(bytes) != sum)
    return false;
  ByteReader in(bytes.substr(magic.size()));
  uint32_t count = in.number();
  if (count > bytes.size())
    return false;
  nameIndex = decltype(nameIndex)(count); // room for all, so that it need not grow
  for (uint32_t i = 0; i < count && in.ok(); ++i)
    numberOf(in.view());
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
    fileIndex.try_emplace(file.name, static_cast<uint32_t>(files.size() - 1));
  }
  in.array(forced);
  in.array(visits);
  in.array(events);
  in.array(plainMentions);
  in.array(hasParameters);
  in.array(texts);
  in.array(identifiers.words);
  in.texts(missing);
  return in.atEnd() && names.size() == count;
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
