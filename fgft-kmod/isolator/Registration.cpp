// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Puts the calls that register a driver into its init and cleanup functions.

#include "Registration.h"

#include "Runtime.h"
#include "llvm/IR/DebugInfoMetadata.h"
#include "llvm/IR/Instructions.h"
#include "llvm/Transforms/Utils/BasicBlockUtils.h"

using namespace llvm;

namespace fgft::isolator {

namespace {

/// The function behind init_module or cleanup_module, which module_init and module_exit make as aliases.
Function* moduleFunction(Module& module, StringRef name) {
  auto* value = module.getNamedValue(name);
  auto* function = value ? dyn_cast<Function>(value->stripPointerCastsAndAliases()) : nullptr;
  return function && !function->isDeclaration() ? function : nullptr;
}

std::string marker(StringRef table, StringRef end) {
  std::string name = ("__" + table + "_" + end).str();
  std::replace(name.begin(), name.end(), '.', '_');
  return name;
}

Constant* markerSymbol(Module& module, StringRef table, StringRef end) {
  auto* symbol = cast<GlobalVariable>(
      module.getOrInsertGlobal(marker(table, end), ArrayType::get(Type::getInt8Ty(module.getContext()), 0)));
  symbol->setVisibility(GlobalValue::HiddenVisibility);
  return symbol;
}

/// A joined table: where its number of rows stands in struct fgft_driver, and how long a row is.
struct JoinedTable {
  StringLiteral name;
  unsigned countOffset;
  unsigned rowSize;
};
constexpr JoinedTable joinedTables[] = {
    {"fgft.entries", 52, 168}, {"fgft.sites", 72, 56},      {"fgft.texts", 76, 16},
    {"fgft.data", 96, 16},     {"fgft.functions", 100, 16}, {"fgft.abortable", 120, 8},
};
constexpr unsigned siteSize = 56;
constexpr unsigned siteIdOffset = 20;

Value* rowsOf(IRBuilder<>& builder, Module& module, const JoinedTable& table) {
  Value* begin = builder.CreatePtrToInt(markerSymbol(module, table.name, "begin"), builder.getInt64Ty());
  Value* end = builder.CreatePtrToInt(markerSymbol(module, table.name, "end"), builder.getInt64Ty());
  return builder.CreateTrunc(
      builder.CreateUDiv(builder.CreateSub(end, begin), builder.getInt64(table.rowSize)),
      builder.getInt32Ty());
}

/// Each file numbered its sites from 0; in the joined table the number is the row. Splits before `at`.
void numberSites(Instruction& at, Module& module, Value* count) {
  BasicBlock* before = at.getParent();
  BasicBlock* behind = SplitBlock(before, &at);
  LLVMContext& types = module.getContext();
  BasicBlock* head = BasicBlock::Create(types, "", before->getParent(), behind);
  BasicBlock* body = BasicBlock::Create(types, "", before->getParent(), behind);
  before->getTerminator()->setSuccessor(0, head);
  IRBuilder<> builder(head);
  PHINode* number = builder.CreatePHI(builder.getInt32Ty(), 2);
  number->addIncoming(builder.getInt32(0), before);
  builder.CreateCondBr(builder.CreateICmpULT(number, count), body, behind);
  builder.SetInsertPoint(body);
  Value* offset =
      builder.CreateMul(builder.CreateZExt(number, builder.getInt64Ty()), builder.getInt64(siteSize));
  Value* row = builder.CreateGEP(builder.getInt8Ty(), markerSymbol(module, "fgft.sites", "begin"), offset);
  builder.CreateStore(number, builder.CreateConstGEP1_64(builder.getInt8Ty(), row, siteIdOffset));
  number->addIncoming(builder.CreateAdd(number, builder.getInt32(1)), body);
  builder.CreateBr(head);
}

void takeCounts(Instruction& at, Module& module, GlobalVariable* descriptor) {
  IRBuilder<> builder(&at);
  Value* sites = nullptr;
  for (const JoinedTable& table : joinedTables) {
    Value* rows = rowsOf(builder, module, table);
    builder.CreateStore(rows, builder.CreateConstGEP1_64(builder.getInt8Ty(), descriptor, table.countOffset));
    if (table.name == "fgft.sites")
      sites = rows;
  }
  numberSites(at, module, sites);
}

} // namespace

bool isJoined(const Context& context) {
  return context.config.sources.files.size() > 1;
}

std::string tableSection(StringRef table) {
  std::string name = ".data." + table.str();
  std::replace(name.begin() + 6, name.end(), '.', '_');
  return name;
}

Constant* tableBegin(Module& module, StringRef table) {
  return markerSymbol(module, table, "begin");
}

bool startsModule(Module& module) {
  return moduleFunction(module, "init_module") != nullptr;
}

void registerDriver(Module& module, GlobalVariable* descriptor, bool joined) {
  LLVMContext& types = module.getContext();
  Function* init = moduleFunction(module, "init_module");
  Function* cleanup = moduleFunction(module, "cleanup_module");
  auto* pointer = PointerType::get(types, 0);
  auto leave = runtimeFunction(module, "fgft_driver_unregister", Type::getVoidTy(types), {pointer});
  IRBuilder<> builder(&*init->getEntryBlock().getFirstInsertionPt());
  if (const DISubprogram* scope = init->getSubprogram())
    builder.SetCurrentDebugLocation(
        DILocation::get(types, scope->getLine(), 0, const_cast<DISubprogram*>(scope)));
  // The result does not matter here: a driver that is not registered runs plain, and fgft.ko has said why.
  Instruction* enter = builder.CreateCall(
      runtimeFunction(module, "fgft_driver_register", builder.getInt32Ty(), {pointer}), {descriptor});
  SmallVector<ReturnInst*> returns;
  for (BasicBlock& block : *init)
    if (auto* end = dyn_cast<ReturnInst>(block.getTerminator()))
      returns.push_back(end);
  for (ReturnInst* end : returns) {
    if (auto* behind = dyn_cast_or_null<CallInst>(end->getPrevNode()))
      behind->setTailCallKind(CallInst::TCK_None);
    IRBuilder<> check(end);
    Value* failed = check.CreateICmpNE(end->getReturnValue(), check.getInt32(0));
    Instruction* failing = SplitBlockAndInsertIfThen(failed, end->getIterator(), false);
    IRBuilder<>(failing).CreateCall(leave, {descriptor});
  }
  if (joined)
    takeCounts(*enter, module, descriptor);
  if (!cleanup)
    return;
  for (BasicBlock& block : *cleanup)
    if (auto* end = dyn_cast<ReturnInst>(block.getTerminator())) {
      if (auto* before = dyn_cast_or_null<CallInst>(end->getPrevNode()))
        before->setTailCallKind(CallInst::TCK_None);
      IRBuilder<>(end).CreateCall(leave, {descriptor});
    }
}

} // namespace fgft::isolator
