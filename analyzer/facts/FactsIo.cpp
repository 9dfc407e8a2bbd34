// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Facts as JSON lines; see FactsIo.h. Each record's members are named once, in members(), for the writer
// (nlohmann::json) and the reader (simdjson) alike. Members with their default value are left out: most are.
#include "facts/FactsIo.h"

#include "support/AtomicFile.h"
#include "support/Error.h"

#include <nlohmann/json.hpp>

#include <array>
#include <concepts>
#include <simdjson.h>

namespace fgft {

using Json = nlohmann::ordered_json;
using Element = simdjson::dom::element;

namespace {

constexpr std::array<std::string_view, 10> kindWords = {"null", "fn",    "obj",    "str",      "int",
                                                        "parm", "local", "choice", "computed", "other"};
constexpr std::array<std::string_view, 4> statusWords = {"ok", "failed", "crashed", "timeout"};

template <typename Enum, size_t N>
Enum enumOf(const std::array<std::string_view, N>& words, std::string_view text) {
  for (size_t i = 0; i < N; ++i)
    if (words[i] == text)
      return static_cast<Enum>(i);
  throw Error("unknown word '{}'", text);
}

// A record that is read, or one, constant, that is written.
template <typename T, typename Record>
concept Is = std::same_as<std::remove_const_t<T>, Record>;

// The file form of each record: `io(name, member)` for each member, the record's own word first.
template <typename Io>
void members(Io& io, Is<Value> auto& value) {
  io("k", value.kind);
  io("t", value.text);
  io("p", value.path);
  io("r", value.record);
  io("m", value.macros);
  io("c", value.choices);
  io("o", value.offset);
  io("f", value.from);
}

template <typename Io>
void members(Io& io, Is<Field> auto& field) {
  io("p", field.path);
  io("v", field.value);
  io("r", field.record);
  io("l", field.line);
  io("m", field.macros);
}

template <typename Io>
void members(Io& io, Is<DriverPart> auto& part) {
  io("t", part.tag);
  io("p", part.path);
  io("d", part.deviceDriver);
}

template <typename Io>
void members(Io& io, Is<Call> auto& call) {
  io("f", call.callee);
  io("i", call.indirect);
  io("t", call.through);
  io("a", call.args);
  io("=", call.result);
  io("l", call.line);
  io("m", call.macros);
}

template <typename Io>
void members(Io& io, Is<Store> auto& store) {
  io("r", store.record);
  io("n", store.member);
  io("b", store.base);
  io("v", store.value);
  io("+", store.adds);
  io("own", store.own);
  io("l", store.line);
}

template <typename Io>
void members(Io& io, Is<Assembly> auto& assembly) {
  io("t", assembly.text);
  io("l", assembly.line);
  io("m", assembly.macros);
}

template <typename Io>
void members(Io& io, Is<Object> auto& object) {
  io("object", object.name);
  io("t", object.tag);
  io("file", object.place.file);
  io("l", object.place.line);
  io("static", object.internal);
  io("def", object.defined);
  io("extern", object.declared);
  io("fields", object.fields);
  io("parts", object.parts);
  io("m", object.macros);
}

template <typename Io>
void members(Io& io, Is<Function> auto& function) {
  io("function", function.name);
  io("file", function.place.file);
  io("l", function.place.line);
  io("static", function.internal);
  io("returns", function.returns);
  io("params", function.params);
  io("calls", function.calls);
  io("stores", function.stores);
  io("reads", function.reads);
  io("asm", function.assembly);
}

template <typename Io>
void members(Io& io, Is<Assignment> auto& assignment) {
  io("assign", assignment.path);
  io("in", assignment.function);
  io("b", assignment.base);
  io("v", assignment.value);
  io("r", assignment.record);
  io("l", assignment.line);
}

template <typename Io>
void members(Io& io, Is<TuFacts> auto& facts) {
  io("key", facts.key);
  io("file", facts.file);
  io("output", facts.output);
  io("status", facts.status);
  io("message", facts.message);
  io("command", facts.command);
  io("records", facts.records);
}

// A value of which nothing is known: most arguments of calls.
bool isUnknown(const Value& value) {
  return value.kind == ValueKind::Other && value.text.empty();
}

class JsonWriter {
public:
  explicit JsonWriter(Json& json) : json_(json) {}

  void operator()(const char* name, std::string_view text) {
    if (!text.empty())
      json_[name] = text;
  }
  void operator()(const char* name, unsigned number) {
    if (number != 0)
      json_[name] = number;
  }
  void operator()(const char* name, bool flag) {
    if (flag)
      json_[name] = 1;
  }
  void operator()(const char* name, ValueKind kind) { json_[name] = kindWords[static_cast<size_t>(kind)]; }
  void operator()(const char* name, TuStatus status) { json_[name] = word(status); }
  void operator()(const char* name, const Value& value) {
    if (!isUnknown(value))
      json_[name] = of(value);
  }
  template <typename T>
  void operator()(const char* name, const std::vector<T>& list) {
    if (list.empty())
      return;
    Json& array = json_[name] = Json::array();
    for (const T& element : list)
      array.push_back(of(element));
  }

