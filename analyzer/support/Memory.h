// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a process keeps of the memory that it has freed.
#pragma once

namespace fgft {

/// Gives freed memory back to the system. Worth its time after a step that needed much: what is asked for
/// next comes in other sizes, and a forked process would inherit it.
void giveBackMemory();

} // namespace fgft
