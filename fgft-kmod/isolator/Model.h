// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The isolator's tables: what becomes of a call into the kernel (wrappers.csv), what an inline assembly
// touches (asm_templates.csv), which power-management calls form pairs (pm_pairs.csv). All of it is data that
// a user can add to.
#pragma once

#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Regex.h"

#include <memory>
#include <string>
#include <vector>

namespace fgft::isolator {

/// What becomes of a call to a kernel function in a clone.
enum class CallAction { Wrap, Direct, Refuse };

/// One parameter of a kernel call, from the roles column of wrappers.csv.
struct ParameterRole {
  enum Kind { Other, Reads, Writes, String, Object, SyncCallback } kind = Other;
  long size = -1;    ///< bytes that are read or written, or -1
  int sizeFrom = -1; ///< parameter with the number of bytes, or -1
};

/// One row of wrappers.csv.
struct KernelCall {
  std::string place;
  std::string name;
  CallAction action = CallAction::Refuse;
  std::string wrapper;    ///< function of fgft.ko with the same type
  std::string held;       ///< form that holds a release back to the commit; may be empty
  std::string kind;       ///< class: lock, unlock, alloc, …
  std::string failure;    ///< null, neg, dma, or empty: what a failing allocation returns
  bool abortable = false; ///< a fault inside belongs to the transaction
  std::vector<ParameterRole> roles;

  /// True where an argument is a pointer that is checked before the call.
  [[nodiscard]] bool checks(unsigned argument) const {
    return argument < roles.size() && roles[argument].kind != ParameterRole::Other &&
           roles[argument].kind != ParameterRole::SyncCallback;
  }
};

/// What an inline assembly does to one memory operand.
enum class AsmEffect {
  None,
  Load,  ///< operand is read
  Store, ///< operand is written, anything may be stored
  Add,   ///< operand += value operand
  Sub,   ///< operand -= value operand
  Inc,
  Dec,
  Or,  ///< operand |= value operand
  And, ///< operand &= value operand
  Xor,
  BitSet, ///< bit number in the index operand; writes at address + nr / 8
  BitClear,
  BitFlip,
  BitTest,
  MmioRead,
  MmioWrite,
  PortRead, ///< operand is the port number
  PortWrite,
  GsAdd, ///< per-CPU, undone by inverse
  GsSub,
  GsInc,
  GsDec,
  Bug,     ///< BUG(): the whole assembly is replaced
  IrqSave, ///< whole assembly replaced by the runtime's function
  IrqRestore,
  IrqDisable,
  IrqEnable,
  Refuse, ///< known and not allowed
};

struct AsmOperandEffect {
  AsmEffect effect = AsmEffect::None;
  int operand = -1;  ///< number of the $-operand that holds the address
  int value = -1;    ///< number of the $-operand with the value or bit number, -1: none
  unsigned size = 0; ///< bytes; 0: from the operand's type
  int count = -1;    ///< number of the $-operand that counts elements (string I/O)
  int memory = -1;   ///< number of the $-operand that points to the memory side of string I/O
};

/// One row of asm_templates.csv.
struct AsmTemplate {
  std::string place;
  std::shared_ptr<llvm::Regex> pattern;
  std::shared_ptr<llvm::Regex> constraints; ///< may be null: any
  std::vector<AsmOperandEffect> effects;
};

/// One row of pm_pairs.csv: a call in suspend that resume takes back.
struct PmPair {
  std::string suspend;
  std::string resume;
  std::string kind;   ///< power-state, device, wake, irq, region
  long success = 0;   ///< value that a dropped call is taken to have returned
  bool alone = false; ///< may be dropped without its counterpart
};

struct Model {
  llvm::StringMap<KernelCall> calls;    ///< by name and by each alias
  llvm::StringMap<KernelCall> wrappers; ///< by the runtime's name
  /// Kernel function -> struct tags whose function pointers it calls before it returns (callbacks.csv).
  llvm::StringMap<std::vector<std::string>> callbacks;
  llvm::StringMap<std::string> classObjects; ///< class -> struct tag of the object that its gate works on
  std::vector<AsmTemplate> templates;
  std::vector<PmPair> pairs;

  [[nodiscard]] const KernelCall* findCall(llvm::StringRef name) const;
  /// The row whose wrapper (or held form) has this name, or nullptr.
  [[nodiscard]] const KernelCall* findWrapper(llvm::StringRef name) const;
  /// The template of an assembly text, or nullptr.
  [[nodiscard]] const AsmTemplate* findTemplate(llvm::StringRef text, llvm::StringRef constraints) const;
};

/// Reads the tables: wrappers.csv files (later ones override), and from a folder asm_templates.csv,
/// pm_pairs.csv, callbacks.csv and classes.csv. Throws std::runtime_error with file:line.
Model readModel(const std::vector<std::string>& wrapperFiles, const std::string& folder);

/// The part of an assembly text that the processor runs: sections pushed aside, labels, comments and blanks
/// taken out.
std::string normaliseAsm(llvm::StringRef text);

} // namespace fgft::isolator
