// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Fault sites: places in the clones where a fault can be switched on at run time (struct fgft_site of
// fgft_abi.h).
#pragma once

#include "Isolator.h"

namespace fgft::isolator {

/// FGFT_SITE_x of fgft_abi.h.
enum class FaultKind : unsigned {
  Null = 1,
  Wild = 2,
  OutOfBounds = 3,
  Divide = 4,
  Bug = 5,
  Loop = 6,
  LostUnlock = 7,
  AllocationFailure = 8,
  Garbage = 9,
};

struct FaultSite {
  std::string function; ///< in the source, innermost
  std::string file;
  unsigned line = 0;
  uint32_t kinds = 0; ///< bit mask, 1 << FaultKind
  int64_t entry = -1; ///< index of the only protected entry point that reaches it
};

/// struct fgft_site as an LLVM type.
llvm::StructType* siteType(llvm::LLVMContext& context);

/// Stands for the array of sites until its length is known; writeDescriptor puts the array in its place.
inline constexpr llvm::StringLiteral sitePlaceholder = "fgft.sites.placeholder";

} // namespace fgft::isolator
