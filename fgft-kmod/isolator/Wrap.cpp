// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Puts fgft.ko's wrappers in place of the kernel calls of a clone. Runs at the start of the pipeline, where
// calls still have the names of the model's rows. What may not be called is only said at the end
// (Verify.cpp): a call in code that the optimiser proves dead harms nobody, and the kernel's own compile-time
// assertions are such calls.

#include "Isolator.h"
#include "Runtime.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Instructions.h"

using namespace llvm;

namespace fgft::isolator {

namespace {

/// The name that a call to this kernel function gets in a clone; empty: it stays.
StringRef wrapperFor(const KernelCall& row, const Context& context) {
  if (row.action != CallAction::Wrap)
    return {};
  if (!row.held.empty() && callAction(context, row.name) == protect::Action::Defer)
    return row.held;
  return row.wrapper;
}

} // namespace

void wrapKernelCalls(Function& clone, const Context& context) {
  Module& module = *clone.getParent();
  for (Instruction& instruction : make_early_inc_range(instructions(clone))) {
    auto* call = dyn_cast<CallBase>(&instruction);
    if (!call || call->isInlineAsm())
      continue;
    auto* callee = dyn_cast<Function>(call->getCalledOperand()->stripPointerCastsAndAliases());
    if (!callee || callee->isIntrinsic())
      continue;
    // Rule 5: the transaction ends before the call, which then cannot be undone and need not be; another one
    // begins behind.
    if (callAction(context, callee->getName()) == protect::Action::CommitBefore &&
        !call->hasMetadata(ownAccess)) {
      IRBuilder<> builder(call);
      callRuntime(builder, "fgft_commit_before", {});
      call->setMetadata(ownAccess, MDNode::get(module.getContext(), {}));
    }
    const KernelCall* row = context.model.findCall(callee->getName());
    if (!row)
      continue;
    StringRef name = wrapperFor(*row, context);
    if (name.empty())
      continue;
    Function* wrapper = module.getFunction(name);
    if (!wrapper) {
      wrapper = Function::Create(callee->getFunctionType(), GlobalValue::ExternalLinkage, name, module);
      wrapper->setCallingConv(callee->getCallingConv());
      // What the kernel function promises about memory is not what the wrapper does: it logs.
      for (unsigned i = 0; i < callee->arg_size(); ++i)
        for (Attribute::AttrKind kind : {Attribute::ZExt, Attribute::SExt})
          if (callee->hasParamAttribute(i, kind))
            wrapper->addParamAttr(i, kind);
      for (Attribute::AttrKind kind : {Attribute::ZExt, Attribute::SExt})
        if (callee->hasRetAttribute(kind))
          wrapper->addRetAttr(kind);
    }
    call->setCalledFunction(call->getFunctionType(), wrapper);
    call->removeFnAttr(Attribute::Memory);
    call->removeFnAttr(Attribute::Builtin);
    call->addFnAttr(Attribute::NoBuiltin);
  }
}

} // namespace fgft::isolator
