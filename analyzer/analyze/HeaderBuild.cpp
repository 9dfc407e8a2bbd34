// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Makes one header state; see HeaderState.h.
#include "analyze/BodySkip.h"
#include "analyze/FrontendParts.h"
#include "analyze/HeaderRecorder.h"
#include "analyze/HeaderState.h"
#include "analyze/Lookups.h"
#include "facts/FactsIo.h"
#include "support/AtomicFile.h"
#include "support/Error.h"
#include "support/Hash.h"

#include <clang/Basic/Version.h>
#include <clang/Frontend/CompilerInstance.h>
#include <clang/Frontend/FrontendActions.h>
#include <clang/Frontend/MultiplexConsumer.h>
#include <clang/Lex/PreprocessorOptions.h>
#include <llvm/Support/FileSystem.h>
#include <llvm/Support/MemoryBuffer.h>
#include <llvm/Support/xxhash.h>

#include <unistd.h>

using namespace clang;

namespace fgft {

namespace {

// Errors come from headers that clash or that cannot stand alone; each pass leaves out those it met.
constexpr unsigned maxPasses = 8;
constexpr std::string_view stateMagic = "fgft header state 1";

std::string statePath(const std::string& folder, const std::string& request) {
  return folder + "/" + request + ".state";
}

// All function bodies are skipped, and the recorder is told where.
class BodySkipper : public ASTConsumer {
public:
  BodySkipper(HeaderRecorder& recorder, Preprocessor& preprocessor)
      : recorder_(recorder), preprocessor_(preprocessor) {}
  bool shouldSkipFunctionBody(Decl*) override {
    recorder_.enterBody();
    bodySkip_.skip(preprocessor_);
    return true;
  }

private:
  HeaderRecorder& recorder_;
  Preprocessor& preprocessor_;
  BodySkip bodySkip_;
};

class RecordingPchAction : public GeneratePCHAction {
public:
  RecordingPchAction(const Roots& roots, FirstError& errors) : roots_(roots), errors_(errors) {}

  std::unique_ptr<ASTConsumer> CreateASTConsumer(CompilerInstance& compiler, StringRef file) override {
    recorder_ = std::make_unique<HeaderRecorder>(compiler.getPreprocessor(), roots_);
    recorder_->attach();
    ignoreDiagnosticPragmas(compiler.getPreprocessor());
    noteMissing(compiler.getPreprocessor(), roots_.directory, missing_);
    errors_.onError = [this](SourceLocation where) { recorder_->noteError(where); };
    std::vector<std::unique_ptr<ASTConsumer>> consumers;
    consumers.push_back(std::make_unique<BodySkipper>(*recorder_, compiler.getPreprocessor()));
    auto writer = GeneratePCHAction::CreateASTConsumer(compiler, file);
    if (!writer)
      return nullptr;
    consumers.push_back(std::move(writer));
    return std::make_unique<MultiplexConsumer>(std::move(consumers));
  }
  void EndSourceFileAction() override {
    failed = recorder_->failed();
    failedFiles = recorder_->failedFiles();
    record = recorder_->finish();
    record.missing = std::move(missing_);
    errors_.onError = nullptr;
    GeneratePCHAction::EndSourceFileAction();
  }

