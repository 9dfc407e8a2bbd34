// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// fgft.Effects: what do the entry points of the TU do, statement by statement?
//
// A warning at each statement by which an entry point gets an effect of at least the level that the option
// Level names, with the shortest path to it; what is not modelled is `unknown`, at any level.
// docs/checkers/Effects.md has the options.
#include "checkers/TuAnalysis.h"

#include <clang/StaticAnalyzer/Frontend/CheckerRegistry.h>

#include <fmt/format.h>

using namespace clang;
using namespace ento;

namespace fgft {

namespace {

class EffectsChecker : public Checker<check::EndOfTranslationUnit> {
public:
  std::string modelFolder;
  Level least = Level::Checkpointable;

  void checkEndOfTranslationUnit(const TranslationUnitDecl* unit, AnalysisManager& manager,
                                 BugReporter& reporter) const {
    runOnTu("fgft.Effects", manager, [&] {
      TuAnalysis tu(*this, unit, manager, reporter);
      tu.reportEffects(
          Model::load(modelFolder), "Effects", [this](const EffectRow& effect) { return counts(effect); },
          [](const EntryPointRow& row, const EffectRow& effect) {
            return fmt::format("{}: {} by {}; {}", row.function, effect.word, effect.what, effect.path);
          });
    });
  }

private:
  bool counts(const EffectRow& row) const {
    std::optional<Effect> effect = effectOf(row.word);
    return !effect || levelOf(*effect) >= least;
  }
};

} // namespace

void registerEffects(CheckerManager& manager) {
  auto* checker = manager.registerChecker<EffectsChecker>();
  checker->modelFolder = modelOption(manager, checker);
  llvm::StringRef name = manager.getAnalyzerOptions().getCheckerStringOption(checker, "Level");
  for (Level level : {Level::Pure, Level::Memory, Level::Undoable, Level::Checkpointable, Level::Deferrable,
                      Level::Irrevocable})
    if (word(level) == std::string_view(name)) {
      checker->least = level;
      return;
    }
  manager.reportInvalidCheckerOptionValue(
      checker, "Level", "pure, memory, undoable, checkpointable, deferrable or irrevocable");
}

bool shouldRegisterEffects(const CheckerManager&) {
  return true;
}

} // namespace fgft
