// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// SHA-256 by LLVM; see Hash.h.
#include "support/Hash.h"

#include <llvm/ADT/StringExtras.h>
#include <llvm/Support/SHA256.h>
#include <llvm/Support/xxhash.h>

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <unistd.h>

namespace fgft {

struct Hasher::Impl {
  llvm::SHA256 sha;
};

Hasher::Hasher() : impl_(new Impl) {}
Hasher::~Hasher() {
  delete impl_;
}

Hasher& Hasher::add(std::string_view field) {
  uint64_t size = field.size();
  impl_->sha.update(llvm::ArrayRef(reinterpret_cast<const uint8_t*>(&size), sizeof size));
  impl_->sha.update(llvm::StringRef(field.data(), field.size()));
  return *this;
}

std::string Hasher::hex() {
  return llvm::toHex(impl_->sha.final(), /*LowerCase=*/true);
}

Fingerprint fingerprintOf(std::string_view bytes) {
  llvm::XXH128_hash_t hash =
      llvm::xxh3_128bits(llvm::ArrayRef(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()));
  return {hash.low64, hash.high64};
}

std::string hashOf(std::string_view bytes) {
  llvm::SHA256 sha;
  sha.update(llvm::StringRef(bytes.data(), bytes.size()));
  return llvm::toHex(sha.final(), /*LowerCase=*/true);
}

// Piece by piece: a compile database has a hundred megabytes.
std::string hashOfFile(const std::string& path) {
  int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0)
    return {};
  llvm::SHA256 sha;
  std::array<char, 65536> piece;
  ssize_t got;
  while ((got = ::read(file, piece.data(), piece.size())) > 0 || (got < 0 && errno == EINTR))
    if (got > 0)
      sha.update(llvm::StringRef(piece.data(), static_cast<size_t>(got)));
  ::close(file);
  return got < 0 ? std::string() : llvm::toHex(sha.final(), /*LowerCase=*/true);
}

const std::string& hashOfProgram() {
  static const std::string hash = hashOfFile("/proc/self/exe");
  return hash;
}

} // namespace fgft
