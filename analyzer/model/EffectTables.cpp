// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Reads the tables of effects; see EffectModel.h. Every word is checked against the words there are.
#include "model/EffectModel.h"
#include "model/Table.h"

#include <set>

namespace fgft {

namespace {

constexpr std::pair<const char*, ArgumentRole> roleWords[] = {
    {"base", ArgumentRole::Base},
    {"offset", ArgumentRole::Offset},
    {"value", ArgumentRole::Value},
    {"frees", ArgumentRole::Frees},
    {"writes", ArgumentRole::Writes},
    {"copies", ArgumentRole::Copies},
    {"request", ArgumentRole::Request},
    {"pipe", ArgumentRole::Pipe},
    {"urb", ArgumentRole::Urb},
    {"dir", ArgumentRole::Dir},
    {"gfp", ArgumentRole::Gfp},
    {"message", ArgumentRole::Message},
    {"lock", ArgumentRole::Lock},
    {"takes", ArgumentRole::Takes},
    {"command", ArgumentRole::Command},
    {"mask", ArgumentRole::Mask},
    {"allocates", ArgumentRole::Allocates},
};

std::string roleList() {
  std::string list = "'callback', 'calls', 'object'";
  for (const auto& [name, role] : roleWords)
    list += fmt::format(", '{}'", name);
  return list;
}

Effect effectWord(const std::string& where, const char* column, std::string_view text) {
  if (auto effect = effectOf(text))
    return *effect;
  throw Error("{}: column '{}': '{}' is no effect, expected one of {}", where, column, text, effectWords());
}

// In column device_write: of the accesses in the member one is a dev-clear, by whichever the device is told.
constexpr const char* acknowledgeWord = "dev-clear?";

std::vector<Effect> effectList(const std::string& where, const char* column, const std::string& text) {
  std::vector<Effect> list;
  for (const std::string& one : words(text))
    list.push_back(effectWord(where, column, one));
  return list;
}

// `io-post read:dev-clear`: what a device write, and a device read, means beside itself.
void readDeviceWords(OpsMember& row, const std::string& where, const std::string& text) {
  constexpr std::string_view ofRead = "read:";
  for (const std::string& one : words(text))
    if (one.starts_with(ofRead))
      row.deviceRead.push_back(effectWord(where, "device_write", one.substr(ofRead.size())));
    else
      row.deviceWrite.push_back(effectWord(where, "device_write", one));
}

RegisterName::Use nameUse(const std::string& where, const std::string& text) {
  using enum RegisterName::Use;
  static const std::map<std::string, RegisterName::Use> uses = {
      {"read", Read},     {"write", Write}, {"any", Any},        {"inside", Inside},
      {"within", Within}, {"mask", Mask},   {"control", Control}};
  auto found = uses.find(text);
  if (found == uses.end())
    throw Error("{}: column 'access' is '{}', expected one of 'read', 'write', 'any', 'inside', 'within', "
                "'mask', 'control'",
                where, text);
  return found->second;
}

Tristate tristate(const std::string& where, const char* column, const std::string& text) {
  if (auto value = tristateOf(text))
    return *value;
  throw Error("{}: column '{}' is '{}', expected one of 'yes', 'no', 'maybe'", where, column, text);
}

unsigned index(const std::string& where, const char* column, const std::string& text) {
  if (text.empty() || text.size() > 2 || text.find_first_not_of("0123456789") != std::string::npos)
    throw Error("{}: column '{}': '{}' is no index, expected an argument's 0-based index", where, column,
                text);
  return static_cast<unsigned>(std::stoul(text));
}

// `word` or `word?role=value`
CallEffect callEffect(const std::string& where, const std::string& text) {
  size_t mark = text.find('?');
  CallEffect effect{effectWord(where, "effects", text.substr(0, mark)), std::nullopt};
  if (mark == std::string::npos)
    return effect;
  size_t equals = text.find('=', mark);
  if (equals == std::string::npos || equals == mark + 1 || equals + 1 == text.size())
    throw Error("{}: column 'effects': '{}', expected effect?role=value", where, text);
  effect.condition = EffectCondition{text.substr(mark + 1, equals - mark - 1), text.substr(equals + 1)};
  return effect;
}

// `tag.member`, split at the first dot: tags have none, members may be paths.
std::pair<std::string, std::string> tagMember(const std::string& where, const std::string& text) {
  size_t dot = text.find('.');
  if (dot == std::string::npos || dot == 0 || dot + 1 == text.size())
    throw Error("{}: column 'roles': '{}', expected struct.member", where, text);
  return {text.substr(0, dot), text.substr(dot + 1)};
}

// `1:irqaction.handler`
CallbackRole callbackRole(const std::string& where, const std::string& text) {
  size_t colon = text.find(':');
  if (colon == std::string::npos)
    throw Error("{}: column 'roles': 'callback={}', expected callback=index:struct.member", where, text);
  CallbackRole role;
  role.argument = index(where, "roles", text.substr(0, colon));
  std::tie(role.tag, role.member) = tagMember(where, text.substr(colon + 1));
  return role;
}

CalledRole calledRole(const std::string& where, const std::string& text) {
  CalledRole role;
  if (text.find('.') == std::string::npos)
    role.argument = index(where, "roles", text);
  else
    std::tie(role.tag, role.member) = tagMember(where, text);
  return role;
}

// `4` or `4:file_operations@debugfs`
ObjectRole objectRole(const std::string& where, const std::string& text) {
  size_t colon = text.find(':');
  ObjectRole role{index(where, "roles", text.substr(0, colon)), ""};
  if (colon != std::string::npos)
    role.tag = text.substr(colon + 1);
  return role;
}

void readRole(CallModel& call, const std::string& where, const std::string& text) {
  size_t equals = text.find('=');
  if (equals == std::string::npos)
    throw Error("{}: column 'roles': '{}', expected role=argument", where, text);
  std::string name = text.substr(0, equals);
  std::string what = text.substr(equals + 1);
  if (name == "callback") {
    call.callbacks.push_back(callbackRole(where, what));
    return;
  }
  if (name == "calls") {
    call.calls.push_back(calledRole(where, what));
    return;
  }
  if (name == "object") {
    call.objects.push_back(objectRole(where, what));
    return;
  }
  if (what == "ret" && (name == "allocates" || name == "takes")) {
    (name == "takes" ? call.takesResult : call.allocatesResult) = true;
    return;
  }
  for (const auto& [word, role] : roleWords)
    if (name == word) {
      call.roles[role].push_back(index(where, "roles", what));
      return;
    }
  throw Error("{}: column 'roles': '{}' is no role, expected one of {}", where, name, roleList());
}

void checkConditions(const CallModel& call, const std::string& where) {
  for (const CallEffect& effect : call.effects) {
    if (!effect.condition)
      continue;
    bool given = false;
    for (const auto& [word, role] : roleWords)
      given |= effect.condition->role == word && call.argument(role);
    if (!given)
      throw Error(
          "{}: column 'effects': the condition asks for a role '{}' that column 'roles' does not give", where,
          effect.condition->role);
  }
}

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> list;
  std::string one;
  for (std::istringstream stream(text); std::getline(stream, one, separator);)
    list.push_back(one);
  return list;
}

// Refuses a second row for a name in one file: the first would be lost without a word.
class Once {
public:
  void add(const std::string& where, const char* column, const std::string& name) {
    auto [it, added] = places_.emplace(name, where);
    if (!added)
      throw Error("{}: column '{}': '{}' has a row already, at {}", where, column, name, it->second);
  }

private:
  std::map<std::string, std::string> places_;
};

} // namespace

