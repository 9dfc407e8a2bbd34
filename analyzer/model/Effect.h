// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The words for what code does, and for what kind of entry point it is, with the level of each word. Their
// meanings stand in docs/semantics.md.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace fgft {

enum class Effect : uint8_t {
  DevRead,
  CfgRead,
  CopyIn,
  Sleep,
  Log,
  MemDriver,
  MemKernel,
  CopyOut,
  Alloc,
  DmaMap,
  Lock,
  IrqCtl,
  Register,
  Unregister,
  Ref,
  DevWrite,
  CfgWrite,
  DevPower,
  DmaPost,
  Free,
  TimerWork,
  Deliver,
  IoPost,
  DevClear,
  NvmWrite,
  FwLoad,
  PowerOff,
};

/// How much of an effect can be taken back. Unknown stands beside the others: it is no level of its own.
enum class Level { Pure, Memory, Undoable, Checkpointable, Deferrable, Irrevocable };

enum class EntryKind {
  Init,
  Cleanup,
  OpenClose,
  CoreIo,
  Ioctl,
  Config,
  EthtoolProcSysfs,
  Power,
  ErrorHandling,
  Interrupt,
  Deferred,
};
/// All of them, in the order in which lists name them.
inline constexpr std::array entryKinds = {
    EntryKind::Init,          EntryKind::Cleanup,   EntryKind::OpenClose,        EntryKind::CoreIo,
    EntryKind::Ioctl,         EntryKind::Config,    EntryKind::EthtoolProcSysfs, EntryKind::Power,
    EntryKind::ErrorHandling, EntryKind::Interrupt, EntryKind::Deferred};

enum class Tristate { No, Yes, Maybe };

std::string_view word(Effect effect);
std::string_view word(Level level);
std::string_view word(EntryKind kind); ///< the view ends at a NUL
std::string_view word(Tristate value);

Level levelOf(Effect effect);

/// The effect, kind or value that a word names, if it does.
std::optional<Effect> effectOf(std::string_view text);
std::optional<EntryKind> entryKindOf(std::string_view text);
std::optional<Tristate> tristateOf(std::string_view text);

/// The words of each set, for messages: 'a', 'b', ...
std::string effectWords();
std::string entryKindWords();

} // namespace fgft
