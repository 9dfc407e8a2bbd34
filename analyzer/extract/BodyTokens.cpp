// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// See BodyTokens.h.
#include "extract/BodyTokens.h"

#include <clang/Lex/Preprocessor.h>

#include <algorithm>

using namespace clang;

namespace fgft {

bool BodyTokens::take() {
  Preprocessor& preprocessor = sema_.getPreprocessor();
  tokens_.clear();
  for (unsigned depth = 1; depth != 0;) {
    Token& token = tokens_.emplace_back();
    preprocessor.Lex(token);
    if (token.is(tok::l_brace))
      ++depth;
    else if (token.is(tok::r_brace))
      --depth;
    else if (token.is(tok::eof))
      return false;
  }
  return true;
}

void BodyTokens::giveBackFrom(size_t first) {
  const size_t count = tokens_.size() - first;
  auto again = std::make_unique<Token[]>(count);
  std::copy(tokens_.begin() + static_cast<ptrdiff_t>(first), tokens_.end(), again.get());
  sema_.getPreprocessor().EnterTokenStream(std::move(again), static_cast<unsigned>(count),
                                           /*DisableMacroExpansion=*/true, /*IsReinject=*/true);
}

void BodyTokens::giveBack() {
  giveBackFrom(0);
}

void BodyTokens::giveBackEnd() {
  giveBackFrom(tokens_.size() - 1);
}

size_t BodyTokens::closing(size_t at) const {
  unsigned depth = 0;
  for (; at + 1 < tokens_.size(); ++at)
    if (is(at, tok::l_paren, tok::l_brace))
      ++depth;
    else if (is(at, tok::r_paren, tok::r_brace) && --depth == 0)
      break;
  return at;
}

size_t BodyTokens::endOfBlock(size_t at) const {
  for (unsigned depth = 1; at + 1 < tokens_.size(); ++at)
    if (is(at, tok::l_brace))
      ++depth;
    else if (is(at, tok::r_brace) && --depth == 0)
      break;
  return at;
}

const NamedDecl* BodyTokens::declared(size_t at, unsigned space) const {
  IdentifierResolver& resolver = sema_.IdResolver;
  for (auto it = resolver.begin(tokens_[at].getIdentifierInfo()); it != resolver.end(); ++it)
    if ((*it)->isInIdentifierNamespace(space))
      return *it;
  return nullptr;
}

// The nearest `struct tag name` before.
QualType BodyTokens::typeOfOwn(size_t at) const {
  const IdentifierInfo* name = tokens_[at].getIdentifierInfo();
  for (size_t i = at; i-- > 0;) {
    if (!is(i, tok::kw_struct) || !is(i + 1, tok::identifier))
      continue;
    size_t declared = i + 2;
    while (is(declared, tok::kw___attribute) && declared < at)
      declared = closing(declared + 1) + 1;
    if (declared >= at || tokens_[declared].getIdentifierInfo() != name)
      continue;
    const auto* tag = dyn_cast_or_null<RecordDecl>(this->declared(i + 1, Decl::IDNS_Tag));
    return tag ? context().getCanonicalTagType(tag) : QualType();
  }
  return {};
}

QualType BodyTokens::typeOf(size_t begin, size_t end) const {
  while (begin + 1 < end)
    if (is(begin, tok::l_paren) && closing(begin) + 1 == end)
      ++begin, --end;
    else if (is(begin, tok::star) && is(begin + 1, tok::amp))
      begin += 2;
    else
      break;
  if (begin >= end || !is(begin, tok::identifier))
    return {};
  const NamedDecl* found = declared(begin);
  const auto* variable = dyn_cast_or_null<VarDecl>(found);
  QualType type = found ? (variable ? variable->getType() : QualType()) : typeOfOwn(begin);
  for (size_t at = begin + 1; at < end; at += 2) {
    RecordDecl* record = type.isNull() ? nullptr : type->getAsRecordDecl();
    record = record ? record->getDefinition() : nullptr;
    if (!record || !is(at, tok::period) || !is(at + 1, tok::identifier) || at + 1 >= end)
      return {};
    type = QualType();
    for (const NamedDecl* member : record->lookup(DeclarationName(tokens_[at + 1].getIdentifierInfo())))
      if (const auto* value = dyn_cast<ValueDecl>(member))
        type = value->getType();
  }
  return type;
}

bool isUnevaluated(tok::TokenKind kind) {
  switch (kind) {
  case tok::kw_typeof:
  case tok::kw_typeof_unqual:
  case tok::kw_sizeof:
  case tok::kw__Alignof:
  case tok::kw___alignof:
  case tok::kw___builtin_offsetof:
  case tok::kw___builtin_types_compatible_p:
    return true;
  default:
    return false;
  }
}

bool isSelection(tok::TokenKind kind) {
  return kind == tok::kw__Generic || kind == tok::kw___builtin_choose_expr;
}

} // namespace fgft
