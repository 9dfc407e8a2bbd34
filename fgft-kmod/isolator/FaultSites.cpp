// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Builds fault sites into the clones. Three sorts:
//   access   before a load, store or device access: the pointer becomes NULL, wild, or leaves its object
//   call     before a kernel call: divide by zero, BUG, endless loop; an unlock or allocation that
//   does not happen; a
//            pointer argument that is garbage
//   entry    at the start of an entry point's clone: divide by zero, BUG, endless loop; a pointer argument
//   that is garbage
// A site that is off costs a load, a compare and a branch, in clones only. The sites come before the checks
// are put in, so that a bad pointer meets the checks as a driver's own bad pointer would.

#include "FaultSites.h"

#include "AsmOperands.h"
#include "Functions.h"
#include "Runtime.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/IR/DebugInfoMetadata.h"
#include "llvm/IR/InlineAsm.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/MDBuilder.h"
#include "llvm/Transforms/Utils/BasicBlockUtils.h"

using namespace llvm;

namespace fgft::isolator {

namespace {

constexpr uint64_t wildAddress = 0xdead4ead00000000ULL;  // FGFT_WILD
constexpr uint64_t garbageValue = 0xa5a5c3c35a5a3c3cULL; // FGFT_GARBAGE
constexpr uint32_t siteArmedField = 5;

uint32_t bit(FaultKind kind) {
  return 1U << static_cast<unsigned>(kind);
}

/// Places all sites of a module.
class SitePlacer {
public:
  SitePlacer(Module& module, const Context& context)
      : module_(module), context_(context), types_(module.getContext()) {}

  std::vector<FaultSite> run();

private:
  void collect(Function& clone);
  void placeAccess(Instruction& access);
  void placeCall(CallBase& call, const KernelCall& row);
  void placeEntry(Function& clone);
  Constant* newSite(const Instruction& at, uint32_t kinds);
  Value* isArmed(IRBuilder<>& builder, Constant* site);
  FunctionCallee pointerHelper();
  FunctionCallee controlHelper();
  Function* newHelper(StringRef name, FunctionType* type);
  int64_t onlyEntry(const Function& clone) const;
  void findEntries();
  Instruction* splitArmed(Instruction& at, Constant* site);

