// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Variables of struct types: their initialisers member by member, and the driver structs inside them.
#pragma once

#include "extract/OwnFiles.h"
#include "extract/Values.h"

#include <clang/AST/Decl.h>

#include <optional>
#include <set>
#include <string>

namespace fgft {

class Objects {
public:
  Objects(clang::ASTContext& context, OwnFiles& own, Values& values, const std::set<std::string>& driverTags)
      : context_(context), own_(own), values_(values), driverTags_(driverTags) {}

  /// The facts of one variable; nothing where it holds neither a driver struct nor a function or object
  /// address.
  std::optional<Object> read(const clang::VarDecl* variable);

  /// Whether an object of a type is a driver struct or has one inside.
  bool hasDriver(clang::QualType type);

  /// The members that `initialiser` (of a compound literal, say) sets, below `path`.
  void readInitialiser(const clang::Expr* initialiser, const std::string& path, const std::string& record,
                       std::vector<Field>& fields);

  /// The order that the source has: a kernel built with randomised struct layouts shuffles the declarations'
  /// order.
  static void sortBySource(std::vector<Field>& fields);

private:
  void readList(const clang::InitListExpr* list, const std::string& path, std::vector<Field>& fields);
  void findParts(clang::QualType type, const std::string& path, unsigned depth,
                 std::vector<DriverPart>& parts);
  std::string deviceDriverPath(const clang::RecordDecl* record, unsigned depth) const;
  bool worthKeeping(const Value& value, const std::string& path) const;

  clang::ASTContext& context_;
  OwnFiles& own_;
  Values& values_;
  const std::set<std::string>& driverTags_;
  unsigned arrayDepth_ = 0;
};

} // namespace fgft
