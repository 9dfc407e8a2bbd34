// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A string that is stored once however often it occurs: what facts are made of. Names of functions, members,
// types and macros repeat a thousandfold over a kernel, and a survey holds them all.
#pragma once

#include <fmt/format.h>

#include <ostream>
#include <string>
#include <string_view>

namespace fgft {

/// An immutable string of the process's pool; as cheap as a pointer, never freed. Not for use by several
/// threads.
class Name {
public:
  Name();
  Name(std::string_view text); // NOLINT(google-explicit-constructor): a name is its text
  Name(const std::string& text) : Name(std::string_view(text)) {} // NOLINT(google-explicit-constructor)
  Name(const char* text) : Name(std::string_view(text)) {}        // NOLINT(google-explicit-constructor)

  const std::string& str() const { return *text_; }
  operator const std::string&() const { return *text_; } // NOLINT(google-explicit-constructor)
  explicit operator std::string_view() const { return *text_; }
  const std::string* operator->() const { return text_; }
  bool empty() const { return text_->empty(); }

  // Two names are the same text just if they are the same entry of the pool; they are ordered by text.
  friend bool operator==(Name a, Name b) { return a.text_ == b.text_; }
  friend bool operator==(Name a, const char* b) { return *a.text_ == b; }
  friend bool operator==(Name a, const std::string& b) { return *a.text_ == b; }
  friend bool operator<(Name a, Name b) { return a.text_ != b.text_ && *a.text_ < *b.text_; }
  friend std::string operator+(Name a, const std::string& b) { return *a.text_ + b; }
  friend std::string operator+(Name a, const char* b) { return *a.text_ + b; }
  friend std::string operator+(const std::string& a, Name b) { return a + *b.text_; }
  friend std::string operator+(const char* a, Name b) { return a + *b.text_; }
  friend std::ostream& operator<<(std::ostream& stream, Name name) { return stream << *name.text_; }

  /// The pool's entry: what a hash table may take.
  const void* id() const { return text_; }

private:
  const std::string* text_;
};

} // namespace fgft

template <>
struct std::hash<fgft::Name> {
  size_t operator()(fgft::Name name) const { return std::hash<const void*>()(name.id()); }
};

template <>
struct fmt::formatter<fgft::Name> : fmt::formatter<std::string_view> {
  template <typename Context>
  auto format(fgft::Name name, Context& context) const {
    return fmt::formatter<std::string_view>::format(std::string_view(name), context);
  }
};
