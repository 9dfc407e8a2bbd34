// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// How an interrupt's handler tells the device that the interrupt is taken. Something in it must, by the
// contract of a handler, and that access destroys state of the device which no restore brings back:
// dev-clear. Which one it is, names of registers tell (register_names.csv), else the flow of data here; else
// it is not known.
#pragma once

#include "effects/AtomPool.h"

#include <vector>

namespace fgft {

struct Acknowledge {
  std::vector<const Reached*> clears; // writes to a register that the handler also reads
  const Reached* onlyRead = nullptr;  // a read, where the handler does nothing else that could be it
  const Reached* perhaps = nullptr;   // where there are none: an access that may be it
};

/// `atoms`: all that the handler does.
Acknowledge acknowledge(const std::vector<Reached>& atoms, const EffectModel& model);

/// Whether a write to the device gives a register back, unchanged, what was read from it: that does nothing
/// but clear what it shows, in a handler or elsewhere.
bool writesBack(const std::vector<Reached>& atoms, const Reached& write);

} // namespace fgft
