// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A clean view of a source tree that was configured (or built) in place. Kbuild refuses to build such a tree
// into another folder, and a build in place would change it.
#pragma once

#include <string>

namespace fgft {

/// Makes in `mirror` a tree of symbolic links to what `source` has, without what the build made there. A
/// folder with nothing of the build in it is one link. Nothing is ever written through the links: Kbuild only
/// reads its source when it builds elsewhere. An old `mirror` is taken away first. Throws Error.
void makeSourceMirror(const std::string& source, const std::string& mirror);

} // namespace fgft
