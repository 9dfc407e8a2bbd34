// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Reads the isolator's tables and answers questions about them.

#include "Model.h"

#include "Csv.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringSwitch.h"

#include <optional>
#include <stdexcept>

using namespace llvm;

namespace fgft::isolator {

namespace {

[[noreturn]] void bad(const CsvRow& row, const std::string& column, const std::string& expected) {
  throw std::runtime_error(row.place + ": column " + column + ": \"" + row[column] + "\", expected " +
                           expected);
}

ParameterRole parseRole(const CsvRow& row, StringRef word) {
  ParameterRole role;
  auto [head, size] = word.split(':');
  if (head == "in" || head == "out") {
    role.kind = head == "in" ? ParameterRole::Reads : ParameterRole::Writes;
    if (size.consume_front("@") ? size.getAsInteger(10, role.sizeFrom) : size.getAsInteger(10, role.size))
      bad(row, "roles", "in:N or out:N with a number or @parameter");
  } else if (head == "s") {
    role.kind = ParameterRole::String;
  } else if (head == "o" || head == "l") {
    role.kind = ParameterRole::Object;
  } else if (head == "scb") {
    role.kind = ParameterRole::SyncCallback;
  } else if (!StringSwitch<bool>(head).Cases({"v", "cb", "io", "x"}, true).Default(false)) {
    bad(row, "roles", "v, in:N, out:N, s, o, l, cb, scb, io or x for each parameter");
  }
  return role;
}

KernelCall parseCall(const CsvRow& row) {
  KernelCall call;
  call.place = row.place;
  call.name = row["function"];
  if (call.name.empty())
    bad(row, "function", "a name");
  const std::string& action = row["action"];
  if (action == "wrap")
    call.action = CallAction::Wrap;
  else if (action == "direct")
    call.action = CallAction::Direct;
  else if (action == "refuse")
    call.action = CallAction::Refuse;
  else
    bad(row, "action", "wrap, direct or refuse");
  call.wrapper = row["wrapper"];
  if ((call.action == CallAction::Wrap) == call.wrapper.empty())
    bad(row, "wrapper", call.wrapper.empty() ? "the wrapper's name" : "nothing, the action is not wrap");
  call.held = row["held"];
  call.kind = row["class"];
  call.failure = row["fail"];
  if (!StringSwitch<bool>(call.failure).Cases({"", "null", "neg", "dma"}, true).Default(false))
    bad(row, "fail", "null, neg, dma or nothing");
  call.abortable = row["abortable"] == "yes";
  SmallVector<StringRef> words;
  StringRef(row["roles"]).split(words, ' ', -1, false);
  for (StringRef word : words)
    call.roles.push_back(parseRole(row, word));
  return call;
}

AsmOperandEffect parseEffect(const CsvRow& row, StringRef word) {
  AsmOperandEffect effect;
  auto [name, rest] = word.split(':');
  auto kind = StringSwitch<std::optional<AsmEffect>>(name)
                  .Case("none", AsmEffect::None)
                  .Case("load", AsmEffect::Load)
                  .Case("store", AsmEffect::Store)
                  .Case("add", AsmEffect::Add)
                  .Case("sub", AsmEffect::Sub)
                  .Case("inc", AsmEffect::Inc)
                  .Case("dec", AsmEffect::Dec)
                  .Case("or", AsmEffect::Or)
                  .Case("and", AsmEffect::And)
                  .Case("xor", AsmEffect::Xor)
                  .Case("bit-set", AsmEffect::BitSet)
                  .Case("bit-clear", AsmEffect::BitClear)
                  .Case("bit-flip", AsmEffect::BitFlip)
                  .Case("bit-test", AsmEffect::BitTest)
                  .Case("mmio-read", AsmEffect::MmioRead)
                  .Case("mmio-write", AsmEffect::MmioWrite)
                  .Case("port-read", AsmEffect::PortRead)
                  .Case("port-write", AsmEffect::PortWrite)
                  .Case("gs-add", AsmEffect::GsAdd)
                  .Case("gs-sub", AsmEffect::GsSub)
                  .Case("gs-inc", AsmEffect::GsInc)
                  .Case("gs-dec", AsmEffect::GsDec)
                  .Case("bug", AsmEffect::Bug)
                  .Case("irq-save", AsmEffect::IrqSave)
                  .Case("irq-restore", AsmEffect::IrqRestore)
                  .Case("irq-disable", AsmEffect::IrqDisable)
                  .Case("irq-enable", AsmEffect::IrqEnable)
                  .Case("refuse", AsmEffect::Refuse)
                  .Default(std::nullopt);
  if (!kind)
    bad(row, "effects", "an effect's name, not \"" + name.str() + "\"");
  effect.effect = *kind;
  SmallVector<StringRef> parts;
  rest.split(parts, ':', -1, false);
  for (StringRef part : parts) {
    auto [key, number] = part.split('=');
    int value = 0;
    if (number.getAsInteger(10, value) || value < 0)
      bad(row, "effects", "key=number, not \"" + part.str() + "\"");
    if (key == "op")
      effect.operand = value;
    else if (key == "value")
      effect.value = value;
    else if (key == "size")
      effect.size = value;
    else if (key == "count")
      effect.count = value;
    else if (key == "memory")
      effect.memory = value;
    else
      bad(row, "effects", "op=, value=, size=, count= or memory=");
  }
  return effect;
}

std::shared_ptr<Regex> parsePattern(const CsvRow& row, const std::string& column) {
  auto regex = std::make_shared<Regex>("^(" + row[column] + ")$");
  std::string error;
  if (!regex->isValid(error))
    bad(row, column, "a regular expression (" + error + ")");
  return regex;
}

AsmTemplate parseTemplate(const CsvRow& row) {
  AsmTemplate result;
  result.place = row.place;
  result.pattern = parsePattern(row, "pattern");
  if (!row["constraints"].empty())
    result.constraints = parsePattern(row, "constraints");
  SmallVector<StringRef> words;
  StringRef(row["effects"]).split(words, ' ', -1, false);
  if (words.empty())
    bad(row, "effects", "at least one effect");
  for (StringRef word : words)
    result.effects.push_back(parseEffect(row, word));
  return result;
}

PmPair parsePair(const CsvRow& row) {
  PmPair pair{row["suspend"], row["resume"], row["kind"], 0, row["alone"] == "yes"};
  if (!row["success"].empty() && StringRef(row["success"]).getAsInteger(10, pair.success))
    bad(row, "success", "a number");
  return pair;
}

} // namespace

const KernelCall* Model::findCall(StringRef name) const {
  auto found = calls.find(name);
  return found == calls.end() ? nullptr : &found->second;
}

const KernelCall* Model::findWrapper(StringRef name) const {
  auto found = wrappers.find(name);
  return found == wrappers.end() ? nullptr : &found->second;
}

const AsmTemplate* Model::findTemplate(StringRef text, StringRef constraints) const {
  std::string normal = normaliseAsm(text);
  for (const AsmTemplate& entry : templates)
    if (entry.pattern->match(normal) && (!entry.constraints || entry.constraints->match(constraints)))
      return &entry;
  return nullptr;
}

Model readModel(const std::vector<std::string>& wrapperFiles, const std::string& folder) {
  Model model;
  // Later files override earlier ones: that is how a user changes a row without touching the project's table.
  for (const std::string& file : wrapperFiles)
    for (const CsvRow& row : readCsv(file, {"function", "aliases", "wrapper", "action", "class", "roles"})) {
      KernelCall call = parseCall(row);
      SmallVector<StringRef> names;
      StringRef(row["aliases"]).split(names, '|', -1, false);
      names.push_back(call.name);
      for (StringRef name : names)
        model.calls[name] = call;
      for (const std::string& name : {call.wrapper, call.held})
        if (!name.empty())
          model.wrappers[name] = call;
    }
  for (const CsvRow& row : readCsv(folder + "/asm_templates.csv", {"pattern", "constraints", "effects"}))
    model.templates.push_back(parseTemplate(row));
  for (const CsvRow& row :
       readCsv(folder + "/pm_pairs.csv", {"suspend", "resume", "kind", "success", "alone"}))
    model.pairs.push_back(parsePair(row));
  for (const CsvRow& row : readCsv(folder + "/callbacks.csv", {"function", "struct"}))
    model.callbacks[row["function"]].push_back(row["struct"]);
  for (const CsvRow& row : readCsv(folder + "/classes.csv", {"class", "object"}))
    model.classObjects[row["class"]] = row["object"];
  return model;
}

std::string normaliseAsm(StringRef text) {
  std::string result;
  int pushed = 0; // sections pushed by .pushsection: nothing in them is run here
  SmallVector<StringRef> lines;
  text.split(lines, '\n', -1, false);
  for (StringRef line : lines) {
    SmallVector<StringRef> statements;
    line.split('#').first.split(statements, ';', -1, false);
    for (StringRef statement : statements) {
      statement = statement.trim(" \t\r");
      // A numeric label may stand before an instruction.
      size_t colon = statement.find(':');
      while (colon != StringRef::npos && colon &&
             statement.take_front(colon).find_first_not_of("0123456789") == StringRef::npos) {
        statement = statement.drop_front(colon + 1).trim(" \t");
        colon = statement.find(':');
      }
      if (statement.starts_with(".pushsection")) {
        ++pushed;
      } else if (statement.starts_with(".popsection")) {
        --pushed;
      } else if (!pushed && !statement.empty()) {
        if (!result.empty())
          result += "; ";
        bool blank = false;
        for (char c : statement) {
          if (c == ' ' || c == '\t') {
            blank = true;
            continue;
          }
          // "bts  $1, $0" and "bts $1,$0" are one template.
          if (blank && result.back() != ' ' && result.back() != ',')
            result += ' ';
          blank = false;
          result += c;
        }
      }
    }
  }
  return result;
}

} // namespace fgft::isolator
