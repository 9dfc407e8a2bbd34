// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What clang asks of the plugin: the version it was built for, and its checkers with their options. A new
// checker adds its two functions and one entry here (docs/adding.md).
#include <clang/StaticAnalyzer/Frontend/CheckerRegistry.h>

namespace fgft {
void registerPmCoverage(clang::ento::CheckerManager& manager);
bool shouldRegisterPmCoverage(const clang::ento::CheckerManager& manager);
} // namespace fgft

extern "C" {

// The names are clang's.
extern const char clang_analyzerAPIVersionString[];                              // NOLINT
const char clang_analyzerAPIVersionString[] = CLANG_ANALYZER_API_VERSION_STRING; // NOLINT

void clang_registerCheckers(clang::ento::CheckerRegistry& registry) { // NOLINT
  registry.addChecker(fgft::registerPmCoverage, fgft::shouldRegisterPmCoverage, "fgft.PmCoverage",
                      "Suspend and resume code that a device checkpoint needs", "docs/checkers/PmCoverage.md",
                      /*IsHidden=*/false);
  registry.addCheckerOption("string", "fgft.PmCoverage", "Facts", "",
                            "Folder to write the TU's facts file to", "released", /*IsHidden=*/false);
  registry.addCheckerOption("string", "fgft.PmCoverage", "Model", "", "Folder of the kernel model's tables",
                            "released",
                            /*IsHidden=*/false);
}
}
