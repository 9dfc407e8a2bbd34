// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a child process took.
#pragma once

#include <sys/resource.h>

namespace fgft {

/// User and system time, in seconds.
inline double cpuSeconds(const rusage& usage) {
  auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

} // namespace fgft
