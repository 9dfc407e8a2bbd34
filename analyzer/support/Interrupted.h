// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What long-running steps throw when the user stops them.
#pragma once

namespace fgft {

/// The user stopped the run; `signal` decides the exit status.
struct Interrupted {
  int signal;
};

} // namespace fgft
