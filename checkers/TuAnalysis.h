// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the checkers share: the TU's facts as the analyzer's front end sees it, what its entry points do, and
// reports at a place of the facts.
#pragma once

#include "effects/Effects.h"
#include "extract/OwnFiles.h"
#include "facts/Facts.h"
#include "model/Model.h"

#include <clang/StaticAnalyzer/Core/BugReporter/BugReporter.h>
#include <clang/StaticAnalyzer/Core/Checker.h>
#include <clang/StaticAnalyzer/Core/PathSensitive/AnalysisManager.h>

#include <functional>
#include <string>
#include <vector>

namespace fgft {

class TuAnalysis {
public:
  TuAnalysis(const clang::ento::CheckerBase& checker, const clang::TranslationUnitDecl* unit,
             clang::ento::AnalysisManager& manager, clang::ento::BugReporter& reporter);

  /// The TU's facts, with its modules, without a key.
  TuFacts facts(const Model& model) const;

  /// The TU's entry points, as if it were a module of its own and knew no header's function bodies.
  std::vector<EntryPointRow> entryPoints(const Model& model) const;

  /// Reports each effect of an entry point that `counts` takes, in the words of `message`, each report once
  /// however many kinds the entry point has.
  void reportEffects(const Model& model, llvm::StringRef category,
                     const std::function<bool(const EffectRow&)>& counts,
                     const std::function<std::string(const EntryPointRow&, const EffectRow&)>& message);

  /// Whether the TU is of a kernel's build: Kbuild also runs the compiler on scraps, to learn what it can do.
  bool isKernel() const { return !roots_.sourceRoot.empty(); }
  const Roots& roots() const { return roots_; }

  /// Reports at a line that facts name; `kind` is the finding's word and ends the message.
  void report(const Place& place, llvm::StringRef category, llvm::StringRef kind, const std::string& message);

private:
  const clang::ento::CheckerBase& checker_;
  const clang::TranslationUnitDecl* unit_;
  clang::ento::AnalysisManager& manager_;
  clang::ento::BugReporter& reporter_;
  Roots roots_;
};

/// Runs a checker's work on a TU without errors; what it throws becomes an error of the compiler.
void runOnTu(const char* name, clang::ento::AnalysisManager& manager, const std::function<void()>& work);

/// The folder of the model's tables that the checker's option Model names; its default is the source tree's.
std::string modelOption(clang::ento::CheckerManager& manager, const clang::ento::CheckerBase* checker);

} // namespace fgft
