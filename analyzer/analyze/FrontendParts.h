// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the front end's roads share: diagnostics, front-end invocations, file managers.
#pragma once

#include "analyze/Frontend.h"
#include "extract/OwnFiles.h"

#include <clang/Basic/Diagnostic.h>
#include <clang/Basic/FileManager.h>
#include <clang/Frontend/CompilerInvocation.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace clang {
class Preprocessor;
}

namespace fgft {

/// Keeps the first error; all else is of no interest here.
class FirstError : public clang::DiagnosticConsumer {
public:
  void HandleDiagnostic(clang::DiagnosticsEngine::Level level, const clang::Diagnostic& diagnostic) override;
  const std::string& message() const { return message_; }
  /// Called at each error with its place, if set.
  std::function<void(clang::SourceLocation)> onError;

private:
  std::string message_;
};

/// Makes the preprocessor pass over #pragma GCC diagnostic and #pragma clang diagnostic. Warnings are off
/// anyway, and with such a pragma in the text clang looks for its place in the sources whenever it thinks of
/// a warning. What a pragma would have kept from being an error is an error then.
void ignoreDiagnosticPragmas(clang::Preprocessor& preprocessor);

/// Has a parse start from a precompiled header that the caller has chosen by the flags, and whose inputs were
/// compared by content: what clang would check again are the flags, to the letter, and dates.
void startFrom(const std::string& precompiledHeader, clang::CompilerInvocation& invocation);

/// An invocation's arguments by what becomes of them.
struct SplitArgs {
  std::vector<std::string> macros;  ///< "DNAME", "DNAME=VALUE", "UNAME", in order
  std::vector<std::string> folders; ///< of -I, in order
  std::vector<std::string> rest;
};
SplitArgs splitArgs(const std::vector<std::string>& args);

/// Makes front-end invocations from command lines. Clang's driver is slow and is asked once per set of
/// options other than -D, -U and -I.
class Invocations {
public:
  explicit Invocations(const std::string& resourceDir) : resourceDir_(resourceDir) {}

  /// For one TU; null, with the reason in `errors`, where the driver refuses.
  std::unique_ptr<clang::CompilerInvocation> of(const Invocation& tu, FirstError& errors);

private:
  std::string resourceDir_;
  std::map<std::string, std::unique_ptr<clang::CompilerInvocation>> bases_;
};

/// File managers by working directory: what is where is asked of the system once.
class FileManagers {
public:
  llvm::IntrusiveRefCntPtr<clang::FileManager> in(const std::string& directory);

private:
  std::map<std::string, llvm::IntrusiveRefCntPtr<clang::FileManager>> managers_;
};

} // namespace fgft
