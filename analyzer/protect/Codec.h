// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// How a value of the config is read, written and described. A Codec does the three for one kind of value; a
// Field binds a codec to a member of a struct under a JSON key; the list of a struct's fields is its whole
// definition.
#pragma once

#include "protect/JsonTree.h"
#include "protect/ProtectionConfig.h"
#include "support/Error.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <type_traits>
#include <vector>

namespace fgft::protect {

using Json = nlohmann::ordered_json;

/// Reports problems with the file's name in front.
class ReadContext {
public:
  explicit ReadContext(const std::string& name) : name_(name) {}

  [[noreturn]] void fail(Position position, const std::string& message) const {
    throw Error("{}:{}:{}: {}", name_, position.line, position.column, message);
  }
  [[noreturn]] void wrongKind(const JsonNode& node, const std::string& expected) const {
    fail(node.position, "expected " + expected + ", found " + describe(node.kind));
  }

private:
  const std::string& name_;
};

template <typename T>
struct Codec {
  std::function<T(const JsonNode&, const ReadContext&)> read;
  std::function<Json(const T&)> write;
  std::function<Json()> schema;
};

/// Protected: must stand in entry points that are not refused, which validate() asks for.
enum class Presence { Required, Optional, Protected };

template <typename T>
struct Field {
  const char* key;
  const char* meaning;
  Presence presence;
  std::function<void(T&, const JsonNode&, const ReadContext&)> read;
  std::function<Json(const T&)> write;
  std::function<Json()> schema;
};

template <typename T, typename Member>
Field<T> field(const char* key, const char* meaning, Member T::* member, const Codec<Member>& codec,
               Presence presence = Presence::Optional) {
  return {key,
          meaning,
          presence,
          [=](T& object, const JsonNode& node, const ReadContext& context) {
            object.*member = codec.read(node, context);
          },
          [=](const T& object) { return codec.write(object.*member); },
          codec.schema};
}

template <typename T>
bool mustStand(const Field<T>& field, const T& object) {
  if constexpr (requires { object.mode == Mode::Refuse; })
    return field.presence == Presence::Required ||
           (field.presence == Presence::Protected && object.mode != Mode::Refuse);
  return field.presence == Presence::Required;
}

/// A field whose default depends on nothing else is left out of the text when it holds that default.
template <typename T>
Json writeFields(const std::vector<Field<T>>& fields, const T& object) {
  static const T standard{};
  Json json = Json::object();
  for (const Field<T>& f : fields) {
    Json value = f.write(object);
    if (mustStand(f, object) || value != f.write(standard))
      json[f.key] = std::move(value);
  }
  return json;
}

template <typename T>
std::string keysOf(const std::vector<Field<T>>& fields) {
  std::string keys;
  for (const Field<T>& f : fields)
    keys += (keys.empty() ? "" : ", ") + std::string(f.key);
  return keys;
}

template <typename T>
T readFields(const std::vector<Field<T>>& fields, const JsonNode& node, const ReadContext& context) {
  if (node.kind != JsonNode::Kind::Object)
    context.wrongKind(node, "an object");
  for (const JsonNode::Member& member : node.members)
    if (std::none_of(fields.begin(), fields.end(), [&](const auto& f) { return f.key == member.key; }))
      context.fail(member.position, "unknown key \"" + member.key + "\"; expected one of: " + keysOf(fields));
  T object{};
  if constexpr (requires { object.line; })
    object.line = node.position.line;
  for (const Field<T>& f : fields) {
    if (const JsonNode* value = node.find(f.key))
      f.read(object, *value, context);
    else if (f.presence == Presence::Required)
      context.fail(node.position, std::string("key \"") + f.key + "\" is missing here");
  }
  return object;
}

template <typename T>
Json schemaOf(const std::vector<Field<T>>& fields) {
  Json properties = Json::object();
  Json required = Json::array();
  for (const Field<T>& f : fields) {
    Json schema = f.schema();
    schema["description"] = f.meaning;
    properties[f.key] = std::move(schema);
    if (f.presence == Presence::Required)
      required.push_back(f.key);
  }
  return {{"type", "object"},
          {"additionalProperties", false},
          {"required", required},
          {"properties", properties}};
}

/// An object that is defined by its fields; `fields` is a function, so that definitions may nest.
template <typename T>
Codec<T> object(std::vector<Field<T>> (*fields)()) {
  return {
      [=](const JsonNode& node, const ReadContext& context) { return readFields(fields(), node, context); },
      [=](const T& value) { return writeFields(fields(), value); }, [=] { return schemaOf(fields()); }};
}

template <typename T>
Codec<std::vector<T>> list(const Codec<T>& element, std::size_t most, std::size_t least = 0) {
  return {[=](const JsonNode& node, const ReadContext& context) {
            if (node.kind != JsonNode::Kind::Array)
              context.wrongKind(node, "a list");
            if (node.elements.size() > most || node.elements.size() < least)
              context.fail(node.position, fmt::format("a list of {} elements; expected {} to {}",
                                                      node.elements.size(), least, most));
            std::vector<T> values;
            for (const JsonNode& child : node.elements)
              values.push_back(element.read(child, context));
            return values;
          },
          [=](const std::vector<T>& values) {
            Json json = Json::array();
            for (const T& value : values)
              json.push_back(element.write(value));
            return json;
          },
          [=] {
            Json schema = {{"type", "array"}, {"items", element.schema()}, {"maxItems", most}};
            if (least)
              schema["minItems"] = least;
            return schema;
          }};
}

template <typename T>
Codec<std::optional<T>> optional(const Codec<T>& codec) {
  return {[=](const JsonNode& node, const ReadContext& context) {
            return std::optional<T>(codec.read(node, context));
          },
          [=](const std::optional<T>& value) { return value ? codec.write(*value) : Json(); }, codec.schema};
}

/// Whole numbers of a range; anything else is named with the range.
template <typename T>
Codec<T> number(std::int64_t least, std::uint64_t most) {
  return {[=](const JsonNode& node, const ReadContext& context) -> T {
            const bool small = node.kind == JsonNode::Kind::Integer && node.integer >= least;
            const bool large = node.kind == JsonNode::Kind::Unsigned && node.natural <= most &&
                               (least < 0 || node.natural >= static_cast<std::uint64_t>(least));
            const std::string expected = fmt::format("a whole number from {} to {}", least, most);
            if (node.kind == JsonNode::Kind::Unsigned && !large)
              context.fail(node.position, fmt::format("expected {}, found {}", expected, node.natural));
            if (node.kind == JsonNode::Kind::Integer && !small)
              context.fail(node.position, fmt::format("expected {}, found {}", expected, node.integer));
            if (!small && !large)
              context.wrongKind(node, expected);
            return small ? static_cast<T>(node.integer) : static_cast<T>(node.natural);
          },
          [](const T& value) { return Json(value); },
          [=] { return Json{{"type", "integer"}, {"minimum", least}, {"maximum", most}}; }};
}

inline Codec<bool> boolean() {
  return {[](const JsonNode& node, const ReadContext& context) {
            if (node.kind != JsonNode::Kind::Boolean)
              context.wrongKind(node, "true or false");
            return node.boolean;
          },
          [](const bool& value) { return Json(value); }, [] { return Json{{"type", "boolean"}}; }};
}

/// One word of a fixed list, kept as an enumeration.
template <typename E>
Codec<E> word(const std::vector<std::pair<const char*, E>>& words) {
  return {[=](const JsonNode& node, const ReadContext& context) {
            std::string expected;
            for (const auto& [text, value] : words) {
              if (node.kind == JsonNode::Kind::String && node.string == text)
                return value;
              expected += (expected.empty() ? "\"" : ", \"") + std::string(text) + "\"";
            }
            if (node.kind != JsonNode::Kind::String)
              context.wrongKind(node, "one of " + expected);
            context.fail(node.position, "expected one of " + expected + ", found \"" + node.string + "\"");
          },
          [=](const E& value) {
            const auto found =
                std::find_if(words.begin(), words.end(), [&](const auto& w) { return w.second == value; });
            return Json(found->first);
          },
          [=] {
            Json names = Json::array();
            for (const auto& entry : words)
              names.push_back(entry.first);
            return Json{{"enum", names}};
          }};
}

} // namespace fgft::protect
