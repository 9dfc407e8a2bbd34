// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The isolator as a pass plugin: `clang -fpass-plugin=libfgftIsolator.so` with the environment below, or opt
// with
// `-load-pass-plugin` and `-passes=fgft-clone,…,fgft-instrument`. Kbuild passes options to the compiler, not
// to a plugin; so what the plugin needs comes by environment variables, which the driver build sets.
//
//   FGFT_CONFIG    the protection config; not set: the plugin does nothing
//   FGFT_WRAPPERS  wrappers.csv files, separated by a colon; later ones override rows
//   FGFT_TABLES    folder with the isolator's own tables
//   FGFT_SOURCE    root of the kernel's source; the config's hash must be that of the files there
//   FGFT_CALLS_OUT folder: only note this file's calls there, for a driver of several files; nothing is
//   changed FGFT_CALLS     folder with the notes of all files, needed when the config names more than one
//   FGFT_KERNEL    release of the kernel that is built for; the config must name the same

#include "FaultSites.h"
#include "Functions.h"
#include "Isolator.h"
#include "llvm/IR/Verifier.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Plugins/PassPlugin.h"
#include "llvm/Support/Process.h"
#include "llvm/Support/raw_ostream.h"

#include <memory>
#include <mutex>
#include <stdexcept>

using namespace llvm;

