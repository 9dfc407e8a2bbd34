// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// One TU's facts, less all that effects do not need: what the model says of its calls is looked up here,
// once.
#pragma once

#include "effects/Atom.h"
#include "facts/Facts.h"
#include "model/Model.h"

#include <vector>

namespace fgft {

/// A function put into a member of a struct: by an initialiser, or at run time.
struct MemberFunction {
  Name tag;
  Name member; // the last one of the path
  Name function;
  Name object; // the variable that is initialised; empty at run time
  Name unit;   // the TU's output
  Name rows; // the rows of ops.csv that hold for it: of its own tag, or of the use that its object is put to
  Place place;
};

/// `record.member = value` at run time, where the value is no function by its name.
struct MemberStore {
  Name member; // record.member
  Symbol value;
  Name function; // that does it
  Name unit;
};

struct TuEffects {
  std::string file;
  std::string output;
  std::vector<FunctionNode> functions;
  std::vector<MemberFunction> members;
  std::vector<MemberStore> memberStores;
  std::vector<Name> openTags;  // structs that are filled from another object of theirs, as a whole
  bool registerMaps = false;   // it describes register maps
  bool registerCaches = false; // one of them with a cache
};

TuEffects reduce(TuFacts facts, const EffectModel& model);

/// A call-back of the role that a row of ops.csv describes, made as there is no row of calls.csv for it.
const CallbackRole* callbackInto(Name tag, Name member);

/// The place that a value is kept in, as FunctionNode::allocated names it; empty: none.
Name placeName(const Symbol& symbol);

} // namespace fgft
