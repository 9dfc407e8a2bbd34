// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// See Memory.h. The fgft command allocates by jemalloc, which takes a tenth of a merge's time less than the C
// library; programs that are linked without it (tests, sanitizers) go on with what they have.
#include "support/Memory.h"

#include <jemalloc/jemalloc.h>
#include <malloc.h>
#include <string>

#pragma weak mallctl

namespace fgft {

void giveBackMemory() {
  if (!mallctl) {
    ::malloc_trim(0);
    return;
  }
  mallctl("thread.tcache.flush", nullptr, nullptr, nullptr, 0);
  const std::string purge = "arena." + std::to_string(MALLCTL_ARENAS_ALL) + ".purge";
  mallctl(purge.c_str(), nullptr, nullptr, nullptr, 0);
}

} // namespace fgft
