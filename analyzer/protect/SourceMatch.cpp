// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What ties a config to its driver and kernel: a hash over the driver's own sources, and the GNU build id
// that the linker put into vmlinux. A distribution ships vmlinux only compressed inside the boot image
// (Documentation/arch/x86/boot.rst: setup_sects, payload_offset, payload_length), so it is unpacked from
// there.
#include "protect/ProtectionConfig.h"
#include "support/AtomicFile.h"
#include "support/Error.h"
#include "support/Hash.h"

#include <cstdio>
#include <cstring>
#include <unistd.h>

namespace fgft::protect {
namespace {

template <typename T>
T readLittle(std::string_view bytes, std::size_t offset) {
  if (offset > bytes.size() || bytes.size() - offset < sizeof(T))
    return 0;
  T value;
  std::memcpy(&value, bytes.data() + offset, sizeof value);
  return value;
}

std::size_t aligned(std::size_t size) {
  return (size + 3) & ~std::size_t{3};
}

/// The description of the note (name GNU, type 3) in a run of ELF notes; empty if there is none.
std::string buildIdOfNotes(std::string_view notes) {
  constexpr std::uint32_t buildIdType = 3;
  while (notes.size() >= 12) {
    const std::size_t nameSize = readLittle<std::uint32_t>(notes, 0);
    const std::size_t dataSize = readLittle<std::uint32_t>(notes, 4);
    const std::size_t total = 12 + aligned(nameSize) + aligned(dataSize);
    if (total > notes.size() || nameSize > notes.size() || dataSize > notes.size())
      return "";
    if (readLittle<std::uint32_t>(notes, 8) == buildIdType &&
        notes.substr(12, nameSize) == std::string_view("GNU\0", 4)) {
      std::string id;
      for (const unsigned char byte : notes.substr(12 + aligned(nameSize), dataSize))
        id += fmt::format("{:02x}", byte);
      return id;
    }
    notes.remove_prefix(total);
  }
  return "";
}

/// The build id of a 64-bit little-endian ELF file, from its PT_NOTE segments.
std::string buildIdOfElf(std::string_view elf) {
  constexpr std::uint32_t noteSegment = 4;
  const auto table = readLittle<std::uint64_t>(elf, 32);
  const auto size = readLittle<std::uint16_t>(elf, 54);
  const auto count = readLittle<std::uint16_t>(elf, 56);
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t header = table + i * size;
    if (readLittle<std::uint32_t>(elf, header) != noteSegment)
      continue;
    const auto offset = readLittle<std::uint64_t>(elf, header + 8);
    const auto bytes = readLittle<std::uint64_t>(elf, header + 32);
    if (offset < elf.size() && bytes <= elf.size() - offset)
      if (const std::string id = buildIdOfNotes(elf.substr(offset, bytes)); !id.empty())
        return id;
  }
  return "";
}

/// A command's standard output. The payload is followed by its unpacked size, which decompressors call
/// garbage, so the status is not asked; what came out is checked to be an ELF file.
std::string outputOf(const std::string& command) {
  std::string output;
  // Only decompressor()'s words and the name of a temporary file get here.
  FILE* pipe = popen(command.c_str(), "r"); // NOLINT(bugprone-command-processor)
  if (!pipe)
    throw Error("{}: cannot be run", command);
  char buffer[65536];
  for (std::size_t got; (got = fread(buffer, 1, sizeof buffer, pipe)) > 0;)
    output.append(buffer, got);
  pclose(pipe);
  return output;
}

std::string decompressor(std::string_view payload) {
  if (payload.starts_with("\x28\xb5\x2f\xfd"))
    return "zstd -dcq";
  if (payload.starts_with("\xfd"
                          "7zXZ"))
    return "xz -dcq";
  if (payload.starts_with("\x1f\x8b"))
    return "gzip -dcq";
  if (payload.starts_with("\x02\x21\x4c\x18"))
    return "lz4 -dcq";
  return "";
}

/// vmlinux out of a bzImage.
std::string unpackImage(std::string_view image, const std::string& path) {
  const std::size_t sectors = readLittle<std::uint8_t>(image, 0x1f1);
  const std::size_t start = (sectors + 1) * 512 + readLittle<std::uint32_t>(image, 0x248);
  const std::size_t length = readLittle<std::uint32_t>(image, 0x24c);
  if (start >= image.size() || length > image.size() - start)
    throw Error("{}: the boot header points outside of the file; is it cut?", path);
  const std::string_view payload = image.substr(start, length);
  const std::string command = decompressor(payload);
  if (command.empty())
    throw Error("{}: the kernel inside is packed in a way that is not known here", path);
  char temporary[] = "/tmp/fgft-payload.XXXXXX";
  const int descriptor = mkstemp(temporary);
  if (descriptor < 0)
    throw Error("{}: {}", temporary, std::strerror(errno));
  FILE* file = fdopen(descriptor, "wb");
  const bool written = fwrite(payload.data(), 1, payload.size(), file) == payload.size();
  const bool closed = fclose(file) == 0;
  std::string elf;
  if (written && closed)
    elf = outputOf(command + " " + temporary + " 2>/dev/null");
  unlink(temporary);
  if (!elf.starts_with("\x7f"
                       "ELF"))
    throw Error("{}: '{}' made no ELF file of the kernel inside", path, command);
  return elf;
}

} // namespace

std::string sourcesHash(const std::string& kernelSource, const std::vector<std::string>& files) {
  std::string bytes;
  for (const std::string& file : files) {
    const std::string content = readFile(kernelSource + "/" + file);
    bytes += file;
    bytes += '\0';
    bytes += std::to_string(content.size());
    bytes += '\0';
    bytes += content;
  }
  return sha256Of(bytes);
}

void checkSources(const ProtectionConfig& config, const std::string& kernelSource) {
  const std::string found = sourcesHash(kernelSource, config.sources.files);
  if (found != config.sources.sha256)
    throw Error("{}: is for other sources: sha256 {} was expected, {} has {}", config.file,
                config.sources.sha256, kernelSource, found);
}

std::string kernelBuildId(const std::string& path) {
  const std::string content = readFile(path);
  const std::string_view bytes = content;
  std::string id;
  if (bytes.starts_with("\x7f"
                        "ELF"))
    id = buildIdOfElf(bytes);
  else if (bytes.size() > 0x250 && bytes.substr(0x202, 4) == "HdrS")
    id = buildIdOfElf(unpackImage(bytes, path));
  else
    id = buildIdOfNotes(bytes);
  if (id.empty())
    throw Error("{}: holds no GNU build id; a kernel image, an ELF file or /sys/kernel/notes was expected",
                path);
  return id;
}

void checkKernel(const ProtectionConfig& config, const std::string& path) {
  const std::string found = kernelBuildId(path);
  if (found != config.kernel.buildId)
    throw Error("{}: is for another kernel: build id {} ({}) was expected, {} has {}", config.file,
                config.kernel.buildId, config.kernel.release, path, found);
}

} // namespace fgft::protect
