// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// fgft.EntryPoints: which functions of the TU does the kernel call, and as what?
//
// A note at each function that becomes an entry point as far as this TU tells: a member of an ops struct, a
// call-back given to the kernel, the module's init and exit. What other TUs of the module make of its
// functions is not seen. docs/checkers/EntryPoints.md has the options.
#include "checkers/TuAnalysis.h"

#include <clang/StaticAnalyzer/Frontend/CheckerRegistry.h>

#include <fmt/ranges.h>

using namespace clang;
using namespace ento;

namespace fgft {

namespace {

class EntryPointsChecker : public Checker<check::EndOfTranslationUnit> {
public:
  std::string modelFolder;

  void checkEndOfTranslationUnit(const TranslationUnitDecl* unit, AnalysisManager& manager,
                                 BugReporter& reporter) const {
    runOnTu("fgft.EntryPoints", manager, [&] {
      TuAnalysis tu(*this, unit, manager, reporter);
      Model model = Model::load(modelFolder);
      for (const EntryPointRow& row : tu.entryPoints(model))
        tu.report(
            row.place, "Entry points", "entry-point",
            fmt::format("{} is an entry point: {}, by {}", row.function, row.kind, fmt::join(row.ops, ", ")));
    });
  }
};

} // namespace

void registerEntryPoints(CheckerManager& manager) {
  auto* checker = manager.registerChecker<EntryPointsChecker>();
  checker->modelFolder = modelOption(manager, checker);
}

bool shouldRegisterEntryPoints(const CheckerManager&) {
  return true;
}

} // namespace fgft