void EffectModel::readCalls(const std::string& path) {
  Once once;
  readTable<6>(path, {"function", "effects", "sleeps", "roles", "inverse", "source"},
               [&](const auto& v, const std::string& where) {
                 require(where, "function", v[0]);
                 CallModel call;
                 call.names = split(v[0], '|');
                 for (const std::string& one : words(v[1]))
                   call.effects.push_back(callEffect(where, one));
                 call.sleeps = tristate(where, "sleeps", v[2]);
                 for (const std::string& one : words(v[3]))
                   readRole(call, where, one);
                 checkConditions(call, where);
                 call.inverse = v[4];
                 call.source = v[5];
                 for (const std::string& name : call.names) {
                   require(where, "function", name);
                   once.add(where, "function", name);
                   if (name.starts_with('@'))
                     macroIndex_[name.substr(1)] = calls_.size();
                   else if (name.ends_with('*') && name.size() > 1)
                     callBeginnings_[name.substr(0, name.size() - 1)] = calls_.size();
                   else
                     callIndex_[name] = calls_.size();
                 }
                 calls_.push_back(std::move(call));
                 callPlaces_.push_back(where);
               });
}

void EffectModel::readOps(const std::string& path) {
  Once once;
  readTable<8>(path, {"struct", "member", "kind", "sleeps", "atomic", "device_write", "request", "source"},
               [&](const auto& v, const std::string& where) {
                 require(where, "struct", v[0]);
                 require(where, "member", v[1]);
                 auto kind = entryKindOf(v[2]);
                 if (!kind)
                   throw Error("{}: column 'kind' is '{}', expected one of {}", where, v[2],
                               entryKindWords());
                 OpsMember row;
                 row.kind = *kind;
                 row.sleeps = tristate(where, "sleeps", v[3]);
                 row.atomic = tristate(where, "atomic", v[4]);
                 row.acknowledges = v[5] == acknowledgeWord;
                 if (!row.acknowledges)
                   readDeviceWords(row, where, v[5]);
                 if (!v[6].empty())
                   row.request = index(where, "request", v[6]);
                 row.source = v[7];
                 for (const std::string& tag : split(v[0], '|'))
                   for (const std::string& member : words(v[1])) {
                     once.add(where, "member", tag + "." + member);
                     ops_[tag][member] = row;
                   }
               });
}

