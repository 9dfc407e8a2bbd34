// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Rows of drivers; see DriverRows.h.
#include "merge/DriverRows.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

namespace fgft {

namespace {

const Field* fieldAt(const Object& object, std::string_view path) {
  for (const Field& field : object.fields)
    if (field.path == path)
      return &field;
  return nullptr;
}

class Rows {
public:
  Rows(const Program& program, const Model& model, const std::string& configuration,
       const std::set<std::string>* modules)
      : program_(program), model_(model), attribution_(program), configuration_(configuration),
        modules_(modules) {}

  std::vector<DriverRow> all() {
    std::set<std::string> withDriver;
    for (const auto& unit : program_.units()) {
      if (std::ranges::none_of(unit->modules, [this](const auto& module) { return isAsked(module); }))
        continue;
      for (const Object& object : unit->objects)
        if (!object.declared)
          for (const DriverPart& part : object.parts)
            if (addDriver(*unit, object, part))
              withDriver.insert(unit->modules.begin(), unit->modules.end());
    }
    for (const auto& [module, units] : program_.modules())
      if (isAsked(module) && withDriver.count(module) == 0)
        addModule(module, units);
    rows_.shrink_to_fit(); // they stay while the entry points are looked at
    return std::move(rows_);
  }

private:
  bool isAsked(const std::string& module) const { return !modules_ || modules_->count(module) != 0; }

  // False where the part is no registration: an empty template that nothing registers.
  bool addDriver(const Unit& unit, const Object& object, const DriverPart& part) {
    std::set<std::string> registration;
    std::string classOfCall;
    for (const auto& registered : program_.registrationsOf(object))
      if (isWithin(part.path, registered.path) || isWithin(registered.path, part.path)) {
        const auto& macros = registered.call->macros;
        registration.emplace(macros.empty() ? registered.call->callee : macros.back());
        if (classOfCall.empty())
          classOfCall = registered.row->fixedClass;
      }
    if (registration.empty() && !isFilled(object, part))
      return false;
    DriverStruct structRow = driverStructOf(model_, part);
    DriverRow row;
    row.bus = structRow.bus;
    row.driver = object.name + (part.path.empty() || part.path->starts_with('[') ? "" : ".") + part.path;
    row.name = nameOf(object, part, structRow);
    row.place = object.place;
    row.registration = registration;
    setClass(row, unit, structRow.fixedClass.empty() ? classOfCall : structRow.fixedClass, &object, &part);
    row.pm = judgePm(program_, model_, attribution_, unit, object, part, row.classApi);
    // Who registers it may give it PM as well (ssb_pcihost_register): none that is known says nothing then.
    if (Name outside = program_.givenTo(object);
        registration.empty() && row.pm.pm == PmWord::None && !outside.empty()) {
      row.pm.pm = PmWord::Unknown;
      row.pm.reason =
          fmt::format("{}; but it is given to {}(), which the survey does not cover", row.pm.reason, outside);
    }
    for (const std::string& module : unit.modules) {
      row.module = module;
      if (isAsked(module))
        rows_.push_back(row);
    }
    return true;
  }

  // Whether anything is put into the part: not so for an array's terminator or an unused template. A plain
  // device_driver is a registration only where it names its bus.
  bool isFilled(const Object& object, const DriverPart& part) const {
    auto counts = [&](std::string_view path) {
      return part.tag == "device_driver" ? path == joined(part.path, "bus") : isWithin(path, part.path);
    };
    return std::any_of(object.fields.begin(), object.fields.end(),
                       [&](const Field& f) { return counts(f.path); }) ||
           std::any_of(program_.storesTo(object).begin(), program_.storesTo(object).end(),
                       [&](const Program::Store& store) { return counts(store.path); });
  }

  static std::string nameOf(const Object& object, const DriverPart& part, const DriverStruct& row) {
    for (const std::string& member : {std::string("name"), joined(row.driverPath, "name"),
                                      joined(part.deviceDriver, "name"), std::string("driver.name")}) {
      const Field* field = fieldAt(object, joined(part.path, member));
      if (field && field->value.kind == ValueKind::String)
        return std::string(field->value.text);
    }
    return {};
  }

