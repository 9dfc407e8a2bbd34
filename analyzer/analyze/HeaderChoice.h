// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Chooses the headers of a header state by what the TUs that will use it include.
#pragma once

#include "capture/Invocation.h"

#include <string>
#include <vector>

namespace fgft {

/// Folders of -I, absolute, that hold the kernel's shared headers, as far as they stand before any other.
std::vector<std::string> sharedFolders(const Invocation& invocation);

/// The shared headers, as an #include <...> names them, that pay for `tus` (at least one): most often
/// included first, and by at least `minShare` of them. Read from the text of a sample of the TUs' files;
/// conditions are not looked at.
std::vector<std::string> chooseHeaders(const std::vector<const Invocation*>& tus, double minShare);

/// All shared headers that the own files of `tus` include, in the same order.
std::vector<std::string> includedHeaders(const std::vector<const Invocation*>& tus);

} // namespace fgft
