// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Writes what fgft.ko reads about a driver (struct fgft_driver and what hangs on it) and the calls that
// register it. Field by field as in fgft-kmod/include/fgft_abi.h, which has the offsets.

#include "Checkpoint.h"
#include "FaultSites.h"
#include "Functions.h"
#include "Plan.h"
#include "Registration.h"
#include "Runtime.h"
#include "Stub.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Instructions.h"
#include "llvm/Transforms/Utils/ModuleUtils.h"

#include <stdexcept>

using namespace llvm;

namespace fgft::isolator {

namespace {

// fgft_abi.h
constexpr uint32_t abiVersion = 1;
constexpr uint32_t flagCallback = 1U << 0;
constexpr uint32_t flagRestoreSleeps = 1U << 3;
constexpr uint32_t flagGate = 1U << 4;
constexpr uint32_t flagNoRestore = 1U << 5;
constexpr uint32_t flagRetryPlain = 1U << 7;
constexpr uint32_t flagGateNapi = 1U << 9;
constexpr uint32_t failVoid = 0;
constexpr uint32_t failConstant = 1;
constexpr uint32_t failArgument = 2;

/// A protected function with what the descriptor says about it.
struct EntryRecord {
  Function* function = nullptr;
  const protect::EntryPoint* entry = nullptr; ///< nullptr: a call-back
  Function* plain = nullptr;                  ///< the body, once it has been taken out of the function
};

class DescriptorWriter {
public:
  DescriptorWriter(Module& module, const Context& context, const std::vector<FaultSite>& sites)
      : module_(module), context_(context), types_(module.getContext()), sites_(sites) {}

  void run();

private:
  Constant* word(uint64_t value) { return ConstantInt::get(Type::getInt32Ty(types_), value, false, true); }
  Constant* wide(uint64_t value) { return ConstantInt::get(Type::getInt64Ty(types_), value, false, true); }
  Constant* null() { return ConstantPointerNull::get(PointerType::get(types_, 0)); }
  Constant* orNull(Constant* value) { return value ? value : null(); }
  Constant* text(StringRef value);
  GlobalVariable* global(const Twine& name, Constant* value, bool isConstant);
  GlobalVariable* array(StringRef name, ArrayRef<Constant*> elements, bool isConstant);
  std::vector<EntryRecord> records();
  Constant* entryConstant(const EntryRecord& record, GlobalVariable* key);
  void failure(const protect::EntryPoint& entry, const PathResolver& resolver, uint32_t& kind,
               uint32_t& argument, uint64_t& value);
  Function* objectFunction(const protect::EntryPoint& entry, const PathResolver& resolver,
                           const Function& function);
  GlobalVariable* writeSites();
  GlobalVariable* writeText();
  GlobalVariable* writeData(unsigned& count);
  GlobalVariable* writeFunctions(unsigned& count);
  GlobalVariable* writeAbortable(unsigned& count);

