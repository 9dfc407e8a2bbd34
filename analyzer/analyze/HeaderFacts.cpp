// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Makes header facts; see HeaderFacts.h. Headers that many drivers never see together clash here and there.
// No header is left out for it: a function with an error in it, and one that two headers define, is.
#include "analyze/HeaderFacts.h"

#include "analyze/FrontendParts.h"
#include "analyze/HeaderState.h"
#include "extract/Extract.h"
#include "extract/Flags.h"
#include "facts/FactsIo.h"
#include "support/Error.h"
#include "support/Hash.h"
#include "support/Usage.h"

#include <clang/AST/ASTConsumer.h>
#include <clang/AST/Decl.h>
#include <clang/Basic/TargetOptions.h>
#include <clang/Frontend/CompilerInstance.h>
#include <clang/Frontend/FrontendAction.h>
#include <clang/Frontend/Utils.h>
#include <clang/Lex/PreprocessorOptions.h>
#include <llvm/Support/MemoryBuffer.h>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <functional>
#include <map>
#include <set>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace clang;

namespace fgft {

namespace {

// Lies nowhere: the front end is handed its text.
constexpr std::string_view mainName = "fgft-header-facts.c";

class AllFiles : public DependencyCollector {
public:
  bool needSystemDependencies() override { return true; }
  bool sawDependency(StringRef file, bool, bool, bool, bool isMissing) override {
    return !isMissing && !file.ends_with(mainName);
  }
};

// Takes the functions that headers define and that have no error, and extracts from them at the end.
class HeaderConsumer : public ASTConsumer {
public:
  HeaderConsumer(CompilerInstance& compiler, FirstError& errors, const Roots& roots,
                 const AnalysisContext& context, TuFacts& facts, std::size_t& leftOut)
      : sources_(compiler.getSourceManager()), errors_(errors), roots_(roots), context_(context),
        facts_(facts), leftOut_(leftOut) {
    errors_.onError = [this](SourceLocation where) {
      if (where.isValid())
        failed_.insert(sources_.getDecomposedExpansionLoc(where));
    };
  }
  ~HeaderConsumer() override { errors_.onError = nullptr; }

  bool HandleTopLevelDecl(DeclGroupRef group) override {
    for (Decl* declaration : group)
      if (auto* function = dyn_cast<FunctionDecl>(declaration);
          function && function->doesThisDeclarationHaveABody() && function->getIdentifier())
        functions_.push_back(function);
    return true;
  }
  void CompleteTentativeDefinition(VarDecl*) override {}

  void HandleTranslationUnit(ASTContext& ast) override {
    std::map<llvm::StringRef, unsigned> definitions;
    for (const FunctionDecl* function : functions_)
      ++definitions[function->getName()];
    std::vector<Decl*> good;
    for (FunctionDecl* function : functions_)
      if (definitions[function->getName()] == 1 && !function->isInvalidDecl() && !hasError(function))
        good.push_back(function);
    leftOut_ = functions_.size() - good.size();
    extractHeaders(ast, good, roots_, context_.driverTags, facts_);
  }

private:
  // Whether an error was met between a function's first and last character.
  bool hasError(const FunctionDecl* function) const {
    auto begin = sources_.getDecomposedExpansionLoc(function->getBeginLoc());
    auto end = sources_.getDecomposedExpansionLoc(function->getEndLoc());
    auto it = failed_.lower_bound(begin);
    return it != failed_.end() && it->first == begin.first && it->second <= end.second;
  }

