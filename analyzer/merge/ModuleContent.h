// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a module's rows say, as one hash (module.content): a survey that is repeated after a change has the
// same hash for every module that the change left alone, and a reader need not look at their rows again.
#pragma once

namespace fgft {

class Database;

/// Computes module.content where it is empty, from the rows that are in the database. From then on any change
/// to a module's rows empties it again, whoever makes the change: call this at the end of a transaction that
/// changes rows, and only the modules that it touched are computed.
void fillModuleContent(Database& database);

} // namespace fgft
