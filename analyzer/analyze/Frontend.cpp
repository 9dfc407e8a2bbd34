// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Clang's front end on one TU; see Frontend.h.
#include "analyze/Frontend.h"

#include "analyze/BodySkip.h"
#include "analyze/DefineLists.h"
#include "analyze/FrontendParts.h"
#include "analyze/HeaderState.h"
#include "analyze/Lookups.h"
#include "extract/Extract.h"
#include "extract/Flags.h"
#include "extract/PmBodies.h"

#include <clang/AST/ASTConsumer.h>
#include <clang/AST/Decl.h>
#include <clang/Basic/TargetOptions.h>
#include <clang/Frontend/CompilerInstance.h>
#include <clang/Frontend/FrontendAction.h>
#include <clang/Frontend/Utils.h>
#include <clang/Lex/PreprocessorOptions.h>

#include <algorithm>
#include <map>
#include <optional>

using namespace clang;

namespace fgft {

namespace {

// Every file the preprocessor reads.
class AllInputs : public DependencyCollector {
public:
  bool needSystemDependencies() override { return true; }
  bool sawDependency(StringRef, bool, bool, bool, bool isMissing) override { return !isMissing; }
};

// Collects the TU's own top-level declarations as the parser delivers them: declarations of a precompiled
// header are never touched, which is what makes the fast road fast.
class CollectingConsumer : public ASTConsumer {
public:
  using SkipOwn = std::function<bool(Decl*)>;
  CollectingConsumer(OwnFiles& own, std::vector<Decl*>& declarations, std::function<void()> skipBody,
                     SkipOwn skipOwn, std::function<bool()> goOn)
      : own_(own), declarations_(declarations), skipBody_(std::move(skipBody)), skipOwn_(std::move(skipOwn)),
        goOn_(std::move(goOn)) {}

  // What a precompiled header delivers by itself is none of the TU's own.
  void HandleInterestingDecl(DeclGroupRef) override {}
  bool HandleTopLevelDecl(DeclGroupRef group) override {
    for (Decl* declaration : group)
      if (own_.isOwn(declaration->getLocation()))
        declarations_.push_back(declaration);
    return goOn_();
  }
  // Of `struct s { … } f(…) { … }` the parser delivers the function alone. Others come twice, which says no
  // more than once.
  void HandleTagDeclDefinition(TagDecl* tag) override {
    if (tag->getLexicalDeclContext()->isTranslationUnit() && own_.isOwn(tag->getLocation()))
      declarations_.push_back(tag);
  }
  void CompleteTentativeDefinition(VarDecl*) override {}
  bool shouldSkipFunctionBody(Decl* declaration) override {
    if (own_.isOwn(declaration->getLocation()))
      return skipOwn_(declaration);
    skipBody_();
    return true;
  }

private:
  OwnFiles& own_;
  std::vector<Decl*>& declarations_;
  std::function<void()> skipBody_;
  SkipOwn skipOwn_;
  std::function<bool()> goOn_;
};

class ExtractAction : public ASTFrontendAction {
public:
  ExtractAction(const Roots& roots, const AnalysisContext& context, TuFacts& facts)
      : roots_(roots), context_(context), facts_(facts) {}

  std::unique_ptr<ASTConsumer> CreateASTConsumer(CompilerInstance& compiler, StringRef) override {
    own_ = std::make_unique<OwnFiles>(compiler.getSourceManager(), roots_);
    noteMissing(compiler.getPreprocessor(), roots_.directory, missing);
    if (bodySkip_)
      ignoreDiagnosticPragmas(compiler.getPreprocessor());
    if (record_)
      replay_ = &startReplay(compiler.getPreprocessor(), *record_, *recordFiles_, roots_, *result_);
    // A parse on top of a state that does not suit is of no use, the rest of it included.
    const DiagnosticsEngine& diagnostics = compiler.getDiagnostics();
    auto skipBody = [this, &preprocessor = compiler.getPreprocessor()] {
      if (bodySkip_)
        bodySkip_->skip(preprocessor);
    };
    auto skipOwn = [this](Decl* declaration) { return skipsOwn(declaration); };
    return std::make_unique<CollectingConsumer>(
        *own_, declarations_, skipBody, skipOwn, [this, &diagnostics] {
          return !result_ || (result_->reason == PlainReason::None && !diagnostics.hasErrorOccurred());
        });
  }
  std::vector<std::string> missing; // Lookups.h

  // Passes over what is as good as never of consequence: bodies in headers (BodySkip.h), macros that are not
  // used (DefineLists.h), and what is said of warnings (FrontendParts.h). Where it is of consequence, there
  // is an error.
  void beQuick(BodySkip& bodySkip) { bodySkip_ = &bodySkip; }

  // Reads all own bodies, also in a PM-only survey.
  void readAllBodies() { readsAll_ = true; }
  // Whether what was skipped may have been of consequence: it has to be done again with readAllBodies().
  bool isUnsure() const { return unsure_; }