namespace fgft::isolator {

std::vector<const protect::EntryPoint*> protectedEntries(const Context& context) {
  std::vector<const protect::EntryPoint*> result;
  for (const protect::EntryPoint& entry : context.config.entryPoints)
    if (entry.mode != protect::Mode::Refuse)
      result.push_back(&entry);
  return result;
}

protect::Action callAction(const Context& context, StringRef name) {
  for (const protect::WrappedCall& call : context.config.calls) {
    SmallVector<StringRef> names;
    StringRef(call.call).split(names, '|');
    if (is_contained(names, name))
      return call.action;
  }
  return protect::Action::Pass;
}

namespace {

std::string environment(const char* name) {
  return sys::Process::GetEnv(name).value_or("");
}

Context readContext() {
  Context context;
  std::string config = environment("FGFT_CONFIG");
  if (config.empty()) {
    context.plainBuild = true;
    return context;
  }
  std::string message;
  if (!protect::tryReadProtectionConfig(config, context.config, message))
    throw std::runtime_error(message);
  std::string release = environment("FGFT_KERNEL");
  if (release != context.config.kernel.release)
    throw std::runtime_error(config + ": made for kernel " + context.config.kernel.release +
                             ", this build is for " + (release.empty() ? "none (FGFT_KERNEL)" : release));
  protect::checkSources(context.config, environment("FGFT_SOURCE"));
  SmallVector<StringRef> wrappers;
  std::string wrapperList = environment("FGFT_WRAPPERS");
  StringRef(wrapperList).split(wrappers, ':', -1, false);
  std::string tables = environment("FGFT_TABLES");
  if (wrappers.empty() || tables.empty())
    throw std::runtime_error("FGFT_WRAPPERS and FGFT_TABLES must name the isolator's tables");
  context.model = readModel({wrappers.begin(), wrappers.end()}, tables);
  for (const protect::EntryPoint& entry : context.config.entryPoints) {
    if (!entry.calls.empty() && entry.mode != protect::Mode::Refuse)
      throw std::runtime_error(
          config + ":" + std::to_string(entry.line) + ": " + entry.function +
          ": calls of one entry point are not supported by the isolator, only the driver's");
  }
  if (context.config.sources.files.size() > 1) {
    std::string calls = environment("FGFT_CALLS");
    if (calls.empty())
      throw std::runtime_error(config +
                               ": a driver of several files needs the notes of their calls (FGFT_CALLS)");
    std::vector<std::string> roots;
    for (const protect::EntryPoint* entry : protectedEntries(context))
      roots.push_back(entry->function);
    context.graph = readCalls(calls, roots);
  }
  return context;
}

/// Both passes of one compilation read the same files.
const Context* contextFor(Module& module) {
  static std::once_flag once;
  static Context context;
  static std::string error;
  std::call_once(once, [] {
    try {
      context = readContext();
    } catch (const std::exception& problem) {
      error = problem.what();
    }
  });
  if (!error.empty()) {
    if (!hasFailed(module))
      fail(module, error);
    return nullptr;
  }
  return context.plainBuild ? nullptr : &context;
}

/// Every function that the config wants protected must be in the driver; with one source file, in this one.
void checkFunctions(Module& module, const Context& context) {
  if (context.config.sources.files.size() != 1)
    return;
  for (const protect::EntryPoint* entry : protectedEntries(context)) {
    const Function* function = module.getFunction(entry->function);
    if (!function || function->isDeclaration())
      fail(module, context.config.file + ":" + Twine(entry->line) + ": the driver has no function " +
                       entry->function);
  }
}

/// Files of the kernel's build that go through the same compiler are no part of the driver (8139cp.mod.c).
bool isDriverSource(const Module& module, const Context& context) {
  StringRef name(module.getSourceFileName());
  name = name.substr(name.rfind('/') + 1);
  return any_of(context.config.sources.files,
                [&](StringRef file) { return file.substr(file.rfind('/') + 1) == name; });
}

void noteCalls(Module& module, const std::string& folder) {
  try {
    writeCalls(module, folder);
  } catch (const std::exception& problem) {
    fail(module, problem.what());
  }
}

struct ClonePass : PassInfoMixin<ClonePass> {
  static bool isRequired() { return true; }
  PreservedAnalyses run(Module& module, ModuleAnalysisManager&) {
    if (std::string notes = environment("FGFT_CALLS_OUT"); !notes.empty()) {
      noteCalls(module, notes);
      return PreservedAnalyses::all();
    }
    const Context* context = contextFor(module);
    if (!context || !isDriverSource(module, *context))
      return PreservedAnalyses::all();
    checkFunctions(module, *context);
    if (hasFailed(module))
      return PreservedAnalyses::all();
    cloneEntryPoints(module, *context);
    deriveRestore(module, *context);
    return PreservedAnalyses::none();
  }
};

struct InstrumentPass : PassInfoMixin<InstrumentPass> {
  static bool isRequired() { return true; }
  PreservedAnalyses run(Module& module, ModuleAnalysisManager&) {
    const Context* context = contextFor(module);
    if (!context || hasFailed(module) || !isDriverSource(module, *context))
      return PreservedAnalyses::all();
    releaseFunctions(module);
    for (Function& function : module)
      if (isClone(function))
        wrapKernelCalls(function, *context); // library calls that the optimiser made
    verifyCalls(module, *context);
    if (hasFailed(module))
      return PreservedAnalyses::none();
    auto sites = placeFaultSites(module, *context);
    instrumentAccesses(module, *context);
    if (!hasFailed(module))
      writeDescriptor(module, *context, sites);
    if (!hasFailed(module) && verifyModule(module, &errs()))
      fail(module, "the isolator made a module that does not verify");
    return PreservedAnalyses::none();
  }
};

/// The memory accesses alone, for tests.
struct AccessPass : PassInfoMixin<AccessPass> {
  static bool isRequired() { return true; }
  PreservedAnalyses run(Module& module, ModuleAnalysisManager&) {
    if (const Context* context = contextFor(module))
      instrumentAccesses(module, *context);
    return PreservedAnalyses::none();
  }
};

void registerPasses(PassBuilder& builder) {
  builder.registerPipelineStartEPCallback(
      [](ModulePassManager& passes, OptimizationLevel) { passes.addPass(ClonePass()); });
  builder.registerOptimizerLastEPCallback([](ModulePassManager& passes, OptimizationLevel,
                                             ThinOrFullLTOPhase) { passes.addPass(InstrumentPass()); });
  builder.registerPipelineParsingCallback(
      [](StringRef name, ModulePassManager& passes, ArrayRef<PassBuilder::PipelineElement>) {
        if (name == "fgft-clone")
          passes.addPass(ClonePass());
        else if (name == "fgft-instrument")
          passes.addPass(InstrumentPass());
        else if (name == "fgft-access")
          passes.addPass(AccessPass());
        else
          return false;
        return true;
      });
}

} // namespace

} // namespace fgft::isolator

extern "C" LLVM_ATTRIBUTE_WEAK PassPluginLibraryInfo llvmGetPassPluginInfo() {
  return {LLVM_PLUGIN_API_VERSION, "fgft-isolator", "1", fgft::isolator::registerPasses};
}