  template <typename T>
  static Json of(const T& record) {
    Json json = Json::object();
    JsonWriter writer(json);
    members(writer, record);
    return json;
  }
  static Json of(Name text) { return text.str(); }
  static Json of(const std::string& text) { return text; }
  static Json of(const Value& value) {
    if (isUnknown(value))
      return nullptr;
    Json json = Json::object();
    JsonWriter writer(json);
    members(writer, value);
    return json;
  }

private:
  Json& json_;
};

// Takes members in the order in which they are written, so that none is searched for.
class JsonReader {
public:
  explicit JsonReader(Element json) : json_(json.get_object()), at_(json_.begin()) {}

  template <typename T>
  void operator()(std::string_view name, T& member) {
    if (at_ == json_.end() || at_.key() != name)
      return;
    read(at_.value(), member);
    ++at_;
  }

  /// Behind the last member: nothing was passed over.
  void finish() const {
    if (at_ != json_.end())
      throw Error("unknown or misplaced member '{}'", at_.key());
  }

  static void read(Element json, std::string& text) { text = std::string_view(json); }
  static void read(Element json, Name& text) { text = Name(std::string_view(json)); }
  static void read(Element json, unsigned& number) { number = static_cast<unsigned>(uint64_t(json)); }
  static void read(Element /*json*/, bool& flag) { flag = true; }
  static void read(Element json, ValueKind& kind) { kind = enumOf<ValueKind>(kindWords, json); }
  static void read(Element json, TuStatus& status) { status = enumOf<TuStatus>(statusWords, json); }
  template <typename T>
  static void read(Element json, std::vector<T>& list) {
    simdjson::dom::array array = json.get_array();
    list.reserve(array.size());
    for (Element element : array)
      read(element, list.emplace_back());
  }
  template <typename T>
  static void read(Element json, T& record) {
    if (json.is_null())
      return;
    JsonReader reader(json);
    members(reader, record);
    reader.finish();
  }

private:
  simdjson::dom::object json_;
  simdjson::dom::object::iterator at_;
};

void readHeader(Element json, TuFacts& facts) {
  JsonReader reader(json);
  unsigned version = 0;
  reader("fgft-facts", version);
  if (version == 0)
    throw Error("not a facts file");
  if (version != factsVersion)
    throw Error("facts version {}, this program reads {}", version, factsVersion);
  members(reader, facts);
  reader.finish();
}

bool has(Element json, const char* name) {
  return json[name].error() == simdjson::SUCCESS;
}

// One record line; true for the last one.
bool readRecord(Element json, TuFacts& facts, size_t records) {
  uint64_t count = 0;
  if (has(json, "object"))
    JsonReader::read(json, facts.objects.emplace_back());
  else if (has(json, "function"))
    JsonReader::read(json, facts.functions.emplace_back());
  else if (has(json, "in") || has(json, "assign") || has(json, "b")) // a hook's has neither function nor path
    JsonReader::read(json, facts.assignments.emplace_back());
  else if (json["end"].get(count) == simdjson::SUCCESS) {
    if (count != records)
      throw Error("{} records, but the last line counts {}", records, count);
    return true;
  } else
    throw Error("unknown record");
  return false;
}

// The parser keeps its buffers from file to file.
simdjson::dom::parser& parser() {
  static simdjson::dom::parser one;
  return one;
}

} // namespace

std::string toolStamp() {
  return fmt::format("{} {}.{}", FGFT_VERSION, factsVersion, extractionVersion);
}

std::string_view word(TuStatus status) {
  return statusWords[static_cast<size_t>(status)];
}

TuStatus statusOf(const std::string& text) {
  return enumOf<TuStatus>(statusWords, text);
}

std::string serialise(const TuFacts& facts, bool withKey) {
  // Sources are bytes: what is not UTF-8 becomes U+FFFD instead of an exception.
  auto line = [](const Json& json) {
    return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
  };
  Json header = {{"fgft-facts", factsVersion}};
  JsonWriter writer(header);
  members(writer, facts);
  if (!withKey)
    header.erase("key");
  std::string text = line(header);
  for (const Object& object : facts.objects)
    text += line(JsonWriter::of(object));
  for (const Function& function : facts.functions)
    text += line(JsonWriter::of(function));
  for (const Assignment& assignment : facts.assignments)
    text += line(JsonWriter::of(assignment));
  text += line({{"end", facts.objects.size() + facts.functions.size() + facts.assignments.size()}});
  return text;
}

TuFacts parseFacts(std::string_view text, const std::string& name) {
  TuFacts facts;
  size_t lineNumber = 0;
  bool ended = false;
  try {
    while (!text.empty()) {
      ++lineNumber;
      size_t end = text.find('\n');
      if (end == std::string_view::npos)
        throw Error("the file is cut");
      Element json = parser().parse(text.data(), end); // NOLINT(bugprone-suspicious-stringview-data-usage)
      text.remove_prefix(end + 1);
      if (ended)
        throw Error("text after the last line");
      if (lineNumber == 1)
        readHeader(json, facts);
      else
        ended = readRecord(json, facts, lineNumber - 2);
    }
    if (!ended)
      throw Error("the file is cut");
  } catch (const std::exception& error) {
    throw Error("{}:{}: {}", name, lineNumber, error.what());
  }
  return facts;
}

std::string factsPath(const std::string& folder, const std::string& key) {
  return folder + "/" + key.substr(0, 2) + "/" + key + ".facts";
}

void writeFacts(const TuFacts& facts, const std::string& folder) {
  makeFolders(folder + "/" + facts.key.substr(0, 2));
  writeFileAtomically(factsPath(folder, facts.key), serialise(facts));
}

} // namespace fgft
