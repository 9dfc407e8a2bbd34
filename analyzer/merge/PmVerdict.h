// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// PM coverage of one driver registration: three-valued, with the reason (docs/semantics.md).
#pragma once

#include "merge/Attribution.h"
#include "merge/Program.h"

#include <optional>
#include <set>
#include <string>
#include <vector>

namespace fgft {

enum class PmWord { Full, SuspendOnly, ResumeOnly, RuntimeOnly, Core, None, Unknown };

std::string_view word(PmWord pm);

/// Something a maintainer should look at.
struct Finding {
  std::string kind;
  Place place;
  std::string message;
};

struct PmVerdict {
  PmWord pm = PmWord::None;
  std::set<std::string> phases;
  std::set<std::string> how;
  std::string suspendFunction;
  std::string resumeFunction;
  /// All that is called on the way down and up again, by phase, and for runtime PM.
  std::set<std::string> down, up, runtimeDown, runtimeUp;
  std::string reason;
  std::vector<Finding> findings;
};

/// Judges the part `part` of `object`, which stands in `unit` of `program` and gives the class `className`
/// (empty: not known).
PmVerdict judgePm(const Program& program, const Model& model, Attribution& attribution, const Unit& unit,
                  const Object& object, const DriverPart& part, const std::string& className);

/// The model's row for a driver struct, or what the struct's shape tells where the model has none.
DriverStruct driverStructOf(const Model& model, const DriverPart& part);

} // namespace fgft
