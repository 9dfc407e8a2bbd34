// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Content hashes: what keys of facts, caches and configs are made of.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace fgft {

/// Collects bytes and gives their BLAKE3 hash as 64 hexadecimal digits. Fields are length-prefixed, so that
/// ("ab", "c") and ("a", "bc") differ.
class Hasher {
public:
  Hasher();
  ~Hasher();
  Hasher(const Hasher&) = delete;
  Hasher& operator=(const Hasher&) = delete;

  Hasher& add(std::string_view field);
  std::string hex();

private:
  struct Impl;
  Impl* impl_;
};

/// 128 bits that tell byte strings apart; fast, the same in every run, and no match for who looks for two
/// that collide.
struct Fingerprint {
  uint64_t low = 0;
  uint64_t high = 0;
  bool operator==(const Fingerprint&) const = default;
};

Fingerprint fingerprintOf(std::string_view bytes);

/// BLAKE3 of one string.
std::string hashOf(std::string_view bytes);

/// SHA-256 of one string: where a published format asks for it.
std::string sha256Of(std::string_view bytes);

/// BLAKE3 of a file's content; empty if it cannot be read.
std::string hashOfFile(const std::string& path);

/// BLAKE3 of this program's file; read once.
const std::string& hashOfProgram();

} // namespace fgft

template <>
struct std::hash<fgft::Fingerprint> {
  size_t operator()(const fgft::Fingerprint& one) const { return one.low; }
};
