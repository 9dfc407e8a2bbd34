// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// See MaybeDead.h.
#include "extract/MaybeDead.h"

#include <clang/AST/ASTContext.h>
#include <clang/Basic/SourceManager.h>

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
  dead_.clear();
  constants_.clear();
}

MaybeDead::Life MaybeDead::at(size_t at) {
  switch (tokens_[at].getKind()) {
  case tok::kw_if:
    noteIf(at);
    break;
  case tok::kw_switch:
    noteSwitch(at);
    break;
  case tok::ampamp:
  case tok::pipepipe:
    noteLogical(at);
    break;
  case tok::question:
    noteChoice(at);
    break;
  case tok::kw_const:
    noteConstants(at);
    break;
  default:
    if (isSelection(tokens_[at].getKind()))
      doubtful_ = std::max(doubtful_, tokens_.closing(at + 1));
    break;
  }
  if (std::any_of(dead_.begin(), dead_.end(),
                  [at](Range range) { return range.first <= at && at < range.second; }))
    return Life::Dead;
  return at < doubtful_ ? Life::InDoubt : Life::Runs;
}

void MaybeDead::noteIf(size_t at) {
  const size_t close = tokens_.closing(at + 1);
  const Truth truth = fold(at + 2, close);
  if (truth == Truth::Varies)
    return;
  const size_t end = tokens_.endOfBlock(at);
  const Range then = statement(close + 1);
  if (truth == Truth::Unclear || then.first == then.second)
    doubtful_ = std::max(doubtful_, end);
  else if (truth == Truth::False)
    noteDead(then, end);
  else if (tokens_.is(then.second, tok::kw_else))
    noteDead(statement(then.second + 1), end);
}

void MaybeDead::noteSwitch(size_t at) {
  const size_t close = tokens_.closing(at + 1);
  if (fold(at + 2, close) == Truth::Varies)
    return;
  const bool block = tokens_.is(close + 1, tok::l_brace);
  if (block && noteCases(at + 2, close + 1))
    return;
  doubtful_ = std::max(doubtful_, block ? tokens_.closing(close + 1) : tokens_.endOfBlock(at));
}

// `switch (sizeof(x))`: of a block's cases the one that is taken, up to its break. False where that is not
// certain.
bool MaybeDead::noteCases(size_t condition, size_t block) {
  if (!tokens_.is(condition, tok::kw_sizeof) || !tokens_.is(condition + 1, tok::l_paren) ||
      tokens_.closing(condition + 1) + 2 != block)
    return false;
  const QualType type = tokens_.typeOf(condition + 2, block - 2);
  if (type.isNull() || type->isIncompleteType())
    return false;
  const auto size = tokens_.context().getTypeSizeInChars(type).getQuantity();
  const size_t end = tokens_.closing(block);
  size_t taken = 0;
  size_t leave = 0;
  bool sawDefault = false; // which has to be the last
  for (size_t at = block + 1; at < end; ++at) {
    if (isGotoLabel(at))
      return false;
    if (tokens_.is(at, tok::l_paren, tok::l_brace)) {
      at = tokens_.closing(at);
    } else if (tokens_.is(at, tok::kw_case)) {
      if (!tokens_.is(at + 1, tok::numeric_constant) || tokens_[at + 1].getLength() != 1 ||
          !tokens_.is(at + 2, tok::colon))
        return false;
      if (*sources_.getCharacterData(tokens_[at + 1].getLocation()) - '0' == size)
        taken = at;
      if (sawDefault)
        return false;
    } else if (tokens_.is(at, tok::kw_default)) {
      sawDefault = true;
      taken = taken == 0 ? at : taken;
    } else if (tokens_.is(at, tok::kw_break) && taken != 0 && leave == 0) {
      if (!tokens_.isBehind(at, tok::semi, tok::colon, tok::r_brace))
        return false;
      leave = at;
    }
  }
  if (taken == 0 || leave == 0)
    return false;
  dead_.push_back({block + 1, taken});
  dead_.push_back({leave, end});
  return true;
}

