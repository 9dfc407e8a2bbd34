// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Makes checkpoint and restore out of the driver's own suspend and resume (rule 9). First half: clones
// without the calls that only a real sleep needs. Second half: the functions that call them with the
// arguments that the config's paths give, and that save and write back what resume does not bring back.

#include "Checkpoint.h"

#include "Functions.h"
#include "Runtime.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/IR/InstIterator.h"

#include <stdexcept>

using namespace llvm;

namespace fgft::isolator {

namespace {

/// What a call in suspend's or resume's reach is called.
StringRef calleeName(const Instruction& instruction) {
  const auto* call = dyn_cast<CallBase>(&instruction);
  const auto* callee =
      call ? dyn_cast<Function>(call->getCalledOperand()->stripPointerCastsAndAliases()) : nullptr;
  return callee ? sourceName(*callee) : StringRef();
}

std::string pmSuffix(const protect::Checkpoint& checkpoint) {
  return (restoreSuffix + "." + checkpoint.name).str();
}

bool isUsed(const protect::Checkpoint& checkpoint, const Context& context) {
  return any_of(protectedEntries(context),
                [&](const auto* entry) { return entry->checkpoint == checkpoint.name; });
}

/// Derives one checkpoint's clones.
class RestoreDeriver {
public:
  RestoreDeriver(Module& module, const protect::Checkpoint& checkpoint, const Context& context)
      : module_(module), checkpoint_(checkpoint), context_(context) {}

  void run();

private:
  void bad(const Twine& message) {
    fail(module_, context_.config.file + ":" + Twine(checkpoint_.line) + ": checkpoint " + checkpoint_.name +
                      ": " + message);
  }
  Function* root(const std::string& name);
  StringSet<> reach(Function* root) const;
  void checkLists(const StringSet<>& suspend, const StringSet<>& resume);
  void checkDrop(const protect::DroppedCall& drop, const StringSet<>& suspend, const StringSet<>& resume);
  void dropCalls();

