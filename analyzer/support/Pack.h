// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Values as bytes, for what a run keeps for the next one: numbers are short where they are small, and a name
// stands once. A struct says by one function, `archive(pack, value)`, what it consists of, for both ways.
// Bytes that were cut or changed are an Error, never another value.
#pragma once

#include "support/Error.h"
#include "support/Hash.h"
#include "support/Name.h"

#include <cstdint>
#include <cstring>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_map>
#include <utility>
#include <vector>

namespace fgft {

template <typename T>
concept Number = std::is_integral_v<T> || std::is_enum_v<T>;

class Packer {
public:
  template <typename... All>
  void operator()(const All&... all) {
    (put(all), ...);
  }

  /// A checksum, the names, and what was put.
  std::string bytes() const {
    Packer whole;
    whole.number(names_.size());
    for (Name name : names_)
      whole.text(std::string_view(name));
    whole.out_ += out_;
    Fingerprint sum = fingerprintOf(whole.out_);
    std::string bytes(sizeof sum, '\0');
    std::memcpy(bytes.data(), &sum, sizeof sum);
    return bytes + whole.out_;
  }

private:
  void number(uint64_t value) {
    for (; value >= 0x80; value >>= 7)
      out_.push_back(static_cast<char>(value | 0x80));
    out_.push_back(static_cast<char>(value));
  }
  void text(std::string_view text) {
    number(text.size());
    out_ += text;
  }

  template <Number T>
  void put(T value) {
    number(static_cast<uint64_t>(value));
  }
  void put(const std::string& value) { text(value); }
  void put(Name value) {
    auto [it, isNew] = ids_.try_emplace(value, names_.size());
    if (isNew)
      names_.push_back(value);
    number(it->second);
  }
  template <typename A, typename B>
  void put(const std::pair<A, B>& value) {
    put(value.first);
    put(value.second);
  }
  template <typename List>
    requires requires(const List& list) { list.begin(), list.size(); }
  void put(const List& list) {
    number(list.size());
    for (const auto& one : list)
      put(one);
  }
  template <typename T>
    requires requires(Packer& pack, T& value) { archive(pack, value); }
  void put(const T& value) {
    archive(*this, const_cast<T&>(value)); // the same function reads
  }

  std::string out_;
  std::vector<Name> names_;
  std::unordered_map<Name, size_t> ids_;
};

class Unpacker {
public:
  /// `bytes` must outlive this. Throws Error if they are not what a Packer made.
  explicit Unpacker(std::string_view bytes) : rest_(bytes) {
    Fingerprint sum;
    if (bytes.size() < sizeof sum)
      throw Error("packed values are cut");
    std::memcpy(&sum, bytes.data(), sizeof sum);
    rest_.remove_prefix(sizeof sum);
    if (fingerprintOf(rest_) != sum)
      throw Error("packed values are not what was written");
    names_.resize(count());
    for (Name& name : names_)
      name = Name(text());
  }

  template <typename... All>
  void operator()(All&... all) {
    (get(all), ...);
  }

private:
  uint64_t number() {
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      if (rest_.empty())
        throw Error("packed values are cut");
      auto byte = static_cast<uint8_t>(rest_.front());
      rest_.remove_prefix(1);
      value |= uint64_t(byte & 0x7f) << shift;
      if (byte < 0x80)
        return value;
    }
    throw Error("a packed number is too long");
  }
  // Of what takes at least a byte each.
  size_t count() {
    uint64_t value = number();
    if (value > rest_.size())
      throw Error("packed values are cut");
    return value;
  }
  std::string_view text() {
    size_t size = count();
    std::string_view text = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return text;
  }

  template <Number T>
  void get(T& value) {
    value = static_cast<T>(number());
  }
  void get(std::string& value) { value = text(); }
  void get(Name& value) {
    uint64_t id = number();
    if (id >= names_.size())
      throw Error("a packed name has no text");
    value = names_[id];
  }
  template <typename A, typename B>
  void get(std::pair<A, B>& value) {
    get(value.first);
    get(value.second);
  }
  template <typename T>
  void get(std::vector<T>& list) {
    list.resize(count());
    for (T& one : list)
      get(one);
  }
  template <typename T>
  void get(std::set<T>& list) {
    list.clear();
    for (size_t left = count(); left > 0; --left) {
      T one{};
      get(one);
      list.insert(list.end(), std::move(one));
    }
  }
  template <typename K, typename V>
  void get(std::map<K, V>& list) {
    list.clear();
    for (size_t left = count(); left > 0; --left) {
      std::pair<K, V> one;
      get(one);
      list.insert(list.end(), std::move(one));
    }
  }
  template <typename T>
    requires requires(Unpacker& pack, T& value) { archive(pack, value); }
  void get(T& value) {
    archive(*this, value);
  }

  std::string_view rest_;
  std::vector<Name> names_;
};

} // namespace fgft
