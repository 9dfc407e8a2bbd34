// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Paths of the protection config (`cp->pdev`, `&dev->stats`, `dev->priv`) resolved to offsets by the driver's
// debug info, so that they hold for the kernel that the driver is built for.
#pragma once

#include "Isolator.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/IR/DebugInfoMetadata.h"

#include <optional>

namespace fgft::isolator {

/// A place in memory or a value, reached from an argument: start with the argument, then add and load in
/// turn.
struct Location {
  struct Step {
    uint64_t offset = 0; ///< added first
    bool load = false;   ///< then the pointer there is loaded
  };
  unsigned argument = 0;
  llvm::SmallVector<Step> steps;
  const llvm::DIType* type = nullptr; ///< of what lies at the address that the steps give
  bool isAddress = true;  ///< the steps give an address of `type`; false: the value itself (an argument)
  unsigned bitOffset = 0; ///< of a bit field in its storage
  unsigned bitSize = 0;   ///< 0: no bit field
};

/// Resolves the paths of one protected function. Errors are thrown as std::runtime_error without a place.
class PathResolver {
public:
  PathResolver(const llvm::Function& function, const Context& context);

  /// The pointer value of a path: `cp` (object: its address), `cp->regs` (loaded), `&cp->lock`, `dev->priv`
  /// (array: address). type becomes what the pointer points to.
  Location pointer(llvm::StringRef path) const;
  /// The memory that a path names, not loaded: `cp->wol_enabled`, `eeprom->len`.
  Location lvalue(llvm::StringRef path) const;
  /// The start of an object of the config, or of a parameter.
  Location object(llvm::StringRef name) const;
  /// A field of what a location addresses; throws for a struct without it.
  Location field(Location base, llvm::StringRef name) const;
  /// Where an access row begins: an object, a parameter by name or number, a path of its own.
  Location start(const protect::Access& access) const;
  /// The type that a config names: "struct x", "u8", "unsigned int".
  const llvm::DIType* typeNamed(llvm::StringRef name) const;
  [[nodiscard]] unsigned parameterCount() const { return static_cast<unsigned>(names_.size()); }
  [[nodiscard]] std::optional<unsigned> parameter(llvm::StringRef name) const;
  [[nodiscard]] const llvm::DIType* parameterType(unsigned index) const { return types_.at(index); }
  /// The parameter or object of the config whose type is (a pointer to) this struct; nothing if there is
  /// none.
  [[nodiscard]] std::optional<Location> objectOfStruct(llvm::StringRef tag) const;

private:
  Location root(llvm::StringRef name) const;

  const llvm::Module& module_;
  const Context& context_;
  std::vector<std::string> names_;
  std::vector<const llvm::DIType*> types_;
};

/// Through typedefs and qualifiers.
const llvm::DIType* stripped(const llvm::DIType* type);
/// Bytes of an object of that type; throws for an incomplete one.
uint64_t sizeOfType(const llvm::DIType* type);
/// Tag of a struct type, or empty.
llvm::StringRef structTag(const llvm::DIType* type);

/// Code for a location: the address that its steps give.
llvm::Value* emitLocation(llvm::IRBuilder<>& builder, const Location& location, llvm::Value* arguments);

/// Function attribute with the parameters' names, kept from the start of the pipeline.
inline constexpr llvm::StringLiteral parametersMark = "fgft-parameters";
/// Notes the parameters' names of a function on it.
void rememberParameters(llvm::Function& function, llvm::Function& onto);

} // namespace fgft::isolator
