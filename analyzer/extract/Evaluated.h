// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Which statements of a function may be run at all: types, operands of sizeof, alternatives that were not
// chosen and branches behind a condition that is constant in this configuration are not.
#pragma once

#include <clang/AST/ASTContext.h>
#include <clang/AST/Stmt.h>

#include <vector>

namespace fgft {

/// `body` and the statements and expressions below it that may be run, outer before inner, else in source
/// order.
std::vector<const clang::Stmt*> evaluated(const clang::Stmt* body, const clang::ASTContext& context);

/// What a conditional operator asks, and its value where that is true. Both are x in `x ?: y`, of which
/// clang's tree shows neither as x.
const clang::Expr* conditionOf(const clang::AbstractConditionalOperator* choice);
const clang::Expr* valueIfTrue(const clang::AbstractConditionalOperator* choice);

} // namespace fgft
