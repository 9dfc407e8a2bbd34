// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// See TuContext.h.
#include "effects/TuContext.h"

namespace fgft {

Name holderOf(const Symbol& urb) {
  return urb.path.empty() ? urb.text : leafOf(urb.path);
}

Name recordOf(const Object& object, const Field& field) {
  bool direct = field.path->find('.') == std::string::npos ||
                (field.path->starts_with('[') && field.path->find('.') == field.path->rfind('.'));
  return field.record.empty() && direct ? object.tag : field.record;
}

namespace {

// What a completion that stands in an ops struct gets.
void addUrbOf(Name record, Name path, const Value& value, TuContext& context) {
  if (value.kind != ValueKind::Function || record.empty())
    return;
  std::string direction =
      context.model.valueOf("urb", std::vector<Name>{Name(record + "." + leafOf(path))}, "");
  if (!direction.empty())
    context.urbs[value.text + ":0"].insert(direction);
}

} // namespace

void findHooks(const TuFacts& facts, TuContext& context) {
  for (const Assignment& assignment : facts.assignments) {
    if (assignment.base.kind != ValueKind::Object || !assignment.base.path.empty() ||
        !assignment.path.empty() || !assignment.record.empty())
      continue;
    auto& held = context.hooks.try_emplace(assignment.base.text, std::set<Name>()).first->second;
    Symbol value = argumentOf(assignment.value).value;
    if (value.kind == SymbolKind::Functions && held)
      for (Name name : wordsOf(value.text))
        held->insert(name);
    else if (value.kind != SymbolKind::Functions && value.kind != SymbolKind::Constant)
      held.reset();
  }
}

// usb_fill_*_urb() tells what an URB is for, usb_submit_urb() does not: the member that holds it links them.
void findUrbs(const TuFacts& facts, TuContext& context) {
  for (const Object& object : facts.objects)
    for (const Field& field : object.fields)
      addUrbOf(recordOf(object, field), field.path, field.value, context);
  for (const Assignment& assignment : facts.assignments) {
    if (assignment.record != "urb" || assignment.path != "pipe")
      continue;
    Name holder = holderOf(argumentOf(assignment.base).value);
    std::string direction = context.model.valueOf("pipe", assignment.value.macros, "");
    if (!holder.empty() && !direction.empty())
      context.urbs[holder].insert(direction);
  }
  for (const Function& function : facts.functions)
    for (const Call& call : function.calls) {
      const CallModel* row = context.model.call(call.callee.str());
      if (!row || !row->argument(ArgumentRole::Urb) || !row->argument(ArgumentRole::Pipe))
        continue;
      unsigned urb = *row->argument(ArgumentRole::Urb);
      unsigned pipe = *row->argument(ArgumentRole::Pipe);
      if (urb >= call.args.size() || pipe >= call.args.size())
        continue;
      const Value& value = call.args[pipe];
      std::vector<std::string> names(value.macros.begin(), value.macros.end());
      std::string direction = context.model.valueOf("pipe", names, "");
      Name holder = holderOf(argumentOf(call.args[urb]).value);
      if (direction.empty())
        continue;
      if (!holder.empty())
        context.urbs[holder].insert(direction);
      // The completion gets the URB as its first parameter.
      for (const CallbackRole& callback : row->callbacks)
        if (callback.argument < call.args.size() && call.args[callback.argument].kind == ValueKind::Function)
          context.urbs[call.args[callback.argument].text + ":0"].insert(direction);
    }
}

} // namespace fgft