  HeaderRecord record;
  std::vector<unsigned> failed; // 1-based positions
  std::vector<uint32_t> failedFiles;

private:
  const Roots& roots_;
  FirstError& errors_;
  std::unique_ptr<HeaderRecorder> recorder_;
  std::vector<std::string> missing_;
};

std::string mainText(const std::vector<std::string>& headers) {
  std::string text;
  for (const std::string& header : headers)
    text += "#include <" + header + ">\n";
  return text;
}

// The files that the main file's includes name, by position.
std::vector<uint32_t> mainIncludes(const HeaderRecord& record) {
  std::vector<uint32_t> files;
  for (uint32_t i = record.visits[0].eventsBegin; i < record.visits[0].eventsEnd; ++i)
    if (record.events[i].op == HeaderRecord::Op::Include)
      files.push_back(record.events[i].subject);
  files.erase(files.begin(), files.begin() + static_cast<std::ptrdiff_t>(record.forced.size()));
  return files;
}

// Marks `file` and all that it includes, directly or not.
void markClosure(const HeaderRecord& record, uint32_t file, std::vector<char>& marked) {
  if (marked[file])
    return;
  marked[file] = 1;
  for (uint32_t visit : record.files[file].visits)
    for (uint32_t i = record.visits[visit].eventsBegin; i < record.visits[visit].eventsEnd; ++i)
      if (record.events[i].op == HeaderRecord::Op::Include)
        markClosure(record, record.events[i].subject, marked);
}

// Adds to `failed` the positions of all headers that include a file with an error: left in, each would meet
// the same error in a later pass.
void addDependents(const HeaderRecord& record, const std::vector<uint32_t>& files,
                   std::vector<unsigned>& failed) {
  std::vector<uint32_t> includes = mainIncludes(record);
  for (unsigned i = 0; i < includes.size(); ++i) {
    std::vector<char> marked(record.files.size(), 0);
    markClosure(record, includes[i], marked);
    if (std::any_of(files.begin(), files.end(), [&marked](uint32_t file) { return marked[file] != 0; }))
      failed.push_back(i + 1);
  }
}

// Takes the headers at the 1-based positions `failed` out; false if there is nothing to take.
bool leaveOut(std::vector<std::string>& headers, const std::vector<unsigned>& failed) {
  std::vector<std::string> kept;
  for (unsigned i = 0; i < headers.size(); ++i)
    if (std::find(failed.begin(), failed.end(), i + 1) == failed.end())
      kept.push_back(std::move(headers[i]));
  bool any = kept.size() < headers.size();
  headers = std::move(kept);
  return any && !headers.empty();
}

std::string fastHashOfFile(const std::string& path) {
  auto buffer = llvm::MemoryBuffer::getFile(path, /*IsText=*/false, /*RequiresNullTerminator=*/false);
  if (!buffer)
    return {};
  auto hash = llvm::xxh3_128bits(llvm::arrayRefFromStringRef((*buffer)->getBuffer()));
  return fmt::format("{:016x}{:016x}", hash.high64, hash.low64);
}

// The text before the record: the precompiled header's name and check sum, and the content of each input.
std::string preface(const std::string& pch, const std::string& pchHash, const HeaderRecord& record,
                    InputHashes& hashes) {
  std::string text = fmt::format("{}\n{}\n{}\n{}\n", stateMagic, pch, pchHash, record.files.size());
  for (const HeaderRecord::File& file : record.files)
    text += hashes.of(file.path) + "\n";
  return text;
}

} // namespace

std::string HeaderRequest::key() const {
  Hasher hasher;
  hasher.add(stateMagic).add(FGFT_VERSION).add(getClangFullVersion()).add(resourceDir);
  hasher.add(invocation.directory).add(invocation.sourceRoot).add(invocation.buildRoot);
  for (const std::string& argument : invocation.args)
    hasher.add(argument);
  hasher.add("headers");
  for (const std::string& header : headers)
    hasher.add(header);
  return hasher.hex().substr(0, 32);
}

void buildHeaderState(const HeaderRequest& request, const std::string& folder) {
  std::string key = request.key();
  std::vector<std::string> headers = request.headers;
  Invocation tu = request.invocation;
  Roots roots{tu.sourceRoot, tu.buildRoot, {}, tu.directory};
  // The main file's name is part of the precompiled header and must stay there; its content is not asked for.
  tu.path = folder + "/" + key + ".h";
  std::string temporary = fmt::format("{}/{}.{}.tmp", folder, key, ::getpid());
  bool unguardedLeftOut = false;
  for (unsigned pass = 0;; ++pass) {
    writeFileAtomically(tu.path, mainText(headers));
    FirstError errors;
    Invocations invocations(request.resourceDir);
    auto invocation = invocations.of(tu, errors);
    if (!invocation)
      throw Error("the compiler refuses the flags: {}", errors.message());
    auto& front = invocation->getFrontendOpts();
    front.ProgramAction = frontend::GeneratePCH;
    front.OutputFile = temporary;
    front.DisableFree = true; // the process ends soon
    front.Inputs = {FrontendInputFile(tu.path, InputKind(Language::C, InputKind::Source, false))};
    invocation->getDiagnosticOpts().ErrorLimit = 0;
    CompilerInstance compiler(std::move(invocation));
    auto files = FileManagers().in(tu.directory);
    compiler.setVirtualFileSystem(files->getVirtualFileSystemPtr());
    compiler.createDiagnostics(&errors, /*ShouldOwnClient=*/false);
    compiler.setFileManager(files);
    RecordingPchAction action(roots, errors);
    bool done = compiler.ExecuteAction(action) && errors.message().empty();
    // As chooseHeaders() has it, but by what the preprocessor knows.
    if (done && !unguardedLeftOut) {
      unguardedLeftOut = true;
      std::vector<unsigned> unguarded;
      std::vector<uint32_t> includes = mainIncludes(action.record);
      for (unsigned i = 0; i < includes.size(); ++i)
        if (!action.record.files[includes[i]].guarded)
          unguarded.push_back(i + 1);
      if (leaveOut(headers, unguarded))
        continue;
    }
    if (!done) {
      addDependents(action.record, action.failedFiles, action.failed);
      if (pass + 1 == maxPasses || !leaveOut(headers, action.failed)) {
        ::unlink(temporary.c_str());
        throw Error("the shared headers do not parse together: {}", errors.message());
      }
      continue;
    }
    InputHashes hashes;
    std::string pchHash = fastHashOfFile(temporary);
    std::string pch = pchHash + ".pch";
    if (std::error_code failed = llvm::sys::fs::rename(temporary, folder + "/" + pch))
      throw Error("{}/{}: cannot rename into place: {}", folder, pch, failed.message());
    std::string text = preface(pch, pchHash, action.record, hashes);
    writeFileAtomically(statePath(folder, key), text + hashOf(text) + "\n" + action.record.serialise());
    return;
  }
}

// Whether a header has appeared where it would be read in place of one of the state's.
bool HeaderState::isHidden() const {
  return std::any_of(record.missing.begin(), record.missing.end(),
                     [](const std::string& path) { return llvm::sys::fs::exists(path); });
}

bool HeaderState::load(const std::string& folder, const std::string& request, InputHashes& hashes) {
  auto buffer = llvm::MemoryBuffer::getFile(statePath(folder, request), /*IsText=*/false,
                                            /*RequiresNullTerminator=*/false);
  if (!buffer)
    return false;
  llvm::StringRef bytes = (*buffer)->getBuffer();
  auto line = [&bytes] {
    auto [first, rest] = bytes.split('\n');
    bytes = rest;
    return first;
  };
  llvm::StringRef start = bytes;
  if (line() != llvm::StringRef(stateMagic))
    return false;
  std::string pch = line().str();
  llvm::StringRef pchHash = line();
  std::size_t count = 0;
  if (line().getAsInteger(10, count) || count > bytes.size())
    return false;
  for (std::size_t i = 0; i < count; ++i)
    line();
  llvm::StringRef text = start.drop_back(bytes.size());
  if (line() != hashOf(text) || !record.parse(bytes) || record.files.size() != count)
    return false;
  pchPath = folder + "/" + pch;
  if (pchHash != fastHashOfFile(pchPath) || text != preface(pch, pchHash.str(), record, hashes))
    return false;
  for (const HeaderRecord::File& file : record.files)
    inputs.push_back({file.name, file.path});
  return !isHidden();
}

} // namespace fgft
