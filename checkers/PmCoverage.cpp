// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// fgft.PmCoverage: does a driver registration have the suspend and resume code that a device checkpoint
// needs?
//
// Warns of what one TU alone shows to be wrong: a legacy hook that its bus never calls, or that a non-NULL
// .pm shadows; one half of the pair missing. With the option Facts it also writes the TU's facts file, from
// which `fgft merge` answers the question across TUs and modules. docs/checkers/PmCoverage.md has the
// options.
#include "extract/Extract.h"
#include "extract/Flags.h"
#include "facts/FactsIo.h"
#include "facts/Inputs.h"
#include "merge/PmVerdict.h"
#include "merge/Program.h"
#include "model/Model.h"
#include "support/Error.h"

#include <clang/Basic/TargetInfo.h>
#include <clang/Lex/HeaderSearch.h>
#include <clang/Lex/Preprocessor.h>
#include <clang/Lex/PreprocessorOptions.h>
#include <clang/StaticAnalyzer/Core/BugReporter/BugReporter.h>
#include <clang/StaticAnalyzer/Core/Checker.h>
#include <clang/StaticAnalyzer/Core/PathSensitive/AnalysisManager.h>
#include <clang/StaticAnalyzer/Frontend/CheckerRegistry.h>
#include <llvm/Support/Path.h>

#include <filesystem>

using namespace clang;
using namespace ento;

namespace fgft {

namespace {

class PmCoverageChecker : public Checker<check::EndOfTranslationUnit> {
public:
  std::string modelFolder;
  std::string factsFolder;

  void checkEndOfTranslationUnit(const TranslationUnitDecl* unit, AnalysisManager& manager,
                                 BugReporter& reporter) const {
    if (manager.getASTContext().getDiagnostics().hasErrorOccurred())
      return; // merge finds the TU by its compile command
    try {
      analyse(unit, manager, reporter);
    } catch (const std::exception& error) {
      DiagnosticsEngine& diagnostics = manager.getASTContext().getDiagnostics();
      diagnostics.Report(diagnostics.getCustomDiagID(DiagnosticsEngine::Error, "fgft.PmCoverage: %0"))
          << error.what();
    }
  }

private:
  void analyse(const TranslationUnitDecl* unit, AnalysisManager& manager, BugReporter& reporter) const {
    Model model = Model::load(modelFolder);
    ASTContext& context = manager.getASTContext();
    TuFacts facts;
    Roots roots = rootsOf(manager.getPreprocessor());
    // Kbuild also runs the compiler on scraps, to learn what it can do. A file outside of a kernel's build is
    // analysed, for its findings, but has no facts.
    bool isKernel = !roots.sourceRoot.empty();
    std::vector<Decl*> declarations(unit->decls_begin(), unit->decls_end());
    extract(context, declarations, roots, model.driverTags(), facts);
    const SourceManager& sources = context.getSourceManager();
    OwnFiles own(sources, roots);
    facts.file = own.path(sources.getLocForStartOfFile(sources.getMainFileID()));
    llvm::SmallString<128> object(facts.file);
    llvm::sys::path::replace_extension(object, "o");
    facts.output = object.str().str();
    if (!factsFolder.empty() && isKernel)
      write(facts, context, manager.getPreprocessor(), roots, model);
    facts.modules = modulesOf(manager.getPreprocessor(), facts.file);
    report(std::move(facts), model, roots, unit, manager, reporter);
  }

  static Roots rootsOf(Preprocessor& preprocessor) {
    std::string directory = std::filesystem::current_path();
    return {sourceRootOf(preprocessor.getPreprocessorOpts(), directory), directory, {}, directory};
  }

  // What Kbuild's command line names: KBUILD_MODFILE, else KBUILD_MODNAME beside the source.
  static std::vector<std::string> modulesOf(Preprocessor& preprocessor, const std::string& file) {
    std::string name;
    for (const auto& [macro, undefined] : preprocessor.getPreprocessorOpts().Macros) {
      llvm::StringRef text(macro);
      if (text.consume_front("KBUILD_MODFILE="))
        return {text.trim("\"").str()};
      if (text.consume_front("KBUILD_MODNAME="))
        name = text.trim("\"").str();
    }
    return {llvm::sys::path::parent_path(file).str() + "/" + name};
  }

  void write(TuFacts& facts, ASTContext& context, Preprocessor& preprocessor, const Roots& roots,
             const Model& model) const {
    const SourceManager& sources = context.getSourceManager();
    std::vector<Input> inputs;
    for (auto it = sources.fileinfo_begin(); it != sources.fileinfo_end(); ++it) {
      std::string path = it->first.getName().str();
      inputs.push_back({relativePath(roots, path), path});
    }
    auto flags = significantFlags(preprocessor.getPreprocessorOpts(),
                                  preprocessor.getHeaderSearchInfo().getHeaderSearchOpts(),
                                  context.getLangOpts(), context.getTargetInfo().getTargetOpts(), roots);
    InputHashes hashes;
    facts.key = factsKey(model.extractionHash(), flags, std::move(inputs), hashes);
    writeFacts(facts, factsFolder);
  }

  // The verdicts that one TU can give: names defined elsewhere make them `unknown`, which is no finding.
  void report(TuFacts facts, const Model& model, const Roots& roots, const TranslationUnitDecl* declaration,
              AnalysisManager& manager, BugReporter& reporter) const {
    Program program(model);
    program.add(std::move(facts));
    program.link();
    Attribution attribution(program);
    const Unit& unit = *program.units().front();
    for (const Object& object : unit.objects)
      for (const DriverPart& part : object.parts)
        for (const Finding& finding :
             judgePm(program, model, attribution, unit, object, part, std::string()).findings)
          emit(finding, roots, declaration, manager, reporter);
  }

  void emit(const Finding& finding, const Roots& roots, const TranslationUnitDecl* declaration,
            AnalysisManager& manager, BugReporter& reporter) const {
    const SourceManager& sources = manager.getSourceManager();
    for (auto it = sources.fileinfo_begin(); it != sources.fileinfo_end(); ++it) {
      if (relativePath(roots, it->first.getName()) != finding.place.file)
        continue;
      SourceLocation where = sources.translateFileLineCol(&it->first.getFileEntry(), finding.place.line, 1);
      if (where.isValid())
        reporter.EmitBasicReport(declaration, this, finding.kind, "Power management",
                                 finding.message + " [" + finding.kind + "]",
                                 PathDiagnosticLocation(where, sources));
      return;
    }
  }
};

} // namespace

void registerPmCoverage(CheckerManager& manager) {
  auto* checker = manager.registerChecker<PmCoverageChecker>();
  const AnalyzerOptions& options = manager.getAnalyzerOptions();
  checker->modelFolder = options.getCheckerStringOption(checker, "Model").str();
  checker->factsFolder = options.getCheckerStringOption(checker, "Facts").str();
  if (checker->modelFolder.empty())
    checker->modelFolder = FGFT_SOURCE_MODEL;
  if (!std::filesystem::is_directory(checker->modelFolder))
    manager.reportInvalidCheckerOptionValue(checker, "Model", "a folder with the kernel model's tables");
}

bool shouldRegisterPmCoverage(const CheckerManager&) {
  return true;
}

} // namespace fgft