  // The fast road: the replay of a header state's record goes with the parse.
  void replayOn(const HeaderRecord& record, RecordFiles& files, ReplayResult& result) {
    record_ = &record;
    recordFiles_ = &files;
    result_ = &result;
  }
  void ExecuteAction() override {
    // What a precompiled header says of warnings has clang look for their places too.
    if (bodySkip_)
      getCompilerInstance().getDiagnostics().ResetPragmas();
    std::optional<DefineLists> lists;
    if (bodySkip_)
      lists.emplace(getCompilerInstance().getPreprocessor(), record_);
    ASTFrontendAction::ExecuteAction();
  }
  void EndSourceFileAction() override {
    CompilerInstance& compiler = getCompilerInstance();
    if (replay_)
      endReplay(*replay_);
    if (replay_)
      std::erase_if(declarations_, [this](const Decl* declaration) { return hasForeignType(declaration); });
    bool refused = result_ && result_->reason != PlainReason::None;
    if (refused || compiler.getDiagnostics().hasErrorOccurred())
      return;
    extract(compiler.getASTContext(), declarations_, roots_, context_.driverTags, facts_, pmBodies_.get());
    unsure_ = pmBodies_ && !pmBodies_->isSureOf(facts_);
    if (context_.onlyPm)
      context_.onlyPm->reduce(facts_);
  }

private:
  bool skipsOwn(Decl* declaration) {
    const auto* function = dyn_cast<FunctionDecl>(declaration);
    if (!context_.onlyPm || readsAll_ || !function)
      return false;
    if (!pmBodies_)
      pmBodies_ = std::make_unique<PmBodies>(getCompilerInstance().getSema(), roots_, context_.driverTags,
                                             *context_.onlyPm);
    return pmBodies_->skip(function);
  }

  // An `extern` variable may be of a struct that only a header of the state completes that the TU does not
  // include. On the plain road there is nothing to say of it, PM ops apart.
  bool hasForeignType(const Decl* declaration) {
    const auto* variable = dyn_cast<VarDecl>(declaration);
    if (!variable || variable->hasDefinition() != VarDecl::DeclarationOnly)
      return false;
    const RecordDecl* record = variable->getType()->getBaseElementTypeUnsafe()->getAsRecordDecl();
    if (record)
      record = record->getDefinition();
    if (!record || !record->isFromASTFile() || record->getName() == "dev_pm_ops")
      return false;
    const SourceManager& sources = getCompilerInstance().getSourceManager();
    auto file =
        sources.getFileEntryRefForID(sources.getFileID(sources.getExpansionLoc(record->getLocation())));
    return file && !readsFile(*replay_, *file);
  }

  const Roots& roots_;
  const AnalysisContext& context_;
  TuFacts& facts_;
  std::unique_ptr<OwnFiles> own_;
  std::vector<Decl*> declarations_;
  BodySkip* bodySkip_ = nullptr; // beQuick()
  bool readsAll_ = false;
  bool unsure_ = false;
  std::unique_ptr<PmBodies> pmBodies_; // of a PM-only survey, from the first own body on
  const HeaderRecord* record_ = nullptr;
  RecordFiles* recordFiles_ = nullptr;
  ReplayResult* result_ = nullptr;
  HeaderReplay* replay_ = nullptr;
};

} // namespace

struct Frontend::Impl {
  const AnalysisContext& context;
  std::shared_ptr<PCHContainerOperations> containers = std::make_shared<PCHContainerOperations>();
  Invocations invocations{context.resourceDir};
  FileManagers fileManagers;
  BodySkip bodySkip;
  // By precompiled header and directory.
  std::map<std::pair<std::string, std::string>, RecordFiles> recordFiles;

  // What one parse of a TU gives on either road.
  struct Parse {
    std::vector<std::string> flags;
    std::vector<Input> inputs;
    std::vector<std::string> missing;
    std::string error;
    PlainReason reason = PlainReason::None;
    std::string detail;
    bool unsure = false; // ExtractAction::isUnsure()
  };

