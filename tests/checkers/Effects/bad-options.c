// RUN: not %clang_effects_unverified -Xclang -analyzer-config -Xclang fgft.Effects:Level=sideways %s 2>&1 | FileCheck %s
// RUN: not %clang_effects_unverified -Xclang -analyzer-config -Xclang fgft.Effects:Model=/nonexistent %s 2>&1 | FileCheck %s --check-prefix=FOLDER
//
// Options that cannot be used are errors that say what was expected.
// CHECK: error: invalid input for checker option 'fgft.Effects:Level', that expects pure, memory, undoable, checkpointable, deferrable or irrevocable
// FOLDER: error: invalid input for checker option 'fgft.Effects:Model', that expects a folder with the kernel model's tables
int nothing;
