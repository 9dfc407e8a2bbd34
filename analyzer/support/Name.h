// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A string that is stored once however often it occurs: what facts are made of. Names of functions, members,
// types and macros repeat a thousandfold over a kernel, and a survey holds them all.
#pragma once

#include <fmt/format.h>

#include <concepts>
#include <cstdint>
#include <ostream>
#include <string>
#include <string_view>

namespace fgft {

class Name;

template <typename T>
concept IsText = std::convertible_to<const T&, std::string_view> && !std::same_as<T, Name>;

/// An immutable string of the process's pool; as cheap as a number, never freed. Not for use by several
/// threads.
class Name {
  struct Arrow {
    std::string_view text;
    const std::string_view* operator->() const { return &text; }
  };

public:
  Name() = default;            // the empty text
  Name(std::string_view text); // NOLINT(google-explicit-constructor): a name is its text
  Name(const std::string& text) : Name(std::string_view(text)) {} // NOLINT(google-explicit-constructor)
  Name(const char* text) : Name(std::string_view(text)) {}        // NOLINT(google-explicit-constructor)

  std::string_view str() const;                       // holds as long as the process
  operator std::string_view() const { return str(); } // NOLINT(google-explicit-constructor): as above
  Arrow operator->() const { return {str()}; }
  bool empty() const { return id_ == 0; }

  // Two names are the same text just if they are the same entry of the pool; they are ordered by text. A text
  // that is compared with a name needs no place in the pool.
  friend bool operator==(Name a, Name b) { return a.id_ == b.id_; }
  friend bool operator==(Name a, const IsText auto& b) { return a.str() == b; }
  friend bool operator<(Name a, Name b) { return a.id_ != b.id_ && a.str() < b.str(); }
  friend bool operator<(Name a, const IsText auto& b) { return a.str() < b; }
  friend bool operator<(const IsText auto& a, Name b) { return a < b.str(); }
  friend std::string operator+(Name a, std::string_view b) { return std::string(a.str()).append(b); }
  friend std::string operator+(std::string_view a, Name b) { return std::string(a).append(b.str()); }
  friend std::ostream& operator<<(std::ostream& stream, Name name) { return stream << name.str(); }

  /// The pool's number of the text, by order of appearance: for hash tables and for order within a process.
  uint32_t id() const { return id_; }

private:
  uint32_t id_ = 0;
};

} // namespace fgft

template <>
struct std::hash<fgft::Name> {
  size_t operator()(fgft::Name name) const { return std::hash<uint32_t>()(name.id()); }
};

template <>
struct fmt::formatter<fgft::Name> : fmt::formatter<std::string_view> {
  template <typename Context>
  auto format(fgft::Name name, Context& context) const {
    return fmt::formatter<std::string_view>::format(std::string_view(name), context);
  }
};
