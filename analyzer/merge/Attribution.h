// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Which driver of a module something belongs to: what its call-backs reach by direct calls is its own; what
// no driver's call-backs reach (it goes through tables, works, timers) belongs to all drivers of the module.
#pragma once

#include "merge/Program.h"

#include <functional>
#include <map>

namespace fgft {

class Attribution {
public:
  explicit Attribution(const Program& program) : program_(program) {}

  /// The functions that `part` is given.
  Functions callbacks(const Unit& unit, const Object& object, const DriverPart& part) const;

  /// What the call-backs of `part` reach, into libraries too.
  const Functions& reachedBy(const Unit& unit, const Object& object, const DriverPart& part);

  /// Whether something that `holds` can see in a set of functions is the driver's.
  bool belongs(const Unit& unit, const Object& object, const DriverPart& part,
               const std::function<bool(const Functions&)>& holds);

private:
  const Program& program_;
  std::map<const DriverPart*, Functions> reached_;
};

} // namespace fgft
