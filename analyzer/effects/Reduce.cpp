// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// See Reduce.h. CallReader takes one call apart by its row of the model.
#include "effects/Reduce.h"

#include "effects/TuContext.h"

#include <algorithm>
#include <ranges>
#include <set>
#include <unordered_map>

namespace fgft {

namespace {

Effect memoryEffect(const TuContext& context, Name record) {
  return context.records.count(record) != 0 ? Effect::MemDriver : Effect::MemKernel;
}

bool isAccess(Effect effect) {
  return effect == Effect::DevRead || effect == Effect::DevWrite || effect == Effect::CfgRead ||
         effect == Effect::CfgWrite;
}

bool reachesDevice(Effect effect) {
  return effect == Effect::DevWrite || effect == Effect::DmaPost || effect == Effect::IoPost ||
         effect == Effect::NvmWrite || effect == Effect::FwLoad || effect == Effect::DmaMap;
}

// The beginning of a template, as a name.
std::string inOneLine(std::string_view text) {
  constexpr size_t longest = 40;
  std::string line;
  for (char c : text)
    if (!std::isspace(static_cast<unsigned char>(c)))
      line += c;
    else if (!line.empty() && line.back() != ' ')
      line += ' ';
  while (line.ends_with(' '))
    line.pop_back();
  return line.substr(0, longest);
}

// The row of the macro that defines the whole function: every call and all assembly in it is that macro's.
const CallModel* definingMacro(const EffectModel& model, const Function& function) {
  auto rowOf = [&](const std::vector<Name>& macros) -> const CallModel* {
    for (Name macro : std::views::reverse(macros)) // the outermost one
      if (const CallModel* row = model.macro(macro.str()))
        return row;
    return nullptr;
  };
  const CallModel* row = nullptr;
  auto isSame = [&](const std::vector<Name>& macros) {
    const CallModel* one = rowOf(macros);
    row = row ? row : one;
    return one && one == row;
  };
  auto written = [&](const auto& one) { return isSame(one.macros); };
  bool whole = std::all_of(function.calls.begin(), function.calls.end(), written) &&
               std::all_of(function.assembly.begin(), function.assembly.end(), written);
  return whole ? row : nullptr;
}

class FunctionReader {
public:
  FunctionReader(TuContext& context, FunctionNode& node) : context_(context), node_(node) {}

  void read(const Function& function) {
    if (const CallModel* row = definingMacro(context_.model, function)) {
      Call itself;
      itself.callee = function.name;
      itself.line = function.place.line;
      return readModelled(itself, *row);
    }
    for (const Call& call : function.calls)
      readCall(call);
    for (const Store& store : function.stores)
      readStore(store);
    for (const Assembly& assembly : function.assembly)
      readAssembly(assembly);
    if (std::ranges::find(function.reads, Name("firmware.data")) != function.reads.end())
      addTakes(Effect::FwLoad, "firmware.data", function.place.line);
  }

  // `p->m = x`: if x was allocated here, so is what p->m holds.
  void readAssignment(const Assignment& assignment) {
    readStoredPointer(assignment);
    readMessage(assignment);
    Name from = placeName(argumentOf(assignment.value).value);
    Name to = assignment.record.empty() ? Name() : Name(assignment.record + "." + leafOf(assignment.path));
    if (!from.empty() && !to.empty())
      node_.stored.push_back({from, to});
  }

private:
  // `transfer->tx_buf = skb->data`: the message is sent with it.
  void readMessage(const Assignment& assignment) {
    if (assignment.record.empty() || assignment.path.empty() ||
        !context_.model.isRequest(std::string_view(assignment.record),
                                  std::string_view(leafOf(assignment.path))))
      return;
    Argument value = argumentOf(assignment.value);
    Name request = requestIn(value.value, context_.model);
    if (request.empty() || request == assignment.record + "." + leafOf(assignment.path))
      return;
    addTakes(Effect::IoPost, request, assignment.line);
  }

  // `urb->complete = f` where f is a parameter: who passes a function makes it an entry point.
  void readStoredPointer(const Assignment& assignment) {
    Argument value = argumentOf(assignment.value);
    Name member = leafOf(assignment.path);
    if (value.value.kind != SymbolKind::Parameter || !value.value.path.empty() || assignment.record.empty() ||
        !context_.model.ops(assignment.record.str(), member.str()))
      return;
    Atom& atom = add(Atom::Kind::Callback, assignment.line);
    atom.what = assignment.record + "." + member;
    atom.where = value;
    atom.ops = callbackInto(assignment.record, member);
  }

