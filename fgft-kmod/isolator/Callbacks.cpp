// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Finds the driver's functions that the kernel calls back from inside a kernel call that a clone makes (rule
// 6): those that the driver stores into the function pointers of the struct that callbacks.csv names for the
// kernel call.

#include "Isolator.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Instructions.h"

using namespace llvm;

namespace fgft::isolator {

namespace {

/// "struct.mii_if_info" or "struct.mii_if_info.12" -> "mii_if_info".
StringRef tagOf(const StructType* type) {
  if (!type || !type->hasName())
    return {};
  StringRef name = type->getName();
  name.consume_front("struct.");
  auto [tag, number] = name.rsplit('.');
  return number.find_first_not_of("0123456789") == StringRef::npos ? tag : name;
}

/// The functions among the members of an initialiser of that struct, at any depth.
void collectInitialiser(Constant* value, const StringSet<>& tags, SetVector<Function*>& found) {
  auto* record = dyn_cast<ConstantStruct>(value);
  bool wanted = record && tags.contains(tagOf(record->getType()));
  if (!isa<ConstantAggregate>(value))
    return;
  for (Use& use : value->operands()) {
    auto* member = cast<Constant>(use.get());
    if (auto* function = dyn_cast<Function>(member); function && wanted && !function->isDeclaration())
      found.insert(function);
    collectInitialiser(member, tags, found);
  }
}

} // namespace

std::vector<Function*> callbacksOf(Module& module, const Context& context) {
  StringSet<> tags;
  for (const auto& reached : context.graph.reached)
    for (const std::string& callee : context.graph.calls.lookup(reached.getKey()))
      if (auto found = context.model.callbacks.find(callee); found != context.model.callbacks.end())
        for (const std::string& tag : found->second)
          tags.insert(tag);
  for (Function& function : module)
    if (auto found = context.model.callbacks.find(function.getName()); found != context.model.callbacks.end())
      for (const std::string& tag : found->second)
        tags.insert(tag);
  SetVector<Function*> callbacks;
  if (tags.empty())
    return {};
  for (GlobalVariable& variable : module.globals())
    if (variable.hasInitializer())
      collectInitialiser(variable.getInitializer(), tags, callbacks);
  for (Function& function : module)
    for (Instruction& instruction : instructions(function)) {
      auto* store = dyn_cast<StoreInst>(&instruction);
      auto* stored = store ? dyn_cast<Function>(store->getValueOperand()) : nullptr;
      auto* field = store ? dyn_cast<GEPOperator>(store->getPointerOperand()) : nullptr;
      if (stored && field && !stored->isDeclaration() &&
          tags.contains(tagOf(dyn_cast<StructType>(field->getSourceElementType()))))
        callbacks.insert(stored);
    }
  return {callbacks.begin(), callbacks.end()};
}

} // namespace fgft::isolator