  void setClass(DriverRow& row, const Unit& unit, const std::string& fixed, const Object* object = nullptr,
                const DriverPart* part = nullptr) {
    row.configs.insert(configuration_);
    row.classDir = model_.directoryClass(unit.file);
    row.classApi = fixed;
    if (row.classApi.empty() && part)
      row.classApi = program_.classByApi(attribution_.callbacks(unit, *object, *part)).first;
    if (row.classApi.empty())
      row.classApi = program_.classByApi(program_.functionsOf(unit)).first;
    if (row.classApi.empty())
      row.classApi = row.classDir;
  }

  void addModule(const std::string& module, const std::vector<const Unit*>& units) {
    DriverRow row;
    row.bus = "none";
    row.module = module;
    const Unit& first = *units.front();
    row.place = {first.file, 0};
    row.pm.pm = PmWord::None;
    row.pm.reason = "registers with no bus: nothing of it is suspended as a device";
    setClass(row, first, "");
    rows_.push_back(row);
  }

  const Program& program_;
  const Model& model_;
  Attribution attribution_;
  const std::string& configuration_;
  const std::set<std::string>* modules_;
  std::vector<DriverRow> rows_;
};

auto identity(const DriverRow& row) {
  return std::tie(row.module, row.place.file, row.driver, row.bus);
}

// How much a word promises: what is least stands where configurations disagree.
int promise(PmWord word) {
  switch (word) {
  case PmWord::Unknown:
    return 0;
  case PmWord::None:
    return 1;
  case PmWord::RuntimeOnly:
    return 2;
  case PmWord::ResumeOnly:
  case PmWord::SuspendOnly:
    return 3;
  case PmWord::Core:
    return 4;
  case PmWord::Full:
    return 5;
  }
  return 0;
}

// Of two answers to whether resume may run in atomic context the one that promises less.
std::string lessAtomic(const std::string& a, const std::string& b) {
  for (const char* answer : {"no", "unknown", "maybe", "yes"})
    if (a == answer || b == answer)
      return answer;
  return "";
}

DriverRow joinRows(const std::vector<DriverRow>& same) {
  DriverRow row = *std::min_element(same.begin(), same.end(), [](const DriverRow& a, const DriverRow& b) {
    return promise(a.pm.pm) < promise(b.pm.pm);
  });
  bool differ = false;
  std::string each;
  for (const DriverRow& one : same) {
    row.configs.insert(one.configs.begin(), one.configs.end());
    row.registration.insert(one.registration.begin(), one.registration.end());
    row.pmStyle.insert(one.pmStyle.begin(), one.pmStyle.end());
    row.restore.locations.insert(one.restore.locations.begin(), one.restore.locations.end());
    row.restore.calls.insert(one.restore.calls.begin(), one.restore.calls.end());
    row.restore.atomic = lessAtomic(row.restore.atomic, one.restore.atomic);
    differ |= one.pm.pm != row.pm.pm || one.pm.phases != row.pm.phases;
    each += fmt::format("{}{}: {}", each.empty() ? "" : ", ", *one.configs.begin(), word(one.pm.pm));
  }
  if (differ)
    row.pm.reason = fmt::format("differs between configurations ({}); {}", each, row.pm.reason);
  return row;
}

} // namespace

std::vector<DriverRow> driverRows(const Program& program, const Model& model,
                                  const std::string& configuration, const std::set<std::string>* modules) {
  return Rows(program, model, configuration, modules).all();
}

std::vector<DriverRow> joinConfigurations(std::vector<DriverRow> rows) {
  std::sort(rows.begin(), rows.end(), [](const DriverRow& a, const DriverRow& b) {
    return std::tuple_cat(identity(a), std::tie(a.configs)) <
           std::tuple_cat(identity(b), std::tie(b.configs));
  });
  std::vector<DriverRow> out;
  std::vector<DriverRow> same;
  auto close = [&] {
    if (!same.empty())
      out.push_back(same.size() == 1 ? same.front() : joinRows(same));
    same.clear();
  };
  for (DriverRow& row : rows) {
    if (!same.empty() && identity(same.front()) != identity(row))
      close();
    // The same file compiled twice for one module in one configuration says the same thing twice.
    if (same.empty() || same.back().configs != row.configs)
      same.push_back(std::move(row));
  }
  close();
  return out;
}

} // namespace fgft