  Atom& add(Atom::Kind kind, unsigned line) {
    Atom& atom = node_.own.emplace_back();
    atom.kind = kind;
    atom.function = node_.name;
    atom.place = {node_.place.file, line};
    return atom;
  }

  void addEffect(Effect effect, Name what, unsigned line) {
    Atom& atom = add(Atom::Kind::Effect, line);
    atom.effect = effect;
    atom.what = what;
    atom.byCaller = node_.takesValues && levelOf(effect) == Level::Checkpointable;
  }

  void readCall(const Call& call) {
    if (!call.indirect && context_.functions.count(call.callee) != 0)
      return addSite(call, call.callee, false);
    if (call.callee.empty())
      return readPointerCall(call);
    if (const CallModel* row = context_.model.call(call.callee.str()))
      return readModelled(call, *row);
    addSite(call, call.callee, call.indirect);
  }

  void addSite(const Call& call, Name callee, bool indirect) {
    Site& site = node_.sites.emplace_back();
    site.callee = callee;
    site.indirect = indirect;
    for (const Value& value : call.args)
      site.args.push_back(argumentOf(value));
    site.result = argumentOf(call.result).value;
    site.line = call.line;
  }

  // A call through a pointer that is no member of a struct.
  void readPointerCall(const Call& call) {
    Argument through = argumentOf(call.through);
    if (through.value.kind == SymbolKind::Functions) {
      for (Name name : wordsOf(through.value.text))
        addSite(call, name, false);
      return;
    }
    if (auto hook = context_.hooks.find(through.value.text); through.value.kind == SymbolKind::Place &&
                                                             through.value.path.empty() &&
                                                             hook != context_.hooks.end() && hook->second) {
      for (Name name : *hook->second)
        addSite(call, name, false);
      return;
    }
    Atom& atom = add(Atom::Kind::Calls, call.line);
    atom.where = through;
    atom.what = "call through " + (call.through.text.empty() ? Name("a pointer") : call.through.text);
  }

  void readModelled(const Call& call, const CallModel& row) {
    bool toDevice = false;
    for (const CallEffect& one : row.effects)
      if (holds(call, row, one)) {
        toDevice |= reachesDevice(one.effect);
        addModelled(call, row, one.effect);
      }
    addSends(call, row, toDevice);
    if (row.takesFromAbove())
      addTakes(Effect::IoPost, call.callee, call.line);
    for (unsigned index : rolesOf(row, ArgumentRole::Writes))
      addWrite(argument(call, index), call.callee, call.line);
    for (const CallbackRole& callback : row.callbacks) {
      Atom& atom = add(Atom::Kind::Callback, call.line);
      atom.what = call.callee;
      atom.where = argument(call, callback.argument);
      atom.ops = &callback;
    }
    for (const ObjectRole& object : row.objects)
      if (!object.tag.empty() && object.argument < call.args.size() &&
          call.args[object.argument].kind == ValueKind::Object)
        context_.objectRows[call.args[object.argument].text] = object.tag;
    for (const CalledRole& called : row.calls)
      addCalled(call, called);
    addSleeps(call, row);
    if (row.allocatesResult)
      addAllocated(argumentOf(call.result).value, call.line);
    for (unsigned index : rolesOf(row, ArgumentRole::Allocates))
      addAllocated(argument(call, index).value, call.line);
  }

  static const std::vector<unsigned>& rolesOf(const CallModel& row, ArgumentRole role) {
    static const std::vector<unsigned> none;
    auto it = row.roles.find(role);
    return it == row.roles.end() ? none : it->second;
  }

  static Argument argument(const Call& call, unsigned index) {
    return index < call.args.size() ? argumentOf(call.args[index]) : Argument{};
  }

  // What the argument shows of a role's value: by its names, the functions it comes from, or its number.
  std::string valueOf(const Call& call, unsigned index, const char* role) const {
    if (index >= call.args.size())
      return {};
    const Value& value = call.args[index];
    std::vector<std::string_view> names(value.macros.begin(), value.macros.end());
    for (Name from : value.from)
      if (from->ends_with("()"))
        names.push_back(from->substr(0, from->size() - 2));
    std::string_view number = value.kind == ValueKind::Integer ? value.text.str() : "";
    return context_.model.valueOf(role, names, number);
  }

  bool holds(const Call& call, const CallModel& row, const CallEffect& effect) const {
    if (!effect.condition)
      return true;
    auto index = indexOf(row, effect.condition->role);
    if (!index)
      return true;
    if (effect.condition->role == "urb")
      return urbMayBe(argument(call, *index).value, effect.condition->value);
    std::string value = valueOf(call, *index, effect.condition->role.c_str());
    return value.empty() || value == effect.condition->value;
  }