  Module& module_;
  const protect::Checkpoint& checkpoint_;
  const Context& context_;
  MapVector<Function*, Function*> clones_;
};

Function* RestoreDeriver::root(const std::string& name) {
  if (name.empty())
    return nullptr;
  Function* function = module_.getFunction(name);
  if (function && !function->isDeclaration())
    return function;
  if (!context_.graph.external.contains(name)) // else another file derives it
    bad("the driver has no function " + name);
  return nullptr;
}

/// Names of all calls from a root's clone on, through cloned functions.
StringSet<> RestoreDeriver::reach(Function* root) const {
  StringSet<> names;
  SmallVector<Function*> work;
  auto push = [&](Function* function) {
    auto* found = clones_.find(function);
    if (found != clones_.end())
      work.push_back(found->second);
  };
  if (root)
    push(root);
  while (!work.empty()) {
    Function* clone = work.pop_back_val();
    for (Instruction& instruction : instructions(*clone)) {
      StringRef name = calleeName(instruction);
      if (name.empty() || !names.insert(name).second)
        continue;
      if (Function* original = module_.getFunction(name))
        push(original);
    }
  }
  return names;
}

void RestoreDeriver::checkDrop(const protect::DroppedCall& drop, const StringSet<>& suspend,
                               const StringSet<>& resume) {
  bool inSuspend = suspend.contains(drop.call);
  bool inResume = resume.contains(drop.call);
  if (!inSuspend && !inResume) {
    bad("drops " + drop.call + ", which neither suspend nor resume calls");
    return;
  }
  bool known = false;
  for (const PmPair& pair : context_.model.pairs) {
    if (pair.suspend != drop.call && pair.resume != drop.call)
      continue;
    known = true;
    auto dropped = [&](const std::string& name) {
      return any_of(checkpoint_.drop, [&](const auto& other) { return other.call == name; });
    };
    if (pair.alone && pair.suspend == drop.call)
      return;
    if (!pair.resume.empty() && suspend.contains(pair.suspend) && resume.contains(pair.resume) &&
        dropped(pair.suspend) && dropped(pair.resume))
      return;
  }
  bad(known ? "drops " + drop.call + " without the call that takes it back"
            : "drops " + drop.call +
                  ", which is no power-state, device, wake-up, interrupt or region call of pm_pairs.csv");
}

void RestoreDeriver::checkLists(const StringSet<>& suspend, const StringSet<>& resume) {
  StringSet<> listed;
  for (const std::string& name : checkpoint_.keep) {
    listed.insert(name);
    if (!suspend.contains(name) && !resume.contains(name))
      bad("keeps " + name + ", which neither suspend nor resume calls");
  }
  for (const protect::DroppedCall& drop : checkpoint_.drop) {
    listed.insert(drop.call);
    checkDrop(drop, suspend, resume);
  }
  for (const PmPair& pair : context_.model.pairs)
    for (const auto& [side, calls] : {std::pair(pair.suspend, &suspend), std::pair(pair.resume, &resume)})
      if (!side.empty() && calls->contains(side) && listed.insert(side).second)
        bad((calls == &suspend ? checkpoint_.suspend : checkpoint_.resume) + " calls " + side + " (" +
            pair.kind + "): the config must say whether to keep or to drop it");
}

void RestoreDeriver::dropCalls() {
  for (auto [original, clone] : clones_) {
    SmallVector<CallBase*> calls;
    for (Instruction& instruction : instructions(*clone))
      for (const protect::DroppedCall& drop : checkpoint_.drop)
        if (calleeName(instruction) == drop.call) {
          auto* call = cast<CallBase>(&instruction);
          Type* type = call->getType();
          if (type->isIntegerTy())
            call->replaceAllUsesWith(ConstantInt::getSigned(type, drop.value));
          else if (!call->use_empty())
            bad("drops " + drop.call + ", whose result is no integer and is used");
          calls.push_back(call);
        }
    for (CallBase* call : calls)
      if (call->use_empty())
        call->eraseFromParent();
  }
}

void RestoreDeriver::run() {
  SmallVector<Function*> roots;
  Function* suspend = root(checkpoint_.suspend);
  Function* resume = root(checkpoint_.resume);
  for (Function* function : {suspend, resume})
    if (function)
      roots.push_back(function);
  for (const auto* calls : {&checkpoint_.beforeRestore, &checkpoint_.restore})
    for (const protect::DriverCall& call : *calls)
      if (Function* function = root(call.function))
        roots.push_back(function);
  if (roots.empty() || hasFailed(module_))
    return;
  clones_ = cloneReached(roots, pmSuffix(checkpoint_), restoreMark, context_);
  // Across files only the file that has suspend and resume can tell what they call.
  if (context_.graph.empty() || suspend || resume)
    checkLists(reach(suspend), reach(resume));
  dropCalls();
  for (Function* function : roots) {
    keepFunction(*clones_[function]);
    if (context_.graph.empty() || isOwn(*function))
      continue;
    clones_[function]->setLinkage(GlobalValue::ExternalLinkage);
    clones_[function]->setVisibility(GlobalValue::HiddenVisibility);
  }
}

/// Emits what one entry point needs of its checkpoint.
class CheckpointEmitter {
public:
  CheckpointEmitter(Module& module, const protect::EntryPoint& entry, const protect::Checkpoint& checkpoint,
                    const PathResolver& resolver, const Context& context)
      : module_(module), entry_(entry), checkpoint_(checkpoint), resolver_(resolver), context_(context),
        model_(*module.getFunction(entry.function)) {}

