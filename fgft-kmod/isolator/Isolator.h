// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the isolator's parts share: the names that they give, the marks that carry knowledge from the start of
// the pipeline to its end, and the way an error leaves the compiler.
//
// The isolator works at two points. At the start (names still equal the source's) it clones each protected
// entry point with the driver functions that it reaches and puts wrappers in place of kernel calls. At the
// end (nothing dead is left, nothing will be moved any more) it checks what is left, places fault sites,
// instruments memory accesses, puts the stubs in and writes the descriptor. Everything that the second half
// needs to know is in function attributes, so that the two halves can be tested apart.
#pragma once

#include "CallGraph.h"
#include "Model.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/Module.h"
#include "protect/ProtectionConfig.h"

#include <string>
#include <vector>

namespace fgft::isolator {

/// Function attribute of a transaction clone; its value is the name of the function that was cloned.
inline constexpr llvm::StringLiteral cloneMark = "fgft-clone";
/// Function attribute of a clone of a power-management call-back; its value is the original's name.
inline constexpr llvm::StringLiteral restoreMark = "fgft-restore";
/// Function attribute of the clone of an entry point itself (not of what it reaches).
inline constexpr llvm::StringLiteral entryMark = "fgft-entry";
/// Metadata of an access that the isolator added itself and that needs no check.
inline constexpr llvm::StringLiteral ownAccess = "fgft.own";
/// Module flag set after an error, so that the second half does not pile more on it.
inline constexpr llvm::StringLiteral failedFlag = "fgft-failed";

inline constexpr llvm::StringLiteral cloneSuffix = ".fgft";
inline constexpr llvm::StringLiteral plainSuffix = ".fgft.plain";
inline constexpr llvm::StringLiteral restoreSuffix = ".fgft.pm";
/// Section of all clones: fgft.ko tells by the address whether a fault is a clone's.
inline constexpr llvm::StringLiteral cloneSection = ".text.fgft";

/// Everything that both halves read: the protection config, the model, how the driver is laid out over TUs.
struct Context {
  protect::ProtectionConfig config;
  Model model;
  CallGraph graph;         ///< of a driver of several files; empty for one of a single file
  bool plainBuild = false; ///< no config was given: the plugin does nothing
};

/// The entry points of the config that are to run as transactions.
std::vector<const protect::EntryPoint*> protectedEntries(const Context& context);
/// What the config says about calls to a kernel function; Pass where it says nothing.
protect::Action callAction(const Context& context, llvm::StringRef name);

/// Reports "file:line: message" as an error of the compilation and marks the module as failed.
void fail(llvm::Module& module, const llvm::Twine& message);
/// As fail, at an instruction, with the chain of inlined calls that leads to it.
void failAt(const llvm::Instruction& at, const llvm::Twine& message);
/// True after a fail in this module.
bool hasFailed(const llvm::Module& module);

/// The name in the source of a function that may be a clone.
llvm::StringRef sourceName(const llvm::Function& function);
/// True for clones that are instrumented.
bool isClone(const llvm::Function& function);
/// "file:line" of an instruction, without inlining, or of its function.
std::string place(const llvm::Instruction& at);

// First half.
void cloneEntryPoints(llvm::Module& module, const Context& context);
void deriveRestore(llvm::Module& module, const Context& context);
void wrapKernelCalls(llvm::Function& clone, const Context& context);
/// Clones the roots and everything of the driver that they reach; calls between clones stay between clones.
llvm::MapVector<llvm::Function*, llvm::Function*> cloneReached(llvm::ArrayRef<llvm::Function*> roots,
                                                               llvm::StringRef suffix, llvm::StringRef mark,
                                                               const Context& context);
/// Functions of this module that the kernel calls back from inside a kernel call that a clone makes (rule 6).
std::vector<llvm::Function*> callbacksOf(llvm::Module& module, const Context& context);

// Second half.
void verifyCalls(llvm::Module& module, const Context& context);
struct FaultSite;
std::vector<FaultSite> placeFaultSites(llvm::Module& module, const Context& context);
void instrumentAccesses(llvm::Module& module, const Context& context);
void writeDescriptor(llvm::Module& module, const Context& context, const std::vector<FaultSite>& sites);

} // namespace fgft::isolator