  static std::optional<unsigned> indexOf(const CallModel& row, const std::string& role) {
    static const std::unordered_map<std::string, ArgumentRole> words = {
        {"pipe", ArgumentRole::Pipe},     {"urb", ArgumentRole::Urb},         {"dir", ArgumentRole::Dir},
        {"gfp", ArgumentRole::Gfp},       {"message", ArgumentRole::Message}, {"value", ArgumentRole::Value},
        {"offset", ArgumentRole::Offset}, {"base", ArgumentRole::Base}};
    auto it = words.find(role);
    return it == words.end() ? std::nullopt : row.argument(it->second);
  }

  bool urbMayBe(const Symbol& urb, const std::string& value) const {
    bool own = urb.kind == SymbolKind::Parameter && urb.path.empty();
    Name holder = own ? Name(node_.name + ":" + urb.text) : holderOf(urb);
    if (auto found = context_.urbs.find(holder); found != context_.urbs.end())
      return found->second.count(value) != 0;
    std::string named = context_.model.valueOf("urb", std::vector<Name>{holder}, "");
    return named.empty() || named == value;
  }

  void addModelled(const Call& call, const CallModel& row, Effect effect) {
    const auto& frees = rolesOf(row, ArgumentRole::Frees);
    if (effect == Effect::Free && !frees.empty()) {
      for (unsigned index : frees)
        addFree(argument(call, index), call.callee, call.line);
      return;
    }
    auto base = row.argument(ArgumentRole::Base);
    auto offset = row.argument(ArgumentRole::Offset);
    if (!isAccess(effect) || (!base && !offset))
      return addEffect(effect, call.callee, call.line);
    Atom& atom = add(Atom::Kind::Access, call.line);
    atom.effect = effect;
    atom.what = call.callee;
    if (base)
      atom.where = argument(call, *base);
    if (base && offset)
      atom.where.offset = argument(call, *offset).value;
    else if (offset)
      atom.where = portOf(argument(call, *offset));
    if (auto value = row.argument(ArgumentRole::Value))
      atom.value = argument(call, *value).value;
    // Where no role says which register or what value, the caller may decide.
    atom.byCaller = node_.takesValues && (!offset || !row.argument(ArgumentRole::Value));
    if (auto mask = row.argument(ArgumentRole::Mask))
      atom.value = masked(atom.value, argument(call, *mask).value);
  }

  // Of some bits of a register only: another mask is another value. A mask that is not constant: nobody
  // knows.
  static Symbol masked(Symbol value, const Symbol& mask) {
    if (value.kind == SymbolKind::Constant && mask.kind == SymbolKind::Constant)
      value.text = fmt::format("{}/{}", value.text, mask.text);
    else if (value.kind == SymbolKind::Constant)
      value = {};
    return value;
  }

  // An I/O port: `base + register`, or a number.
  static Argument portOf(const Argument& port) {
    bool number = port.value.kind == SymbolKind::Constant || port.value.kind == SymbolKind::Computed;
    return port.offset.kind == SymbolKind::Nothing && number ? Argument{{}, port.value} : port;
  }

  void addFree(const Argument& freed, Name callee, unsigned line) {
    if (freed.value.kind == SymbolKind::Own)
      return addEffect(Effect::Alloc, callee, line); // the variable is gone with the call: so is what it held
    Atom& atom = add(Atom::Kind::Free, line);
    atom.effect = Effect::Free;
    atom.what = callee;
    atom.where = freed;
  }

  void addSends(const Call& call, const CallModel& row, bool toDevice) {
    bool maps = std::any_of(row.effects.begin(), row.effects.end(),
                            [](const CallEffect& one) { return one.effect == Effect::DmaMap; });
    if (auto dir = row.argument(ArgumentRole::Dir); dir && valueOf(call, *dir, "dir") == "from")
      return;
    auto send = [&](unsigned index) {
      Atom& atom = add(Atom::Kind::Sends, call.line);
      atom.what = call.callee;
      atom.certain = !maps;
      atom.where = argument(call, index);
    };
    if (!toDevice) {
      // Handed up, or copied in memory: what is from above stays that.
      for (unsigned index : rolesOf(row, ArgumentRole::Copies))
        if (Name request = requestIn(argument(call, index).value, context_.model); !request.empty())
          addTakes(Effect::IoPost, request, call.line);
      return;
    }
    for (ArgumentRole role : {ArgumentRole::Request, ArgumentRole::Copies})
      for (unsigned index : rolesOf(row, role))
        send(index);
  }

