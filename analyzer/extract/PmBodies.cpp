// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// See PmBodies.h. Where a rule here is not exact it errs to reading.
#include "extract/PmBodies.h"

#include "extract/Bodies.h"

#include <clang/AST/ASTContext.h>

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

} // namespace

PmBodies::PmBodies(Sema& sema, const Roots& roots, const std::set<std::string>& driverTags,
                   const PmRelevance& relevance)
    : context_(sema.getASTContext()), own_(sema.getSourceManager(), roots), values_(context_),
      objects_(context_, own_, values_, driverTags), relevance_(relevance), tokens_(sema),
      maybeDead_(tokens_, own_, sema.getSourceManager()) {}

bool PmBodies::skip(const FunctionDecl* function) {
  if (!tokens_.take() || isTelling(function)) {
    tokens_.giveBack();
    return false;
  }
  tokens_.giveBackEnd();
  calls_[function] = std::move(found_);
  return true;
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

bool PmBodies::isTelling(const FunctionDecl* function) {
  found_.clear();
  seen_.clear();
  doubtful_.clear();
  unevaluated_ = selected_ = 0;
  maybeDead_.enter();
  for (const ParmVarDecl* parameter : function->parameters())
    if (relevance_.isFollowed(Values::pointedTag(parameter->getType())))
      return true;
  for (size_t at = 0; at < tokens_.size(); ++at)
    if (isTellingToken(at))
      return true;
  return std::any_of(doubtful_.begin(), doubtful_.end(),
                     [this](const CallKey& key) { return !seen_.contains(key); });
}

bool PmBodies::isTellingToken(size_t at) {
  const Token& token = tokens_[at];
  dead_ = maybeDead_.mayBe(at);
  if (token.is(tok::identifier))
    return isTellingWord(at);
  if (token.is(tok::kw_static))
    return isTellingStatic(at);
  // The analysis takes `f() ?: x` for no call of f().
  if (token.is(tok::question) && tokens_.is(at + 1, tok::colon))
    return true;
  if (isSelection(token.getKind()))
    selected_ = std::max(selected_, tokens_.closing(at + 1));
  if (!isUnevaluated(token.getKind()))
    return false;
  unevaluated_ = std::max(unevaluated_, tokens_.closing(at + 1));
  return !tokens_.is(at + 1, tok::l_paren);
}

// Not in a macro of the kernel's.
bool PmBodies::isWrittenHere(const Token& token) {
  return own_.isOwn(context_.getSourceManager().getSpellingLoc(token.getLocation()));
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
  if (tokens_.isBehind(at, tok::period, tok::arrow))
    return (word & Member) != 0;
  if ((word & (Registration | Followed)) != 0)
    return true;
  // A variable or literal, whose initialiser may go without designators.
  if ((word & Telling) != 0 && !tokens_.is(at + 1, tok::star))
    return true;
  // `{ suspend: f }`
  if ((word & Member) != 0 && tokens_.is(at + 1, tok::colon) &&
      tokens_.isBehind(at, tok::l_brace, tok::comma))
    return true;
  const NamedDecl* found = tokens_.declared(at);
  if (!found)
    return isTellingDeclaration(at);
  if (const auto* function = dyn_cast<FunctionDecl>(found))
    return isTellingFunction(at, function);
  if (const auto* variable = dyn_cast<VarDecl>(found))
    return variable->isFileVarDecl() && isTellingVariable(variable);
  if (const auto* alias = dyn_cast<TypedefNameDecl>(found))
    return relevance_.isTelling(Values::pointedTag(alias->getUnderlyingType()));
  return false;
}

// A function's name is a call where its arguments follow; where it does not look like one and is no plain
// value either, the parser has to say what it is.
bool PmBodies::isTellingFunction(size_t at, const FunctionDecl* named) {
  if (isOddName(at))
    return true;
  if (tokens_.is(at + 1, tok::l_paren) && at >= unevaluated_)
    addCall(tokens_[at], named);
  return false;
}

// What is declared in a body is taken for no callee: but for functions.
bool PmBodies::isTellingDeclaration(size_t at) {
  return tokens_.is(at + 1, tok::l_paren) && isBehindType(at) && isWrittenHere(tokens_[at]);
}

bool PmBodies::isBehindType(size_t at) const {
  return tokens_.isBehind(at, tok::identifier, tok::star, tok::kw___auto_type) ||
         (unevaluated_ != 0 && at == unevaluated_ + 1) ||
         (at > 0 && tokens_[at - 1].isSimpleTypeSpecifier(context_.getLangOpts()));
}

// Perhaps the name of something else that the body declares, or a callee in parentheses.
bool PmBodies::isOddName(size_t at) const {
  const bool starred = tokens_.isBehind(at, tok::star);
  if (!starred && isBehindType(at))
    return true;
  if (tokens_.is(at + 1, tok::l_paren))
    return false;
  if (at < selected_ || (tokens_.is(at + 1, tok::r_paren) && tokens_.is(at + 2, tok::l_paren)))
    return true;
  return starred && tokens_.is(at + 1, tok::equal, tok::semi, tok::comma, tok::r_paren);
}

void PmBodies::addCall(const Token& token, const FunctionDecl* callee) {
  if (!Bodies::isCall(context_, callee))
    return;
  Call call;
  // Of the macros around a call the outermost, as Bodies has it.
  if (const auto& macros = values_.macros().at(token.getLocation()); !macros.empty())
    call.macros = {macros.back()};
  const CallKey key{callee, call.macros.empty() ? 0 : call.macros.front().id()};
  if (dead_) {
    doubtful_.push_back(key);
    return;
  }
  if (!seen_.insert(key).second)
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
  if (isWrittenHere(tokens_[at]))
    return true;
  for (size_t i = at + 1; i < tokens_.size() && !tokens_.is(i, tok::semi); ++i) {
    if (tokens_.is(i, tok::kw_typeof) || (tokens_.is(i, tok::r_paren) && tokens_.is(i + 1, tok::l_brace)))
      return true;
    if (!tokens_.is(i, tok::kw_struct, tok::kw_union))
      continue;
    while (tokens_.is(i + 1, tok::kw___attribute))
      i = tokens_.closing(i + 2);
    const NamedDecl* tag =
        tokens_.is(i + 1, tok::identifier) ? tokens_.declared(i + 1, Decl::IDNS_Tag) : nullptr;
    const auto* record = dyn_cast_or_null<RecordDecl>(tag);
    record = record ? record->getDefinition() : nullptr;
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
  QualType self = context_.getCanonicalTagType(record);
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
