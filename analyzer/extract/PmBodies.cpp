// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// See PmBodies.h. Where a rule here is not exact it errs to reading.
#include "extract/PmBodies.h"

#include "extract/Bodies.h"

#include <clang/AST/ASTContext.h>
#include <clang/Lex/Preprocessor.h>
#include <clang/Sema/Sema.h>

#include <algorithm>

using namespace clang;

namespace fgft {

namespace {

// As deep as Objects looks for driver structs.
constexpr unsigned maxNesting = 6;

const RecordDecl* definitionOf(QualType type) {
  const RecordDecl* record = type->getAsRecordDecl();
  return record ? record->getDefinition() : nullptr;
}

// The struct that a variable is of, has elements of, or points to.
QualType structBehind(QualType type) {
  type = QualType(type->getBaseElementTypeUnsafe(), 0);
  return type->isPointerType() ? type->getPointeeType() : type;
}

bool isSelection(tok::TokenKind kind) {
  return kind == tok::kw__Generic || kind == tok::kw___builtin_choose_expr;
}

bool isUnevaluated(tok::TokenKind kind) {
  return kind == tok::kw_typeof || kind == tok::kw_typeof_unqual || kind == tok::kw_sizeof ||
         kind == tok::kw__Alignof || kind == tok::kw___alignof || kind == tok::kw___builtin_offsetof ||
         kind == tok::kw___builtin_types_compatible_p;
}

} // namespace

PmBodies::PmBodies(Sema& sema, const Roots& roots, const std::set<std::string>& driverTags,
                   const PmRelevance& relevance)
    : sema_(sema), preprocessor_(sema.getPreprocessor()), own_(sema.getSourceManager(), roots),
      values_(sema.getASTContext()), objects_(sema.getASTContext(), own_, values_, driverTags),
      relevance_(relevance) {}

bool PmBodies::skip(const FunctionDecl* function) {
  takeTokens();
  bool skipped = isKind(tokens_.size() - 1, tok::r_brace) && !isTelling(function);
  ++(skipped ? counts_.skipped : counts_.read);
  giveBack(skipped);
  if (skipped)
    calls_[function] = std::move(found_);
  return skipped;
}

const std::vector<Call>& PmBodies::callsOf(const FunctionDecl* function) const {
  static const std::vector<Call> none;
  auto found = calls_.find(function);
  return found == calls_.end() ? none : found->second;
}

bool PmBodies::isSureOf(const TuFacts& facts) const {
  return std::none_of(facts.objects.begin(), facts.objects.end(), [this](const Object& object) {
    return passedOver_.count(object.name) != 0 && relevance_.worthKeeping(object);
  });
}

void PmBodies::takeTokens() {
  tokens_.clear();
  for (unsigned depth = 1; depth != 0;) {
    Token& token = tokens_.emplace_back();
    preprocessor_.Lex(token);
    if (token.is(tok::l_brace))
      ++depth;
    else if (token.is(tok::r_brace))
      --depth;
    else if (token.is(tok::eof))
      return;
  }
}

void PmBodies::giveBack(bool skipped) {
  size_t first = skipped ? tokens_.size() - 1 : 0;
  size_t count = tokens_.size() - first;
  auto again = std::make_unique<Token[]>(count);
  std::copy(tokens_.begin() + static_cast<ptrdiff_t>(first), tokens_.end(), again.get());
  preprocessor_.EnterTokenStream(std::move(again), static_cast<unsigned>(count),
                                 /*DisableMacroExpansion=*/true, /*IsReinject=*/true);
}

bool PmBodies::isKind(size_t at, tok::TokenKind kind) const {
  return at < tokens_.size() && tokens_[at].is(kind);
}

// The token that closes the parenthesis at `at`; the last token if nothing does.
size_t PmBodies::closing(size_t at) const {
  unsigned depth = 0;
  for (; at + 1 < tokens_.size(); ++at)
    if (tokens_[at].is(tok::l_paren))
      ++depth;
    else if (tokens_[at].is(tok::r_paren) && --depth == 0)
      break;
  return at;
}

bool PmBodies::isTelling(const FunctionDecl* function) {
  found_.clear();
  seen_.clear();
  unevaluated_ = selected_ = 0;
  for (const ParmVarDecl* parameter : function->parameters())
    if (relevance_.isFollowed(Values::pointedTag(parameter->getType())))
      return true;
  for (size_t at = 0; at < tokens_.size(); ++at) {
    const Token& token = tokens_[at];
    if (token.is(tok::identifier) ? isTellingWord(at) : token.is(tok::kw_static) && isTellingStatic(at))
      return true;
    // What is declared in a body is no callee (declared()): but for this.
    if (token.is(tok::kw_extern) && own_.isOwn(sema_.getSourceManager().getSpellingLoc(token.getLocation())))
      return true;
    if (isSelection(token.getKind()) && isKind(at + 1, tok::l_paren))
      selected_ = std::max(selected_, closing(at + 1));
    if (isUnevaluated(token.getKind())) {
      if (!isKind(at + 1, tok::l_paren))
        return true;
      unevaluated_ = std::max(unevaluated_, closing(at + 1));
    }
  }
  return false;
}

uint8_t PmBodies::wordOf(const IdentifierInfo* name) {
  uint8_t& word = words_[name];
  if (word == Plain) {
    std::string_view text(name->getNameStart(), name->getLength());
    word = Known;
    word |= relevance_.isRegistration(text) ? Registration : Plain;
    word |= relevance_.isFollowed(text) ? Followed : Plain;
    word |= relevance_.isTelling(text) ? Telling : Plain;
    word |= relevance_.isTellingMember(text) ? Member : Plain;
  }
  return word;
}

bool PmBodies::isTellingWord(size_t at) {
  const IdentifierInfo* name = tokens_[at].getIdentifierInfo();
  uint8_t word = wordOf(name);
  if (at > 0 && (isKind(at - 1, tok::period) || isKind(at - 1, tok::arrow)))
    return (word & Member) != 0;
  if ((word & (Registration | Followed)) != 0)
    return true;
  // A variable or literal, whose initialiser may go without designators.
  if ((word & Telling) != 0 && !isKind(at + 1, tok::star))
    return true;
  // `{ suspend: f }`
  if ((word & Member) != 0 && isKind(at + 1, tok::colon) && at > 0 &&
      (isKind(at - 1, tok::l_brace) || isKind(at - 1, tok::comma)))
    return true;
  const NamedDecl* found = declared(name, Decl::IDNS_Ordinary);
  if (const auto* function = dyn_cast_or_null<FunctionDecl>(found))
    return isTellingFunction(at, function);
  if (const auto* variable = dyn_cast_or_null<VarDecl>(found))
    return variable->isFileVarDecl() && isTellingVariable(variable);
  if (const auto* alias = dyn_cast_or_null<TypedefNameDecl>(found))
    return relevance_.isTelling(Values::pointedTag(alias->getUnderlyingType()));
  return false;
}

// What a name means outside of the body: functions, parameters included.
const NamedDecl* PmBodies::declared(const IdentifierInfo* name, unsigned space) const {
  IdentifierResolver& resolver = sema_.IdResolver;
  for (auto it = resolver.begin(name); it != resolver.end(); ++it)
    if ((*it)->isInIdentifierNamespace(space))
      return *it;
  return nullptr;
}

// A function's name is a call where its arguments follow; where it does not look like one and is no plain
// value either, the parser has to say what it is.
bool PmBodies::isTellingFunction(size_t at, const FunctionDecl* named) {
  if (isOddName(at))
    return true;
  if (isKind(at + 1, tok::l_paren) && at >= unevaluated_)
    addCall(tokens_[at], named);
  return false;
}

// Perhaps the name of something else that the body declares, or a callee in parentheses.
bool PmBodies::isOddName(size_t at) const {
  if (at > 0) {
    const Token& before = tokens_[at - 1];
    if (before.isOneOf(tok::identifier, tok::kw___auto_type) ||
        before.isSimpleTypeSpecifier(preprocessor_.getLangOpts()) || at == unevaluated_ + 1)
      return true;
  }
  if (isKind(at + 1, tok::l_paren))
    return false;
  if (at < selected_ || (isKind(at + 1, tok::r_paren) && isKind(at + 2, tok::l_paren)))
    return true;
  return at > 0 && isKind(at - 1, tok::star) &&
         tokens_[std::min(at + 1, tokens_.size() - 1)].isOneOf(tok::equal, tok::semi, tok::comma,
                                                               tok::r_paren);
}

void PmBodies::addCall(const Token& token, const FunctionDecl* callee) {
  if (!Bodies::isCall(sema_.getASTContext(), callee))
    return;
  Call call;
  // Of the macros around a call the outermost, as Bodies has it.
  if (const auto& macros = values_.macros().at(token.getLocation()); !macros.empty())
    call.macros = {macros.back()};
  if (!seen_.insert({callee, call.macros.empty() ? 0 : call.macros.front().id()}).second)
    return;
  call.callee = Values::nameOf(callee);
  found_.push_back(std::move(call));
}

// Whether a file-scope variable is an object that is followed. The constant pointers among them stand for
// what they point to.
bool PmBodies::isTellingVariable(const VarDecl* variable) {
  variable = variable->getMostRecentDecl();
  auto [it, isNew] = variables_.try_emplace(variable, false);
  if (!isNew)
    return it->second;
  QualType type = variable->getType();
  QualType behind = structBehind(type);
  bool telling = relevance_.isFollowed(Values::tagOf(behind));
  if (!telling && own_.isOwn(variable->getLocation())) {
    const RecordDecl* record = definitionOf(behind);
    if (type->isPointerType())
      telling = type.isConstQualified() && variable->getAnyInitializer();
    else if (behind->isRecordType() && (!record || holds(record, /*orPoints=*/true))) {
      auto object = objects_.read(variable);
      telling = object && relevance_.worthKeeping(*object);
      passedOver_.insert(Values::nameOf(variable));
    }
  }
  return variables_[variable] = telling;
}

// A static variable in a body is an object as well. In the kernel's own macros (WARN_ONCE) it is of a kind
// that is not followed, or the tokens tell what is put into it.
bool PmBodies::isTellingStatic(size_t at) {
  if (own_.isOwn(sema_.getSourceManager().getSpellingLoc(tokens_[at].getLocation())))
    return true;
  for (size_t i = at + 1; i < tokens_.size() && !isKind(i, tok::semi); ++i) {
    if (isKind(i, tok::kw_typeof) || (isKind(i, tok::r_paren) && isKind(i + 1, tok::l_brace)))
      return true;
    if (!isKind(i, tok::kw_struct) && !isKind(i, tok::kw_union))
      continue;
    while (isKind(i + 1, tok::kw___attribute) && isKind(i + 2, tok::l_paren))
      i = closing(i + 2);
    const auto* tag = isKind(i + 1, tok::identifier)
                          ? dyn_cast_or_null<RecordDecl>(
                                declared(tokens_[i + 1].getIdentifierInfo(), Decl::IDNS_Tag))
                          : nullptr;
    const RecordDecl* record = tag ? tag->getDefinition() : nullptr;
    if (!record || holds(record, /*orPoints=*/false))
      return true;
  }
  return false;
}

// Whether an object of a struct may be one that is followed: by its type; with `orPoints`, or by what a
// literal in its initialiser holds.
bool PmBodies::holds(const RecordDecl* record, bool orPoints, unsigned depth) {
  if (depth > maxNesting)
    return true;
  auto& known = records_[orPoints ? 1 : 0];
  if (auto it = known.find(record); it != known.end())
    return it->second;
  QualType self = sema_.getASTContext().getCanonicalTagType(record);
  bool found = relevance_.isTelling(Values::tagOf(self)) || objects_.hasDriver(self);
  for (const FieldDecl* field : record->fields()) {
    if (found)
      break;
    QualType type = QualType(field->getType()->getBaseElementTypeUnsafe(), 0);
    if (const RecordDecl* inner = definitionOf(type))
      found = holds(inner, orPoints, depth + 1);
    else if (orPoints && type->isPointerType())
      found = !type->getPointeeType()->isFunctionType();
  }
  return known[record] = found;
}

} // namespace fgft