  SourceManager& sources_;
  FirstError& errors_;
  const Roots& roots_;
  const AnalysisContext& context_;
  TuFacts& facts_;
  std::size_t& leftOut_;
  std::vector<FunctionDecl*> functions_;
  std::set<FileIDAndOffset> failed_;
};

class HeaderAction : public ASTFrontendAction {
public:
  using Make = std::function<std::unique_ptr<ASTConsumer>(CompilerInstance&)>;
  explicit HeaderAction(Make make) : make_(std::move(make)) {}
  std::unique_ptr<ASTConsumer> CreateASTConsumer(CompilerInstance& compiler, StringRef) override {
    return make_(compiler);
  }

private:
  Make make_;
};

// The command line that most TUs share, with what headers want of a file's own options.
Invocation sharedInvocation(const Invocation& common) {
  Invocation shared = groupInvocation(common);
  for (const char* name : {"KBUILD_MODNAME", "KBUILD_BASENAME", "KBUILD_MODFILE"})
    shared.args.push_back(fmt::format("-D{}=\"headers\"", name));
  shared.args.push_back("-D__KBUILD_MODNAME=kmod_headers");
  shared.path = absolutePath(std::string(mainName), shared.sourceRoot);
  return shared;
}

std::string textOf(const std::vector<std::string>& headers) {
  std::string text;
  for (const std::string& header : headers)
    text += "#include <" + header + ">\n";
  return text;
}

std::string digestOf(const Invocation& shared, const std::string& text, const AnalysisContext& context) {
  Hasher hasher;
  hasher.add("header facts").add(toolStamp()).add(context.modelHash);
  hasher.add(shared.sourceRoot).add(shared.buildRoot).add(text);
  for (const std::string& argument : shared.args)
    hasher.add(argument);
  return hasher.hex();
}

struct Made {
  TuFacts facts;
  std::size_t leftOut = 0;
  std::string firstError; // what a header misses that stands alone here
  std::vector<std::string> inputs;
};

Made make(const Invocation& shared, const std::string& text, const AnalysisContext& context) {
  Made made;
  Roots roots{shared.sourceRoot, shared.buildRoot, {}, shared.directory};
  FirstError errors;
  Invocations invocations(context.resourceDir);
  auto invocation = invocations.of(shared, errors);
  if (!invocation)
    throw Error("the compiler refuses the flags: {}", errors.message());
  invocation->getFrontendOpts().SkipFunctionBodies = false;
  invocation->getDiagnosticOpts().ErrorLimit = 0;
  invocation->getPreprocessorOpts().addRemappedFile(shared.path,
                                                    llvm::MemoryBuffer::getMemBufferCopy(text).release());
  auto flags = significantFlags(invocation->getPreprocessorOpts(), invocation->getHeaderSearchOpts(),
                                invocation->getLangOpts(), invocation->getTargetOpts(), roots);
  flags.push_back(text);
  CompilerInstance compiler(std::move(invocation));
  auto files = FileManagers().in(shared.directory);
  compiler.setVirtualFileSystem(files->getVirtualFileSystemPtr());
  compiler.createDiagnostics(&errors, /*ShouldOwnClient=*/false);
  // A header that misses another is one error among others.
  compiler.getDiagnostics().setFatalsAsError(true);
  compiler.setFileManager(files);
  auto collector = std::make_shared<AllFiles>();
  compiler.addDependencyCollector(collector);
  HeaderAction action([&](CompilerInstance& instance) {
    return std::make_unique<HeaderConsumer>(instance, errors, roots, context, made.facts, made.leftOut);
  });
  compiler.ExecuteAction(action);
  made.facts.file = std::string(mainName);
  made.facts.output = std::string(mainName);
  made.firstError = errors.message();
  std::vector<Input> inputs;
  for (const std::string& path : collector->getDependencies())
    inputs.push_back({relativePath(roots, path), absolutePath(path, shared.directory)});
  for (const Input& input : inputs)
    made.inputs.push_back(input.path);
  InputHashes hashes;
  made.facts.key = factsKey(context.modelHash, flags, std::move(inputs), hashes);
  return made;
}

// In the child: makes the facts, writes them, and says what it did.
nlohmann::json makeAndWrite(const HeaderFactsRequest& request, const AnalysisContext& context,
                            const std::string& folder) {
  try {
    Made made = make(request.invocation, request.text, context);
    writeFacts(made.facts, folder);
    return {{"key", made.facts.key},
            {"functions", made.facts.functions.size()},
            {"leftOut", made.leftOut},
            {"firstError", made.firstError},
            {"inputs", made.inputs}};
  } catch (const std::exception& error) {
    return {{"problem", error.what()}};
  }
}

std::string readAllOf(int file) {
  std::string text;
  char buffer[65536];
  for (ssize_t got = 0; (got = ::read(file, buffer, sizeof buffer)) != 0;) {
    if (got > 0)
      text.append(buffer, static_cast<std::size_t>(got));
    else if (errno != EINTR)
      break;
  }
  return text;
}

// Runs makeAndWrite() in a child.
nlohmann::json runChild(const HeaderFactsRequest& request, const AnalysisContext& context,
                        const std::string& folder, unsigned timeoutSeconds,
                        const std::function<void()>& unload, double& cpuSeconds) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0)
    throw Error("cannot make a pipe: {}", std::strerror(errno));
  pid_t pid = ::fork();
  if (pid < 0)
    throw Error("cannot start a process: {}", std::strerror(errno));
  if (pid == 0) {
    ::alarm(timeoutSeconds);
    unload();
    std::string report =
        makeAndWrite(request, context, folder).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    bool done = true;
    for (std::size_t at = 0; done && at < report.size();) {
      ssize_t put = ::write(ends[1], report.data() + at, report.size() - at);
      done = put > 0;
      at += done ? static_cast<std::size_t>(put) : 0;
    }
    ::_exit(done ? 0 : 1);
  }
  ::close(ends[1]);
  std::string report = readAllOf(ends[0]);
  ::close(ends[0]);
  int status = 0;
  rusage usage = {};
  while (::wait4(pid, &status, 0, &usage) < 0 && errno == EINTR)
    ;
  cpuSeconds = fgft::cpuSeconds(usage);
  if (WIFSIGNALED(status))
    return {{"problem", WTERMSIG(status) == SIGALRM
                            ? fmt::format("no result within {} s", timeoutSeconds)
                            : fmt::format("the front end was killed by signal {}", WTERMSIG(status))}};
  nlohmann::json json = nlohmann::json::parse(report, nullptr, /*allow_exceptions=*/false);
  if (json.is_discarded())
    return {{"problem", "the front end gave no report"}};
  return json;
}

} // namespace

