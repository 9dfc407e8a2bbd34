// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Stamps by stat(); see FileStamp.h.
#include "support/FileStamp.h"

#include <ctime>
#include <sys/stat.h>

namespace fgft {

namespace {

constexpr int64_t second = 1000000000;
// The coarsest clock of a file system (FAT's) ticks every two seconds.
constexpr int64_t tick = 2 * second;

int64_t nanoseconds(const timespec& time) {
  return time.tv_sec * second + time.tv_nsec;
}

} // namespace

bool FileStamp::settledAt(int64_t time) const {
  return !exists() || changed + tick < time;
}

FileStamp FileStamp::of(const char* path) {
  struct stat status = {};
  if (::stat(path, &status) != 0)
    return {};
  return {static_cast<int64_t>(status.st_size), nanoseconds(status.st_mtim), nanoseconds(status.st_ctim),
          static_cast<int64_t>(status.st_ino)};
}

int64_t wallClock() {
  timespec time = {};
  ::clock_gettime(CLOCK_REALTIME, &time);
  return nanoseconds(time);
}

} // namespace fgft
