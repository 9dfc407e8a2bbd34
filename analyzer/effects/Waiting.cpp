// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// See Waiting.h.
#include "effects/Waiting.h"

namespace fgft {

WaitingRow::WaitingRow(const EntryPointRow& row, Circumstances circumstances, PoolTransfer& transfer)
    : className_(row.className), module_(row.module), function_(row.function), kind_(row.kind),
      sleeps_(row.sleeps), atomic_(row.atomic), drivers_(row.drivers.begin(), row.drivers.end()),
      ops_(row.ops.begin(), row.ops.end()), place_(row.place), checkpoint_(packed(circumstances.checkpoint)),
      unseen_(packed(circumstances.unseen)), circumstances_(std::move(circumstances)) {
  effects_.reserve(row.effects.size());
  for (const EffectRow& one : row.effects) {
    for (Name name : one.registers)
      registers_.emplace_back(static_cast<uint32_t>(effects_.size()), name);
    effects_.push_back(
        {one.word, one.evidence, one.what, one.why, one.place, one.member, transfer(one.statement)});
  }
}

EntryPointRow WaitingRow::row() const {
  static_assert(sizeof(EntryPointRow) == 472 && sizeof(EffectRow) == 240,
                "a new member is to be kept as well, if conclude() does not set it");
  EntryPointRow row;
  row.className = className_;
  row.module = module_;
  row.function = function_;
  row.kind = kind_;
  row.sleeps = sleeps_;
  row.atomic = atomic_;
  row.drivers.insert(drivers_.begin(), drivers_.end());
  row.ops.insert(ops_.begin(), ops_.end());
  row.place = place_;
  row.effects.reserve(effects_.size());
  for (const Effect& one : effects_)
    row.effects.push_back({std::string(one.word),
                           std::string(one.evidence),
                           std::string(one.what),
                           std::string(one.why),
                           one.place,
                           "",
                           one.member,
                           {},
                           one.statement});
  for (const auto& [effect, name] : registers_)
    row.effects[effect].registers.insert(name);
  showPaths(row);
  return row;
}

Circumstances WaitingRow::circumstances() const {
  Circumstances all = circumstances_;
  unpack(checkpoint_, all.checkpoint);
  unpack(unseen_, all.unseen);
  return all;
}

void WaitingRow::addMembers(std::set<Name>& members) const {
  for (const Effect& one : effects_)
    if (one.member)
      members.insert(one.what);
}

WaitingRow::Checkpoint WaitingRow::packed(CheckpointVerdict& verdict) {
  Checkpoint packed;
  packed.reason = verdict.reason;
  packed.missing.reserve(verdict.missing.size());
  for (const Missing& one : verdict.missing)
    packed.missing.push_back({one.location, one.why, one.savable});
  verdict.missing = std::vector<Missing>();
  verdict.reason = std::string();
  return packed;
}

void WaitingRow::unpack(const Checkpoint& packed, CheckpointVerdict& verdict) {
  verdict.reason = packed.reason;
  for (const Location& one : packed.missing)
    verdict.missing.push_back({std::string(one.location), std::string(one.why), one.savable});
}

} // namespace fgft