void MaybeDead::noteLogical(size_t at) {
  const bool isAnd = tokens_.is(at, tok::ampamp);
  const Truth truth = fold(beginOfOperand(at), at);
  if (truth == (isAnd ? Truth::False : Truth::True))
    noteDead({at + 1, endOfOperand(at + 1, tokens_[at].getKind())}, endOfOperand(at + 1, tok::question));
  else if (truth == Truth::Unclear)
    doubtful_ = std::max(doubtful_, endOfOperand(at + 1, tok::question));
}

void MaybeDead::noteChoice(size_t at) {
  const Truth truth = fold(beginOfOperand(at), at);
  const size_t end = endOfOperand(at + 1, tok::question);
  if (truth == Truth::Unclear)
    doubtful_ = std::max(doubtful_, end);
  if (truth != Truth::True && truth != Truth::False)
    return;
  size_t colon = at + 1;
  for (unsigned inner = 1; colon < end; ++colon) {
    if (tokens_.is(colon, tok::l_paren, tok::l_brace))
      colon = tokens_.closing(colon);
    else if (tokens_.is(colon, tok::question))
      ++inner;
    else if (tokens_.is(colon, tok::colon) && --inner == 0)
      break;
  }
  noteDead(truth == Truth::True ? Range{colon, end} : Range{at + 1, colon}, end);
}

// `const int level = 0;`: the names that such a declaration gives values.
void MaybeDead::noteConstants(size_t at) {
  for (; at < tokens_.size() && !tokens_.is(at, tok::semi, tok::star, tok::l_brace, tok::r_brace); ++at)
    if (tokens_.is(at, tok::identifier) && tokens_.is(at + 1, tok::equal))
      constants_.insert(tokens_[at].getIdentifierInfo());
}

void MaybeDead::noteDead(Range range, size_t doubtfulTo) {
  if (range.first == range.second || hasLabel(range))
    doubtful_ = std::max(doubtful_, doubtfulTo);
  else
    dead_.push_back(range);
}

// A jump may lead to it.
bool MaybeDead::hasLabel(Range range) const {
  for (size_t at = range.first; at < range.second; ++at)
    if (tokens_.is(at, tok::kw_case, tok::kw_default) || isGotoLabel(at))
      return true;
  return false;
}

bool MaybeDead::isGotoLabel(size_t at) const {
  return tokens_.is(at, tok::identifier) && tokens_.is(at + 1, tok::colon) &&
         tokens_.isBehind(at, tok::semi, tok::l_brace, tok::r_brace, tok::colon, tok::r_paren, tok::kw_else);
}

// The statement that begins at `at`; nothing where only the parser knows its end.
MaybeDead::Range MaybeDead::statement(size_t at) const {
  if (tokens_.is(at, tok::l_brace))
    return {at, tokens_.closing(at) + 1};
  if (tokens_.is(at, tok::kw_if, tok::kw_for, tok::kw_while, tok::kw_switch)) {
    Range inner = statement(tokens_.closing(at + 1) + 1);
    if (tokens_.is(at, tok::kw_if) && inner.first != inner.second && tokens_.is(inner.second, tok::kw_else))
      inner = statement(inner.second + 1);
    return inner.first == inner.second ? Range{at, at} : Range{at, inner.second};
  }
  if (tokens_.is(at, tok::kw_do))
    return {at, at};
  const size_t begin = at;
  for (; at + 1 < tokens_.size(); ++at)
    if (tokens_.is(at, tok::l_paren, tok::l_brace))
      at = tokens_.closing(at);
    else if (tokens_.is(at, tok::semi))
      return {begin, at + 1};
  return {begin, begin};
}