std::size_t mostCommonCommand(const TuTable& tus) {
  struct Group {
    std::size_t count = 0;
    std::size_t first = 0;
  };
  std::map<std::string, Group> groups;
  for (std::size_t tu = 0; tu < tus.size(); ++tu) {
    Group& group = groups[headerGroup(tus.at(tu))];
    if (group.count++ == 0)
      group.first = tu;
  }
  auto largest = std::max_element(groups.begin(), groups.end(), [](const auto& a, const auto& b) {
    return a.second.count < b.second.count;
  });
  return largest->second.first;
}

HeaderFactsRequest headerFactsRequest(const Invocation& common, const std::vector<std::string>& headers,
                                      const AnalysisContext& context) {
  HeaderFactsRequest request{sharedInvocation(common), textOf(headers), {}};
  request.digest = digestOf(request.invocation, request.text, context);
  return request;
}

HeaderFacts makeHeaderFacts(const HeaderFactsRequest& request, const AnalysisContext& context,
                            FactsCache& cache, unsigned timeoutSeconds, const std::function<void()>& unload) {
  HeaderFacts result;
  if (auto key = cache.find(request.digest)) {
    result.key = *key;
    result.fromCache = true;
    return result;
  }
  nlohmann::json made = runChild(request, context, cache.folder(), timeoutSeconds, unload, result.cpuSeconds);
  result.problem = made.value("problem", "");
  if (!result.problem.empty())
    return result;
  result.key = made.at("key");
  result.functions = made.at("functions");
  result.leftOut = made.at("leftOut");
  result.firstError = made.at("firstError");
  std::vector<FactsCache::InputId> inputs;
  for (const std::string path : made.at("inputs"))
    inputs.push_back(cache.input(path, hashOfFile(path)));
  cache.add(request.digest, result.key, inputs);
  cache.flush();
  return result;
}

} // namespace fgft
