// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The access plan of an entry point as the rows that fgft.ko evaluates before a transaction (struct
// fgft_plan).
#pragma once

#include "Paths.h"

namespace fgft::isolator {

/// struct fgft_plan.
struct PlanRow {
  int32_t from = 0;
  uint32_t flags = 0;
  uint64_t offset = 0;
  uint64_t size = 0;
  int32_t sizeRow = -1;
  uint32_t sizeOffset = 0;
  uint32_t sizeWidth = 0;

  bool operator==(const PlanRow&) const = default;
};

/// The rows for all that the entry point may touch. Throws std::runtime_error with the config's file and
/// line.
std::vector<PlanRow> planOf(const protect::EntryPoint& entry, const PathResolver& resolver,
                            const Context& context);

/// The rows as a constant array of struct fgft_plan.
llvm::Constant* planConstant(llvm::Module& module, const std::vector<PlanRow>& rows);

} // namespace fgft::isolator