  Module& module_;
  const Context& context_;
  LLVMContext& types_;
  const std::vector<FaultSite>& sites_;
  StringMap<Constant*> texts_;
};

Constant* DescriptorWriter::text(StringRef value) {
  Constant*& known = texts_[value];
  if (!known) {
    auto* variable = global("fgft.text", ConstantDataArray::getString(types_, value), true);
    variable->setUnnamedAddr(GlobalValue::UnnamedAddr::Global);
    known = variable;
  }
  return known;
}

GlobalVariable* DescriptorWriter::global(const Twine& name, Constant* value, bool isConstant) {
  return new GlobalVariable(module_, value->getType(), isConstant, GlobalValue::InternalLinkage, value, name);
}

GlobalVariable* DescriptorWriter::array(StringRef name, ArrayRef<Constant*> elements, bool isConstant) {
  if (elements.empty())
    return nullptr;
  auto* type = ArrayType::get(elements.front()->getType(), elements.size());
  bool joined = isJoined(context_);
  GlobalVariable* variable = global(name, ConstantArray::get(type, elements), isConstant && !joined);
  variable->setAlignment(Align(8));
  if (joined) {
    variable->setSection(tableSection(name));
    appendToCompilerUsed(module_, {variable});
  }
  return variable;
}

std::vector<EntryRecord> DescriptorWriter::records() {
  std::vector<EntryRecord> result;
  for (const protect::EntryPoint* entry : protectedEntries(context_)) {
    Function* function = module_.getFunction(entry->function);
    if (function && !function->isDeclaration())
      result.push_back({function, entry});
  }
  for (Function& function : module_) {
    if (!isClone(function) || !function.hasFnAttribute(entryMark))
      continue;
    Function* original = module_.getFunction(sourceName(function));
    if (original && none_of(result, [&](const EntryRecord& record) { return record.function == original; }))
      result.push_back({original, nullptr});
  }
  return result;
}

void DescriptorWriter::failure(const protect::EntryPoint& entry, const PathResolver& resolver, uint32_t& kind,
                               uint32_t& argument, uint64_t& value) {
  Type* type = module_.getFunction(entry.function)->getReturnType();
  bool isVoid = entry.failure.kind == protect::Failure::Kind::Void;
  if (isVoid != type->isVoidTy())
    throw std::runtime_error(isVoid ? "the config has no failure value, but the function returns one"
                                    : "the config has a failure value, but the function is void");
  switch (entry.failure.kind) {
  case protect::Failure::Kind::Void:
    kind = failVoid;
    break;
  case protect::Failure::Kind::Number:
    kind = failConstant;
    value = static_cast<uint64_t>(entry.failure.number);
    break;
  case protect::Failure::Kind::Null:
    kind = failConstant;
    break;
  case protect::Failure::Kind::Address: {
    Location place = resolver.lvalue(entry.failure.path);
    if (place.steps.size() > 1 || (!place.steps.empty() && place.steps.front().load))
      throw std::runtime_error("the failure value &" + entry.failure.path + " does not lie in an argument");
    kind = failArgument;
    argument = place.argument;
    value = place.steps.empty() ? 0 : place.steps.front().offset;
    break;
  }
  }
}

/// The object of the class that the gate works on, from the arguments.
Function* DescriptorWriter::objectFunction(const protect::EntryPoint& entry, const PathResolver& resolver,
                                           const Function& function) {
  auto tag = context_.model.classObjects.find(context_.config.driverClass);
  if (tag == context_.model.classObjects.end())
    return nullptr;
  auto location = resolver.objectOfStruct(tag->second);
  if (!location)
    throw std::runtime_error("neither a parameter nor an object of the config is a struct " + tag->second);
  auto* pointer = PointerType::get(types_, 0);
  Function* result = newFunction(module_, entry.function + cloneSuffix.str() + ".object",
                                 FunctionType::get(pointer, {pointer}, false), function);
  IRBuilder<> builder(BasicBlock::Create(types_, "", result));
  builder.CreateRet(emitLocation(builder, *location, result->getArg(0)));
  return result;
}

Constant* DescriptorWriter::entryConstant(const EntryRecord& record, GlobalVariable* key) {
  StringRef name = record.function->getName();
  Function* clone = module_.getFunction((name + cloneSuffix).str());
  Function* cloneThunk = newThunk(*clone, (name + ".fgft.thunk").str());
  cloneThunk->setSection(cloneSection);
  Function* plainThunk = newThunk(*record.plain, (name + ".fgft.plainthunk").str());
  uint32_t flags = record.entry ? 0 : flagCallback;
  uint32_t failKind = failVoid;
  uint32_t failArgumentNumber = 0;
  uint64_t failValue = 0;
  uint64_t busy = 0;
  protect::Limits limits;
  CheckpointFunctions checkpoint;
  Function* object = nullptr;
  std::vector<PlanRow> plan;
  StringRef kind = "callback";
  if (const protect::EntryPoint* entry = record.entry) {
    PathResolver resolver(*clone, context_);
    kind = fgft::word(entry->kind);
    plan = planOf(*entry, resolver, context_);
    checkpoint = emitCheckpoint(module_, *entry, resolver, context_);
    failure(*entry, resolver, failKind, failArgumentNumber, failValue);
    object = objectFunction(*entry, resolver, *record.function);
    const protect::Checkpoint* used = checkpointOf(*entry, context_);
    flags |= used ? (used->maySleep ? flagRestoreSleeps : 0) : flagNoRestore;
    if (entry->restoreContext == protect::RestoreContext::Gate)
      flags |= flagGate;
    if (entry->logFull == protect::LogFull::RetryPlain)
      flags |= flagRetryPlain;
    // The net class's suspend call-backs leave NAPI running behind a detached device.
    if (used && !used->suspend.empty() && context_.config.driverClass == "net")
      flags |= flagGateNapi;
    busy = entry->busy;
    limits = entry->limits;
  } else {
    limits = {0, 0, 0};
  }
  auto* rows = plan.empty() ? nullptr : global(name + ".fgft.plan", planConstant(module_, plan), true);
  return ConstantStruct::getAnon(types_, {text(name),
                                          text(kind),
                                          word(flags),
                                          word(record.function->arg_size()),
                                          cloneThunk,
                                          plainThunk,
                                          key,
                                          word(failKind),
                                          word(failArgumentNumber),
                                          wide(failValue),
                                          wide(busy),
                                          orNull(rows),
                                          word(plan.size()),
                                          word(checkpoint.slots),
                                          orNull(checkpoint.device),
                                          orNull(object),
                                          orNull(checkpoint.save),
                                          orNull(checkpoint.unsave),
                                          wide(limits.loops),
                                          orNull(checkpoint.checkpoint),
                                          orNull(checkpoint.restore),
                                          wide(limits.logBytes),
                                          wide(limits.wallMs),
                                          null()});
}

GlobalVariable* DescriptorWriter::writeSites() {
  SmallVector<Constant*> rows;
  for (const FaultSite& site : sites_)
    rows.push_back(ConstantStruct::get(siteType(types_), text(site.function), text(site.file),
                                       word(site.line), word(rows.size()), word(site.kinds), word(0), wide(0),
                                       wide(0),
                                       wide(static_cast<uint64_t>(isJoined(context_) ? -1 : site.entry))));
  GlobalVariable* table = array("fgft.sites", rows, false);
  if (GlobalVariable* placeholder = module_.getNamedGlobal(sitePlaceholder)) {
    placeholder->replaceAllUsesWith(table);
    placeholder->eraseFromParent();
  }
  return table;
}

/// Markers around the clones' code: a label before everything of the section, and a function behind.
GlobalVariable* DescriptorWriter::writeText() {
  module_.appendModuleInlineAsm(
      "\t.section " + cloneSection.str() +
      ",\"ax\",@progbits\n\t.balign 16\nfgft_text_start:\n\t.text\n"
      // The address is only compared; objtool wants to know that nothing jumps there.
      "\t.pushsection .discard.noendbr\n\t.long fgft_text_start\n\t.popsection\n");
  auto* start = new GlobalVariable(module_, Type::getInt8Ty(types_), true, GlobalValue::ExternalLinkage,
                                   nullptr, "fgft_text_start");
  start->setDSOLocal(true);
  const Function* model = nullptr;
  for (Function& function : module_)
    if (isClone(function))
      model = &function;
  Function* end =
      newFunction(module_, "fgft.text.end", FunctionType::get(Type::getVoidTy(types_), false), *model);
  end->setSection(cloneSection);
  ReturnInst::Create(types_, BasicBlock::Create(types_, "", end));
  return array("fgft.texts", {ConstantStruct::getAnon(types_, {start, end})}, true);
}

GlobalVariable* DescriptorWriter::writeData(unsigned& count) {
  SmallVector<Constant*> rows;
  for (GlobalVariable& variable : module_.globals()) {
    bool own = variable.getName().starts_with("fgft") || variable.getName().contains(".fgft.");
    if (variable.isDeclaration() || variable.isConstant() || own || variable.getName().starts_with("llvm.") ||
        variable.hasSection() || variable.isThreadLocal())
      continue;
    uint64_t size = module_.getDataLayout().getTypeAllocSize(variable.getValueType());
    rows.push_back(ConstantStruct::getAnon(types_, {&variable, wide(size)}));
  }
  count = rows.size();
  return array("fgft.data", rows, true);
}

GlobalVariable* DescriptorWriter::writeFunctions(unsigned& count) {
  SmallVector<Constant*> rows;
  for (Function& function : module_) {
    if (!isClone(function))
      continue;
    Function* original = module_.getFunction(sourceName(function));
    if (original && original->hasAddressTaken())
      rows.push_back(ConstantStruct::getAnon(types_, {original, &function}));
  }
  count = rows.size();
  return array("fgft.functions", rows, true);
}

GlobalVariable* DescriptorWriter::writeAbortable(unsigned& count) {
  SmallVector<Constant*> rows;
  SmallPtrSet<Function*, 8> seen;
  for (Function& function : module_) {
    if (!isClone(function))
      continue;
    for (Instruction& instruction : instructions(function)) {
      auto* call = dyn_cast<CallBase>(&instruction);
      auto* callee =
          call ? dyn_cast<Function>(call->getCalledOperand()->stripPointerCastsAndAliases()) : nullptr;
      const KernelCall* row = callee ? context_.model.findCall(callee->getName()) : nullptr;
      if (row && row->abortable && seen.insert(callee).second)
        rows.push_back(callee);
    }
  }
  count = rows.size();
  return array("fgft.abortable", rows, true);
}

void DescriptorWriter::run() {
  auto found = records();
  bool starts = startsModule(module_);
  bool joined = isJoined(context_);
  if (found.empty() && !joined)
    return;
  if (!starts && !joined) {
    fail(module_, module_.getSourceFileName() + ": no init_module: the driver cannot be registered");
    return;
  }
  auto* keyType = StructType::get(types_, {Type::getInt64Ty(types_), Type::getInt64Ty(types_)});
  SmallVector<Constant*> entries;
  SmallVector<GlobalVariable*> keys;
  for (EntryRecord& record : found) {
    GlobalVariable* key =
        global(record.function->getName() + ".fgft.key", ConstantAggregateZero::get(keyType), false);
    key->setAlignment(Align(8));
    keys.push_back(key);
    try {
      record.plain = takeBody(*record.function);
      entries.push_back(entryConstant(record, key));
    } catch (const std::runtime_error& error) {
      std::string what = error.what();
      if (record.entry && what.find(context_.config.file) == std::string::npos)
        what = context_.config.file + ":" + std::to_string(record.entry->line) + ": " +
               record.entry->function + ": " + what;
      fail(module_, what);
      return;
    }
  }
  GlobalVariable* table = array("fgft.entries", entries, false);
  for (size_t i = 0; i < found.size(); ++i) {
    Constant* index[] = {wide(0), wide(i)};
    Constant* entry = ConstantExpr::getInBoundsGetElementPtr(table->getValueType(), table, index);
    placeStub(*found[i].function, *found[i].plain, keys[i], entry);
  }
  GlobalVariable* sites = writeSites();
  unsigned dataCount = 0;
  unsigned functionCount = 0;
  unsigned abortableCount = 0;
  GlobalVariable* data = writeData(dataCount);
  GlobalVariable* functions = writeFunctions(functionCount);
  GlobalVariable* abortable = writeAbortable(abortableCount);
  GlobalVariable* texts = any_of(module_, isClone) ? writeText() : nullptr;
  if (!starts)
    return;
  auto* owner = cast<Constant>(module_.getOrInsertGlobal("__this_module", Type::getInt8Ty(types_)));
  const protect::ProtectionConfig& config = context_.config;
  constexpr uint64_t descriptorSize = 136; // sizeof(struct fgft_driver)
  // With several files the tables of all lie between markers, and only the linker knows how many rows there
  // are.
  auto start = [&](StringRef name, GlobalVariable* own) {
    return joined ? tableBegin(module_, name) : orNull(own);
  };
  Constant* descriptor = ConstantStruct::getAnon(types_, {word(abiVersion),
                                                          word(descriptorSize),
                                                          text(config.driver),
                                                          owner,
                                                          text(config.sources.sha256),
                                                          text(config.kernel.buildId),
                                                          text(config.driverClass),
                                                          word(0),
                                                          word(entries.size()),
                                                          start("fgft.entries", table),
                                                          start("fgft.sites", sites),
                                                          word(sites_.size()),
                                                          word(1),
                                                          start("fgft.texts", texts),
                                                          start("fgft.data", data),
                                                          word(dataCount),
                                                          word(functionCount),
                                                          start("fgft.functions", functions),
                                                          start("fgft.abortable", abortable),
                                                          word(abortableCount),
                                                          word(0),
                                                          null()});
  registerDriver(module_, global("fgft.driver", descriptor, false), joined);
}

} // namespace

void writeDescriptor(Module& module, const Context& context, const std::vector<FaultSite>& sites) {
  DescriptorWriter(module, context, sites).run();
}

} // namespace fgft::isolator
