// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// JSON with positions: a tree whose nodes know their line and column, so that every complaint can name them.
// Hostile input meets limits (size, depth, number of values, length of a string) before it costs anything.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fgft::protect {

/// A place in a text, both counted from 1; columns are bytes.
struct Position {
  unsigned line = 1;
  unsigned column = 1;
};

struct JsonNode {
  enum class Kind { Null, Boolean, Integer, Unsigned, Real, String, Array, Object };
  struct Member;

  Kind kind = Kind::Null;
  Position position;
  bool boolean = false;
  std::int64_t integer = 0;  ///< Integer: below zero
  std::uint64_t natural = 0; ///< Unsigned
  std::string string;
  std::vector<JsonNode> elements;
  std::vector<Member> members;

  /// The member of this key, or nullptr.
  const JsonNode* find(std::string_view key) const;
};

struct JsonNode::Member {
  std::string key;
  Position position;
  JsonNode value;
};

/// The limits of what is read; a config of a large driver stays far below them.
struct JsonLimits {
  std::size_t bytes = 4u << 20;
  unsigned depth = 16;
  std::size_t values = 200000;
  std::size_t stringBytes = 4096;
  std::size_t membersPerObject = 256;
};

/// Parses a text. Throws fgft::Error "NAME:LINE:COLUMN: …" for what is no JSON, a key given twice, or a
/// limit.
JsonNode parseJson(std::string_view text, const std::string& name, const JsonLimits& limits = {});

/// What a node is, in words, e.g. "a string".
const char* describe(JsonNode::Kind kind);

} // namespace fgft::protect
