// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Variables of struct types; see Objects.h.
#include "extract/Objects.h"

#include <algorithm>
#include <tuple>

using namespace clang;

namespace fgft {

namespace {

// Structs nest a few layers; deeper than this there is no driver struct in a kernel's headers.
constexpr unsigned maxNesting = 5;
// Arrays of driver structs are short (the longest are phylib's); id tables are long and of no interest here.
constexpr uint64_t maxDriverArray = 1024;

QualType elementType(const ASTContext& context, QualType type) {
  while (const auto* array = context.getAsArrayType(type))
    type = array->getElementType();
  return type;
}

// The struct that a variable is of, through arrays and, for arrays of pointers, one pointer.
QualType structOf(const ASTContext& context, QualType type) {
  bool isArray = type->isArrayType();
  type = elementType(context, type);
  if (isArray && type->isPointerType())
    type = type->getPointeeType();
  return type;
}

// The definition of the struct that a type is; null: none.
const RecordDecl* definitionOf(QualType type) {
  const RecordDecl* record = type->getAsRecordDecl();
  return record ? record->getDefinition() : nullptr;
}

} // namespace

// The path of the `struct device_driver` a struct embeds, directly or in an embedded struct; empty if none.
std::string Objects::deviceDriverPath(const RecordDecl* record, unsigned depth) const {
  if (depth > maxNesting)
    return {};
  for (const FieldDecl* field : record->fields()) {
    const RecordDecl* inner = definitionOf(field->getType());
    if (!inner)
      continue;
    std::string name = field->getName().str();
    if (inner->getName() == "device_driver")
      return name;
    // Only wrappers of drivers (`mdiodrv`, `drv`) are worth a look; a `struct device` holds no driver by
    // value.
    if (std::string rest = deviceDriverPath(inner, depth + 1); !rest.empty())
      return joined(name, rest);
  }
  return {};
}

void Objects::findParts(QualType type, const std::string& path, unsigned depth,
                        std::vector<DriverPart>& parts) {
  if (depth > maxNesting)
    return;
  if (const auto* array = context_.getAsConstantArrayType(type)) {
    uint64_t size = array->getSize().getZExtValue();
    std::vector<DriverPart> first;
    findParts(array->getElementType(), "", depth, first);
    for (uint64_t i = 0; !first.empty() && i < std::min(size, maxDriverArray); ++i)
      for (const DriverPart& part : first)
        parts.push_back(
            {joined(path + "[" + std::to_string(i) + "]", part.path), part.tag, part.deviceDriver});
    return;
  }
  const RecordDecl* record = definitionOf(type);
  if (!record)
    return;
  std::string tag = Values::tagOf(type);
  std::string device = deviceDriverPath(record, 0);
  // An unlisted struct counts as a driver struct if a shared header declares it and it embeds a device_driver
  // itself.
  bool unlisted =
      !device.empty() && device.find('.') == std::string::npos && !own_.isOwn(record->getLocation());
  if (tag == "device_driver" || driverTags_.count(tag) != 0 || unlisted) {
    parts.push_back({path, tag, device});
    return;
  }
  for (const FieldDecl* field : record->fields())
    if (elementType(context_, field->getType())->isRecordType())
      findParts(field->getType(), joined(path, field->getName().str()), depth + 1, parts);
}

bool Objects::hasDriver(QualType type) {
  std::vector<DriverPart> parts;
  findParts(type, "", 0, parts);
  return !parts.empty();
}

bool Objects::worthKeeping(const Value& value, const std::string& path) const {
  switch (value.kind) {
  case ValueKind::Function:
  case ValueKind::Object:
  case ValueKind::Choice:
    return true;
  case ValueKind::Null:
    return arrayDepth_ == 0; // an explicit NULL half of PM ops is worth a word in the reason
  case ValueKind::String:
    return llvm::StringRef(path).ends_with("name");
  case ValueKind::Integer:
    return !value.macros.empty() && arrayDepth_ == 0;
  default:
    return arrayDepth_ == 0;
  }
}

void Objects::readList(const InitListExpr* list, const std::string& path, std::vector<Field>& fields) {
  QualType type = list->getType();
  if (context_.getAsArrayType(type)) {
    // Id tables are arrays as well: of an array's elements only addresses are kept.
    ++arrayDepth_;
    for (unsigned i = 0; i < list->getNumInits(); ++i)
      readInitialiser(list->getInit(i), joined(path, "[" + std::to_string(i) + "]"), Values::tagOf(type),
                      fields);
    --arrayDepth_;
    return;
  }
  const RecordDecl* record = type->getAsRecordDecl();
  if (!record)
    return;
  if (record->isUnion()) {
    if (const FieldDecl* field = list->getInitializedFieldInUnion(); field && list->getNumInits() > 0)
      readInitialiser(list->getInit(0), joined(path, field->getName().str()), Values::tagOf(type), fields);
    return;
  }
  unsigned index = 0;
  for (const FieldDecl* field : record->fields()) {
    if (field->isUnnamedBitField())
      continue;
    if (index >= list->getNumInits())
      break;
    readInitialiser(list->getInit(index++), joined(path, field->getName().str()), Values::tagOf(type),
                    fields);
  }
}

void Objects::readInitialiser(const Expr* initialiser, const std::string& path, const std::string& record,
                              std::vector<Field>& fields) {
  if (!initialiser)
    return;
  const Expr* inner = initialiser->IgnoreParenCasts();
  if (isa<ImplicitValueInitExpr>(inner)) // a member that the initialiser does not name
    return;
  if (const auto* literal = dyn_cast<CompoundLiteralExpr>(inner))
    inner = literal->getInitializer();
  if (const auto* list = dyn_cast<InitListExpr>(inner)) {
    if (const InitListExpr* semantic = list->isSemanticForm() ? list : list->getSemanticForm())
      readList(semantic, path, fields);
    return;
  }
  // `.pm = &(const struct dev_pm_ops){ ... }`: the members stand below the pointer's path.
  if (const auto* address = dyn_cast<UnaryOperator>(inner); address && address->getOpcode() == UO_AddrOf)
    if (const auto* literal = dyn_cast<CompoundLiteralExpr>(address->getSubExpr()->IgnoreParenCasts())) {
      fields.push_back({path, record, {.kind = ValueKind::Other, .text = "compound literal"}, 0, {}});
      readInitialiser(literal->getInitializer(), path, record, fields);
      return;
    }
  Field field{path, record, values_.of(initialiser), 0, {}};
  if (!worthKeeping(field.value, path))
    return;
  SourceLocation where = initialiser->getBeginLoc();
  field.line = context_.getSourceManager().getExpansionLineNumber(where);
  field.macros = values_.macros().at(where);
  fields.push_back(std::move(field));
}

void Objects::sortBySource(std::vector<Field>& fields) {
  std::sort(fields.begin(), fields.end(), [](const Field& a, const Field& b) {
    return std::tie(a.line, a.path) < std::tie(b.line, b.path);
  });
}

std::optional<Object> Objects::read(const VarDecl* variable) {
  QualType type = structOf(context_, variable->getType());
  if (!type->isRecordType())
    return std::nullopt;
  Object object;
  object.name = Values::nameOf(variable);
  object.tag = Values::tagOf(type);
  findParts(variable->getType(), "", 0, object.parts);
  const VarDecl* definition = nullptr;
  const Expr* initial = variable->getAnyInitializer(definition);
  if (initial)
    readInitialiser(initial, "", "", object.fields);
  sortBySource(object.fields);
  std::sort(object.parts.begin(), object.parts.end(),
            [](const DriverPart& a, const DriverPart& b) { return a.path < b.path; });
  bool hasAddress = std::any_of(object.fields.begin(), object.fields.end(), [](const Field& field) {
    return field.value.kind == ValueKind::Function || field.value.kind == ValueKind::Object ||
           field.value.kind == ValueKind::Choice;
  });
  bool isPmOps = object.tag == "dev_pm_ops";
  if (object.parts.empty() && !hasAddress && !isPmOps)
    return std::nullopt;
  const VarDecl* shown = definition ? definition : variable;
  SourceLocation where = shown->getLocation();
  object.place = {own_.path(where), context_.getSourceManager().getExpansionLineNumber(where)};
  object.internal = !variable->isExternallyVisible();
  object.defined = initial != nullptr;
  object.declared = variable->hasDefinition() == VarDecl::DeclarationOnly;
  object.macros = values_.macros().at(where);
  return object;
}

} // namespace fgft
