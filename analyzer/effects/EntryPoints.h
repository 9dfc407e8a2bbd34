// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Which functions of a module the kernel calls: members of ops structs, call-backs given to kernel functions,
// the module's own init and exit.
#pragma once

#include "effects/Graph.h"
#include "model/Model.h"

#include <functional>
#include <set>
#include <string>
#include <vector>

namespace fgft {

/// One function in one kind; `ops` names all ways by which the kernel gets it.
struct EntryPoint {
  const Graph::Node* node = nullptr;
  EntryKind kind = EntryKind::Config;
  std::set<std::string> ops;           // struct.member, or the kernel function that takes the call-back
  std::vector<const OpsMember*> rows;  // their contracts
  std::vector<std::string> tagMembers; // of rows
  std::set<Name> objects;              // ops structs that hold it
  std::set<Name> units;                // TUs that give it to the kernel
};

/// Whether a module outside of the group calls through a member, "tag.member".
using CalledByOthers = std::function<bool(Name)>;

/// Functions that stand in ops structs and that the group does not define: what to ask Graph::close() for.
std::vector<Name> wantedFunctions(const std::vector<TuEffects>& tus, const EffectModel& model,
                                  const CalledByOthers& isCalledByOthers);

/// Whether a message that `atom` sends is the driver's own to its device (`command=` in calls.csv), as entry
/// points of this kind have no data from above: a dev-write, not a request.
bool isOwnCommand(const Atom& atom, EntryKind kind, const EffectModel& model);

/// Sorted by function, then kind.
std::vector<EntryPoint> entryPoints(const Graph& graph, const EffectModel& model,
                                    const CalledByOthers& isCalledByOthers);

} // namespace fgft
