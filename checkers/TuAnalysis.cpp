// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Shared parts of the checkers; see TuAnalysis.h.
#include "checkers/TuAnalysis.h"

#include "extract/Extract.h"
#include "extract/Flags.h"

#include <clang/Lex/Preprocessor.h>
#include <clang/Lex/PreprocessorOptions.h>
#include <clang/StaticAnalyzer/Frontend/CheckerRegistry.h>
#include <llvm/Support/Path.h>

#include <fmt/format.h>

#include <filesystem>
#include <set>

using namespace clang;
using namespace ento;

namespace fgft {

namespace {

Roots rootsOf(Preprocessor& preprocessor) {
  std::string directory = std::filesystem::current_path();
  return {sourceRootOf(preprocessor.getPreprocessorOpts(), directory), directory, {}, directory};
}

// What Kbuild's command line names: KBUILD_MODFILE, else KBUILD_MODNAME beside the source.
std::vector<std::string> modulesOf(Preprocessor& preprocessor, const std::string& file) {
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

// The object that the command is about: Kbuild's dependency file (.x.o.d) stands beside it even where -o is
// the analyzer's; else -o; else it is taken to stand beside the source, as most do.
std::string objectOf(const AnalyzerOptions& options, const Roots& roots, const std::string& file) {
  llvm::SmallVector<llvm::StringRef, 256> words;
  llvm::StringRef(options.FullCompilerInvocation).split(words, ' ', -1, /*KeepEmpty=*/false);
  std::string object;
  for (std::size_t i = 0; i + 1 < words.size(); ++i) {
    llvm::StringRef value = words[i + 1];
    llvm::StringRef name = llvm::sys::path::filename(value);
    if (words[i] == "-dependency-file" && name.consume_front(".") && name.consume_back(".d") &&
        name.ends_with(".o"))
      return relativePath(roots, (llvm::sys::path::parent_path(value) + "/" + name).str());
    if (words[i] == "-o" && name.ends_with(".o"))
      object = relativePath(roots, value);
  }
  if (!object.empty())
    return object;
  llvm::SmallString<128> beside(file);
  llvm::sys::path::replace_extension(beside, "o");
  return beside.str().str();
}

} // namespace

TuAnalysis::TuAnalysis(const CheckerBase& checker, const TranslationUnitDecl* unit, AnalysisManager& manager,
                       BugReporter& reporter)
    : checker_(checker), unit_(unit), manager_(manager), reporter_(reporter),
      roots_(rootsOf(manager.getPreprocessor())) {}

TuFacts TuAnalysis::facts(const Model& model) const {
  TuFacts facts;
  std::vector<Decl*> declarations(unit_->decls_begin(), unit_->decls_end());
  extract(manager_.getASTContext(), declarations, roots_, model.driverTags(), facts);
  const SourceManager& sources = manager_.getSourceManager();
  OwnFiles own(sources, roots_);
  facts.file = own.path(sources.getLocForStartOfFile(sources.getMainFileID()));
  facts.output = objectOf(manager_.options, roots_, facts.file);
  facts.modules = modulesOf(manager_.getPreprocessor(), facts.file);
  return facts;
}

std::vector<EntryPointRow> TuAnalysis::entryPoints(const Model& model) const {
  TuFacts all = facts(model);
  EffectsPass pass(model);
  pass.note(all, [&all] { return all; });
  std::vector<EntryPointRow> rows;
  pass.run(EffectsPass::noDrivers, [&rows](EffectsPass::Result result) {
    rows.insert(rows.end(), std::make_move_iterator(result.rows.begin()),
                std::make_move_iterator(result.rows.end()));
  });
  return rows;
}

void TuAnalysis::report(const Place& place, llvm::StringRef category, llvm::StringRef kind,
                        const std::string& message) {
  const SourceManager& sources = manager_.getSourceManager();
  for (auto it = sources.fileinfo_begin(); it != sources.fileinfo_end(); ++it) {
    if (relativePath(roots_, it->first.getName()) != place.file.str())
      continue;
    SourceLocation where = sources.translateFileLineCol(&it->first.getFileEntry(), place.line, 1);
    if (where.isValid())
      reporter_.EmitBasicReport(unit_, &checker_, kind, category, message + " [" + kind.str() + "]",
                                PathDiagnosticLocation(where, sources));
    return;
  }
}

void TuAnalysis::reportEffects(
    const Model& model, llvm::StringRef category, const std::function<bool(const EffectRow&)>& counts,
    const std::function<std::string(const EntryPointRow&, const EffectRow&)>& message) {
  std::set<std::string> said; // a row for each kind of the entry point; the statement is the same
  for (const EntryPointRow& row : entryPoints(model))
    for (const EffectRow& effect : row.effects) {
      if (!counts(effect))
        continue;
      std::string text = message(row, effect);
      if (said.insert(fmt::format("{}:{}", effect.place.line, text)).second)
        report(effect.place, category, effect.word, text);
    }
}

void runOnTu(const char* name, AnalysisManager& manager, const std::function<void()>& work) {
  DiagnosticsEngine& diagnostics = manager.getASTContext().getDiagnostics();
  if (diagnostics.hasErrorOccurred())
    return; // merge finds the TU by its compile command
  try {
    work();
  } catch (const std::exception& error) {
    diagnostics.Report(diagnostics.getCustomDiagID(DiagnosticsEngine::Error, "%0: %1"))
        << name << error.what();
  }
}

std::string modelOption(CheckerManager& manager, const CheckerBase* checker) {
  std::string folder = manager.getAnalyzerOptions().getCheckerStringOption(checker, "Model").str();
  if (folder.empty())
    folder = FGFT_SOURCE_MODEL;
  if (!std::filesystem::is_directory(folder))
    manager.reportInvalidCheckerOptionValue(checker, "Model", "a folder with the kernel model's tables");
  return folder;
}

} // namespace fgft
