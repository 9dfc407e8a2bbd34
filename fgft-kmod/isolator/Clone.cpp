// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Clones each protected entry point with the driver functions that it reaches, so that a transaction runs
// code of its own and the driver's code stays what it was. Runs first, on the functions as the front end made
// them.

#include "Functions.h"
#include "Isolator.h"
#include "Paths.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Instructions.h"
#include "llvm/Transforms/Utils/Cloning.h"

using namespace llvm;

namespace fgft::isolator {

namespace {

/// The function that a call goes to, through casts and aliases; nullptr for indirect calls and inline
/// assembly.
Function* directCallee(const CallBase& call) {
  return dyn_cast<Function>(call.getCalledOperand()->stripPointerCastsAndAliases());
}

/// True for a function whose body a clone takes along: it has one, and the model does not stand for it.
bool isDriverCode(const Function& function, const Context& context) {
  return !function.isDeclaration() && !function.isIntrinsic() && !context.model.findCall(function.getName());
}

/// What a function calls directly (argument -1), and what it gives to a kernel call that calls it back (its
/// number).
template <typename Visit>
void forEachTarget(Function& function, const Context& context, Visit visit) {
  for (Instruction& instruction : instructions(function)) {
    auto* call = dyn_cast<CallBase>(&instruction);
    Function* callee = call ? directCallee(*call) : nullptr;
    if (!callee)
      continue;
    visit(*call, callee, -1);
    const KernelCall* row = context.model.findCall(callee->getName());
    for (unsigned i = 0; row && i < row->roles.size() && i < call->arg_size(); ++i)
      if (row->roles[i].kind == ParameterRole::SyncCallback)
        if (auto* target = dyn_cast<Function>(call->getArgOperand(i)->stripPointerCasts()))
          visit(*call, target, static_cast<int>(i));
  }
}

/// Functions reached from the roots by direct calls, and those given to a kernel call that calls them back.
SetVector<Function*> reachedFrom(ArrayRef<Function*> roots, const Context& context) {
  SetVector<Function*> reached(roots.begin(), roots.end());
  for (size_t next = 0; next < reached.size(); ++next)
    forEachTarget(*reached[next], context, [&](CallBase&, Function* target, int) {
      if (isDriverCode(*target, context))
        reached.insert(target);
    });
  return reached;
}

/// Attributes that a clone must not have: __stack_chk_fail panics, and neither ftrace nor a sanitizer has a
/// place between a transaction's accesses. Facts about memory that were inferred for the original do not hold
/// once it is instrumented.
void cleanAttributes(Function& clone) {
  for (Attribute::AttrKind kind :
       {Attribute::StackProtect, Attribute::StackProtectReq, Attribute::StackProtectStrong,
        Attribute::SanitizeAddress, Attribute::SanitizeThread, Attribute::SanitizeMemory})
    clone.removeFnAttr(kind);
  for (StringRef kind : {"fentry-call", "mrecord-mcount", "mnop-mcount", "instrument-function-entry-inlined"})
    clone.removeFnAttr(kind);
  clone.setSection(cloneSection);
}

} // namespace

StringRef sourceName(const Function& function) {
  for (StringRef mark : {StringRef(cloneMark), StringRef(restoreMark)})
    if (function.hasFnAttribute(mark))
      return function.getFnAttribute(mark).getValueAsString();
  return function.getName();
}

bool isClone(const Function& function) {
  return !function.isDeclaration() && function.hasFnAttribute(cloneMark);
}

MapVector<Function*, Function*> cloneReached(ArrayRef<Function*> roots, StringRef suffix, StringRef mark,
                                             const Context& context) {
  SetVector<Function*> reached = reachedFrom(roots, context);
  MapVector<Function*, Function*> clones;
  for (Function* original : reached) {
    ValueToValueMapTy values;
    Function* clone = CloneFunction(original, values);
    clone->setName(original->getName() + suffix);
    clone->setLinkage(GlobalValue::InternalLinkage);
    clone->setVisibility(GlobalValue::DefaultVisibility);
    clone->setComdat(nullptr);
    clone->addFnAttr(mark, original->getName());
    clones[original] = clone;
  }
  for (auto [original, clone] : clones)
    forEachTarget(*clone, context, [&](CallBase& call, Function* target, int argument) {
      auto found = clones.find(target);
      if (found == clones.end())
        return;
      if (argument < 0)
        call.setCalledFunction(call.getFunctionType(), found->second);
      else
        call.setArgOperand(argument, found->second);
    });
  return clones;
}

/// Calls of a clone to functions of the driver's other files go to the clones there.
void redirectToOtherFiles(Function& clone, const Context& context) {
  Module& module = *clone.getParent();
  for (Instruction& instruction : instructions(clone)) {
    auto* call = dyn_cast<CallBase>(&instruction);
    Function* callee = call ? directCallee(*call) : nullptr;
    if (!callee || !callee->isDeclaration() || !context.graph.external.contains(callee->getName()))
      continue;
    std::string name = (callee->getName() + cloneSuffix).str();
    Function* other = module.getFunction(name);
    if (!other) {
      other = Function::Create(callee->getFunctionType(), GlobalValue::ExternalLinkage, name, module);
      other->setAttributes(callee->getAttributes());
      other->setVisibility(GlobalValue::HiddenVisibility);
      other->addFnAttr(cloneMark, callee->getName());
    }
    call->setCalledFunction(call->getFunctionType(), other);
  }
}

void cloneEntryPoints(Module& module, const Context& context) {
  SmallVector<Function*> entries;
  for (const protect::EntryPoint* entry : protectedEntries(context)) {
    Function* function = module.getFunction(entry->function);
    if (function && !function->isDeclaration())
      entries.push_back(function);
  }
  // A call-back joins its caller's transaction as a clone; its address stays that of the stub.
  if (!entries.empty() || !context.graph.empty())
    for (Function* callback : callbacksOf(module, context))
      if (!is_contained(entries, callback))
        entries.push_back(callback);
  SmallVector<Function*> roots(entries);
  for (Function& function : module)
    if (!function.isDeclaration() && !isOwn(function) && !is_contained(roots, &function) &&
        context.graph.reached.contains(keyOf(function)))
      roots.push_back(&function);
  if (roots.empty())
    return;
  auto clones = cloneReached(roots, cloneSuffix, cloneMark, context);
  for (auto [original, clone] : clones) {
    cleanAttributes(*clone);
    wrapKernelCalls(*clone, context);
    redirectToOtherFiles(*clone, context);
    if (!isOwn(*original) && context.graph.external.contains(original->getName())) {
      clone->setLinkage(GlobalValue::ExternalLinkage);
      clone->setVisibility(GlobalValue::HiddenVisibility);
      keepFunction(*clone);
    }
  }
  for (Function* root : entries) {
    Function* clone = clones[root];
    clone->addFnAttr(entryMark);
    rememberParameters(*root, *clone);
    keepFunction(*clone);
  }
}

} // namespace fgft::isolator
