// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The words' spelling and levels; see Effect.h.
#include "model/Effect.h"

#include <fmt/format.h>

#include <array>

namespace fgft {

namespace {

struct EffectWord {
  Effect effect;
  std::string_view word;
  Level level;
};

// In the order of the enumeration: an effect is its own index.
constexpr std::array<EffectWord, 27> effects = {{
    {Effect::DevRead, "dev-read", Level::Pure},
    {Effect::CfgRead, "cfg-read", Level::Pure},
    {Effect::CopyIn, "copy-in", Level::Pure},
    {Effect::Sleep, "sleep", Level::Pure},
    {Effect::Log, "log", Level::Pure},
    {Effect::MemDriver, "mem-driver", Level::Memory},
    {Effect::MemKernel, "mem-kernel", Level::Memory},
    {Effect::CopyOut, "copy-out", Level::Memory},
    {Effect::Alloc, "alloc", Level::Undoable},
    {Effect::DmaMap, "dma-map", Level::Undoable},
    {Effect::Lock, "lock", Level::Undoable},
    {Effect::IrqCtl, "irq-ctl", Level::Undoable},
    {Effect::Register, "register", Level::Undoable},
    {Effect::Unregister, "unregister", Level::Undoable},
    {Effect::Ref, "ref", Level::Undoable},
    {Effect::DevWrite, "dev-write", Level::Checkpointable},
    {Effect::CfgWrite, "cfg-write", Level::Checkpointable},
    {Effect::DevPower, "dev-power", Level::Checkpointable},
    {Effect::DmaPost, "dma-post", Level::Checkpointable},
    {Effect::Free, "free", Level::Deferrable},
    {Effect::TimerWork, "timer-work", Level::Deferrable},
    {Effect::Deliver, "deliver", Level::Deferrable},
    {Effect::IoPost, "io-post", Level::Irrevocable},
    {Effect::DevClear, "dev-clear", Level::Irrevocable},
    {Effect::NvmWrite, "nvm-write", Level::Irrevocable},
    {Effect::FwLoad, "fw-load", Level::Irrevocable},
    {Effect::PowerOff, "power-off", Level::Irrevocable},
}};

constexpr bool inOrder() {
  for (size_t i = 0; i < effects.size(); ++i)
    if (effects[i].effect != static_cast<Effect>(i))
      return false;
  return true;
}
static_assert(inOrder());

constexpr std::array<std::string_view, 6> levels = {"pure",           "memory",     "undoable",
                                                    "checkpointable", "deferrable", "irrevocable"};
constexpr std::array<std::string_view, entryKinds.size()> kinds = {
    "init",  "cleanup",        "open/close", "core I/O", "ioctl", "config", "ethtool/proc/sysfs",
    "power", "error handling", "interrupt",  "deferred"};
constexpr std::array<std::string_view, 3> tristates = {"no", "yes", "maybe"};

template <typename T, size_t N>
std::optional<T> find(const std::array<std::string_view, N>& words, std::string_view text) {
  for (size_t i = 0; i < N; ++i)
    if (words[i] == text)
      return static_cast<T>(i);
  return std::nullopt;
}

} // namespace

std::string_view word(Effect effect) {
  return effects.at(static_cast<size_t>(effect)).word;
}

std::string_view word(Level level) {
  return levels.at(static_cast<size_t>(level));
}

std::string_view word(EntryKind kind) {
  return kinds.at(static_cast<size_t>(kind));
}

std::string_view word(Tristate value) {
  return tristates.at(static_cast<size_t>(value));
}

Level levelOf(Effect effect) {
  return effects.at(static_cast<size_t>(effect)).level;
}

std::optional<Effect> effectOf(std::string_view text) {
  for (const EffectWord& one : effects)
    if (one.word == text)
      return one.effect;
  return std::nullopt;
}

std::optional<EntryKind> entryKindOf(std::string_view text) {
  return find<EntryKind>(kinds, text);
}

std::optional<Tristate> tristateOf(std::string_view text) {
  return find<Tristate>(tristates, text);
}

std::string effectWords() {
  std::string list;
  for (const EffectWord& one : effects)
    list += fmt::format("{}'{}'", list.empty() ? "" : ", ", one.word);
  return list;
}

std::string entryKindWords() {
  std::string list;
  for (std::string_view kind : kinds)
    list += fmt::format("{}'{}'", list.empty() ? "" : ", ", kind);
  return list;
}

} // namespace fgft
