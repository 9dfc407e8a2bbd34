// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The library's SAX events carry no positions, so the text is handed over through an iterator that counts
// what was taken; a value starts at the first byte after the end of the one before that is no white space,
// comma or colon.
#include "protect/JsonTree.h"

#include "support/Error.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace fgft::protect {
namespace {

/// Gives the text's bytes and counts them.
class CountingIterator {
public:
  using iterator_category = std::forward_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  CountingIterator(const char* at, std::size_t* taken) : at_(at), taken_(taken) {}
  reference operator*() const { return *at_; }
  CountingIterator& operator++() {
    ++at_;
    ++*taken_;
    return *this;
  }
  CountingIterator operator++(int) {
    CountingIterator old = *this;
    ++*this;
    return old;
  }
  bool operator==(const CountingIterator& other) const { return at_ == other.at_; }
  bool operator!=(const CountingIterator& other) const { return at_ != other.at_; }

private:
  const char* at_;
  std::size_t* taken_;
};

class TreeBuilder {
public:
  using number_integer_t = nlohmann::json::number_integer_t;
  using number_unsigned_t = nlohmann::json::number_unsigned_t;
  using number_float_t = nlohmann::json::number_float_t;
  using string_t = nlohmann::json::string_t;
  using binary_t = nlohmann::json::binary_t;

  TreeBuilder(std::string_view text, const std::string& name, const JsonLimits& limits)
      : text_(text), name_(name), limits_(limits) {}

  std::size_t taken = 0;
  JsonNode root;

  // NOLINTBEGIN(readability-identifier-naming): the names are those that nlohmann::json calls
  bool null() {
    add(JsonNode::Kind::Null);
    return true;
  }
  bool boolean(bool value) {
    add(JsonNode::Kind::Boolean).boolean = value;
    return true;
  }
  bool number_integer(number_integer_t value) {
    add(JsonNode::Kind::Integer).integer = value;
    return true;
  }
  bool number_unsigned(number_unsigned_t value) {
    add(JsonNode::Kind::Unsigned).natural = value;
    return true;
  }
  bool number_float(number_float_t, const string_t&) {
    add(JsonNode::Kind::Real);
    return true;
  }
  bool string(string_t& value) {
    JsonNode& node = add(JsonNode::Kind::String);
    checkLength(value, node.position);
    node.string = value;
    return true;
  }
  bool binary(binary_t&) { return false; }
  bool start_object(std::size_t) {
    open(JsonNode::Kind::Object);
    return true;
  }
  bool start_array(std::size_t) {
    open(JsonNode::Kind::Array);
    return true;
  }
  bool end_object() { return close(); }
  bool end_array() { return close(); }
  bool key(string_t& value);
  bool parse_error(std::size_t position, const std::string& token, const nlohmann::detail::exception& error);
  // NOLINTEND(readability-identifier-naming)

private:
  [[noreturn]] void fail(Position position, const std::string& message) const {
    throw Error("{}:{}:{}: {}", name_, position.line, position.column, message);
  }
  void checkLength(const std::string& value, Position position) const {
    if (value.size() > limits_.stringBytes)
      fail(position,
           fmt::format("a string of {} bytes; at most {} are expected", value.size(), limits_.stringBytes));
  }
  Position startOfToken();
  Position positionAt(std::size_t offset);
  JsonNode& add(JsonNode::Kind kind);
  void open(JsonNode::Kind kind);
  bool close() {
    path_.pop_back();
    end_ = taken;
    return true;
  }