  enum class Plain { Quick, AllBodies, Exact };
  void parsePlain(const Invocation& tu, const Roots& roots, Plain how, TuFacts& facts, Parse& parse);
  void parseFast(const Invocation& tu, const Roots& roots, const HeaderState& state, TuFacts& facts,
                 Parse& parse);
  std::unique_ptr<CompilerInstance> compilerFor(const Invocation& tu, const Roots& roots, FirstError& errors,
                                                Parse& parse);
};

Frontend::Frontend(const AnalysisContext& context) : impl_(new Impl{.context = context}) {}
Frontend::~Frontend() = default;

// Null where clang's driver refuses the flags.
std::unique_ptr<CompilerInstance> Frontend::Impl::compilerFor(const Invocation& tu, const Roots& roots,
                                                              FirstError& errors, Parse& parse) {
  auto invocation = invocations.of(tu, errors);
  if (!invocation)
    return nullptr;
  parse.flags = significantFlags(invocation->getPreprocessorOpts(), invocation->getHeaderSearchOpts(),
                                 invocation->getLangOpts(), invocation->getTargetOpts(), roots);
  auto compiler = std::make_unique<CompilerInstance>(std::move(invocation), containers);
  auto files = fileManagers.in(tu.directory);
  compiler->setVirtualFileSystem(files->getVirtualFileSystemPtr());
  compiler->createDiagnostics(&errors, /*ShouldOwnClient=*/false);
  compiler->setFileManager(files);
  return compiler;
}

void Frontend::Impl::parsePlain(const Invocation& tu, const Roots& roots, Plain how, TuFacts& facts,
                                Parse& parse) {
  FirstError errors;
  if (auto compiler = compilerFor(tu, roots, errors, parse)) {
    auto collector = std::make_shared<AllInputs>();
    compiler->addDependencyCollector(collector);
    ExtractAction action(roots, context, facts);
    if (how != Plain::Exact)
      action.beQuick(bodySkip);
    if (how == Plain::AllBodies)
      action.readAllBodies();
    compiler->ExecuteAction(action);
    parse.unsure = action.isUnsure();
    parse.missing = std::move(action.missing);
    for (const std::string& path : collector->getDependencies())
      parse.inputs.push_back({relativePath(roots, path), absolutePath(path, tu.directory)});
  }
  parse.error = errors.message();
}

void Frontend::Impl::parseFast(const Invocation& tu, const Roots& roots, const HeaderState& state,
                               TuFacts& facts, Parse& parse) {
  FirstError errors;
  auto compiler = compilerFor(tu, roots, errors, parse);
  if (compiler) {
    startFrom(state.pchPath, compiler->getInvocation());
    ReplayResult replay;
    ExtractAction action(roots, context, facts);
    action.beQuick(bodySkip);
    action.replayOn(state.record, recordFiles[{state.pchPath, tu.directory}], replay);
    compiler->ExecuteAction(action);
    parse.unsure = action.isUnsure();
    parse.missing = std::move(action.missing);
    parse.reason = replay.reason;
    parse.detail = replay.detail;
    parse.inputs = std::move(replay.otherFiles);
    for (std::size_t i = 0; i < replay.included.size(); ++i)
      if (replay.included[i])
        parse.inputs.push_back(state.inputs[i]);
  }
  parse.error = errors.message();
  if (!parse.error.empty() && parse.reason == PlainReason::None) {
    parse.reason = PlainReason::Error;
    parse.detail = parse.error;
  }
}

Analysis Frontend::run(const Invocation& tu, const NextState& nextState, InputHashes& hashes) {
  Analysis analysis;
  TuFacts& facts = analysis.facts;
  facts.file = tu.file;
  facts.output = tu.output;
  Roots roots{tu.sourceRoot, tu.buildRoot, {}, tu.directory};

  auto forget = [&facts] {
    facts.objects.clear();
    facts.functions.clear();
    facts.assignments.clear();
  };
  Impl::Parse parse;
  parse.reason = PlainReason::NoState;
  while (parse.reason != PlainReason::None) {
    const HeaderState* state = nextState();
    if (!state)
      break;
    parse = {};
    impl_->parseFast(tu, roots, *state, facts, parse);
    analysis.state = state;
    if (parse.reason != PlainReason::None)
      forget();
  }
  analysis.plainReason = parse.reason;
  analysis.plainDetail = parse.detail;
  if (parse.reason != PlainReason::None) {
    analysis.state = nullptr;
    parse = {};
    impl_->parsePlain(tu, roots, Impl::Plain::Quick, facts, parse);
    if (!parse.error.empty()) {
      forget();
      parse = {};
      impl_->parsePlain(tu, roots, Impl::Plain::Exact, facts, parse);
    }
  }
  if (parse.unsure) {
    forget();
    parse = {};
    impl_->parsePlain(tu, roots, Impl::Plain::AllBodies, facts, parse);
  }
  if (!parse.error.empty()) {
    facts.status = TuStatus::Failed;
    facts.message = parse.error;
    forget();
  }
  // One file may be read by two names that mean the same.
  auto byName = [](const Input& a, const Input& b) { return a.name < b.name; };
  std::sort(parse.inputs.begin(), parse.inputs.end(), byName);
  auto same = [](const Input& a, const Input& b) { return a.name == b.name; };
  parse.inputs.erase(std::unique(parse.inputs.begin(), parse.inputs.end(), same), parse.inputs.end());
  facts.key = factsKey(impl_->context.modelHash, parse.flags, parse.inputs, hashes);
  analysis.inputs = std::move(parse.inputs);
  analysis.missing = std::move(parse.missing);
  return analysis;
}

} // namespace fgft