void EffectModel::readAsm(const std::string& path) {
  Once once;
  readTable<3>(path, {"template", "effects", "source"}, [&](const auto& v, const std::string& where) {
    require(where, "template", v[0]);
    once.add(where, "template", v[0]);
    assembly_[v[0]] = {effectList(where, "effects", v[1]), v[2]};
  });
}

void EffectModel::readRequests(const std::string& path) {
  readTable<2>(path, {"request", "source"}, [&](const auto& v, const std::string& where) {
    require(where, "request", v[0]);
    requests_.insert(v[0]);
  });
}

void EffectModel::readRegisterNames(const std::string& path) {
  std::vector<RegisterName> rows;
  readTable<4>(path, {"pattern", "access", "effect", "why"}, [&](const auto& v, const std::string& where) {
    require(where, "pattern", v[0]);
    RegisterName row{.pattern = pattern(where, "pattern", v[0], Pattern::Part::Any),
                     .use = nameUse(where, v[1])};
    if (row.use != RegisterName::Use::Mask && row.use != RegisterName::Use::Control)
      require(where, "effect", v[2]);
    row.effects = effectList(where, "effect", v[2]);
    row.why = v[3];
    rows.push_back(std::move(row));
  });
  // The first that fits wins: a user's rows stand before the table's own.
  registerNames_.insert(registerNames_.begin(), std::make_move_iterator(rows.begin()),
                        std::make_move_iterator(rows.end()));
}

void EffectModel::readArgumentValues(const std::string& path) {
  std::vector<ArgumentValue> rows;
  readTable<5>(
      path, {"role", "value", "names", "numbers", "source"}, [&](const auto& v, const std::string& where) {
        require(where, "role", v[0]);
        require(where, "value", v[1]);
        rows.push_back({v[0], v[1], pattern(where, "names", v[2], Pattern::Part::Whole), words(v[3])});
      });
  argumentValues_.insert(argumentValues_.begin(), std::make_move_iterator(rows.begin()),
                         std::make_move_iterator(rows.end()));
}

} // namespace fgft