  std::string_view text_;
  const std::string& name_;
  const JsonLimits& limits_;
  std::vector<JsonNode*> path_;
  std::size_t end_ = 0; ///< bytes taken when the token before ended
  std::size_t values_ = 0;
  std::size_t scanned_ = 0; ///< positionAt's memory: lines are counted once
  Position scannedPosition_;
};

Position TreeBuilder::positionAt(std::size_t offset) {
  if (offset < scanned_) {
    scanned_ = 0;
    scannedPosition_ = {};
  }
  for (; scanned_ < offset && scanned_ < text_.size(); ++scanned_) {
    if (text_[scanned_] == '\n') {
      ++scannedPosition_.line;
      scannedPosition_.column = 1;
    } else {
      ++scannedPosition_.column;
    }
  }
  return scannedPosition_;
}

Position TreeBuilder::startOfToken() {
  std::size_t start = end_;
  while (start < text_.size() && std::string_view(" \t\r\n,:").find(text_[start]) != std::string_view::npos)
    ++start;
  end_ = taken;
  return positionAt(start);
}

JsonNode& TreeBuilder::add(JsonNode::Kind kind) {
  const Position position = startOfToken();
  if (++values_ > limits_.values)
    fail(position, fmt::format("more than {} values", limits_.values));
  JsonNode* node = &root;
  if (!path_.empty()) {
    JsonNode& parent = *path_.back();
    node =
        parent.kind == JsonNode::Kind::Array ? &parent.elements.emplace_back() : &parent.members.back().value;
  }
  node->kind = kind;
  node->position = position;
  return *node;
}

void TreeBuilder::open(JsonNode::Kind kind) {
  JsonNode& node = add(kind);
  if (path_.size() >= limits_.depth)
    fail(node.position, fmt::format("nested deeper than {} levels", limits_.depth));
  path_.push_back(&node);
}

bool TreeBuilder::key(string_t& value) {
  const Position position = startOfToken();
  checkLength(value, position);
  auto& members = path_.back()->members;
  const auto same =
      std::find_if(members.begin(), members.end(), [&](const auto& m) { return m.key == value; });
  if (same != members.end())
    fail(position, fmt::format("key \"{}\" stands here a second time; the first is on line {}", value,
                               same->position.line));
  if (members.size() >= limits_.membersPerObject)
    fail(position, fmt::format("an object of more than {} keys", limits_.membersPerObject));
  members.push_back({value, position, {}});
  return true;
}

bool TreeBuilder::parse_error(std::size_t position, const std::string& token,
                              const nlohmann::detail::exception& error) {
  std::string reason = error.what();
  // The library's text carries its own position in front; what follows the last colon of that part is the
  // reason.
  if (const auto colon = reason.find("column "); colon != std::string::npos)
    reason = reason.substr(std::min(reason.find(": ", colon) + 2, reason.size()));
  if (position > text_.size() || token.empty())
    reason += "; is the file cut?";
  fail(positionAt(position > 0 ? position - 1 : 0), "this is not JSON: " + reason);
}

} // namespace

const JsonNode* JsonNode::find(std::string_view key) const {
  for (const Member& member : members)
    if (member.key == key)
      return &member.value;
  return nullptr;
}

JsonNode parseJson(std::string_view text, const std::string& name, const JsonLimits& limits) {
  if (text.size() > limits.bytes)
    throw Error("{}:1:1: {} bytes; at most {} are expected", name, text.size(), limits.bytes);
  TreeBuilder builder(text, name, limits);
  // Bounded by `end`.
  // NOLINTNEXTLINE(bugprone-suspicious-stringview-data-usage)
  const CountingIterator begin(text.data(), &builder.taken);
  const CountingIterator end(text.data() + text.size(), &builder.taken);
  nlohmann::json::sax_parse(begin, end, &builder);
  return std::move(builder.root);
}

const char* describe(JsonNode::Kind kind) {
  switch (kind) {
  case JsonNode::Kind::Null:
    return "null";
  case JsonNode::Kind::Boolean:
    return "true or false";
  case JsonNode::Kind::Integer:
    return "a negative number";
  case JsonNode::Kind::Unsigned:
    return "a number";
  case JsonNode::Kind::Real:
    return "a number with a fraction or out of range";
  case JsonNode::Kind::String:
    return "a string";
  case JsonNode::Kind::Array:
    return "a list";
  case JsonNode::Kind::Object:
    return "an object";
  }
  return "a value";
}

} // namespace fgft::protect
