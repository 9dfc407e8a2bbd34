// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Clang's front end on one TU; see Frontend.h.
#include "analyze/Frontend.h"

#include "extract/Extract.h"
#include "extract/Flags.h"
#include "support/Error.h"

#include <clang/AST/ASTConsumer.h>
#include <clang/AST/Decl.h>
#include <clang/Basic/Diagnostic.h>
#include <clang/Basic/TargetOptions.h>
#include <clang/Driver/CreateInvocationFromArgs.h>
#include <clang/Frontend/CompilerInstance.h>
#include <clang/Frontend/FrontendAction.h>
#include <clang/Frontend/Utils.h>
#include <clang/Lex/PreprocessorOptions.h>
#include <llvm/Support/Path.h>
#include <llvm/Support/VirtualFileSystem.h>

#include <map>

using namespace clang;

namespace fgft {

namespace {

// Keeps the first error; all else is of no interest here.
class FirstError : public DiagnosticConsumer {
public:
  void HandleDiagnostic(DiagnosticsEngine::Level level, const Diagnostic& diagnostic) override {
    DiagnosticConsumer::HandleDiagnostic(level, diagnostic);
    if (level < DiagnosticsEngine::Error || !message_.empty())
      return;
    llvm::SmallString<128> text;
    diagnostic.FormatDiagnostic(text);
    if (diagnostic.hasSourceManager() && diagnostic.getLocation().isValid()) {
      PresumedLoc where = diagnostic.getSourceManager().getPresumedLoc(diagnostic.getLocation());
      if (where.isValid())
        message_ = fmt::format("{}:{}: ", where.getFilename(), where.getLine());
    }
    message_ += "error: " + text.str().str();
  }
  const std::string& message() const { return message_; }

private:
  std::string message_;
};

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
  CollectingConsumer(OwnFiles& own, std::vector<Decl*>& declarations)
      : own_(own), declarations_(declarations) {}

  bool HandleTopLevelDecl(DeclGroupRef group) override {
    for (Decl* declaration : group)
      if (own_.isOwn(declaration->getLocation()))
        declarations_.push_back(declaration);
    return true;
  }
  void CompleteTentativeDefinition(VarDecl*) override {}
  bool shouldSkipFunctionBody(Decl* declaration) override { return !own_.isOwn(declaration->getLocation()); }

private:
  OwnFiles& own_;
  std::vector<Decl*>& declarations_;
};

class ExtractAction : public ASTFrontendAction {
public:
  ExtractAction(const Roots& roots, const AnalysisContext& context, TuFacts& facts)
      : roots_(roots), context_(context), facts_(facts) {}

  std::unique_ptr<ASTConsumer> CreateASTConsumer(CompilerInstance& compiler, StringRef) override {
    own_ = std::make_unique<OwnFiles>(compiler.getSourceManager(), roots_);
    return std::make_unique<CollectingConsumer>(*own_, declarations_);
  }
  void EndSourceFileAction() override {
    CompilerInstance& compiler = getCompilerInstance();
    if (!compiler.getDiagnostics().hasErrorOccurred())
      extract(compiler.getASTContext(), declarations_, roots_, context_.driverTags, facts_);
  }

private:
  const Roots& roots_;
  const AnalysisContext& context_;
  TuFacts& facts_;
  std::unique_ptr<OwnFiles> own_;
  std::vector<Decl*> declarations_;
};

} // namespace

struct Frontend::Impl {
  const AnalysisContext& context;
  std::shared_ptr<PCHContainerOperations> containers = std::make_shared<PCHContainerOperations>();
  std::map<std::string, IntrusiveRefCntPtr<FileManager>> fileManagers; // by working directory

  FileManager* filesIn(const std::string& directory) {
    auto& files = fileManagers[directory];
    if (!files) {
      FileSystemOptions options;
      options.WorkingDir = directory;
      files = llvm::makeIntrusiveRefCnt<FileManager>(options, llvm::vfs::getRealFileSystem());
    }
    return files.get();
  }

  // The front end's invocation for the normalised command line; null where the driver refuses it.
  std::unique_ptr<CompilerInvocation> invocationFor(const Invocation& tu, FirstError& errors) {
    std::vector<std::string> words = {"clang"};
    words.insert(words.end(), tu.args.begin(), tu.args.end());
    words.insert(words.end(), {"-w", "-Wno-error", "-fsyntax-only", "-working-directory=" + tu.directory,
                               "-resource-dir=" + context.resourceDir, tu.path});
    std::vector<const char*> arguments;
    for (const std::string& wordText : words)
      arguments.push_back(wordText.c_str());
    DiagnosticOptions options;
    CreateInvocationOptions create;
    create.Diags =
        llvm::makeIntrusiveRefCnt<DiagnosticsEngine>(DiagnosticIDs::create(), options, &errors, false);
    create.ProbePrecompiled = false;
    auto invocation = createInvocation(arguments, create);
    if (!invocation)
      return nullptr;
    invocation->getFrontendOpts().SkipFunctionBodies = true;
    invocation->getFrontendOpts().DisableFree = false;
    invocation->getDiagnosticOpts().ShowCarets = false;
    return invocation;
  }
};

Frontend::Frontend(const AnalysisContext& context) : impl_(new Impl{.context = context}) {}
Frontend::~Frontend() = default;

Analysis Frontend::run(const Invocation& tu, const HeaderState*, InputHashes& hashes) {
  Analysis analysis;
  TuFacts& facts = analysis.facts;
  facts.file = tu.file;
  facts.output = tu.output;
  facts.modules = tu.modules;
  Roots roots{tu.sourceRoot, tu.buildRoot, {}, tu.directory};

  FirstError errors;
  std::vector<std::string> flags = tu.args;
  std::vector<Input> inputs;
  if (auto invocation = impl_->invocationFor(tu, errors)) {
    flags = significantFlags(invocation->getPreprocessorOpts(), invocation->getHeaderSearchOpts(),
                             invocation->getLangOpts(), invocation->getTargetOpts(), roots);
    CompilerInstance compiler(std::move(invocation), impl_->containers);
    compiler.setVirtualFileSystem(llvm::vfs::getRealFileSystem());
    compiler.createDiagnostics(&errors, /*ShouldOwnClient=*/false);
    compiler.setFileManager(impl_->filesIn(tu.directory));
    auto collector = std::make_shared<AllInputs>();
    compiler.addDependencyCollector(collector);
    ExtractAction action(roots, impl_->context, facts);
    compiler.ExecuteAction(action);
    for (const std::string& path : collector->getDependencies())
      inputs.push_back({relativePath(roots, path), absolutePath(path, tu.directory)});
  }
  if (!errors.message().empty()) {
    facts.status = TuStatus::Failed;
    facts.message = errors.message();
    facts.objects.clear();
    facts.functions.clear();
    facts.assignments.clear();
  }
  for (const Input& input : inputs)
    analysis.inputs.push_back(input.path);
  facts.key = factsKey(impl_->context.modelHash, flags, std::move(inputs), hashes);
  return analysis;
}

} // namespace fgft
