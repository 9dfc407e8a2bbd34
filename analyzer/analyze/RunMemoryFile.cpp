// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// See RunMemoryFile.h. Each part has a check sum: a garbled file is none.
#include "analyze/RunMemoryFile.h"

#include "analyze/Bytes.h"
#include "support/AtomicFile.h"
#include "support/Hash.h"

#include <llvm/Support/MemoryBuffer.h>

#include <cstring>

namespace fgft {

namespace {

constexpr std::string_view magic = "fgft run 1\n";

// Seven bits a byte, the last byte's high bit is clear.
void putNumber(std::string& bytes, uint32_t number) {
  for (; number >= 128; number >>= 7)
    bytes += static_cast<char>(number | 128);
  bytes += static_cast<char>(number);
}

uint32_t takeNumber(const std::string& bytes, std::size_t& at, std::size_t end) {
  uint32_t number = 0;
  for (unsigned shift = 0; at < end && shift < 32; shift += 7) {
    auto byte = static_cast<unsigned char>(bytes[at++]);
    number |= static_cast<uint32_t>(byte & 127) << shift;
    if (byte < 128)
      break;
  }
  return number;
}

// A part stands behind its size and sum.
struct PartHead {
  uint64_t size = 0;
  Fingerprint sum;
};

void put(AtomicFile& file, std::string_view part) {
  PartHead head{part.size(), fingerprintOf(part)};
  file.write({reinterpret_cast<const char*>(&head), sizeof head});
  file.write(part);
}

template <typename T>
void put(AtomicFile& file, const std::vector<T>& part) {
  put(file, {reinterpret_cast<const char*>(part.data()), part.size() * sizeof(T)});
}

// Takes parts off `bytes` as long as they are sound.
class Parts {
public:
  explicit Parts(std::string_view bytes) : bytes_(bytes) {}

  std::string_view next() {
    PartHead head;
    sound_ = sound_ && bytes_.size() >= sizeof head;
    if (sound_) {
      std::memcpy(&head, bytes_.data(), sizeof head);
      bytes_.remove_prefix(sizeof head);
      sound_ = head.size <= bytes_.size() && fingerprintOf(bytes_.substr(0, head.size)) == head.sum;
    }
    if (!sound_)
      return {};
    std::string_view part = bytes_.substr(0, head.size);
    bytes_.remove_prefix(head.size);
    return part;
  }
  void take(std::string& part) { part = next(); }
  template <typename T>
  void take(std::vector<T>& part) {
    std::string_view bytes = next();
    part.resize(bytes.size() / sizeof(T));
    bytes.copy(reinterpret_cast<char*>(part.data()), part.size() * sizeof(T));
  }
  bool atEnd() const { return sound_ && bytes_.empty(); }

private:
  std::string_view bytes_;
  bool sound_ = true;
};

} // namespace

void ReaderLists::mark(std::size_t thing, std::vector<char>& readers) const {
  std::size_t at = thing == 0 ? 0 : ends.at(thing - 1);
  std::size_t end = ends.at(thing);
  uint32_t reader = 0;
  while (at < end) {
    reader += takeNumber(bytes, at, end);
    for (uint32_t length = takeNumber(bytes, at, end); length > 0; --length)
      readers.at(reader++) = 1;
  }
}

void ReaderListsMaker::writeRun(List& list) {
  if (list.begin == list.end)
    return;
  putNumber(list.bytes, list.begin - list.written);
  putNumber(list.bytes, list.end - list.begin);
  list.written = list.end;
}

void ReaderListsMaker::add(std::size_t thing, uint32_t reader) {
  if (lists_.size() <= thing)
    lists_.resize(thing + 1);
  List& list = lists_[thing];
  if (list.begin != list.end && reader < list.end)
    return; // it is there already
  if (list.begin == list.end || reader > list.end) {
    writeRun(list);
    list.begin = reader;
  }
  list.end = reader + 1;
}

void ReaderListsMaker::finish(std::size_t things, ReaderLists& lists) {
  lists_.resize(things);
  for (List& list : lists_) {
    writeRun(list);
    lists.bytes += list.bytes;
    lists.ends.push_back(static_cast<uint32_t>(lists.bytes.size()));
    list = {};
  }
}

void RunMemoryFile::write(const std::string& path, const std::string& question) const {
  AtomicFile file(path);
  file.write(magic);
  put(file, question);
  for (const std::string* part : {&list, &uses, &units, &paths, &readers.bytes, &groups.bytes})
    put(file, *part);
  put(file, files);
  put(file, places);
  for (const std::vector<uint32_t>* part : {&sources, &readers.ends, &groups.ends})
    put(file, *part);
  file.finish();
}

bool RunMemoryFile::read(const std::string& path, const std::string& question) {
  auto buffer = llvm::MemoryBuffer::getFile(path, /*IsText=*/false, /*RequiresNullTerminator=*/false);
  if (!buffer)
    return false;
  std::string_view bytes((*buffer)->getBufferStart(), (*buffer)->getBufferSize());
  if (!bytes.starts_with(magic))
    return false;
  Parts parts(bytes.substr(magic.size()));
  if (parts.next() != question)
    return false;
  for (std::string* part : {&list, &uses, &units, &paths, &readers.bytes, &groups.bytes})
    parts.take(*part);
  parts.take(files);
  parts.take(places);
  for (std::vector<uint32_t>* part : {&sources, &readers.ends, &groups.ends})
    parts.take(*part);
  return parts.atEnd();
}

std::string listBytes(const RunMemory::Run& run) {
  std::string bytes;
  ByteWriter out(bytes);
  const Configuration& configuration = run.list.configuration;
  for (const std::string* text :
       {&configuration.name, &configuration.arch, &configuration.kernelRelease, &configuration.configHash})
    out.text(*text);
  out.texts(configuration.scope);
  out.texts(configuration.notBuilt);
  out.number(configuration.notBuiltKnown ? 1 : 0);
  out.value(run.list.dropped.count);
  out.texts(run.list.unknownFlags);
  out.value(run.common);
  out.value(run.headers);
  out.text(run.list.tus.bytes());
  return bytes;
}

bool parseList(std::string_view bytes, RunMemory::Run& run) {
  ByteReader in(bytes);
  Configuration& configuration = run.list.configuration;
  for (std::string* text :
       {&configuration.name, &configuration.arch, &configuration.kernelRelease, &configuration.configHash})
    *text = in.text();
  in.texts(configuration.scope);
  in.texts(configuration.notBuilt);
  configuration.notBuiltKnown = in.number() != 0;
  in.value(run.list.dropped.count);
  in.texts(run.list.unknownFlags);
  in.value(run.common);
  in.value(run.headers);
  return run.list.tus.parse(in.view()) && in.atEnd();
}

std::string unitBytes(const std::vector<RunMemory::Unit>& units) {
  std::string bytes;
  ByteWriter out(bytes);
  out.number(static_cast<uint32_t>(units.size()));
  for (const RunMemory::Unit& unit : units) {
    out.text(unit.command);
    out.text(unit.key);
    out.value(unit.facts);
    out.number(unit.stands ? 1 : 0);
  }
  return bytes;
}

bool parseUnits(std::string_view bytes, std::vector<RunMemory::Unit>& units) {
  ByteReader in(bytes);
  for (uint32_t i = in.number(); i > 0 && in.ok(); --i) {
    RunMemory::Unit& unit = units.emplace_back();
    unit.command = in.text();
    unit.key = in.text();
    in.value(unit.facts);
    unit.stands = in.number() != 0;
  }
  return in.atEnd();
}

} // namespace fgft
