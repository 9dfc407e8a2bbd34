// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Small drivers made by hand, for tests of what entry points do: calls, registers, one driver with what
// judges it.
#pragma once

#include "effects/Effects.h"
#include "tests/unit/FactsFixture.h"

#include <catch2/catch.hpp>

#include <map>

using namespace fgft; // NOLINT(google-global-names-in-headers): each test stands in one file

inline Value function(const std::string& name) {
  return made(ValueKind::Function, name);
}
inline Value parameter(int index, const std::string& path = "", const std::string& record = "") {
  return made(ValueKind::Parameter, std::to_string(index), path, record);
}
inline Value local(const std::string& name, const std::string& path = "", const std::string& record = "") {
  return made(ValueKind::Local, name, path, record);
}
inline Value number(int value, const std::string& name = "") {
  Value made = ::made(ValueKind::Integer, std::to_string(value));
  if (!name.empty())
    made.macros = {name};
  return made;
}
inline Value computed(std::vector<Name> from) {
  Value value = made(ValueKind::Computed, "");
  value.from = std::move(from);
  return value;
}

// `priv->regs + offset`
inline Value registerAt(const Value& offset) {
  Value value = local("priv", "regs", "priv");
  value.offset = {offset};
  return value;
}

inline Call call(const std::string& callee, std::vector<Value> args = {}, unsigned line = 1,
                 const Value& result = {}) {
  Call made;
  made.callee = callee;
  made.args = std::move(args);
  made.line = line;
  made.result = result;
  return made;
}

inline Call through(const std::string& member, std::vector<Value> args = {}, unsigned line = 1) {
  Call made = call(member, std::move(args), line);
  made.indirect = true;
  return made;
}

inline Call write(const Value& offset, const Value& value, unsigned line) {
  return call("writel", {value, registerAt(offset)}, line);
}

// One TU of one driver with resume function `up`.
class Driver {
public:
  Driver& add(const std::string& name, std::vector<Call> calls, std::vector<Store> stores = {},
              const std::string& returns = "int") {
    Function made;
    made.name = name;
    made.place = {facts_.file, 1};
    made.internal = true;
    made.returns = returns;
    made.calls = std::move(calls);
    made.stores = std::move(stores);
    facts_.functions.push_back(std::move(made));
    return *this;
  }

  Driver& ops(const std::string& tag, const std::string& member, const std::string& name) {
    Object& object = facts_.objects.emplace_back();
    object.name = "table" + std::to_string(facts_.objects.size());
    object.tag = tag;
    object.place = {facts_.file, 5};
    object.fields = {{member, tag, function(name), 6, {}}};
    return *this;
  }

  Driver& assign(const std::string& tag, const std::string& member, const std::string& name) {
    facts_.assignments.push_back({"probe", local("x"), tag, member, function(name), 9});
    return *this;
  }

  TuFacts& facts() { return facts_; }

  std::map<std::string, EntryPointRow> judge(std::vector<TuFacts> others = {},
                                             const std::string& bus = "pci") {
    EffectsPass pass(model());
    others.push_back(facts_);
    for (const TuFacts& one : others)
      pass.note(one, [one] { return one; });
    DriverOfModule driver;
    driver.className = "net";
    driver.driver = "the_driver";
    driver.pm = {bus, facts_.file, hasPm ? "full" : "none", "", {}, {}};
    if (hasPm) {
      driver.pm.suspend = {"down"};
      driver.pm.resume = {"up"};
    }
    std::map<std::string, EntryPointRow> rows;
    const std::vector<DriverOfModule> mine = {driver};
    auto drivers = [&](const std::string& module) -> const std::vector<DriverOfModule>& {
      return module == "m" ? mine : EffectsPass::noDrivers(module);
    };
    pass.run(drivers, [&](EffectsPass::Result result) {
      if (result.module != "m")
        return;
      for (EntryPointRow& row : result.rows)
        rows[row.function] = row;
      if (!result.drivers.empty()) // none with rows that waited for other modules
      {
        style = result.drivers.at(0).pmStyle;
        restore = result.drivers.at(0).restore;
      }
    });
    return rows;
  }

  EntryPointRow judgeOne(const std::string& name) {
    auto rows = judge();
    REQUIRE(rows.count(name) == 1);
    return rows.at(name);
  }

  bool hasPm = true;
  std::set<std::string> style;
  RestoreFacts restore;

private:
  TuFacts facts_ = [] {
    TuFacts facts;
    facts.file = "drivers/net/a.c";
    facts.output = "drivers/net/a.o";
    facts.modules = {"m"};
    facts.records = {"priv"};
    return facts;
  }();
};

inline std::string words(const EntryPointRow& row) {
  std::set<std::string> all;
  for (const EffectRow& one : row.effects)
    all.insert(one.word);
  std::string text;
  for (const std::string& one : all)
    text += (text.empty() ? "" : " ") + one;
  return text;
}

inline const EffectRow& effect(const EntryPointRow& row, const std::string& word,
                               const std::string& evidence = "") {
  for (const EffectRow& one : row.effects)
    if (one.word == word && (evidence.empty() || one.evidence == evidence))
      return one;
  FAIL("no effect " << word << " in: " << words(row));
  return row.effects.front();
}

inline Store store(const std::string& record, const std::string& member, bool constant,
                   const Value& base = local("p")) {
  Store made;
  made.record = record;
  made.member = member;
  made.base = base;
  made.own = record == "priv";
  if (constant)
    made.value = number(0);
  made.line = 3;
  return made;
}