  Module& module_;
  const Context& context_;
  LLVMContext& types_;
  std::vector<FaultSite> sites_;
  GlobalVariable* placeholder_ = nullptr;
  DenseMap<const Function*, SmallVector<int64_t, 4>> entries_; ///< clone -> entry points that reach it
};

int64_t SitePlacer::onlyEntry(const Function& clone) const {
  auto found = entries_.find(&clone);
  return found != entries_.end() && found->second.size() == 1 ? found->second.front() : -1;
}

void SitePlacer::findEntries() {
  auto protectedOnes = protectedEntries(context_);
  for (size_t i = 0; i < protectedOnes.size(); ++i) {
    Function* root = module_.getFunction(protectedOnes[i]->function + cloneSuffix.str());
    if (!root)
      continue;
    SetVector<Function*> reached;
    reached.insert(root);
    for (size_t next = 0; next < reached.size(); ++next)
      for (Instruction& instruction : instructions(*reached[next]))
        if (auto* call = dyn_cast<CallBase>(&instruction))
          if (auto* callee = dyn_cast<Function>(call->getCalledOperand()->stripPointerCastsAndAliases()))
            if (isClone(*callee))
              reached.insert(callee);
    for (Function* clone : reached)
      entries_[clone].push_back(static_cast<int64_t>(i));
  }
}

Constant* SitePlacer::newSite(const Instruction& at, uint32_t kinds) {
  FaultSite site;
  site.kinds = kinds;
  site.entry = onlyEntry(*at.getFunction());
  site.function = sourceName(*at.getFunction()).str();
  if (const DISubprogram* whole = at.getFunction()->getSubprogram()) {
    site.file = whole->getFilename().str();
    site.line = whole->getLine();
  }
  // Where it stands in the driver, not in the kernel header that the driver's line was expanded from.
  for (const DILocation* location = at.getDebugLoc().get(); location; location = location->getInlinedAt()) {
    site.file = location->getFilename().str();
    site.line = location->getLine() ? location->getLine() : site.line;
    site.function = location->getScope()->getSubprogram()->getName().str();
    if (!StringRef(site.file).contains("/include/"))
      break;
  }
  if (!placeholder_)
    placeholder_ = new GlobalVariable(module_, ArrayType::get(siteType(types_), 0), false,
                                      GlobalValue::ExternalLinkage, nullptr, sitePlaceholder);
  Constant* index[] = {ConstantInt::get(Type::getInt64Ty(types_), 0),
                       ConstantInt::get(Type::getInt64Ty(types_), sites_.size())};
  sites_.push_back(std::move(site));
  return ConstantExpr::getInBoundsGetElementPtr(placeholder_->getValueType(), placeholder_, index);
}

Value* SitePlacer::isArmed(IRBuilder<>& builder, Constant* site) {
  Value* field = builder.CreateStructGEP(siteType(types_), site, siteArmedField);
  LoadInst* armed = builder.CreateLoad(builder.getInt32Ty(), field, /*isVolatile=*/true);
  armed->setMetadata(ownAccess, MDNode::get(types_, {}));
  return builder.CreateICmpNE(armed, builder.getInt32(0));
}

/// Splits before `at`; returns the terminator of a new block that runs only while the site is armed and then
/// goes on.
Instruction* SitePlacer::splitArmed(Instruction& at, Constant* site) {
  IRBuilder<> builder(&at);
  Value* armed = isArmed(builder, site);
  MDNode* unlikely = MDBuilder(types_).createUnlikelyBranchWeights();
  return SplitBlockAndInsertIfThen(armed, at.getIterator(), /*Unreachable=*/false, unlikely);
}

Function* SitePlacer::newHelper(StringRef name, FunctionType* type) {
  const Function* model = nullptr;
  for (Function& function : module_)
    if (isClone(function))
      model = &function;
  // In the clones' section: its faults are theirs.
  Function* helper = newFunction(module_, name, type, *model);
  helper->setSection(cloneSection);
  helper->addFnAttr(Attribute::Cold);
  return helper;
}

/// ptr helper(site, p): the pointer that the armed fault puts in the place of p.
FunctionCallee SitePlacer::pointerHelper() {
  constexpr StringLiteral name = "fgft.site.pointer";
  auto* pointer = PointerType::get(types_, 0);
  if (Function* known = module_.getFunction(name))
    return known;
  Function* helper = newHelper(name, FunctionType::get(pointer, {pointer, pointer}, false));
  auto* entry = BasicBlock::Create(types_, "", helper);
  auto* outside = BasicBlock::Create(types_, "", helper);
  auto* inside = BasicBlock::Create(types_, "", helper);
  IRBuilder<> builder(entry);
  auto fire = runtimeFunction(module_, "fgft_site_fire", builder.getInt32Ty(), {pointer});
  Value* kind = builder.CreateCall(fire, {helper->getArg(0)});
  auto is = [&](FaultKind wanted) {
    return builder.CreateICmpEQ(kind, builder.getInt32(static_cast<uint32_t>(wanted)));
  };
  Value* wild = builder.CreateIntToPtr(builder.getInt64(wildAddress), pointer);
  Value* chosen =
      builder.CreateSelect(is(FaultKind::Null), ConstantPointerNull::get(pointer), helper->getArg(1));
  chosen = builder.CreateSelect(is(FaultKind::Wild), wild, chosen);
  builder.CreateCondBr(is(FaultKind::OutOfBounds), outside, inside);
  builder.SetInsertPoint(outside);
  auto beyond = runtimeFunction(module_, "fgft_site_oob", pointer, {pointer});
  builder.CreateRet(builder.CreateCall(beyond, {helper->getArg(1)}));
  builder.SetInsertPoint(inside);
  builder.CreateRet(chosen);
  return helper;
}

/// u32 helper(site): does a fault that takes the control away, or returns the kind for the caller to do.
FunctionCallee SitePlacer::controlHelper() {
  constexpr StringLiteral name = "fgft.site.control";
  auto* pointer = PointerType::get(types_, 0);
  auto* word = Type::getInt32Ty(types_);
  if (Function* known = module_.getFunction(name))
    return known;
  Function* helper = newHelper(name, FunctionType::get(word, {pointer}, false));
  auto block = [&] { return BasicBlock::Create(types_, "", helper); };
  auto *entry = block(), *divide = block(), *bug = block(), *loop = block(), *other = block();
  IRBuilder<> builder(entry);
  Value* kind =
      builder.CreateCall(runtimeFunction(module_, "fgft_site_fire", word, {pointer}), {helper->getArg(0)});
  SwitchInst* choice = builder.CreateSwitch(kind, other, 3);
  auto on = [&](FaultKind wanted, BasicBlock* target) {
    choice->addCase(builder.getInt32(static_cast<uint32_t>(wanted)), target);
  };
  on(FaultKind::Divide, divide);
  on(FaultKind::Bug, bug);
  on(FaultKind::Loop, loop);
  builder.SetInsertPoint(divide);
  auto* trapType = FunctionType::get(word, {word, word}, false);
  auto* trap =
      InlineAsm::get(trapType, "xorl %edx, %edx\n\tdivl $2", "={ax},{ax},r,~{dx},~{dirflag},~{fpsr},~{flags}",
                     /*hasSideEffects=*/true);
  builder.CreateCall(trapType, trap, {builder.getInt32(1), builder.getInt32(0)});
  builder.CreateBr(other);
  builder.SetInsertPoint(bug);
  callRuntime(builder, "fgft_bug", {});
  builder.CreateIntrinsic(Intrinsic::trap,
                          {}); // for objtool, which does not know that the call does not return
  builder.CreateUnreachable();
  builder.SetInsertPoint(loop);
  callRuntime(builder, "fgft_loop", {});
  builder.CreateBr(loop);
  builder.SetInsertPoint(other);
  builder.CreateRet(kind);
  return helper;
}

/// An access site covers all uses of the address in one instruction: an assembly names a memory operand
/// twice.
void SitePlacer::placeAccess(Instruction& access) {
  Value* pointer = nullptr;
  bool writes = false;
  if (auto* load = dyn_cast<LoadInst>(&access)) {
    pointer = load->getPointerOperand();
  } else if (auto* store = dyn_cast<StoreInst>(&access)) {
    pointer = store->getPointerOperand();
    writes = true;
  } else if (auto* atomic = dyn_cast<AtomicRMWInst>(&access)) {
    pointer = atomic->getPointerOperand();
    writes = true;
  } else if (auto* transfer = dyn_cast<MemIntrinsic>(&access)) {
    pointer = transfer->getRawDest();
    writes = true;
  } else if (auto* call = dyn_cast<CallInst>(&access); call && call->isInlineAsm()) {
    auto addresses = asmAddresses(*call, context_);
    if (addresses.empty())
      return;
    pointer = addresses.front().operand.value;
    writes = addresses.front().writes;
  }
  if (!pointer || isa<AllocaInst>(pointer->stripInBoundsOffsets()))
    return;
  uint32_t kinds = bit(FaultKind::Null) | bit(FaultKind::Wild) | (writes ? bit(FaultKind::OutOfBounds) : 0);
  Constant* site = newSite(access, kinds);
  BasicBlock* before = access.getParent();
  Instruction* armedEnd = splitArmed(access, site);
  IRBuilder<> builder(armedEnd);
  builder.SetCurrentDebugLocation(access.getDebugLoc());
  Value* faulty = builder.CreateCall(pointerHelper(), {site, pointer});
  PHINode* merged = PHINode::Create(pointer->getType(), 2, "", access.getIterator());
  merged->addIncoming(pointer, before);
  merged->addIncoming(faulty, armedEnd->getParent());
  if (auto* transfer = dyn_cast<MemTransferInst>(&access))
    transfer->setDest(merged);
  else
    access.replaceUsesOfWith(pointer, merged);
}

/// The value that a kernel function returns when it fails, or nullptr.
Constant* failureValue(Type* type, StringRef failure) {
  constexpr int64_t noMemory = -12;
  if (failure == "null" && type->isPointerTy())
    return ConstantPointerNull::get(cast<PointerType>(type));
  if (failure == "neg" && type->isIntegerTy())
    return ConstantInt::getSigned(type, noMemory);
  if (failure == "dma" && type->isIntegerTy())
    return ConstantInt::getSigned(type, -1);
  return nullptr;
}

void SitePlacer::placeCall(CallBase& call, const KernelCall& row) {
  auto* plainCall = dyn_cast<CallInst>(&call);
  if (!plainCall)
    return;
  uint32_t kinds = bit(FaultKind::Divide) | bit(FaultKind::Bug) | bit(FaultKind::Loop);
  bool unlock = row.kind == "unlock" && call.getType()->isVoidTy();
  Constant* failed = failureValue(call.getType(), row.failure);
  int garbageArgument = -1;
  for (unsigned i = 0; i < call.arg_size() && garbageArgument < 0; ++i)
    if (call.getArgOperand(i)->getType()->isPointerTy() && !isa<Constant>(call.getArgOperand(i)) &&
        (row.action == CallAction::Wrap || row.checks(i)))
      garbageArgument = static_cast<int>(i);
  kinds |= unlock ? bit(FaultKind::LostUnlock) : 0;
  kinds |= failed ? bit(FaultKind::AllocationFailure) : 0;
  kinds |= garbageArgument >= 0 ? bit(FaultKind::Garbage) : 0;
  Constant* site = newSite(call, kinds);

  BasicBlock* before = call.getParent();
  Instruction* armedEnd = splitArmed(call, site);
  BasicBlock* armedBlock = armedEnd->getParent();
  BasicBlock* callBlock = call.getParent();
  IRBuilder<> builder(armedEnd);
  builder.SetCurrentDebugLocation(call.getDebugLoc());
  Value* kind = builder.CreateCall(controlHelper(), {site});
  auto is = [&](FaultKind wanted) {
    return builder.CreateICmpEQ(kind, builder.getInt32(static_cast<uint32_t>(wanted)));
  };
  if (garbageArgument >= 0) {
    Value* argument = call.getArgOperand(garbageArgument);
    Value* garbage = builder.CreateIntToPtr(builder.getInt64(garbageValue), argument->getType());
    Value* chosen = builder.CreateSelect(is(FaultKind::Garbage), garbage, argument);
    PHINode* merged = PHINode::Create(argument->getType(), 2, "", callBlock->begin());
    merged->addIncoming(argument, before);
    merged->addIncoming(chosen, armedBlock);
    call.setArgOperand(garbageArgument, merged);
  }
  if (!unlock && !failed)
    return;
  BasicBlock* behind = SplitBlock(callBlock, call.getNextNode());
  Value* skip = is(unlock ? FaultKind::LostUnlock : FaultKind::AllocationFailure);
  builder.CreateCondBr(skip, behind, callBlock);
  armedEnd->eraseFromParent();
  if (failed && !call.use_empty()) {
    PHINode* result = PHINode::Create(call.getType(), 2, "", behind->begin());
    call.replaceAllUsesWith(result);
    result->addIncoming(&call, callBlock);
    result->addIncoming(failed, armedBlock);
  }
}

void SitePlacer::placeEntry(Function& clone) {
  Instruction* first = &*clone.getEntryBlock().getFirstInsertionPt();
  while (isa<AllocaInst>(first))
    first = first->getNextNode();
  Argument* victim = nullptr;
  for (Argument& argument : clone.args())
    if (!victim && argument.getType()->isPointerTy() && !argument.use_empty())
      victim = &argument;
  uint32_t kinds = bit(FaultKind::Divide) | bit(FaultKind::Bug) | bit(FaultKind::Loop);
  Constant* site = newSite(*first, kinds | (victim ? bit(FaultKind::Garbage) : 0));
  sites_.back().line = clone.getSubprogram() ? clone.getSubprogram()->getLine() : sites_.back().line;
  sites_.back().function = sourceName(clone).str();
  SmallVector<Use*> uses;
  if (victim)
    for (Use& use : victim->uses())
      uses.push_back(&use);
  BasicBlock* before = first->getParent();
  Instruction* armedEnd = splitArmed(*first, site);
  IRBuilder<> builder(armedEnd);
  if (const DISubprogram* scope = clone.getSubprogram())
    builder.SetCurrentDebugLocation(
        DILocation::get(types_, scope->getLine(), 0, const_cast<DISubprogram*>(scope)));
  Value* kind = builder.CreateCall(controlHelper(), {site});
  if (!victim)
    return;
  Value* isGarbage = builder.CreateICmpEQ(kind, builder.getInt32(static_cast<uint32_t>(FaultKind::Garbage)));
  Value* garbage = builder.CreateIntToPtr(builder.getInt64(garbageValue), victim->getType());
  Value* chosen = builder.CreateSelect(isGarbage, garbage, victim);
  BasicBlock* rest = armedEnd->getSuccessor(0);
  PHINode* merged = PHINode::Create(victim->getType(), 2, "", rest->begin());
  merged->addIncoming(victim, before);
  merged->addIncoming(chosen, armedEnd->getParent());
  for (Use* use : uses)
    if (auto* user = dyn_cast<Instruction>(use->getUser()); user && user->getParent() != before)
      use->set(merged);
}

void SitePlacer::collect(Function& clone) {
  SmallVector<Instruction*> work;
  for (Instruction& instruction : instructions(clone))
    work.push_back(&instruction);
  for (Instruction* instruction : work) {
    auto* call = dyn_cast<CallBase>(instruction);
    if (!call || call->isInlineAsm() || isa<MemIntrinsic>(instruction)) {
      placeAccess(*instruction);
      continue;
    }
    auto* callee = dyn_cast<Function>(call->getCalledOperand()->stripPointerCastsAndAliases());
    if (!callee)
      continue;
    const KernelCall* row = context_.model.findWrapper(callee->getName());
    if (!row)
      row = context_.model.findCall(callee->getName());
    if (row)
      placeCall(*call, *row);
  }
  placeEntry(clone);
}

std::vector<FaultSite> SitePlacer::run() {
  findEntries();
  SmallVector<Function*> clones;
  for (Function& function : module_)
    if (isClone(function))
      clones.push_back(&function);
  for (Function* clone : clones)
    collect(*clone);
  return std::move(sites_);
}

} // namespace

StructType* siteType(LLVMContext& context) {
  auto* pointer = PointerType::get(context, 0);
  auto* word = Type::getInt32Ty(context);
  auto* wide = Type::getInt64Ty(context);
  return StructType::get(context, {pointer, pointer, word, word, word, word, wide, wide, wide});
}

std::vector<FaultSite> placeFaultSites(Module& module, const Context& context) {
  return SitePlacer(module, context).run();
}

} // namespace fgft::isolator