  void addTakes(Effect effect, Name from, unsigned line) {
    Atom& atom = add(Atom::Kind::Takes, line);
    atom.effect = effect;
    atom.what = from;
  }

  void addWrite(const Argument& target, Name callee, unsigned line) {
    const Symbol& symbol = target.value;
    if (symbol.kind == SymbolKind::Own)
      return;
    Effect effect = memoryEffect(context_, symbol.record);
    if (symbol.kind == SymbolKind::Place && symbol.record.empty())
      effect = Effect::MemDriver; // a buffer of the driver's, as far as is known
    if (symbol.kind != SymbolKind::Parameter || !symbol.path.empty())
      return addEffect(effect, callee, line);
    Atom& atom = add(Atom::Kind::Write, line);
    atom.effect = effect;
    atom.what = callee;
    atom.where = target;
  }

  void addCalled(const Call& call, const CalledRole& called) {
    if (!called.argument) {
      Site& site = node_.sites.emplace_back();
      site.callee = called.tag + "." + called.member;
      site.indirect = true;
      site.optional = true;
      site.line = call.line;
      return;
    }
    Argument pointer = argument(call, *called.argument);
    Atom& given = add(Atom::Kind::Callback, call.line);
    given.what = call.callee;
    given.where = pointer;
    given.ops = callbackInto(EffectModel::calledStruct, call.callee);
    if (pointer.value.kind == SymbolKind::Functions) {
      for (Name name : wordsOf(pointer.value.text)) {
        Site& site = node_.sites.emplace_back();
        site.callee = name;
        site.line = call.line;
      }
      return;
    }
    if (pointer.value.kind == SymbolKind::Constant)
      return; // no call-back
    Atom& atom = add(Atom::Kind::Calls, call.line);
    atom.where = pointer;
    atom.what = "the call-back of " + call.callee;
  }

  void addSleeps(const Call& call, const CallModel& row) {
    Tristate sleeps = row.sleeps;
    if (auto gfp = row.argument(ArgumentRole::Gfp)) {
      std::string value = valueOf(call, *gfp, "gfp");
      if (value == "atomic")
        sleeps = Tristate::No;
      else if (value == "sleeping")
        sleeps = Tristate::Yes;
    }
    if (sleeps == Tristate::No)
      return;
    Atom& atom = add(Atom::Kind::Sleeps, call.line);
    atom.effect = Effect::Sleep;
    atom.certain = sleeps == Tristate::Yes;
    atom.what = call.callee;
  }

  void addAllocated(const Symbol& place, unsigned line) {
    if (Name name = placeName(place); !name.empty())
      node_.allocated.push_back({name, line});
  }

  void readStore(const Store& store) {
    Argument base = argumentOf(store.base);
    for (Name added : store.adds)
      if (added->ends_with("()"))
        node_.addsUp.push_back({added->substr(0, added->size() - 2), store.line});
    if (!store.record.empty()) {
      node_.stores.push_back({Name(store.record + "." + store.member), isConstant(store), store.line});
      Effect effect = store.own ? Effect::MemDriver : Effect::MemKernel;
      if (base.value.kind != SymbolKind::Parameter || !base.value.path.empty())
        return addEffect(effect, store.record + "." + store.member, store.line);
      Atom& atom = add(Atom::Kind::Write, store.line);
      atom.effect = effect;
      atom.what = store.record + "." + store.member;
      atom.where = base;
      return;
    }
    if (base.value.kind == SymbolKind::Parameter && base.value.path.empty()) {
      Atom& atom = add(Atom::Kind::Write, store.line);
      atom.effect = base.value.record.empty() ? Effect::MemKernel : memoryEffect(context_, base.value.record);
      atom.what = "a pointer";
      atom.where = base;
    } else if (base.value.kind != SymbolKind::Own) {
      bool kernels = !store.own && base.value.kind != SymbolKind::Nothing && !base.value.record.empty() &&
                     memoryEffect(context_, base.value.record) == Effect::MemKernel;
      addEffect(kernels ? Effect::MemKernel : Effect::MemDriver,
                store.base.text.empty() ? Name("a pointer") : store.base.text, store.line);
    }
  }

  static bool isConstant(const Store& store);

  void readAssembly(const Assembly& assembly) {
    if (const AsmModel* row = context_.model.assembly(assembly.text.str(), assembly.macros)) {
      for (Effect effect : row->effects)
        addEffect(effect, assembly.macros.empty() ? Name("asm") : assembly.macros.front(), assembly.line);
      return;
    }
    Atom& atom = add(Atom::Kind::Unknown, assembly.line);
    atom.what = "asm: " + (assembly.macros.empty() ? Name(inOneLine(assembly.text)) : assembly.macros.back());
  }

