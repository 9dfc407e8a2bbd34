// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Resolves the config's paths by debug info.

#include "Paths.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/BinaryFormat/Dwarf.h"
#include "llvm/IR/DebugInfo.h"
#include "llvm/IR/DebugProgramInstruction.h"
#include "llvm/IR/InstIterator.h"

#include <stdexcept>

using namespace llvm;

namespace fgft::isolator {

namespace {

[[noreturn]] void bad(const Twine& message) {
  throw std::runtime_error(message.str());
}

bool isPointer(const DIType* type) {
  const DIType* real = stripped(type);
  return real && real->getTag() == dwarf::DW_TAG_pointer_type;
}

/// What a pointer points to; nullptr for void.
const DIType* pointee(const DIType* pointer) {
  return isPointer(pointer) ? cast<DIDerivedType>(stripped(pointer))->getBaseType() : nullptr;
}

bool isArray(const DIType* type) {
  const DIType* real = stripped(type);
  return real && real->getTag() == dwarf::DW_TAG_array_type;
}

const DIType* elementOf(const DIType* array) {
  return cast<DICompositeType>(stripped(array))->getBaseType();
}

/// A member by name, also of unnamed structs and unions inside; offset is added up in bits.
const DIDerivedType* findMember(const DICompositeType& record, StringRef name, uint64_t& offset) {
  for (const DINode* node : record.getElements()) {
    const auto* member = dyn_cast<DIDerivedType>(node);
    if (!member || member->getTag() != dwarf::DW_TAG_member)
      continue;
    if (member->getName() == name) {
      offset += member->getOffsetInBits();
      return member;
    }
    const auto* inner = dyn_cast_or_null<DICompositeType>(stripped(member->getBaseType()));
    if (!member->getName().empty() || !inner)
      continue;
    uint64_t nested = offset + member->getOffsetInBits();
    if (const DIDerivedType* found = findMember(*inner, name, nested)) {
      offset = nested;
      return found;
    }
  }
  return nullptr;
}

void add(Location& location, uint64_t offset) {
  if (location.steps.empty() || location.steps.back().load)
    location.steps.push_back({});
  location.steps.back().offset += offset;
}

/// The pointer that lies at a location is loaded; an array is its own address.
void decay(Location& location) {
  if (location.isAddress && isArray(location.type)) {
    location.type = elementOf(location.type);
    return;
  }
  if (!isPointer(location.type))
    bad("what is not a pointer is followed");
  if (location.isAddress) {
    add(location, 0);
    location.steps.back().load = true;
  }
  location.isAddress = true;
  location.type = pointee(location.type);
}

} // namespace

const DIType* stripped(const DIType* type) {
  while (const auto* derived = dyn_cast_or_null<DIDerivedType>(type)) {
    switch (derived->getTag()) {
    case dwarf::DW_TAG_typedef:
    case dwarf::DW_TAG_const_type:
    case dwarf::DW_TAG_volatile_type:
    case dwarf::DW_TAG_atomic_type:
    case dwarf::DW_TAG_restrict_type:
      type = derived->getBaseType();
      continue;
    default:
      return type;
    }
  }
  return type;
}

uint64_t sizeOfType(const DIType* type) {
  const DIType* real = stripped(type);
  if (!real || real->isForwardDecl())
    bad("the type" + (real ? " " + real->getName() : Twine()) + " is not complete in this source");
  if (!real->getSizeInBits())
    bad("the size of type " + real->getName() + " is not known");
  return real->getSizeInBits() / 8;
}

StringRef structTag(const DIType* type) {
  const auto* record = dyn_cast_or_null<DICompositeType>(stripped(type));
  return record ? record->getName() : StringRef();
}

void rememberParameters(Function& function, Function& onto) {
  SmallVector<std::string> names(function.arg_size());
  auto note = [&](const DILocalVariable* variable) {
    if (variable && variable->getArg() && variable->getArg() <= names.size() &&
        variable->getScope()->getSubprogram() == function.getSubprogram())
      names[variable->getArg() - 1] = variable->getName().str();
  };
  for (Instruction& instruction : instructions(function))
    for (DbgVariableRecord& record : filterDbgVars(instruction.getDbgRecordRange()))
      note(record.getVariable());
  if (const DISubprogram* subprogram = function.getSubprogram())
    for (const DINode* node : subprogram->getRetainedNodes())
      note(dyn_cast<DILocalVariable>(node));
  onto.addFnAttr(parametersMark, join(names, ","));
}

PathResolver::PathResolver(const Function& function, const Context& context)
    : module_(*function.getParent()), context_(context) {
  const DISubprogram* subprogram = function.getSubprogram();
  if (!subprogram || !function.hasFnAttribute(parametersMark))
    bad("no debug info for " + sourceName(function) + " (build the driver with -g)");
  StringRef names = function.getFnAttribute(parametersMark).getValueAsString();
  SmallVector<StringRef> list;
  names.split(list, ',');
  DITypeRefArray types = subprogram->getType()->getTypeArray();
  for (unsigned i = 0; i < function.arg_size(); ++i) {
    names_.push_back(i < list.size() ? list[i].str() : "");
    types_.push_back(i + 1 < types.size() ? types[i + 1] : nullptr);
  }
}

std::optional<unsigned> PathResolver::parameter(StringRef name) const {
  for (unsigned i = 0; i < names_.size(); ++i)
    if (names_[i] == name)
      return i;
  return std::nullopt;
}

const DIType* PathResolver::typeNamed(StringRef name) const {
  StringRef wanted = name;
  bool record = wanted.consume_front("struct ") || wanted.consume_front("union ");
  DebugInfoFinder finder;
  finder.processModule(module_);
  const DIType* declared = nullptr;
  for (const DIType* type : finder.types()) {
    if (type->getName() != wanted || isa<DICompositeType>(type) != record)
      continue;
    if (!record && type->getTag() != dwarf::DW_TAG_typedef && type->getTag() != dwarf::DW_TAG_base_type)
      continue;
    if (!type->isForwardDecl())
      return type;
    declared = type;
  }
  if (!declared)
    bad("no type \"" + name + "\" in this source");
  return declared;
}

Location PathResolver::root(StringRef name) const {
  for (const protect::Object& candidate : context_.config.objects)
    if (candidate.name == name && !candidate.path.empty())
      return object(name);
  auto index = parameter(name);
  if (!index)
    bad("\"" + name + "\" is neither an object of the config nor a parameter");
  Location location;
  location.argument = *index;
  location.type = types_[*index];
  location.isAddress = false;
  return location;
}

Location PathResolver::field(Location base, StringRef name) const {
  const auto* record = dyn_cast_or_null<DICompositeType>(stripped(base.type));
  if (!record || !base.isAddress)
    bad("field \"" + name + "\" of what is no structure");
  if (record->isForwardDecl())
    bad("struct " + record->getName() + " is not complete in this source");
  uint64_t bits = 0;
  const DIDerivedType* member = findMember(*record, name, bits);
  if (!member)
    bad("struct " + record->getName() + " has no field \"" + name + "\"");
  base.bitSize = 0;
  base.bitOffset = 0;
  if (member->isBitField()) {
    // The storage unit is that of the declared type, as the ABI lays it out.
    uint64_t unit = stripped(member->getBaseType())->getSizeInBits();
    base.bitOffset = bits % unit;
    base.bitSize = member->getSizeInBits();
    bits -= base.bitOffset;
  }
  add(base, bits / 8);
  base.type = member->getBaseType();
  return base;
}

Location PathResolver::lvalue(StringRef path) const {
  size_t end = path.find_first_of("-.[");
  Location location = root(path.take_front(end));
  StringRef rest = end == StringRef::npos ? "" : path.drop_front(end);
  // An object's name stands for a pointer to it.
  bool objectPointer = location.isAddress;
  while (!rest.empty()) {
    if (rest.consume_front("->")) {
      if (!objectPointer)
        decay(location);
    } else if (rest.consume_front("[")) {
      uint64_t index = 0;
      if (rest.consumeInteger(10, index) || !rest.consume_front("]"))
        bad("path \"" + path + "\": expected [number]");
      if (!objectPointer)
        decay(location);
      add(location, index * sizeOfType(location.type));
      objectPointer = false;
      continue;
    } else if (!rest.consume_front(".")) {
      bad("path \"" + path + "\": expected ->, . or [ before \"" + rest + "\"");
    }
    objectPointer = false;
    size_t stop = rest.find_first_of("-.[");
    location = field(location, rest.take_front(stop));
    rest = stop == StringRef::npos ? "" : rest.drop_front(stop);
  }
  return location;
}

Location PathResolver::pointer(StringRef path) const {
  if (path.consume_front("&"))
    return lvalue(path);
  bool plainName = path.find_first_of("-.[") == StringRef::npos;
  Location location = lvalue(path);
  if (plainName && location.isAddress)
    return location; // an object
  decay(location);
  return location;
}

Location PathResolver::object(StringRef name) const {
  for (const protect::Object& candidate : context_.config.objects) {
    if (candidate.name != name)
      continue;
    Location location = pointer(candidate.path.empty() ? candidate.name : candidate.path);
    if (!candidate.type.empty())
      location.type = typeNamed(candidate.type);
    return location;
  }
  return pointer(name);
}

Location PathResolver::start(const protect::Access& access) const {
  Location location;
  if (access.argument) {
    if (*access.argument >= types_.size())
      bad("there is no argument " + Twine(*access.argument));
    location.argument = *access.argument;
  } else if (!access.path.empty()) {
    location = pointer(access.path);
  } else {
    location = object(access.object);
  }
  if (!access.type.empty())
    location.type = typeNamed(access.type);
  location.isAddress = true;
  return location;
}

std::optional<Location> PathResolver::objectOfStruct(StringRef tag) const {
  for (unsigned i = 0; i < types_.size(); ++i)
    if (structTag(pointee(types_[i])) == tag) {
      Location location;
      location.argument = i;
      location.type = pointee(types_[i]);
      return location;
    }
  for (const protect::Object& candidate : context_.config.objects)
    if (!candidate.path.empty() && candidate.type == ("struct " + tag).str())
      return object(candidate.name);
  return std::nullopt;
}

Value* emitLocation(IRBuilder<>& builder, const Location& location, Value* arguments) {
  Value* slot = builder.CreateConstInBoundsGEP1_64(builder.getInt64Ty(), arguments, location.argument);
  Value* address = builder.CreateLoad(builder.getPtrTy(), slot);
  for (const Location::Step& step : location.steps) {
    if (step.offset)
      address = builder.CreateConstGEP1_64(builder.getInt8Ty(), address, step.offset);
    if (step.load)
      address = builder.CreateLoad(builder.getPtrTy(), address);
  }
  return address;
}

} // namespace fgft::isolator
