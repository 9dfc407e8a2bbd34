// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// From initialisers and run-time assignments to a word; see PmVerdict.h.
#include "merge/PmVerdict.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace fgft {

namespace {

constexpr std::array<std::string_view, 7> pmWords = {"full", "suspend-only", "resume-only", "runtime-only",
                                                     "core", "none",         "unknown"};
// Choices and copies are followed this far.
constexpr unsigned maxDepth = 5;

// What a member was given, and by what means.
struct Given {
  Value value;
  std::vector<Name> macros;
  bool assigned = false;
  const Unit* unit = nullptr; // where names in the value are looked up
  Place place;
};

// Members of one struct instance: an object and a path inside it.
class Instance {
public:
  Instance(const Program& program, const Unit& unit, const Object& object, Name path)
      : program_(program), unit_(unit), object_(object), path_(path) {}

  // All that `member` may hold: the initialiser's value, then each run-time assignment's.
  std::vector<Given> member(const std::string& member) const {
    std::vector<Given> all;
    std::string path = joined(path_, member);
    for (const Field& field : object_.fields)
      if (field.path == path)
        all.push_back({field.value, field.macros, false, &unit_, {object_.place.file, field.line}});
    for (const Program::Store& store : program_.storesTo(object_))
      if (matches(store.path, path))
        all.push_back(
            {store.assignment->value, {}, true, store.unit, {store.unit->file, store.assignment->line}});
    return all;
  }

  // Objects that the whole instance was copied from at run time.
  std::vector<Given> copies() const {
    std::vector<Given> all;
    for (const Program::Store& store : program_.storesTo(object_))
      if (store.path == path_ && store.assignment->path.empty())
        all.push_back(
            {store.assignment->value, {}, true, store.unit, {store.unit->file, store.assignment->line}});
    return all;
  }

private:
  // An index that is not constant (`x[].pm`) stands for every element.
  static bool matches(const std::string& stored, const std::string& wanted) {
    if (stored == wanted)
      return true;
    size_t open = stored.find("[]");
    if (open == std::string::npos || wanted.compare(0, open, stored, 0, open) != 0 || wanted[open] != '[')
      return false;
    size_t close = wanted.find(']', open);
    return close != std::string::npos && matches(stored.substr(open + 2), wanted.substr(close + 1));
  }

  const Program& program_;
  const Unit& unit_;
  const Object& object_;
  Name path_;
};

class Judge {
public:
  Judge(const Program& program, const Model& model, Attribution& attribution, const std::string& className)
      : program_(program), model_(model), attribution_(attribution), class_(className) {}

  PmVerdict judge(const Unit& unit, const Object& object, const DriverPart& part) {
    DriverStruct row = driverStructOf(model_, part);
    Instance driver(program_, unit, object, part.path);
    bool hasPm = false;
    if (!row.pmPath.empty())
      for (const Given& given : driver.member(row.pmPath)) {
        hasPm |= readOps(given, 0);
        if (given.value.text == "compound literal")
          readLiteral(driver, row.pmPath);
      }
    hasPm |= readDevicePm(unit, object, part);
    readLegacy(row, driver, hasPm);
    noteIgnoredPm(row, driver);
    decide(unit, object, part, row);
    return std::move(verdict_);
  }

private:
  // `dev->driver->pm = ...` in code that the driver's call-backs reach, also in a library's.
  bool readDevicePm(const Unit& unit, const Object& object, const DriverPart& part) {
    std::vector<Given> all;
    auto collect = [&](const Functions& functions) {
      all.clear();
      for (const FunctionRef& one : functions)
        for (const Assignment& assignment : one.unit->assignments)
          if (assignment.function == one.node->name && assignment.record == "device_driver" &&
              assignment.path == "pm" && assignment.base.path->ends_with("driver"))
            all.push_back({assignment.value, {}, true, one.unit, {one.unit->file, assignment.line}});
      return !all.empty();
    };
    bool any = false;
    if (attribution_.belongs(unit, object, part, collect))
      for (const Given& given : all)
        any |= readOps(given, 0);
    return any;
  }

  // A `.pm` that the bus never looks at.
  void noteIgnoredPm(const DriverStruct& row, const Instance& driver) {
    if (!row.pmPath.empty() || row.driverPath.empty())
      return;
    for (const Given& given : driver.member(row.driverPath + ".pm"))
      if (given.value.kind != ValueKind::Null)
        addFinding("ignored-pm-ops", given,
                   fmt::format(".{}.pm is never looked at: the {} bus does system sleep in another way",
                               row.driverPath, row.bus));
  }

