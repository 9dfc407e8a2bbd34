// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// BLAKE3 and SHA-256 by LLVM; see Hash.h.
#include "support/Hash.h"

#include <llvm/ADT/StringExtras.h>
#include <llvm/Support/BLAKE3.h>
#include <llvm/Support/SHA256.h>
#include <llvm/Support/xxhash.h>

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <unistd.h>

namespace fgft {

namespace {

template <typename Sum>
std::string hexOf(Sum& sum) {
  return llvm::toHex(sum.final(), /*LowerCase=*/true);
}

template <typename Sum>
std::string hexOf(std::string_view bytes) {
  Sum sum;
  sum.update(llvm::StringRef(bytes.data(), bytes.size()));
  return hexOf(sum);
}

} // namespace

struct Hasher::Impl {
  llvm::BLAKE3 sum;
};

Hasher::Hasher() : impl_(new Impl) {}
Hasher::~Hasher() {
  delete impl_;
}

Hasher& Hasher::add(std::string_view field) {
  uint64_t size = field.size();
  impl_->sum.update(llvm::ArrayRef(reinterpret_cast<const uint8_t*>(&size), sizeof size));
  impl_->sum.update(llvm::StringRef(field.data(), field.size()));
  return *this;
}

std::string Hasher::hex() {
  return hexOf(impl_->sum);
}

Fingerprint fingerprintOf(std::string_view bytes) {
  llvm::XXH128_hash_t hash =
      llvm::xxh3_128bits(llvm::ArrayRef(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()));
  return {hash.low64, hash.high64};
}

std::string hashOf(std::string_view bytes) {
  return hexOf<llvm::BLAKE3>(bytes);
}

std::string sha256Of(std::string_view bytes) {
  return hexOf<llvm::SHA256>(bytes);
}

// Piece by piece: a compile database has a hundred megabytes.
std::string hashOfFile(const std::string& path) {
  int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0)
    return {};
  llvm::BLAKE3 sum;
  std::array<char, 65536> piece;
  ssize_t got;
  while ((got = ::read(file, piece.data(), piece.size())) > 0 || (got < 0 && errno == EINTR))
    if (got > 0)
      sum.update(llvm::StringRef(piece.data(), static_cast<size_t>(got)));
  ::close(file);
  return got < 0 ? std::string() : hexOf(sum);
}

const std::string& hashOfProgram() {
  static const std::string hash = hashOfFile("/proc/self/exe");
  return hash;
}

} // namespace fgft
