// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// fgft.IrrevocableIo: which statement makes that an entry point cannot be undone?
//
// Of each entry point that has an irrevocable effect (level 5), the statements that have it, with the kind of
// evidence: the model's row of a kernel call (`api`), the way of data to the device (`dataflow`), or the name
// of a register (`name`). docs/checkers/IrrevocableIo.md has the options.
#include "checkers/TuAnalysis.h"

#include <clang/StaticAnalyzer/Frontend/CheckerRegistry.h>

#include <fmt/format.h>

using namespace clang;
using namespace ento;

namespace fgft {

namespace {

class IrrevocableIoChecker : public Checker<check::EndOfTranslationUnit> {
public:
  std::string modelFolder;

  void checkEndOfTranslationUnit(const TranslationUnitDecl* unit, AnalysisManager& manager,
                                 BugReporter& reporter) const {
    runOnTu("fgft.IrrevocableIo", manager, [&] {
      TuAnalysis tu(*this, unit, manager, reporter);
      tu.reportEffects(Model::load(modelFolder), "Irrevocable I/O", isIrrevocable,
                       [](const EntryPointRow& row, const EffectRow& effect) {
                         return fmt::format("{} cannot be undone: {} by {} ({}){}{}; {}", row.function,
                                            effect.word, effect.what, effect.evidence,
                                            effect.why.empty() ? "" : ": ", effect.why, effect.path);
                       });
    });
  }

private:
  static bool isIrrevocable(const EffectRow& row) {
    std::optional<Effect> effect = effectOf(row.word);
    return effect && levelOf(*effect) == Level::Irrevocable;
  }
};

} // namespace

void registerIrrevocableIo(CheckerManager& manager) {
  auto* checker = manager.registerChecker<IrrevocableIoChecker>();
  checker->modelFolder = modelOption(manager, checker);
}

bool shouldRegisterIrrevocableIo(const CheckerManager&) {
  return true;
}

} // namespace fgft
