// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Turns the access lists of the config into plan rows.

#include "Plan.h"

#include "llvm/BinaryFormat/Dwarf.h"
#include "llvm/IR/Constants.h"

#include <stdexcept>

using namespace llvm;

namespace fgft::isolator {

namespace {

// FGFT_PL_x of fgft_abi.h.
constexpr uint32_t planRead = 1U << 0;
constexpr uint32_t planWrite = 1U << 1;
constexpr uint32_t planDevice = 1U << 2;
constexpr uint32_t planDeref = 1U << 4;
constexpr uint32_t planAddress = 1U << 5;
constexpr uint64_t largestRange = 64U << 20; // the runtime's limit

class PlanBuilder {
public:
  PlanBuilder(const PathResolver& resolver, const Context& context)
      : resolver_(resolver), context_(context) {}

  void add(const protect::Access& access);
  std::vector<PlanRow> take() { return std::move(rows_); }

private:
  std::pair<int32_t, uint64_t> base(const Location& location);
  int32_t addressRow(const PlanRow& row);
  void addRange(const Location& location, const DIType* type, const protect::Count& count, uint32_t flags);

  const PathResolver& resolver_;
  const Context& context_;
  std::vector<PlanRow> rows_;
};

int32_t PlanBuilder::addressRow(const PlanRow& row) {
  for (size_t i = 0; i < rows_.size(); ++i)
    if (rows_[i] == row)
      return static_cast<int32_t>(i);
  rows_.push_back(row);
  return static_cast<int32_t>(rows_.size() - 1);
}

/// The row (or argument) that a location starts from after all its loads, and the offset from there.
std::pair<int32_t, uint64_t> PlanBuilder::base(const Location& location) {
  int32_t from = -1 - static_cast<int32_t>(location.argument);
  uint64_t offset = 0;
  for (const Location::Step& step : location.steps) {
    offset = step.offset;
    if (!step.load)
      continue;
    PlanRow row;
    row.from = from;
    row.flags = planAddress | planDeref;
    row.offset = offset;
    from = addressRow(row);
    offset = 0;
  }
  return {from, offset};
}

void PlanBuilder::addRange(const Location& location, const DIType* type, const protect::Count& count,
                           uint32_t flags) {
  PlanRow row;
  row.flags = flags;
  std::tie(row.from, row.offset) = base(location);
  row.size = type ? sizeOfType(type) : 1;
  if (count.path.empty()) {
    if (!count.number || count.number > largestRange / row.size)
      throw std::runtime_error("a count of " + std::to_string(count.number) + " (1 to " +
                               std::to_string(largestRange / row.size) + ")");
    row.size *= count.number;
  } else {
    Location number = resolver_.lvalue(count.path);
    if (!number.isAddress || number.bitSize)
      throw std::runtime_error("the count \"" + count.path + "\" is no field in memory");
    row.sizeWidth = static_cast<uint32_t>(sizeOfType(number.type));
    auto [from, offset] = base(number);
    if (from < 0) { // an argument: a row that only stands for its value
      PlanRow argument;
      argument.from = from;
      argument.flags = planAddress;
      from = addressRow(argument);
    }
    row.sizeRow = from;
    row.sizeOffset = static_cast<uint32_t>(offset);
  }
  rows_.push_back(row);
}

void PlanBuilder::add(const protect::Access& access) {
  const protect::Object* object = nullptr;
  for (const protect::Object& candidate : context_.config.objects)
    if (candidate.name == access.object && access.type.empty() && !access.argument)
      object = &candidate;
  Location start = resolver_.start(access);
  uint32_t flags = planRead | (access.write ? planWrite : 0U) | (object && object->device ? planDevice : 0U);
  protect::Count one;
  protect::Count count = access.count ? *access.count : object ? object->count : one;
  if (access.fields.empty()) {
    bool bytes = object && object->device && object->type.empty();
    addRange(start, bytes ? nullptr : start.type, count, flags);
    return;
  }
  for (const std::string& name : access.fields) {
    Location field = resolver_.field(start, name);
    const DIType* type = stripped(field.type);
    // The flexible array at the end of a structure is named to be followed, it has no bytes of its own.
    if (type && type->getTag() == dwarf::DW_TAG_array_type && !type->getSizeInBits())
      continue;
    addRange(field, field.type, one, flags);
  }
}

} // namespace

std::vector<PlanRow> planOf(const protect::EntryPoint& entry, const PathResolver& resolver,
                            const Context& context) {
  PlanBuilder builder(resolver, context);
  for (const protect::Access& access : entry.access) {
    try {
      builder.add(access);
    } catch (const std::runtime_error& error) {
      throw std::runtime_error(context.config.file + ":" + std::to_string(access.line) + ": access to " +
                               access.object + " in " + entry.function + ": " + error.what());
    }
  }
  return builder.take();
}

Constant* planConstant(Module& module, const std::vector<PlanRow>& rows) {
  LLVMContext& types = module.getContext();
  auto* word = Type::getInt32Ty(types);
  auto* wide = Type::getInt64Ty(types);
  auto* type =
      StructType::get(types, {word, word, wide, wide, wide, word, word, word, word, word, word, word, word});
  auto number = [](Type* of, uint64_t value) { return ConstantInt::get(of, value, false, true); };
  SmallVector<Constant*> elements;
  for (const PlanRow& row : rows)
    elements.push_back(ConstantStruct::get(
        type, number(word, row.from), number(word, row.flags), number(wide, row.offset),
        number(wide, row.size), number(wide, 0), number(word, 1), number(word, row.sizeRow),
        number(word, row.sizeOffset), number(word, row.sizeWidth), number(word, -1), number(word, 0),
        number(word, 0), number(word, 0)));
  auto* array = ArrayType::get(type, elements.size());
  return ConstantArray::get(array, elements);
}

} // namespace fgft::isolator
