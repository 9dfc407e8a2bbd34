// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// fgft.PmCoverage: does a driver registration have the suspend and resume code that a device checkpoint
// needs?
//
// Warns of what one TU alone shows to be wrong: a legacy hook that its bus never calls, or that a non-NULL
// .pm shadows; one half of the pair missing. With the option Facts it also writes the TU's facts file, from
// which `fgft merge` answers the question across TUs and modules. docs/checkers/PmCoverage.md has the
// options.
#include "checkers/TuAnalysis.h"
#include "extract/Flags.h"
#include "facts/FactsIo.h"
#include "facts/Inputs.h"
#include "merge/PmVerdict.h"
#include "merge/Program.h"

#include <clang/Basic/TargetInfo.h>
#include <clang/Lex/HeaderSearch.h>
#include <clang/Lex/Preprocessor.h>
#include <clang/Lex/PreprocessorOptions.h>
#include <clang/StaticAnalyzer/Frontend/CheckerRegistry.h>

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
    runOnTu("fgft.PmCoverage", manager,
            [&] { analyse(TuAnalysis(*this, unit, manager, reporter), manager); });
  }

private:
  void analyse(TuAnalysis tu, AnalysisManager& manager) const {
    Model model = Model::load(modelFolder);
    TuFacts facts = tu.facts(model);
    // A file outside of a kernel's build is analysed, for its findings, but has no facts.
    if (!factsFolder.empty() && tu.isKernel()) {
      // The modules are the build's knowledge, not the TU's.
      std::vector<std::string> modules = std::move(facts.modules);
      facts.modules.clear();
      write(facts, manager.getASTContext(), manager.getPreprocessor(), tu.roots(), model);
      facts.modules = std::move(modules);
    }
    report(std::move(facts), model, tu);
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
  static void report(TuFacts facts, const Model& model, TuAnalysis& tu) {
    Program program(model);
    program.add(std::move(facts));
    program.link();
    Attribution attribution(program);
    const Unit& unit = *program.units().front();
    for (const Object& object : unit.objects)
      for (const DriverPart& part : object.parts)
        for (const Finding& finding :
             judgePm(program, model, attribution, unit, object, part, std::string()).findings)
          tu.report(finding.place, "Power management", finding.kind, finding.message);
  }
};

} // namespace

void registerPmCoverage(CheckerManager& manager) {
  auto* checker = manager.registerChecker<PmCoverageChecker>();
  checker->modelFolder = modelOption(manager, checker);
  checker->factsFolder = manager.getAnalyzerOptions().getCheckerStringOption(checker, "Facts").str();
}

bool shouldRegisterPmCoverage(const CheckerManager&) {
  return true;
}

} // namespace fgft
