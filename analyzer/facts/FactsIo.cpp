// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Facts as JSON lines; see FactsIo.h. Members with their default value are left out: most are.
#include "facts/FactsIo.h"

#include "support/AtomicFile.h"
#include "support/Error.h"

#include <nlohmann/json.hpp>

#include <array>

namespace fgft {

using Json = nlohmann::ordered_json;

namespace {

constexpr std::array<std::string_view, 9> kindWords = {"null", "fn",    "obj",    "str",  "int",
                                                       "parm", "local", "choice", "other"};
constexpr std::array<std::string_view, 4> statusWords = {"ok", "failed", "crashed", "timeout"};

template <typename Enum, size_t N>
Enum enumOf(const std::array<std::string_view, N>& words, const std::string& text) {
  for (size_t i = 0; i < N; ++i)
    if (words[i] == text)
      return static_cast<Enum>(i);
  throw Error("unknown word '{}'", text);
}

// Writing: each overload gives the JSON of one thing; put() leaves defaults out.
void put(Json& json, const char* name, const std::string& text) {
  if (!text.empty())
    json[name] = text;
}
void put(Json& json, const char* name, unsigned number) {
  if (number != 0)
    json[name] = number;
}
void put(Json& json, const char* name, bool flag) {
  if (flag)
    json[name] = 1;
}
void put(Json& json, const char* name, const std::vector<std::string>& words) {
  if (!words.empty())
    json[name] = words;
}

Json toJson(const Value& value);
Json toJson(const Field& field);
Json toJson(const DriverPart& part);
Json toJson(const Call& call);

template <typename T>
void putAll(Json& json, const char* name, const std::vector<T>& list) {
  if (list.empty())
    return;
  Json& array = json[name] = Json::array();
  for (const T& element : list)
    array.push_back(toJson(element));
}

Json toJson(const Value& value) {
  if (value.kind == ValueKind::Other && value.text.empty())
    return nullptr; // nothing is known: most arguments of calls
  Json json = {{"k", kindWords[static_cast<size_t>(value.kind)]}};
  put(json, "t", value.text);
  put(json, "p", value.path);
  put(json, "r", value.record);
  put(json, "m", value.macros);
  putAll(json, "c", value.choices);
  return json;
}

Json toJson(const Field& field) {
  Json json = {{"p", field.path}, {"v", toJson(field.value)}};
  put(json, "r", field.record);
  put(json, "l", field.line);
  put(json, "m", field.macros);
  return json;
}

Json toJson(const DriverPart& part) {
  Json json = {{"t", part.tag}};
  put(json, "p", part.path);
  put(json, "d", part.deviceDriver);
  return json;
}

Json toJson(const Call& call) {
  Json json = {{"f", call.callee}};
  put(json, "i", call.indirect);
  putAll(json, "a", call.args);
  put(json, "l", call.line);
  put(json, "m", call.macros);
  return json;
}

Json toJson(const Object& object) {
  Json json = {{"object", object.name}};
  put(json, "t", object.tag);
  put(json, "file", object.place.file);
  put(json, "l", object.place.line);
  put(json, "static", object.internal);
  put(json, "def", object.defined);
  put(json, "extern", object.declared);
  putAll(json, "fields", object.fields);
  putAll(json, "parts", object.parts);
  put(json, "m", object.macros);
  return json;
}

Json toJson(const Function& function) {
  Json json = {{"function", function.name}};
  put(json, "file", function.place.file);
  put(json, "l", function.place.line);
  put(json, "static", function.internal);
  putAll(json, "calls", function.calls);
  return json;
}

Json toJson(const Assignment& assignment) {
  Json json = {{"assign", assignment.path},
               {"in", assignment.function},
               {"b", toJson(assignment.base)},
               {"v", toJson(assignment.value)}};
  put(json, "r", assignment.record);
  put(json, "l", assignment.line);
  return json;
}

// Reading: get() takes a member that may be left out.
void get(const Json& json, const char* name, std::string& text) {
  if (auto it = json.find(name); it != json.end())
    text = it->get<std::string>();
}
void get(const Json& json, const char* name, unsigned& number) {
  if (auto it = json.find(name); it != json.end())
    number = it->get<unsigned>();
}
void get(const Json& json, const char* name, bool& flag) {
  flag = json.contains(name);
}
void get(const Json& json, const char* name, std::vector<std::string>& words) {
  if (auto it = json.find(name); it != json.end())
    words = it->get<std::vector<std::string>>();
}

template <typename T, typename Read>
void getAll(const Json& json, const char* name, std::vector<T>& list, Read read) {
  auto it = json.find(name);
  if (it == json.end())
    return;
  list.reserve(it->size());
  for (const Json& element : *it)
    list.push_back(read(element));
}

Value valueOf(const Json& json) {
  Value value;
  if (json.is_null())
    return value;
  value.kind = enumOf<ValueKind>(kindWords, json.at("k").get<std::string>());
  get(json, "t", value.text);
  get(json, "p", value.path);
  get(json, "r", value.record);
  get(json, "m", value.macros);
  getAll(json, "c", value.choices, valueOf);
  return value;
}

Field fieldOf(const Json& json) {
  Field field;
  get(json, "p", field.path);
  field.value = valueOf(json.at("v"));
  get(json, "r", field.record);
  get(json, "l", field.line);
  get(json, "m", field.macros);
  return field;
}

DriverPart partOf(const Json& json) {
  DriverPart part;
  get(json, "t", part.tag);
  get(json, "p", part.path);
  get(json, "d", part.deviceDriver);
  return part;
}

Call callOf(const Json& json) {
  Call call;
  get(json, "f", call.callee);
  get(json, "i", call.indirect);
  getAll(json, "a", call.args, valueOf);
  get(json, "l", call.line);
  get(json, "m", call.macros);
  return call;
}

Object objectOf(const Json& json) {
  Object object;
  get(json, "object", object.name);
  get(json, "t", object.tag);
  get(json, "file", object.place.file);
  get(json, "l", object.place.line);
  get(json, "static", object.internal);
  get(json, "def", object.defined);
  get(json, "extern", object.declared);
  getAll(json, "fields", object.fields, fieldOf);
  getAll(json, "parts", object.parts, partOf);
  get(json, "m", object.macros);
  return object;
}

Function functionOf(const Json& json) {
  Function function;
  get(json, "function", function.name);
  get(json, "file", function.place.file);
  get(json, "l", function.place.line);
  get(json, "static", function.internal);
  getAll(json, "calls", function.calls, callOf);
  return function;
}

Assignment assignmentOf(const Json& json) {
  Assignment assignment;
  get(json, "assign", assignment.path);
  get(json, "in", assignment.function);
  assignment.base = valueOf(json.at("b"));
  assignment.value = valueOf(json.at("v"));
  get(json, "r", assignment.record);
  get(json, "l", assignment.line);
  return assignment;
}

void readHeader(const Json& json, TuFacts& facts) {
  if (!json.contains("fgft-facts"))
    throw Error("not a facts file");
  if (int version = json["fgft-facts"].get<int>(); version != factsVersion)
    throw Error("facts version {}, this program reads {}", version, factsVersion);
  get(json, "key", facts.key);
  get(json, "file", facts.file);
  get(json, "output", facts.output);
  get(json, "modules", facts.modules);
  facts.status = statusOf(json.at("status").get<std::string>());
  get(json, "message", facts.message);
  get(json, "command", facts.command);
}

// One record line; true for the last one.
bool readRecord(const Json& json, TuFacts& facts, size_t records) {
  if (json.contains("object"))
    facts.objects.push_back(objectOf(json));
  else if (json.contains("function"))
    facts.functions.push_back(functionOf(json));
  else if (json.contains("assign"))
    facts.assignments.push_back(assignmentOf(json));
  else if (json.contains("end")) {
    if (json["end"].get<size_t>() != records)
      throw Error("{} records, but the last line counts {}", records, json["end"].get<size_t>());
    return true;
  } else
    throw Error("unknown record");
  return false;
}

} // namespace

std::string_view word(TuStatus status) {
  return statusWords[static_cast<size_t>(status)];
}

TuStatus statusOf(const std::string& text) {
  return enumOf<TuStatus>(statusWords, text);
}

std::string serialise(const TuFacts& facts, bool withKey) {
  Json header = {{"fgft-facts", factsVersion}};
  if (withKey)
    put(header, "key", facts.key);
  put(header, "file", facts.file);
  put(header, "output", facts.output);
  put(header, "modules", facts.modules);
  header["status"] = word(facts.status);
  put(header, "message", facts.message);
  put(header, "command", facts.command);

  // Sources are bytes: what is not UTF-8 becomes U+FFFD instead of an exception.
  auto line = [](const Json& json) {
    return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
  };
  std::string text = line(header);
  for (const Object& object : facts.objects)
    text += line(toJson(object));
  for (const Function& function : facts.functions)
    text += line(toJson(function));
  for (const Assignment& assignment : facts.assignments)
    text += line(toJson(assignment));
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
      Json json = Json::parse(text.substr(0, end));
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
