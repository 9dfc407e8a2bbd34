// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The tokens of a function's body before the parser sees them: as it would see them, macros expanded and
// conditions decided, and what their names mean outside of the body.
#pragma once

#include <clang/AST/Decl.h>
#include <clang/Lex/Token.h>
#include <clang/Sema/Sema.h>

#include <vector>

namespace fgft {

class BodyTokens {
public:
  explicit BodyTokens(clang::Sema& sema) : sema_(sema) {}

  /// Takes the next body from the preprocessor, the opening brace being the last token read. The closing
  /// brace is the last of these tokens. False, and they end elsewhere: there is none.
  bool take();

  /// Has the parser read these tokens again; or of them the closing brace alone.
  void giveBack();
  void giveBackEnd();

  size_t size() const { return tokens_.size(); }
  const clang::Token& operator[](size_t at) const { return tokens_[at]; }

  /// Whether the token at `at` is there and of one of these kinds.
  template <typename... Kinds>
  bool is(size_t at, Kinds... kinds) const {
    return at < tokens_.size() && tokens_[at].isOneOf(kinds...);
  }
  /// The same of the one before it.
  template <typename... Kinds>
  bool isBehind(size_t at, Kinds... kinds) const {
    return at > 0 && is(at - 1, kinds...);
  }

  /// The token that closes the parenthesis or brace at `at`; the last of all where none does.
  size_t closing(size_t at) const;
  /// The token that closes the braces which `at` stands in.
  size_t endOfBlock(size_t at) const;

  /// What the name at `at` means outside of the body, where functions, variables and types are named (else
  /// with IDNS_Tag: structs). A parameter stands before all else. Null: it is declared in the body, or
  /// nowhere.
  const clang::NamedDecl* declared(size_t at, unsigned space = clang::Decl::IDNS_Ordinary) const;

  /// The type of `variable.member.member` in [begin, end), `*&` before it or parentheses around it left out;
  /// null: it is something else, or not known. Of the body's own variables only structs are.
  clang::QualType typeOf(size_t begin, size_t end) const;

  const clang::ASTContext& context() const { return sema_.getASTContext(); }

private:
  clang::QualType typeOfOwn(size_t at) const;
  void giveBackFrom(size_t first);

  clang::Sema& sema_;
  std::vector<clang::Token> tokens_;
};

/// A keyword whose operand is not run: sizeof, typeof, ...
bool isUnevaluated(clang::tok::TokenKind kind);
/// One that chooses from its operands when it is compiled.
bool isSelection(clang::tok::TokenKind kind);

} // namespace fgft
