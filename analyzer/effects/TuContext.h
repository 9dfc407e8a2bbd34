// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the functions of one TU share when they are reduced (Reduce.cpp): what its URBs are for, what its
// static function pointers may hold.
#pragma once

#include "effects/Reduce.h"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>

namespace fgft {

struct TuContext {
  const EffectModel& model;
  std::set<Name> records;                               // declared by the TU's own files
  std::set<Name> functions;                             // defined here
  std::unordered_map<Name, std::set<std::string>> urbs; // values of role `pipe`, by what holds the URB
  std::unordered_map<Name, Name> objectRows; // objects given to the kernel: the rows of ops.csv for them
  // Static function pointers: what they may hold; nothing where that cannot be told.
  std::unordered_map<Name, std::optional<std::set<Name>>> hooks;
};

/// What holds a URB: the member, else the variable.
Name holderOf(const Symbol& urb);

/// The struct that declares the member: of one in an anonymous part of the object's struct, that struct.
Name recordOf(const Object& object, const Field& field);

void findHooks(const TuFacts& facts, TuContext& context);
void findUrbs(const TuFacts& facts, TuContext& context);

} // namespace fgft
