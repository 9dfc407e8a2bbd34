// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What fgft-cc tells fgft: a file of records, appended by many compilers at once. Plain C types only, because
// fgft-cc is linked without the C++ library: it starts 20,000 times in a capture.
#pragma once

#include <stdint.h>

namespace fgft {

/// Before each record. Then follow `size` bytes: the working directory and the arguments, each with its NUL.
struct CommandLogHeader {
  char mark[4];  ///< "FGCC": a file that is none is noticed
  uint32_t size; ///< bytes that follow
  char kind;     ///< CommandLogKind
  char pad[3];
};

enum CommandLogKind : char {
  LogKernelC = 'K',   ///< a C file of the kernel, in the scope, not compiled
  LogAssembler = 'A', ///< an assembler file of the kernel, in the scope, not compiled
  LogHost = 'H',      ///< compiled, for the machine that builds
};

// The environment that fgft gives fgft-cc.
#define FGFT_CC_REAL "FGFT_CC_REAL" // the compiler that does what is not recorded
#define FGFT_CC_HOST "FGFT_CC_HOST" // the same for programs of the build itself (first argument --fgft-host)
#define FGFT_CC_LOG "FGFT_CC_LOG"   // the file of records
#define FGFT_CC_EMPTY "FGFT_CC_EMPTY" // an object with nothing in it; made by the first that needs it
#define FGFT_CC_SCOPE                                                                                        \
  "FGFT_CC_SCOPE" // folders whose objects are recorded, each with its '/', separated by ':'

} // namespace fgft