  // `.pm = &(const struct dev_pm_ops){ ... }`: the members stand below the pointer's path.
  void readLiteral(const Instance& driver, const std::string& pmPath) {
    for (const auto& [member, meaning] : model_.pmMembers.at("dev_pm_ops"))
      for (const Given& callback : driver.member(joined(pmPath, member)))
        addCallback(callback, meaning, {});
  }

  // One value of a `.pm` pointer; true unless it is NULL.
  bool readOps(const Given& given, unsigned depth) {
    const Value& value = given.value;
    note(given);
    switch (value.kind) {
    case ValueKind::Null:
      reasons_.push_back("pm is NULL");
      return false;
    case ValueKind::Object:
      return readOpsObject(given, depth);
    case ValueKind::Choice: {
      if (depth >= maxDepth)
        break;
      bool any = false;
      bool all = true;
      for (const Value& choice : value.choices) {
        Given one = given;
        one.value = choice;
        bool set = readOps(one, depth + 1);
        any |= set;
        all &= set;
      }
      if (any && !all)
        doubts_.push_back("a run-time condition selects between PM ops and NULL");
      return any;
    }
    case ValueKind::Other:
      if (value.text == "compound literal")
        return true; // readLiteral() has its members
      break;
    default:
      break;
    }
    doubts_.push_back(fmt::format("cannot tell which PM ops `{}` is",
                                  value.text + (value.path.empty() ? "" : "." + value.path)));
    return true;
  }

  bool readOpsObject(const Given& given, unsigned depth) {
    ObjectRef ops = program_.object(*given.unit, given.value.text);
    if (!ops) {
      doubts_.push_back(
          fmt::format("the PM ops {} are defined outside of the surveyed sources", given.value.text));
      return true;
    }
    Instance instance(program_, *ops.unit, *ops.object, given.value.path);
    opsNames_.emplace(given.value.text);
    // A pointer variable, or a struct that was copied whole: go on to what it points to or was copied from.
    for (const Given& copy : instance.copies())
      if (depth < maxDepth)
        readOps(copy, depth + 1);
    if (model_.pmMembers.count(ops.object->tag) == 0 && given.value.path.empty() && depth < maxDepth)
      for (const Given& target : instance.member(""))
        readOps(target, depth + 1);
    bool any = false;
    for (const auto& [member, meaning] : model_.pmMembers.at("dev_pm_ops"))
      for (const Given& callback : instance.member(member))
        any |= addCallback(callback, meaning, ops.object->macros);
    if (!any)
      reasons_.push_back(fmt::format("{} has no callback set", given.value.text));
    return true;
  }

  bool addCallback(const Given& given, const PmMember& meaning, const std::vector<Name>& opsMacros) {
    std::string name = functionName(given.value);
    if (name.empty()) {
      if (given.value.kind != ValueKind::Null)
        doubts_.push_back(
            fmt::format("cannot tell what the {} callback `{}` is", meaning.phase, given.value.text));
      return false;
    }
    note(given);
    noteMacros(opsMacros);
    if (given.value.macros.empty() && given.macros.empty() && opsMacros.empty() && !given.assigned)
      verdict_.how.insert("member");
    addPhase(meaning, name);
    return true;
  }

  void addPhase(const PmMember& meaning, const std::string& name) {
    verdict_.phases.insert(meaning.phase);
    bool runtime = meaning.phase.starts_with("runtime");
    if (meaning.phase == "runtime_suspend")
      verdict_.runtimeDown.insert(name);
    if (meaning.phase == "runtime_resume")
      verdict_.runtimeUp.insert(name);
    if (runtime || meaning.direction == Direction::Other) {
      runtime_ |= runtime;
      return;
    }
    bool down = meaning.direction == Direction::Down;
    (down ? down_ : up_) = true;
    // Of sleep that keeps memory: hibernation's phases do more and less.
    if (meaning.phase.starts_with(down ? "suspend" : "resume"))
      (down ? verdict_.down : verdict_.up).insert(name);
    // The plain phase names the function best; others only where there is no plain one.
    std::string& slot = down ? verdict_.suspendFunction : verdict_.resumeFunction;
    if (slot.empty() || meaning.phase == (down ? "suspend" : "resume"))
      slot = name;
  }

  // A function's name; of a run-time choice only if every way gives one.
  std::string functionName(const Value& value) const {
    if (value.kind == ValueKind::Function)
      return std::string(value.text);
    if (value.kind != ValueKind::Choice)
      return {};
    std::string name;
    for (const Value& choice : value.choices) {
      name = functionName(choice);
      if (name.empty())
        return {};
    }
    return name;
  }

