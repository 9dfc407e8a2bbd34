// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Rows that wait until all modules are closed (Members.h): tens of thousands, of twenty effects each, that
// would take half of the memory of a survey as they are. Their texts repeat, and their paths go the same
// ways.
#pragma once

#include "effects/Verdict.h"

#include <vector>

namespace fgft {

class WaitingRow {
public:
  /// Of a row without paths and conclusion yet; `transfer` takes what the paths go through.
  WaitingRow(const EntryPointRow& row, Circumstances circumstances, PoolTransfer& transfer);

  /// The row, now with its paths.
  EntryPointRow row() const;
  Circumstances circumstances() const;

  /// The members that it waits for.
  void addMembers(std::set<Name>& members) const;

private:
  struct Effect {
    Name word, evidence, what, why;
    Place place;
    bool member = false;
    Reached statement;
  };
  struct Location {
    Name location, why;
    bool savable = false;
  };
  struct Checkpoint {
    std::vector<Location> missing;
    Name reason;
  };

  static Checkpoint packed(CheckpointVerdict& verdict);
  static void unpack(const Checkpoint& packed, CheckpointVerdict& verdict);

  Name className_, module_, function_, kind_, sleeps_, atomic_;
  std::vector<Name> drivers_, ops_;
  Place place_;
  std::vector<Effect> effects_;
  std::vector<std::pair<uint32_t, Name>> registers_; // of the few effects that have some
  Checkpoint checkpoint_, unseen_;
  Circumstances circumstances_; // less what is in those two
};

} // namespace fgft
