// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What clang asks of the plugin: the version it was built for, and its checkers with their options. A new
// checker adds its two functions and one entry here (docs/adding.md).
#include <clang/StaticAnalyzer/Frontend/CheckerRegistry.h>

#define FGFT_CHECKER(name)                                                                                   \
  void register##name(clang::ento::CheckerManager& manager);                                                 \
  bool shouldRegister##name(const clang::ento::CheckerManager& manager)
namespace fgft {
FGFT_CHECKER(PmCoverage);
FGFT_CHECKER(EntryPoints);
FGFT_CHECKER(Effects);
FGFT_CHECKER(IrrevocableIo);
} // namespace fgft
#undef FGFT_CHECKER

namespace {

struct Entry {
  const char* name;
  clang::ento::RegisterCheckerFn add;
  clang::ento::ShouldRegisterFunction should;
  const char* what;
  const char* page;
};

const Entry entries[] = {
    {"fgft.PmCoverage", fgft::registerPmCoverage, fgft::shouldRegisterPmCoverage,
     "Suspend and resume code that a device checkpoint needs", "docs/checkers/PmCoverage.md"},
    {"fgft.EntryPoints", fgft::registerEntryPoints, fgft::shouldRegisterEntryPoints,
     "Functions that the kernel calls", "docs/checkers/EntryPoints.md"},
    {"fgft.Effects", fgft::registerEffects, fgft::shouldRegisterEffects, "What entry points do",
     "docs/checkers/Effects.md"},
    {"fgft.IrrevocableIo", fgft::registerIrrevocableIo, fgft::shouldRegisterIrrevocableIo,
     "What makes that an entry point cannot be undone", "docs/checkers/IrrevocableIo.md"},
};

} // namespace

extern "C" {

// The names are clang's.
extern const char clang_analyzerAPIVersionString[];                              // NOLINT
const char clang_analyzerAPIVersionString[] = CLANG_ANALYZER_API_VERSION_STRING; // NOLINT

void clang_registerCheckers(clang::ento::CheckerRegistry& registry) { // NOLINT
  for (const Entry& entry : entries) {
    registry.addChecker(entry.add, entry.should, entry.name, entry.what, entry.page, /*IsHidden=*/false);
    registry.addCheckerOption("string", entry.name, "Model", "", "Folder of the kernel model's tables",
                              "released", /*IsHidden=*/false);
  }
  registry.addCheckerOption("string", "fgft.PmCoverage", "Facts", "",
                            "Folder to write the TU's facts file to", "released", /*IsHidden=*/false);
  registry.addCheckerOption("string", "fgft.Effects", "Level", "checkpointable",
                            "The least level that is reported: pure, memory, undoable, checkpointable, "
                            "deferrable or irrevocable",
                            "released", /*IsHidden=*/false);
}
}