  CheckpointFunctions run();

private:
  Function* begin(StringRef suffix, Type* result, unsigned parameters);
  void callDriver(IRBuilder<>& builder, const protect::DriverCall& call, Value* arguments);
  Value* callPm(IRBuilder<>& builder, const std::string& function, Value* arguments);
  Function* clone(const std::string& function) const;
  Function* pmThunk(StringRef suffix, const std::string& function, bool withDriverCalls);
  const protect::Register& registerNamed(const std::string& name) const;
  Value* registerAddress(IRBuilder<>& builder, const std::string& object, uint64_t offset, Value* arguments);
  void saveAll(Function& function);
  void unsaveAll(Function& function);
  void writeUnlock(IRBuilder<>& builder, const std::string& name, bool open, Value* arguments);

  Module& module_;
  const protect::EntryPoint& entry_;
  const protect::Checkpoint& checkpoint_;
  const PathResolver& resolver_;
  const Context& context_;
  const Function& model_;
};

Function* CheckpointEmitter::begin(StringRef suffix, Type* result, unsigned parameters) {
  SmallVector<Type*> types(parameters, PointerType::get(module_.getContext(), 0));
  Function* function = newFunction(module_, entry_.function + cloneSuffix.str() + suffix.str(),
                                   FunctionType::get(result, types, false), model_);
  BasicBlock::Create(module_.getContext(), "", function);
  return function;
}

Function* CheckpointEmitter::clone(const std::string& function) const {
  std::string name = function + pmSuffix(checkpoint_);
  if (Function* found = module_.getFunction(name))
    return found;
  const Function* declared = module_.getFunction(function);
  if (!declared || !context_.graph.external.contains(function))
    throw std::runtime_error("the driver has no function " + function + " that this file knows");
  auto* other = Function::Create(declared->getFunctionType(), GlobalValue::ExternalLinkage, name, module_);
  other->setAttributes(declared->getAttributes());
  other->setVisibility(GlobalValue::HiddenVisibility);
  return other;
}

Value* CheckpointEmitter::callPm(IRBuilder<>& builder, const std::string& function, Value* arguments) {
  Function* target = clone(function);
  if (target->arg_size() != 1 || !target->getArg(0)->getType()->isPointerTy())
    throw std::runtime_error(function + " does not take one pointer");
  Value* device = emitLocation(builder, resolver_.pointer(checkpoint_.device), arguments);
  Value* result = builder.CreateCall(target, {device});
  return target->getReturnType()->isVoidTy() ? builder.getInt64(0) : asU64(builder, result, true);
}

void CheckpointEmitter::callDriver(IRBuilder<>& builder, const protect::DriverCall& call, Value* arguments) {
  Function* target = clone(call.function);
  if (target->arg_size() != call.arguments.size())
    throw std::runtime_error(call.function + " takes " + std::to_string(target->arg_size()) + " arguments");
  SmallVector<Value*> values;
  for (unsigned i = 0; i < call.arguments.size(); ++i) {
    Type* type = target->getArg(i)->getType();
    if (type->isPointerTy()) {
      values.push_back(emitLocation(builder, resolver_.pointer(call.arguments[i]), arguments));
      continue;
    }
    Location place = resolver_.lvalue(call.arguments[i]);
    if (place.bitSize || !place.isAddress || sizeOfType(place.type) * 8 != type->getIntegerBitWidth())
      throw std::runtime_error("argument " + call.arguments[i] + " does not fit " + call.function);
    values.push_back(builder.CreateLoad(type, emitLocation(builder, place, arguments)));
  }
  Value* lock = call.lock.empty() ? nullptr : emitLocation(builder, resolver_.lvalue(call.lock), arguments);
  Value* flags = nullptr;
  if (lock) {
    auto take =
        module_.getOrInsertFunction("_raw_spin_lock_irqsave", builder.getInt64Ty(), builder.getPtrTy());
    flags = builder.CreateCall(take, {lock});
  }
  builder.CreateCall(target, values);
  if (lock) {
    auto release = module_.getOrInsertFunction("_raw_spin_unlock_irqrestore", builder.getVoidTy(),
                                               builder.getPtrTy(), builder.getInt64Ty());
    builder.CreateCall(release, {lock, flags});
  }
}

Function* CheckpointEmitter::pmThunk(StringRef suffix, const std::string& function, bool withDriverCalls) {
  if (function.empty() &&
      (!withDriverCalls || (checkpoint_.restore.empty() && checkpoint_.beforeRestore.empty())))
    return nullptr;
  Function* thunk = begin(suffix, Type::getInt64Ty(module_.getContext()), 1);
  IRBuilder<> builder(&thunk->getEntryBlock());
  Value* result = builder.getInt64(0);
  if (withDriverCalls)
    for (const auto* calls : {&checkpoint_.beforeRestore, &checkpoint_.restore})
      for (const protect::DriverCall& call : *calls)
        callDriver(builder, call, thunk->getArg(0));
  if (!function.empty())
    result = callPm(builder, function, thunk->getArg(0));
  builder.CreateRet(result);
  return thunk;
}

const protect::Register& CheckpointEmitter::registerNamed(const std::string& name) const {
  for (const protect::Register& candidate : context_.config.registers)
    if (candidate.name == name)
      return candidate;
  throw std::runtime_error("no register " + name);
}

Value* CheckpointEmitter::registerAddress(IRBuilder<>& builder, const std::string& object, uint64_t offset,
                                          Value* arguments) {
  Value* base = emitLocation(builder, resolver_.object(object), arguments);
  return builder.CreateConstGEP1_64(builder.getInt8Ty(), base, offset);
}

void CheckpointEmitter::writeUnlock(IRBuilder<>& builder, const std::string& name, bool open,
                                    Value* arguments) {
  for (const protect::Unlock& candidate : context_.config.unlocks)
    if (candidate.name == name) {
      Value* address = registerAddress(builder, candidate.object, candidate.offset, arguments);
      uint64_t value = open ? candidate.unlockValue : candidate.lockValue;
      builder.CreateStore(builder.getIntN(candidate.width, value), address, /*isVolatile=*/true);
      return;
    }
  throw std::runtime_error("no unlock " + name);
}

/// The storage of a saved location: an integer as wide as the field, or as a bit field's unit.
IntegerType* storageType(LLVMContext& context, const Location& location) {
  uint64_t bytes = sizeOfType(location.type);
  if (!location.isAddress || (bytes != 1 && bytes != 2 && bytes != 4 && bytes != 8))
    throw std::runtime_error("only fields of 1, 2, 4 or 8 bytes can be saved");
  return Type::getIntNTy(context, bytes * 8);
}

void CheckpointEmitter::saveAll(Function& function) {
  IRBuilder<> builder(&function.getEntryBlock());
  unsigned slot = 0;
  auto keep = [&](Value* value) {
    Value* address = builder.CreateConstInBoundsGEP1_64(builder.getInt64Ty(), function.getArg(1), slot++);
    builder.CreateStore(builder.CreateZExt(value, builder.getInt64Ty()), address);
  };
  for (const std::string& name : checkpoint_.saveRegisters) {
    const protect::Register& reg = registerNamed(name);
    Value* address = registerAddress(builder, reg.object, reg.offset, function.getArg(0));
    keep(builder.CreateLoad(builder.getIntNTy(reg.width), address, /*isVolatile=*/true));
  }
  for (const std::string& path : checkpoint_.saveMemory) {
    Location place = resolver_.lvalue(path);
    Value* address = emitLocation(builder, place, function.getArg(0));
    keep(builder.CreateLoad(storageType(module_.getContext(), place), address));
  }
  builder.CreateRetVoid();
}

void CheckpointEmitter::unsaveAll(Function& function) {
  IRBuilder<> builder(&function.getEntryBlock());
  unsigned slot = 0;
  auto kept = [&](Type* type) {
    Value* address = builder.CreateConstInBoundsGEP1_64(builder.getInt64Ty(), function.getArg(1), slot++);
    return builder.CreateTrunc(builder.CreateLoad(builder.getInt64Ty(), address), type);
  };
  /// Only the bits of the mask are written; the others stay what they are now.
  auto write = [&](Value* address, Value* value, const APInt& mask) {
    if (!mask.isAllOnes()) {
      Value* now = builder.CreateLoad(value->getType(), address, /*isVolatile=*/true);
      value = builder.CreateOr(builder.CreateAnd(value, mask), builder.CreateAnd(now, ~mask));
    }
    builder.CreateStore(value, address, /*isVolatile=*/true);
  };
  for (const std::string& name : checkpoint_.saveRegisters) {
    const protect::Register& reg = registerNamed(name);
    Value* address = registerAddress(builder, reg.object, reg.offset, function.getArg(0));
    if (!reg.unlock.empty())
      writeUnlock(builder, reg.unlock, true, function.getArg(0));
    write(address, kept(builder.getIntNTy(reg.width)), APInt(reg.width, reg.mask, false, true));
    if (!reg.unlock.empty())
      writeUnlock(builder, reg.unlock, false, function.getArg(0));
  }
  for (const std::string& path : checkpoint_.saveMemory) {
    Location place = resolver_.lvalue(path);
    IntegerType* type = storageType(module_.getContext(), place);
    APInt mask = APInt::getAllOnes(type->getBitWidth());
    if (place.bitSize)
      mask = APInt::getBitsSet(type->getBitWidth(), place.bitOffset, place.bitOffset + place.bitSize);
    write(emitLocation(builder, place, function.getArg(0)), kept(type), mask);
  }
  builder.CreateRetVoid();
}

CheckpointFunctions CheckpointEmitter::run() {
  CheckpointFunctions result;
  LLVMContext& types = module_.getContext();
  result.checkpoint = pmThunk(".checkpoint", checkpoint_.suspend, false);
  result.restore = pmThunk(".restore", checkpoint_.resume, true);
  if (!checkpoint_.device.empty()) {
    result.device = begin(".device", PointerType::get(types, 0), 1);
    IRBuilder<> builder(&result.device->getEntryBlock());
    builder.CreateRet(emitLocation(builder, resolver_.pointer(checkpoint_.device), result.device->getArg(0)));
  }
  result.slots = static_cast<unsigned>(checkpoint_.saveRegisters.size() + checkpoint_.saveMemory.size());
  if (!result.slots)
    return result;
  result.save = begin(".save", Type::getVoidTy(types), 2);
  saveAll(*result.save);
  result.unsave = begin(".unsave", Type::getVoidTy(types), 2);
  unsaveAll(*result.unsave);
  return result;
}

} // namespace

const protect::Checkpoint* checkpointOf(const protect::EntryPoint& entry, const Context& context) {
  if (entry.checkpoint.empty())
    return nullptr;
  for (const protect::Checkpoint& candidate : context.config.checkpoints)
    if (candidate.name == entry.checkpoint)
      return &candidate;
  throw std::runtime_error(context.config.file + ":" + std::to_string(entry.line) + ": " + entry.function +
                           ": no checkpoint \"" + entry.checkpoint + "\"");
}

void deriveRestore(Module& module, const Context& context) {
  for (const protect::Checkpoint& checkpoint : context.config.checkpoints)
    if (isUsed(checkpoint, context))
      RestoreDeriver(module, checkpoint, context).run();
}

CheckpointFunctions emitCheckpoint(Module& module, const protect::EntryPoint& entry,
                                   const PathResolver& resolver, const Context& context) {
  const protect::Checkpoint* checkpoint = checkpointOf(entry, context);
  if (!checkpoint)
    return {};
  try {
    return CheckpointEmitter(module, entry, *checkpoint, resolver, context).run();
  } catch (const std::runtime_error& error) {
    throw std::runtime_error(context.config.file + ":" + std::to_string(checkpoint->line) + ": checkpoint " +
                             checkpoint->name + ": " + error.what());
  }
}

} // namespace fgft::isolator
