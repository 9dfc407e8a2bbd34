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

#include <filesystem>
#include <unistd.h>

using namespace clang;

namespace fgft {

namespace {

// Errors come from headers that clash or that cannot stand alone; each pass leaves out those it met.
constexpr unsigned maxPasses = 8;
constexpr std::string_view stateMagic = "fgft header state 2";

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
  RecordingPchAction(const Roots& roots, const HeaderRecord* base, FirstError& errors)
      : roots_(roots), base_(base), errors_(errors) {}

  std::unique_ptr<ASTConsumer> CreateASTConsumer(CompilerInstance& compiler, StringRef file) override {
    recorder_ = std::make_unique<HeaderRecorder>(compiler.getPreprocessor(), roots_, base_);
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
    included = recorder_->included();
    record = recorder_->finish();
    record.missing.insert(record.missing.end(), missing_.begin(), missing_.end());
    errors_.onError = nullptr;
    GeneratePCHAction::EndSourceFileAction();
  }

  HeaderRecord record;
  std::vector<unsigned> failed; // 1-based positions
  std::vector<uint32_t> failedFiles;
  std::vector<uint32_t> included; // by position - 1

private:
  const Roots& roots_;
  const HeaderRecord* base_;
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
void addDependents(const HeaderRecord& record, const std::vector<uint32_t>& includes,
                   const std::vector<uint32_t>& files, std::vector<unsigned>& failed) {
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

// The text before the record: the precompiled header's name and check sum, that of the one it stands on, and
// the content of each input.
std::string preface(const std::string& pch, const std::string& base, const HeaderRecord& record,
                    InputHashes& hashes) {
  std::string text = fmt::format("{}\n{}\n{}\n{}\n", stateMagic, pch, base, record.files.size());
  for (const HeaderRecord::File& file : record.files)
    text += hashes.of(file.path) + "\n";
  return text;
}

// Precompiled headers are named by their content.
std::string pchName(const std::string& path) {
  return fastHashOfFile(path) + ".pch";
}

// Parses the headers until those that are left parse together.
class StateBuilder {
public:
  StateBuilder(const HeaderRequest& request, const std::string& folder)
      : request_(request), tu_(request.invocation), headers_(request.headers),
        // The main file's name is part of the precompiled header and must stay there; its content is not
        // asked for.
        path_(fmt::format("{}/{}", folder, request.key())),
        temporary_(fmt::format("{}.{}.tmp", path_, ::getpid())) {
    tu_.path = path_ + ".h";
  }
  ~StateBuilder() { ::unlink(temporary_.c_str()); }
  StateBuilder(const StateBuilder&) = delete;
  StateBuilder& operator=(const StateBuilder&) = delete;

  // The record; the precompiled header is at temporary().
  HeaderRecord run() {
    for (unsigned pass = 0; pass < maxPasses; ++pass) {
      FirstError errors;
      RecordingPchAction action(roots_, request_.base ? &request_.base->record : nullptr, errors);
      bool done = parse(action, errors) && errors.message().empty();
      if (!done) {
        addDependents(action.record, action.included, action.failedFiles, action.failed);
        if (!leaveOut(headers_, action.failed))
          throw Error("the shared headers do not parse together: {}", errors.message());
      } else if (!leaveOutUnguarded(action))
        return std::move(action.record);
    }
    throw Error("the shared headers do not parse together");
  }
  const std::string& temporary() const { return temporary_; }

private:
  bool parse(RecordingPchAction& action, FirstError& errors) {
    writeFileAtomically(tu_.path, mainText(headers_));
    auto invocation = Invocations(request_.resourceDir).of(tu_, errors);
    if (!invocation)
      throw Error("the compiler refuses the flags: {}", errors.message());
    auto& front = invocation->getFrontendOpts();
    front.ProgramAction = frontend::GeneratePCH;
    front.OutputFile = temporary_;
    front.DisableFree = true; // the process ends soon
    // Content is what is compared here; a base that was made again has another time.
    front.IncludeTimestamps = false;
    front.Inputs = {FrontendInputFile(tu_.path, InputKind(Language::C, InputKind::Source, false))};
    invocation->getDiagnosticOpts().ErrorLimit = 0;
    if (request_.base)
      startFrom(request_.base->pchPath, *invocation);
    CompilerInstance compiler(std::move(invocation));
    auto files = FileManagers().in(tu_.directory);
    compiler.setVirtualFileSystem(files->getVirtualFileSystemPtr());
    compiler.createDiagnostics(&errors, /*ShouldOwnClient=*/false);
    compiler.setFileManager(files);
    return compiler.ExecuteAction(action);
  }

  // As chooseHeaders() has it, but by what the preprocessor knows; asked once.
  bool leaveOutUnguarded(const RecordingPchAction& action) {
    if (std::exchange(unguardedLeftOut_, true))
      return false;
    std::vector<unsigned> unguarded;
    for (unsigned i = 0; i < action.included.size(); ++i)
      if (!action.record.files[action.included[i]].guarded)
        unguarded.push_back(i + 1);
    return leaveOut(headers_, unguarded);
  }

  const HeaderRequest& request_;
  Invocation tu_;
  Roots roots_{tu_.sourceRoot, tu_.buildRoot, {}, tu_.directory};
  std::vector<std::string> headers_;
  std::string path_;
  std::string temporary_;
  bool unguardedLeftOut_ = false;
};

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
  if (base)
    hasher.add("on").add(base->pchPath);
  return hasher.hex().substr(0, 32);
}

bool suitsAsBase(const HeaderState& base, const std::vector<std::string>& moreMacros) {
  return std::none_of(moreMacros.begin(), moreMacros.end(), [&base](llvm::StringRef macro) {
    return base.record.nameIndex.count(macro.drop_front().split('=').first) != 0; // DNAME=VALUE
  });
}

void buildHeaderState(const HeaderRequest& request, const std::string& folder) {
  StateBuilder builder(request, folder);
  HeaderRecord record = builder.run();
  std::string pch = pchName(builder.temporary());
  if (std::error_code failed = llvm::sys::fs::rename(builder.temporary(), folder + "/" + pch))
    throw Error("{}/{}: cannot rename into place: {}", folder, pch, failed.message());
  InputHashes hashes;
  std::string text = preface(pch, request.base ? request.base->pchPath : "", record, hashes);
  writeFileAtomically(statePath(folder, request.key()), text + hashOf(text) + "\n" + record.serialise());
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
  std::string base = line().str();
  std::size_t count = 0;
  if (line().getAsInteger(10, count) || count > bytes.size())
    return false;
  for (std::size_t i = 0; i < count; ++i)
    line();
  llvm::StringRef text = start.drop_back(bytes.size());
  if (line() != hashOf(text) || !record.parse(bytes) || record.files.size() != count)
    return false;
  // Precompiled headers are named by their content; a base by its path, which stands in what was made on it.
  pchPath = folder + "/" + pch;
  for (const std::string& path : {pchPath, base})
    if (!path.empty() && path != folder + "/" + pchName(path))
      return false;
  if (text != preface(pch, base, record, hashes))
    return false;
  for (const HeaderRecord::File& file : record.files)
    inputs.push_back({file.name, file.path});
  if (isHidden())
    return false;
  // What is used stays in the cache. No stamp of these vouches for anything.
  std::error_code ignored;
  for (const std::string& path : {pchPath, base, statePath(folder, request)})
    if (!path.empty())
      std::filesystem::last_write_time(path, std::filesystem::file_time_type::clock::now(), ignored);
  return true;
}

} // namespace fgft