  TuContext& context_;
  FunctionNode& node_;
};

bool FunctionReader::isConstant(const Store& store) {
  return [](const auto& one) {
    if constexpr (requires { one.value; })
      return one.value.kind == ValueKind::Integer || one.value.kind == ValueKind::Null;
    else
      return false;
  }(store);
}

void addMember(TuEffects& into, Name unit, Name tag, Name path, const Value& value, Name object,
               Place place) {
  Symbol symbol = argumentOf(value).value;
  if (symbol.kind != SymbolKind::Functions || tag.empty())
    return;
  for (Name function : wordsOf(symbol.text))
    into.members.push_back({tag, leafOf(path), function, object, unit, tag, place});
}

void addMemberStore(TuEffects& into, Name unit, const Assignment& assignment) {
  Symbol value = argumentOf(assignment.value).value;
  bool told = value.kind == SymbolKind::Functions || value.kind == SymbolKind::Constant;
  if (!told && !assignment.record.empty() && !assignment.path.empty())
    into.memberStores.push_back(
        {assignment.record + "." + leafOf(assignment.path), value, assignment.function, unit});
}

} // namespace

Name placeName(const Symbol& symbol) {
  if (symbol.kind != SymbolKind::Place && symbol.kind != SymbolKind::Own &&
      (symbol.kind != SymbolKind::Parameter || symbol.path.empty()))
    return {};
  if (symbol.path.empty())
    return symbol.text;
  return symbol.record.empty() ? symbol.path : Name(symbol.record + "." + leafOf(symbol.path));
}

// What the TU's tables tell about structs as a whole.
static void noteTables(const TuFacts& facts, TuEffects& reduced) {
  for (const Assignment& assignment : facts.assignments)
    if (assignment.path.empty() && !assignment.record.empty() && assignment.value.kind == ValueKind::Object)
      reduced.openTags.push_back(assignment.record);
  for (const Object& object : facts.objects)
    for (const Field& field : object.fields)
      if (leafOf(field.path) == "inherits")
        reduced.openTags.push_back(object.tag);
      else if (field.record == "regmap_config") {
        reduced.registerMaps = true;
        reduced.registerCaches |= field.path->ends_with("cache_type") &&
                                  field.value.kind == ValueKind::Integer && field.value.text != "0";
      }
}

const CallbackRole* callbackInto(Name tag, Name member) {
  static std::unordered_map<Name, CallbackRole> made;
  Name key = tag + "." + member;
  return &made.try_emplace(key, CallbackRole{0, std::string(tag), std::string(member)}).first->second;
}

TuEffects reduce(TuFacts facts, const EffectModel& model) {
  TuEffects reduced;
  TuContext context{model, {facts.records.begin(), facts.records.end()}, {}, {}, {}};
  for (const Function& function : facts.functions)
    context.functions.insert(function.name);
  noteTables(facts, reduced);
  findUrbs(facts, context);
  findHooks(facts, context);
  std::unordered_map<Name, std::vector<const Assignment*>> assignments;
  for (const Assignment& assignment : facts.assignments) {
    assignments[assignment.function].push_back(&assignment);
    addMember(reduced, facts.output, assignment.record, assignment.path, assignment.value, {},
              {facts.file, assignment.line});
    addMemberStore(reduced, facts.output, assignment);
  }
  for (const Object& object : facts.objects)
    for (const Field& field : object.fields)
      addMember(reduced, facts.output, recordOf(object, field), field.path, field.value, object.name,
                {object.place.file, field.line});
  for (const Function& function : facts.functions) {
    FunctionNode& node = reduced.functions.emplace_back();
    node.name = function.name;
    node.place = function.place;
    node.unit = facts.output;
    node.internal = function.internal;
    node.returns = function.returns;
    node.takesValues = function.params.size() > 1 || std::ranges::any_of(function.params, &Name::empty);
    FunctionReader reader(context, node);
    reader.read(function);
    if (auto found = assignments.find(function.name); found != assignments.end())
      for (const Assignment* assignment : found->second)
        reader.readAssignment(*assignment);
    node.own.shrink_to_fit();
    node.sites.shrink_to_fit();
  }
  for (MemberFunction& member : reduced.members)
    if (auto found = context.objectRows.find(member.object); found != context.objectRows.end())
      member.rows = found->second;
  reduced.file = std::move(facts.file);
  reduced.output = std::move(facts.output);
  return reduced;
}

} // namespace fgft