  void readLegacy(const DriverStruct& row, const Instance& driver, bool hasPm) {
    readHooks(row, driver, row.suspend, {"suspend", Direction::Down}, hasPm);
    readHooks(row, driver, row.resume, {"resume", Direction::Up}, hasPm);
  }

  void readHooks(const DriverStruct& row, const Instance& driver, const std::vector<std::string>& members,
                 const PmMember& meaning, bool hasPm) {
    for (const std::string& member : members)
      for (const Given& given : driver.member(member)) {
        std::string name = functionName(given.value);
        if (name.empty()) {
          if (given.value.kind != ValueKind::Null && row.legacy != LegacyHooks::Event)
            doubts_.push_back(
                fmt::format("cannot tell what the hook .{} = `{}` is", member, given.value.text));
          continue;
        }
        readHook(row, given, member, name, meaning, hasPm);
      }
  }

  void readHook(const DriverStruct& row, const Given& given, const std::string& member,
                const std::string& name, const PmMember& meaning, bool hasPm) {
    switch (row.legacy) {
    case LegacyHooks::Called:
      if (hasPm) {
        addFinding("shadowed-legacy-hook", given,
                   fmt::format(".{} = {} is never called: the {} bus prefers the non-NULL .pm", member, name,
                               row.bus));
        return;
      }
      [[fallthrough]];
    case LegacyHooks::Always:
      if (hasPm)
        addFinding(
            "legacy-hook-beside-pm", given,
            fmt::format(".{} = {} is called by the {} bus although .pm is set", member, name, row.bus));
      verdict_.how.insert(given.assigned ? "assigned" : "legacy");
      addPhase(meaning, name);
      return;
    case LegacyHooks::Never:
      if (const auto& callers = program_.indirectCallers(row.tag + "." + member); !callers.empty()) {
        doubts_.push_back(fmt::format(
            "the {} bus never calls .{} = {}, but {} calls such hooks itself: cannot tell whether "
            "this driver's",
            row.bus, member, name, *callers.begin()));
        return;
      }
      addFinding("dead-legacy-hook", given,
                 fmt::format(".{} = {} is never called: the {} bus has no such hook", member, name, row.bus));
      return;
    case LegacyHooks::Event:
      reasons_.push_back(fmt::format(".{} = {} answers a bus event, not system sleep", member, name));
      return;
    case LegacyHooks::None:
      return;
    }
  }

  void addFinding(const char* kind, const Given& given, std::string message) {
    reasons_.push_back(message);
    verdict_.findings.push_back({kind, given.place, std::move(message)});
  }

  void note(const Given& given) {
    if (given.assigned)
      verdict_.how.insert("assigned");
    noteMacros(given.macros);
    noteMacros(given.value.macros);
  }

  // Of the macros that wrote something, the outermost that the model knows.
  void noteMacros(const std::vector<Name>& macros) {
    std::string outermost;
    for (Name macro : macros)
      if (auto row = model_.pmMacros.find(macro); row != model_.pmMacros.end() && row->second != "pointer")
        outermost = macro;
    if (!outermost.empty())
      verdict_.how.insert(outermost);
  }

  std::string coreFor(const Unit& unit, const Object& object, const DriverPart& part,
                      const DriverStruct& row) {
    if (!row.core.empty())
      return row.core;
    for (const PmCore& core : model_.pmCores) {
      if (!appliesTo(core, row.bus))
        continue;
      if (core.trigger == "struct"
              ? core.name == part.tag
              : attribution_.belongs(unit, object, part,
                                     [&](const Functions& functions) { return uses(functions, core); }))
        return core.core;
    }
    return {};
  }

  // The words of a core's detail that restrict it: `!usb` (not for this bus), `class=leds` (only for these
  // classes).
  bool appliesTo(const PmCore& core, const std::string& bus) const {
    bool named = false;
    bool matches = false;
    for (const std::string& wordText : core.details) {
      if (wordText == "!" + bus)
        return false;
      if (wordText.starts_with("class=")) {
        named = true;
        matches |= wordText.substr(6) == class_;
      }
    }
    return !named || matches;
  }

