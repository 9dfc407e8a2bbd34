// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// See PmBodies.h. Where a rule here is not exact it errs to reading.
#include "extract/PmBodies.h"

#include "extract/Bodies.h"

#include <clang/AST/ASTContext.h>
#include <clang/Lex/Preprocessor.h>

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
    : context_(sema.getASTContext()), identifiers_(sema.getPreprocessor().getIdentifierTable()),
      own_(sema.getSourceManager(), roots), values_(context_), objects_(context_, own_, values_, driverTags),
      relevance_(relevance), tokens_(sema), maybeDead_(tokens_, sema.getSourceManager()) {}

bool PmBodies::skip(const FunctionDecl* function) {
  if (!tokens_.take() || isTelling(function)) {
    tokens_.giveBack();
    return false;
  }
  tokens_.giveBackEnd();
  calls_[function] = std::move(found_);
  return true;
}

// Whether a class's API is a macro of this TU; asked when all of it is read.
bool PmBodies::hasApiMacros() const {
  return std::any_of(relevance_.classApis().begin(), relevance_.classApis().end(), [this](const auto& api) {
    auto known = identifiers_.find(api.first);
    return known != identifiers_.end() && known->second->hadMacroDefinition();
  });
}

// Of the macros around a call the outermost, as Bodies has it, if it is such an API.
Name PmBodies::apiMacroAt(SourceLocation where) const {
  const auto& macros = values_.macros().at(where);
  return !macros.empty() && relevance_.classApis().contains(macros.back()) ? macros.back() : Name();
}

std::vector<Call> PmBodies::callsOf(const FunctionDecl* function) const {
  std::vector<Call> calls;
  auto found = calls_.find(function);
  if (found == calls_.end())
    return calls;
  if (!hasApiMacros_)
    hasApiMacros_ = hasApiMacros();
  std::set<std::pair<const FunctionDecl*, Name>> seen;
  for (const FoundCall& one : found->second) {
    const Name macro = *hasApiMacros_ ? apiMacroAt(one.where) : Name();
    if (!seen.emplace(one.callee, macro).second)
      continue;
    Call& call = calls.emplace_back();
    call.callee = Values::nameOf(one.callee);
    if (!macro.empty())
      call.macros = {macro};
  }
  return calls;
}

bool PmBodies::isSureOf(const TuFacts& facts) const {
  return std::none_of(facts.objects.begin(), facts.objects.end(), [this](const Object& object) {
    return passedOver_.count(object.name) != 0 && relevance_.worthKeeping(object);
  });
}

bool PmBodies::isTelling(const FunctionDecl* function) {
  found_.clear();
  doubtful_.clear();
  unevaluated_ = selected_ = 0;
  setsFlags_ = false;
  maybeDead_.enter();
  for (const ParmVarDecl* parameter : function->parameters())
    if (relevance_.isFollowed(Values::pointedTag(parameter->getType())))
      return true;
  for (size_t at = 0; at < tokens_.size(); ++at)
    if (isTellingToken(at))
      return true;
  if (setsFlags_ && namesFlag())
    return true;
  // Where the same is called in code that runs it makes no difference.
  return std::any_of(doubtful_.begin(), doubtful_.end(), [this](const FoundCall& doubtful) {
    auto isSame = [&](const FoundCall& one) { return one.callee == doubtful.callee; };
    return std::none_of(found_.begin(), found_.end(), isSame) || !apiMacroAt(doubtful.where).empty();
  });
}

bool PmBodies::isTellingToken(size_t at) {
  const Token& token = tokens_[at];
  life_ = maybeDead_.at(at);
  if (token.is(tok::identifier))
    return isTellingWord(at);
  if (token.is(tok::kw_static))
    return isTellingStatic(at);
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
    word |= relevance_.isFlagMember(text) ? FlagMember : Plain;
  }
  return word;
}

bool PmBodies::isTellingWord(size_t at) {
  const IdentifierInfo* name = tokens_[at].getIdentifierInfo();
  uint8_t word = wordOf(name);
  setsFlags_ |= (word & FlagMember) != 0;
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
  if (tokens_.is(at + 1, tok::l_paren) && at >= unevaluated_ && life_ != MaybeDead::Life::Dead)
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
  if (life_ == MaybeDead::Life::InDoubt)
    doubtful_.push_back({callee, token.getLocation()});
  else
    found_.push_back({callee, token.getLocation()});
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

// In whichever way: an enumerator, or a macro around a number. Few TUs have ever heard of one.
bool PmBodies::namesFlag() const {
  const auto& flags = relevance_.flags();
  if (std::none_of(flags.begin(), flags.end(),
                   [this](const std::string& name) { return identifiers_.find(name) != identifiers_.end(); }))
    return false;
  for (size_t at = 0; at < tokens_.size(); ++at) {
    if (tokens_.is(at, tok::identifier) && flags.contains(tokens_[at].getIdentifierInfo()->getName()))
      return true;
    if (tokens_.is(at, tok::identifier, tok::numeric_constant))
      for (Name macro : values_.macros().at(tokens_[at].getLocation()))
        if (flags.contains(macro))
          return true;
  }
  return false;
}

// A static variable in a body is an object as well. What it may hold is told by the structs that its
// declaration names: its own, and those of literals in its initialiser.
bool PmBodies::isTellingStatic(size_t at) {
  for (; at < tokens_.size() && !tokens_.is(at, tok::semi); ++at) {
    if (tokens_.is(at, tok::kw_typeof, tok::kw_typeof_unqual))
      return true;
    if (tokens_.is(at, tok::kw_struct, tok::kw_union)) {
      while (tokens_.is(at + 1, tok::kw___attribute))
        at = tokens_.closing(at + 2);
      const NamedDecl* tag =
          tokens_.is(at + 1, tok::identifier) ? tokens_.declared(at + 1, Decl::IDNS_Tag) : nullptr;
      const auto* record = dyn_cast_or_null<RecordDecl>(tag);
      record = record ? record->getDefinition() : nullptr;
      if (!record || holds(record, /*orPoints=*/false))
        return true;
    } else if (tokens_.is(at, tok::identifier) && !tokens_.isBehind(at, tok::period)) {
      const auto* alias = dyn_cast_or_null<TypedefNameDecl>(tokens_.declared(at));
      const RecordDecl* record = alias ? definitionOf(structBehind(alias->getUnderlyingType())) : nullptr;
      if (record && holds(record, /*orPoints=*/false))
        return true;
    }
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
