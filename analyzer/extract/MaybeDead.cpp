// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// See MaybeDead.h. Expressions are taken apart by their logical operators: one constant operand may decide.
#include "extract/MaybeDead.h"

#include <algorithm>

using namespace clang;

namespace fgft {

namespace {

// What stands before an expression, or in it before its logical parts.
bool isBoundary(tok::TokenKind kind) {
  switch (kind) {
  case tok::semi:
  case tok::comma:
  case tok::colon:
  case tok::question:
  case tok::r_brace:
  case tok::equal:
  case tok::plusequal:
  case tok::minusequal:
  case tok::starequal:
  case tok::slashequal:
  case tok::percentequal:
  case tok::ampequal:
  case tok::pipeequal:
  case tok::caretequal:
  case tok::lesslessequal:
  case tok::greatergreaterequal:
  case tok::kw_return:
  case tok::kw_else:
  case tok::kw_do:
    return true;
  default:
    return false;
  }
}

} // namespace

void MaybeDead::enter() {
  doubtful_ = 0;
  constants_.clear();
}

bool MaybeDead::mayBe(size_t at) {
  switch (tokens_[at].getKind()) {
  case tok::kw_if:
  case tok::kw_switch:
  case tok::ampamp:
  case tok::pipepipe:
  case tok::question:
  case tok::kw__Generic:
  case tok::kw___builtin_choose_expr:
    noteCondition(at);
    break;
  case tok::kw_const:
    noteConstants(at);
    break;
  default:
    break;
  }
  return at < doubtful_;
}

void MaybeDead::noteCondition(size_t at) {
  size_t end = 0;
  if (isSelection(tokens_[at].getKind())) {
    end = tokens_.closing(at + 1);
  } else if (tokens_.is(at, tok::kw_if, tok::kw_switch)) {
    // To the end of the block: where a statement ends only the parser knows.
    if (const size_t close = tokens_.closing(at + 1); mayFold(at + 2, close))
      end = tokens_.endOfBlock(at);
  } else if (mayFold(beginOfOperand(at), at)) {
    end = endOfOperand(at);
  }
  doubtful_ = std::max(doubtful_, end);
}

// `const int level = 0;`: the names that such a declaration gives values.
void MaybeDead::noteConstants(size_t at) {
  for (; at < tokens_.size() && !tokens_.is(at, tok::semi, tok::star, tok::l_brace, tok::r_brace); ++at)
    if (tokens_.is(at, tok::identifier) && tokens_.is(at + 1, tok::equal))
      constants_.insert(tokens_[at].getIdentifierInfo());
}

// The left operand of a logical or conditional operator, or more of the expression that it stands in.
size_t MaybeDead::beginOfOperand(size_t at) const {
  unsigned depth = 0;
  size_t behindGroup = at;
  for (; at > 0; --at) {
    if (depth == 0 && isBoundary(tokens_[at - 1].getKind()))
      break;
    if (tokens_.is(at - 1, tok::r_paren, tok::r_brace, tok::r_square)) {
      if (depth++ == 0)
        behindGroup = at;
    } else if (tokens_.is(at - 1, tok::l_paren, tok::l_brace, tok::l_square)) {
      if (depth == 0)
        break;
      // `if (x) a && b`
      if (--depth == 0 && tokens_.isBehind(at - 1, tok::kw_if, tok::kw_for, tok::kw_while, tok::kw_switch))
        return behindGroup;
    }
  }
  return at;
}

size_t MaybeDead::endOfOperand(size_t at) const {
  unsigned depth = 0;
  for (; at + 1 < tokens_.size(); ++at)
    if (tokens_.is(at, tok::l_paren, tok::l_brace, tok::l_square))
      ++depth;
    else if (tokens_.is(at, tok::r_paren, tok::r_brace, tok::r_square)) {
      if (depth == 0)
        break;
      --depth;
    } else if (depth == 0 && tokens_.is(at, tok::semi, tok::comma))
      break;
  return at;
}

// Whether the compiler may know if an expression is true, as far as its tokens tell.
bool MaybeDead::mayFold(size_t begin, size_t end) const {
  while (begin < end && tokens_.is(begin, tok::exclaim))
    ++begin;
  if (tokens_.is(begin, tok::l_paren) && tokens_.closing(begin) + 1 == end)
    return mayFold(begin + 1, end - 1);
  bool logical = false;
  size_t part = begin;
  for (size_t at = begin; at < end; ++at) {
    if (tokens_.is(at, tok::l_paren, tok::l_brace))
      at = tokens_.closing(at);
    else if (tokens_.is(at, tok::question))
      return mayFold(begin, at);
    else if (tokens_.is(at, tok::ampamp, tok::pipepipe)) {
      if (mayFold(part, at))
        return true;
      logical = true;
      part = at + 1;
    }
  }
  return logical ? mayFold(part, end) : mayFoldAll(begin, end);
}

// The same of one without logical operators, but in parentheses.
bool MaybeDead::mayFoldAll(size_t begin, size_t end) const {
  for (size_t at = begin; at < end; ++at) {
    const bool constant =
        isUnevaluated(tokens_[at].getKind()) ||
        (tokens_.is(at, tok::identifier) && tokens_[at].getIdentifierInfo()->isStr("__builtin_constant_p"));
    if (constant && tokens_.is(at + 1, tok::l_paren)) {
      at = tokens_.closing(at + 1);
    } else if (tokens_.is(at, tok::l_paren, tok::l_brace)) {
      const size_t close = std::min(tokens_.closing(at), end);
      // Arguments, or statements in an expression: all of them.
      for (size_t part = at + 1, next = part; next <= close; ++next) {
        if (next < close && tokens_.is(next, tok::l_paren, tok::l_brace))
          next = std::min(tokens_.closing(next), close);
        if (next < close && !tokens_.is(next, tok::comma, tok::semi))
          continue;
        if (!mayFold(part, next))
          return false;
        part = next + 1;
      }
      at = close;
    } else if (tokens_.is(at, tok::identifier) && !tokens_.isBehind(at, tok::period, tok::arrow) &&
               !mayBeConstant(at))
      return false;
  }
  return true;
}

bool MaybeDead::mayBeConstant(size_t at) const {
  if (tokens_.isBehind(at, tok::kw_struct, tok::kw_union, tok::kw_enum))
    return true;
  const IdentifierInfo* name = tokens_[at].getIdentifierInfo();
  const NamedDecl* found = tokens_.declared(at);
  if (!found) // a variable of the body; or of a macro's own, which may hold a constant
    return name->getName().starts_with("__builtin_") || constants_.contains(name) ||
           !own_.isOwn(sources_.getSpellingLoc(tokens_[at].getLocation()));
  if (const auto* variable = dyn_cast<VarDecl>(found))
    return variable->isFileVarDecl() &&
           (variable->getType().isConstQualified() || tokens_.isBehind(at, tok::amp));
  if (const auto* function = dyn_cast<FunctionDecl>(found))
    return function->getBuiltinID() != 0;
  return true; // an enumerator or a type
}

} // namespace fgft