  // Whether `functions` use a core in the way that its row tells.
  bool uses(const Functions& functions, const PmCore& core) const {
    if (core.trigger == "call")
      return program_.anyCalls(functions, core.name);
    size_t dot = core.name.find('.');
    std::string tag = core.name.substr(0, dot);
    std::string member = core.name.substr(dot + 1);
    auto isMember = [&](Name record, std::string_view path) {
      return record == tag && (path == member || path.ends_with("." + member));
    };
    auto isSet = [&](const Value& value) {
      if (core.trigger == "member")
        return value.kind == ValueKind::Function;
      const std::string& flag = core.details.front();
      return value.text == flag ||
             std::find(value.macros.begin(), value.macros.end(), flag) != value.macros.end();
    };
    auto inObject = [&](const Object& object) {
      return std::any_of(object.fields.begin(), object.fields.end(), [&](const Field& field) {
        return isMember(field.record, field.path) && isSet(field.value);
      });
    };
    for (const FunctionRef& one : functions) {
      for (const Assignment& assignment : one.unit->assignments)
        if (assignment.function == one.node->name && isMember(assignment.record, assignment.path) &&
            isSet(assignment.value))
          return true;
      for (const Object& object : one.unit->objects)
        if (std::ranges::find(one.objects(), object.name) != one.objects().end() && inObject(object))
          return true;
    }
    return false;
  }

  void decide(const Unit& unit, const Object& object, const DriverPart& part, const DriverStruct& row) {
    std::string given = describeGiven();
    if (!doubts_.empty()) {
      verdict_.pm = PmWord::Unknown;
      verdict_.reason = join(doubts_) + (given.empty() ? "" : "; " + given);
      return;
    }
    if (down_ && up_)
      verdict_.pm = PmWord::Full;
    else if ((down_ || up_) && row.core.empty())
      verdict_.pm = down_ ? PmWord::SuspendOnly : PmWord::ResumeOnly;
    else if (std::string core = coreFor(unit, object, part, row); !core.empty()) {
      verdict_.pm = PmWord::Core;
      verdict_.how.insert("core");
      reasons_.insert(reasons_.begin(), fmt::format("{} does system sleep for its drivers", core));
    } else
      verdict_.pm = runtime_ ? PmWord::RuntimeOnly : PmWord::None;
    if (!given.empty())
      reasons_.insert(reasons_.begin(), given);
    if (reasons_.empty())
      reasons_.push_back("no PM ops and no suspend or resume hook");
    verdict_.reason = join(reasons_);
    if (verdict_.pm == PmWord::SuspendOnly || verdict_.pm == PmWord::ResumeOnly)
      verdict_.findings.push_back({down_ ? "suspend-without-resume" : "resume-without-suspend", object.place,
                                   fmt::format("{} has {} but no {}", object.name,
                                               down_ ? verdict_.suspendFunction : verdict_.resumeFunction,
                                               down_ ? "resume" : "suspend")});
  }

  std::string describeGiven() const {
    if (verdict_.phases.empty())
      return {};
    std::string text;
    for (const std::string& phase : verdict_.phases)
      text += (text.empty() ? "" : ", ") + phase;
    std::string from;
    for (const std::string& name : opsNames_)
      from += (from.empty() ? " in " : ", ") + name;
    return "callbacks for " + text + from;
  }

  static std::string join(const std::vector<std::string>& list) {
    std::string text;
    for (size_t i = 0; i < list.size(); ++i)
      if (std::find(list.begin(), list.begin() + static_cast<long>(i), list[i]) ==
          list.begin() + static_cast<long>(i))
        text += (text.empty() ? "" : "; ") + list[i];
    return text;
  }

  const Program& program_;
  const Model& model_;
  Attribution& attribution_;
  const std::string& class_;
  PmVerdict verdict_;
  std::vector<std::string> reasons_;
  std::vector<std::string> doubts_;
  std::set<std::string> opsNames_;
  bool down_ = false;
  bool up_ = false;
  bool runtime_ = false;
};

} // namespace

std::string_view word(PmWord pm) {
  return pmWords[static_cast<size_t>(pm)];
}

DriverStruct driverStructOf(const Model& model, const DriverPart& part) {
  if (auto row = model.driverStructs.find(part.tag); row != model.driverStructs.end())
    return row->second;
  DriverStruct row;
  row.tag = part.tag;
  row.bus = part.tag->ends_with("_driver") ? part.tag->substr(0, part.tag->size() - 7) : part.tag.str();
  row.driverPath = part.deviceDriver;
  row.pmPath = part.tag == "device_driver" ? "pm" : joined(part.deviceDriver, "pm");
  return row;
}

PmVerdict judgePm(const Program& program, const Model& model, Attribution& attribution, const Unit& unit,
                  const Object& object, const DriverPart& part, const std::string& className) {
  return Judge(program, model, attribution, className).judge(unit, object, part);
}

} // namespace fgft
