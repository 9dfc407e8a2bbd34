// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Looks at every call that is left in a clone after optimisation and refuses what nobody vouches for: kernel
// functions that the model does not name or names `refuse`, functions with a body that was not cloned. The
// message has the place and the chain of calls from the entry point.

#include "Isolator.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/IR/DebugInfoMetadata.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Instructions.h"
#include "llvm/Support/raw_ostream.h"

#include <deque>

using namespace llvm;

namespace fgft::isolator {

namespace {

/// Source functions that the instruction was inlined through, innermost first.
SmallVector<std::string> inlineChain(const Instruction& at) {
  SmallVector<std::string> chain;
  for (const DILocation* location = at.getDebugLoc().get(); location; location = location->getInlinedAt())
    if (const DISubprogram* function = location->getScope()->getSubprogram())
      chain.push_back(function->getName().str());
  if (chain.empty())
    chain.push_back(sourceName(*at.getFunction()).str());
  return chain;
}

/// The clones' call graph upwards: who reached a clone first, from an entry point.
class CallChains {
public:
  explicit CallChains(const Module& module) {
    std::deque<const Function*> queue;
    for (const Function& function : module)
      if (isClone(function) && function.hasFnAttribute(entryMark)) {
        parent_[&function] = nullptr;
        queue.push_back(&function);
      }
    for (; !queue.empty(); queue.pop_front())
      for (const Instruction& instruction : instructions(*queue.front()))
        for (const Use& use : instruction.operands())
          if (const auto* callee = dyn_cast<Function>(use.get()))
            if (isClone(*callee) && parent_.try_emplace(callee, &instruction).second)
              queue.push_back(callee);
  }

  /// "cp_open -> cp_init_hw -> cp_reset_hw" for an instruction in a clone.
  [[nodiscard]] std::string describe(const Instruction& at) const {
    std::vector<std::string> names;
    for (const Instruction* link = &at; link;) {
      for (const std::string& name : inlineChain(*link))
        names.push_back(name);
      auto found = parent_.find(link->getFunction());
      link = found == parent_.end() ? nullptr : found->second;
    }
    std::string text;
    for (const auto& name : reverse(names))
      text += (text.empty() ? "" : " -> ") + name;
    return text;
  }

private:
  DenseMap<const Function*, const Instruction*> parent_;
};

/// Functions of fgft.ko are called by that prefix; everything else is the kernel's.
bool isRuntime(StringRef name) {
  return name.starts_with("fgft_");
}

} // namespace

void fail(Module& module, const Twine& message) {
  module.setModuleFlag(Module::Override, failedFlag, uint32_t(1));
  module.getContext().emitError("fgft: " + message);
}

void failAt(const Instruction& at, const Twine& message) {
  auto* module = const_cast<Module*>(at.getModule());
  module->setModuleFlag(Module::Override, failedFlag, uint32_t(1));
  module->getContext().emitError(place(at) + ": fgft: " + message + " (" + CallChains(*module).describe(at) +
                                 ")");
}

bool hasFailed(const Module& module) {
  return module.getModuleFlag(failedFlag) != nullptr;
}

std::string place(const Instruction& at) {
  if (const DILocation* location = at.getDebugLoc().get())
    return (location->getFilename() + ":" + Twine(location->getLine())).str();
  if (const DISubprogram* function = at.getFunction()->getSubprogram())
    return (function->getFilename() + ":" + Twine(function->getLine())).str();
  return at.getFunction()->getName().str();
}

/// A clone that calls itself, by whatever way, is bound by no budget: the stack ends long before. The
/// driver's graph knows the ways through its other files.
static void verifyRecursion(Module& module, const Context& context) {
  for (Function& function : module) {
    if (!isClone(function))
      continue;
    DenseSet<const Function*> seen;
    SmallVector<const Function*> work{&function};
    while (!work.empty()) {
      const Function* caller = work.pop_back_val();
      for (const Instruction& instruction : instructions(*caller)) {
        const auto* call = dyn_cast<CallBase>(&instruction);
        const auto* callee =
            call ? dyn_cast<Function>(call->getCalledOperand()->stripPointerCastsAndAliases()) : nullptr;
        if (!callee || !isClone(*callee))
          continue;
        if (callee == &function) {
          failAt(*call, "the recursion of " + sourceName(function) + " is bound by nothing");
          return;
        }
        if (seen.insert(callee).second)
          work.push_back(callee);
      }
    }
  }
  if (auto cycle = context.graph.cycle(); !cycle.empty())
    fail(module, "the recursion of " + cycle + " is bound by nothing");
}

void verifyCalls(Module& module, const Context& context) {
  verifyRecursion(module, context);
  for (Function& function : module) {
    if (!isClone(function))
      continue;
    for (Instruction& instruction : instructions(function)) {
      auto* call = dyn_cast<CallBase>(&instruction);
      if (!call || call->isInlineAsm())
        continue;
      auto* callee = dyn_cast<Function>(call->getCalledOperand()->stripPointerCastsAndAliases());
      if (!callee)
        continue; // an indirect call: the runtime resolves it, or aborts
      if (callee->isIntrinsic() || callee->hasFnAttribute(cloneMark) || isRuntime(callee->getName()))
        continue;
      StringRef name = callee->getName();
      const KernelCall* row = context.model.findCall(name);
      if (callAction(context, name) == protect::Action::CommitBefore)
        continue; // nothing of it lies in a transaction
      if (callAction(context, name) == protect::Action::Refuse)
        failAt(*call, "the config refuses a call to " + name);
      else if (row && row->action == CallAction::Refuse)
        failAt(*call, name + " cannot be undone (" + row->place + ")");
      else if (!row && callee->isDeclaration())
        failAt(*call, "no model row for the kernel function " + name);
      else if (!row)
        failAt(*call, "the driver's function " + name + " was not cloned");
    }
  }
}

} // namespace fgft::isolator
