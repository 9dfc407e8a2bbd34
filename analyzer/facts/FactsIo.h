// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The file form of facts: JSON lines, a header, a line a record with its members in one order, and a last
// line that counts them, so that a cut file is told from a whole one.
#pragma once

#include "facts/Facts.h"

#include <string>
#include <string_view>

namespace fgft {

/// The version of the file form.
inline constexpr int factsVersion = 9;

/// The version of what the extraction records in that form: one more with every change of what it says of a
/// TU.
inline constexpr int extractionVersion = 6;

/// What keys know of the tool: its version and the two above.
std::string toolStamp();

std::string_view word(TuStatus status);

/// The status that a word names. Throws Error for another word.
TuStatus statusOf(const std::string& text);

/// The file form of `facts`. The same facts give the same bytes. With `withKey` false the key is left out:
/// what two roads must agree on.
std::string serialise(const TuFacts& facts, bool withKey = true);

/// Reads what serialise() wrote. Throws Error with `name`:line if the text is cut, foreign or of another
/// version.
TuFacts parseFacts(std::string_view text, const std::string& name);

/// Writes `facts` to factsPath() by write-to-temp and rename.
void writeFacts(const TuFacts& facts, const std::string& folder);

/// `folder`/KE/KEY.facts: a folder level keeps directories small.
std::string factsPath(const std::string& folder, const std::string& key);

} // namespace fgft
