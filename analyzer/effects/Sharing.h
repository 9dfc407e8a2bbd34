// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Functions of a driver's own headers stand in each of its TUs: a module of 300 TUs has them 300 times. Those
// that are the same, and call the same, need be looked at once.
#pragma once

#include "effects/Reduce.h"
#include "support/Hash.h"

#include <optional>
#include <vector>

namespace fgft {

/// For each function of the TU: what it is known by in other TUs of the same group, if it can be shared at
/// all. Two with one fingerprint say the same and reach the same.
std::vector<std::optional<Fingerprint>> fingerprints(const TuEffects& tu);

} // namespace fgft
