// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Numbers, texts and arrays as bytes, for files and pipes that one machine writes and reads.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace fgft {

class ByteWriter {
public:
  explicit ByteWriter(std::string& bytes) : bytes_(bytes) {}
  void number(uint32_t value) { bytes_.append(reinterpret_cast<const char*>(&value), sizeof value); }
  template <typename T>
  void value(const T& one) {
    static_assert(std::is_trivially_copyable_v<T>);
    bytes_.append(reinterpret_cast<const char*>(&one), sizeof one);
  }
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
  void texts(const std::vector<std::string>& values) {
    number(static_cast<uint32_t>(values.size()));
    for (const std::string& value : values)
      text(value);
  }

private:
  std::string& bytes_;
};

/// Reads as long as there is something to read; ok() tells whether all was there.
class ByteReader {
public:
  explicit ByteReader(std::string_view bytes) : bytes_(bytes) {}
  uint32_t number() {
    uint32_t value = 0;
    if (take(sizeof value))
      std::memcpy(&value, taken_, sizeof value);
    return value;
  }
  template <typename T>
  void value(T& one) {
    static_assert(std::is_trivially_copyable_v<T>);
    if (take(sizeof one))
      std::memcpy(&one, taken_, sizeof one);
  }
  std::string text() { return std::string(view()); }
  /// As long as what is read from lives.
  std::string_view view() {
    uint32_t size = number();
    return take(size) ? std::string_view(taken_, size) : std::string_view();
  }
  template <typename T>
  void array(std::vector<T>& values) {
    uint64_t size = number();
    if (!take(size * sizeof(T)))
      return;
    values.resize(size);
    std::memcpy(values.data(), taken_, size * sizeof(T));
  }
  void texts(std::vector<std::string>& values) {
    for (uint32_t i = number(); i > 0 && ok_; --i)
      values.push_back(text());
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

} // namespace fgft