// The left operand of a logical or conditional operator.
size_t MaybeDead::beginOfOperand(size_t at) const {
  const bool ofAnd = tokens_.is(at, tok::ampamp);
  unsigned depth = 0;
  size_t behindGroup = at;
  for (; at > 0; --at) {
    if (depth == 0 && (isBoundary(tokens_[at - 1].getKind()) || (ofAnd && tokens_.is(at - 1, tok::pipepipe))))
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

// The end of the right operand of an operator of this kind.
size_t MaybeDead::endOfOperand(size_t at, tok::TokenKind of) const {
  const bool logical = of != tok::question;
  for (unsigned depth = 0; at + 1 < tokens_.size(); ++at)
    if (tokens_.is(at, tok::l_paren, tok::l_brace, tok::l_square))
      ++depth;
    else if (tokens_.is(at, tok::r_paren, tok::r_brace, tok::r_square)) {
      if (depth-- == 0)
        break;
    } else if (depth == 0 && (tokens_.is(at, tok::semi, tok::comma) ||
                              (logical && tokens_.is(at, tok::question, tok::colon)) ||
                              (of == tok::ampamp && tokens_.is(at, tok::pipepipe))))
      break;
  return at;
}

// An expression by its conditional and logical operators, the outermost first.
MaybeDead::Truth MaybeDead::fold(size_t begin, size_t end, size_t block) const {
  if (tokens_.is(begin, tok::l_paren) && tokens_.closing(begin) + 1 == end)
    return foldGroup(begin, end - 1, block);
  for (tok::TokenKind kind : {tok::question, tok::pipepipe, tok::ampamp}) {
    Truth all = Truth::Varies;
    bool found = false;
    size_t part = begin;
    // The value that decides, whatever the other operands are.
    const Truth deciding = kind == tok::ampamp ? Truth::False : Truth::True;
    auto add = [&](Truth one) {
      if (!found)
        all = one;
      else if (all == Truth::Unclear || one == Truth::Unclear)
        all = all == deciding ? all : Truth::Unclear;
      else if (one == deciding)
        all = all == Truth::Varies ? Truth::Unclear : one;
      else if (all != deciding && one == Truth::Varies)
        all = one;
      found = true;
    };
    for (size_t at = begin; at < end; ++at) {
      if (tokens_.is(at, tok::l_paren, tok::l_brace)) {
        at = tokens_.closing(at);
      } else if (tokens_.is(at, kind)) {
        if (kind == tok::question)
          return fold(begin, at, block) == Truth::Varies ? Truth::Varies : Truth::Unclear;
        add(fold(part, at, block));
        part = at + 1;
      }
    }
    if (found) {
      add(fold(part, end, block));
      return all;
    }
  }
  return foldSimple(begin, end, block);
}

// Without such operators, but in parentheses.
MaybeDead::Truth MaybeDead::foldSimple(size_t begin, size_t end, size_t block) const {
  if (tokens_.is(begin, tok::exclaim) && begin + 1 < end) {
    const Truth truth = fold(begin + 1, end, block);
    return truth == Truth::True ? Truth::False : truth == Truth::False ? Truth::True : truth;
  }
  if (begin + 1 == end && tokens_.is(begin, tok::numeric_constant) && tokens_[begin].getLength() == 1)
    // Macros of a precompiled header have no text in their tokens.
    return *sources_.getCharacterData(tokens_[begin].getLocation()) == '0' ? Truth::False : Truth::True;
  if (tokens_.is(begin, tok::kw___builtin_types_compatible_p) && tokens_.closing(begin + 1) + 1 == end)
    return foldIsType(begin + 2, end - 1);
  for (size_t at = begin; at < end; ++at) {
    if (isUnevaluated(tokens_[at].getKind()) && tokens_.is(at + 1, tok::l_paren)) {
      at = tokens_.closing(at + 1);
    } else if (tokens_.is(at, tok::identifier) && tokens_.is(at + 1, tok::l_paren) &&
               tokens_[at].getIdentifierInfo()->isStr("__builtin_constant_p")) {
      const size_t close = tokens_.closing(at + 1);
      const Truth truth = foldIsConstant(at + 2, close, block);
      if (truth == Truth::Varies || (at == begin && close + 1 == end))
        return truth;
      at = close;
    } else if (tokens_.is(at, tok::l_paren, tok::l_brace)) {
      const size_t close = std::min(tokens_.closing(at), end);
      if (foldGroup(at, close, block) == Truth::Varies)
        return Truth::Varies;
      at = close;
    } else if (tokens_.is(at, tok::identifier) && !tokens_.isBehind(at, tok::period, tok::arrow) &&
               !mayBeConstant(at, block))
      return Truth::Varies;
  }
  return Truth::Unclear;
}

// `typeof(x), struct tag`
MaybeDead::Truth MaybeDead::foldIsType(size_t begin, size_t end) const {
  const size_t close = tokens_.closing(begin + 1);
  if (!tokens_.is(begin, tok::kw_typeof) || !tokens_.is(close + 1, tok::comma) ||
      !tokens_.is(close + 2, tok::kw_struct) || close + 4 != end)
    return Truth::Unclear;
  const QualType type = tokens_.typeOf(begin + 2, close);
  const auto* tag = dyn_cast_or_null<RecordDecl>(tokens_.declared(close + 3, Decl::IDNS_Tag));
  if (type.isNull() || !tag)
    return Truth::Unclear;
  const RecordDecl* record = type->getAsRecordDecl();
  return record && record->getCanonicalDecl() == tag->getCanonicalDecl() ? Truth::True : Truth::False;
}

// What parentheses or braces hold: an expression, arguments, or the statements of an expression.
MaybeDead::Truth MaybeDead::foldGroup(size_t open, size_t close, size_t block) const {
  if (block == none && tokens_.is(open, tok::l_brace))
    block = open;
  bool several = false;
  size_t part = open + 1;
  for (size_t at = part; at < close; ++at) {
    if (tokens_.is(at, tok::l_paren, tok::l_brace)) {
      at = std::min(tokens_.closing(at), close);
    } else if (tokens_.is(at, tok::comma, tok::semi)) {
      several = true;
      if (fold(part, at, block) == Truth::Varies)
        return Truth::Varies;
      part = at + 1;
    }
  }
  const Truth last = part == close ? Truth::Unclear : fold(part, close, block);
  return several && last != Truth::Varies ? Truth::Unclear : last;
}

// Of what varies the compiler does not say that it does, unless it does something as well.
MaybeDead::Truth MaybeDead::foldIsConstant(size_t begin, size_t end, size_t block) const {
  if (begin + 1 == end && tokens_.is(begin, tok::numeric_constant))
    return Truth::True;
  if (tokens_.is(begin, tok::l_paren) && tokens_.closing(begin) + 1 == end)
    return foldIsConstant(begin + 1, end - 1, block);
  if (fold(begin, end, block) != Truth::Varies)
    return Truth::Unclear;
  for (size_t at = begin; at < end; ++at)
    if (tokens_.is(at, tok::plusplus, tok::minusminus, tok::kw_volatile, tok::l_brace) ||
        (isBoundary(tokens_[at].getKind()) && !tokens_.is(at, tok::comma, tok::question, tok::colon)) ||
        (tokens_.is(at, tok::l_paren) && tokens_.isBehind(at, tok::identifier, tok::r_paren, tok::r_square)))
      return Truth::Unclear;
  return Truth::Varies;
}

// Whether a name stands first behind a type, from the block in an expression on that begins at `block`.
bool MaybeDead::isDeclaredSince(size_t block, size_t at) const {
  if (block == none)
    return false;
  const IdentifierInfo* name = tokens_[at].getIdentifierInfo();
  size_t first = block;
  while (tokens_[first].getIdentifierInfo() != name)
    ++first;
  return tokens_.isBehind(first, tok::identifier, tok::star, tok::r_paren, tok::kw___auto_type) ||
         tokens_[first - 1].isSimpleTypeSpecifier(LangOptions());
}

bool MaybeDead::mayBeConstant(size_t at, size_t block) const {
  if (tokens_.isBehind(at, tok::kw_struct, tok::kw_union, tok::kw_enum))
    return true;
  const IdentifierInfo* name = tokens_[at].getIdentifierInfo();
  const NamedDecl* found = tokens_.declared(at);
  // A variable of the body. One that is declared in the expression itself may hold a constant.
  if (!found)
    return name->getName().starts_with("__builtin_") || constants_.contains(name) ||
           isDeclaredSince(block, at);
  if (const auto* variable = dyn_cast<VarDecl>(found))
    return variable->isFileVarDecl() &&
           (variable->getType().isConstQualified() || tokens_.isBehind(at, tok::amp));
  if (const auto* function = dyn_cast<FunctionDecl>(found))
    return function->getBuiltinID() != 0;
  return true; // an enumerator or a type
}

} // namespace fgft
