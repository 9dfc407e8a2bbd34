// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Shared parts of the front end's roads; see FrontendParts.h.
#include "analyze/FrontendParts.h"

#include <clang/Basic/SourceManager.h>
#include <clang/Driver/CreateInvocationFromArgs.h>
#include <clang/Frontend/CompilerInstance.h>
#include <clang/Lex/HeaderSearchOptions.h>
#include <clang/Lex/Pragma.h>
#include <clang/Lex/Preprocessor.h>
#include <clang/Lex/PreprocessorOptions.h>
#include <llvm/Support/VirtualFileSystem.h>

#include <fmt/format.h>

using namespace clang;

namespace fgft {

void FirstError::HandleDiagnostic(DiagnosticsEngine::Level level, const Diagnostic& diagnostic) {
  DiagnosticConsumer::HandleDiagnostic(level, diagnostic);
  if (level < DiagnosticsEngine::Error)
    return;
  if (onError)
    onError(diagnostic.hasSourceManager() ? diagnostic.getLocation() : SourceLocation());
  if (!message_.empty())
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

void ignoreDiagnosticPragmas(Preprocessor& preprocessor) {
  for (const char* space : {"GCC", "clang"}) {
    EmptyPragmaHandler named("diagnostic"); // says which; the preprocessor's own handler is the one removed
    preprocessor.RemovePragmaHandler(space, &named);
  }
}

void startFrom(const std::string& precompiledHeader, CompilerInvocation& invocation) {
  PreprocessorOptions& options = invocation.getPreprocessorOpts();
  options.ImplicitPCHInclude = precompiledHeader;
  options.DisablePCHOrModuleValidation = DisableValidationForModuleKind::PCH;
}

SplitArgs splitArgs(const std::vector<std::string>& args) {
  SplitArgs split;
  for (std::size_t i = 0; i < args.size(); ++i) {
    const std::string& argument = args[i];
    bool joined = argument.size() > 2;
    if (!joined && i + 1 == args.size()) {
      split.rest.push_back(argument);
    } else if (argument.starts_with("-I")) {
      split.folders.push_back(joined ? argument.substr(2) : args[++i]);
    } else if (argument.starts_with("-D") || argument.starts_with("-U")) {
      split.macros.push_back(joined ? argument.substr(1) : argument.substr(1) + args[++i]);
    } else {
      split.rest.push_back(argument);
      // A value of its own must not be taken for an option.
      if (argument == "-include" || argument == "-imacros" || argument == "-isystem" ||
          argument == "-iquote" || argument == "-idirafter")
        split.rest.push_back(args[++i]);
    }
  }
  return split;
}

std::unique_ptr<CompilerInvocation> Invocations::of(const Invocation& tu, FirstError& errors) {
  SplitArgs split = splitArgs(tu.args);
  std::string key = tu.directory;
  for (const std::string& argument : split.rest)
    (key += '\n') += argument;
  std::unique_ptr<CompilerInvocation>& base = bases_[key];
  if (!base) {
    std::vector<std::string> words = {"clang"};
    words.insert(words.end(), split.rest.begin(), split.rest.end());
    words.insert(words.end(), {"-w", "-Wno-error", "-fsyntax-only", "-working-directory=" + tu.directory,
                               "-resource-dir=" + resourceDir_, tu.path});
    std::vector<const char*> arguments;
    arguments.reserve(words.size());
    for (const std::string& wordText : words)
      arguments.push_back(wordText.c_str());
    DiagnosticOptions options;
    CreateInvocationOptions create;
    create.Diags =
        llvm::makeIntrusiveRefCnt<DiagnosticsEngine>(DiagnosticIDs::create(), options, &errors, false);
    create.ProbePrecompiled = false;
    base = createInvocation(arguments, create);
    if (!base)
      return nullptr;
    base->getFrontendOpts().SkipFunctionBodies = true;
    base->getFrontendOpts().DisableFree = false;
    base->getDiagnosticOpts().ShowCarets = false;
    // As Kbuild has it with O=: __FILE__ does not tell where the tree lies.
    for (const std::string& root : {tu.sourceRoot, tu.buildRoot})
      base->getLangOpts().MacroPrefixMap[root + "/"] = "";
  }
  auto invocation = std::make_unique<CompilerInvocation>(*base);
  auto& inputs = invocation->getFrontendOpts().Inputs;
  InputKind kind = inputs.front().getKind();
  inputs = {FrontendInputFile(tu.path, kind)};
  auto& macros = invocation->getPreprocessorOpts().Macros;
  for (const std::string& macro : split.macros)
    macros.emplace_back(macro.substr(1), macro[0] == 'U');
  // -I comes before all other folders, whatever the order of the arguments.
  std::vector<HeaderSearchOptions::Entry> folders;
  for (const std::string& folder : split.folders)
    folders.emplace_back(folder, frontend::Angled, /*isFramework=*/false, /*ignoreSysRoot=*/true);
  auto& entries = invocation->getHeaderSearchOpts().UserEntries;
  entries.insert(entries.begin(), folders.begin(), folders.end());
  return invocation;
}

IntrusiveRefCntPtr<FileManager> FileManagers::in(const std::string& directory) {
  auto& files = managers_[directory];
  if (!files) {
    FileSystemOptions options;
    options.WorkingDir = directory;
    // Not the process-wide file system, whose working directory is the process's own.
    files = llvm::makeIntrusiveRefCnt<FileManager>(options, llvm::vfs::createPhysicalFileSystem());
  }
  return files;
}

} // namespace fgft
