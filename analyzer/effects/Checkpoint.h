// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What suspend and resume of a driver do, and whether resume brings back what an entry point may change on
// the device (docs/semantics.md, checkpoint).
#pragma once

#include "effects/EntryPoints.h"
#include "model/Model.h"

#include <set>
#include <string>
#include <vector>

namespace fgft {

enum class Checkpoint { NotNeeded, Sufficient, Unknown, Insufficient, None };

std::string_view word(Checkpoint checkpoint);

/// What a driver row tells of its power management.
struct PmOfDriver {
  std::string bus;
  std::string file;
  std::string pm;
  std::string reason;
  std::vector<Name> suspend;
  std::vector<Name> resume;
};

/// A place of the device that resume writes.
struct RestoredLocation {
  std::string base;   // the member or variable that holds the registers' base; empty: not known
  std::string offset; // empty: not constant
  std::string name;   // as it is written in the source, or the function that writes
  std::string how;    // saved, memory, constant, computed
  auto operator<=>(const RestoredLocation&) const = default;
};

/// A call of suspend that powers the device down, withdraws or frees something: no checkpoint needs it.
struct DroppableCall {
  std::string function;
  std::string effect;
  std::string file;
  unsigned line = 0;
  auto operator<=>(const DroppableCall&) const = default;
};

/// What suspend and resume of a driver do, for a checkpoint made of them.
struct RestoreFacts {
  std::set<RestoredLocation> locations;
  std::set<DroppableCall> calls;
  std::string atomic; // whether resume may run in atomic context: yes, no, maybe, unknown; empty: no resume
};

/// A location that restore leaves out, and why.
struct Missing {
  std::string location;
  std::string why;
  bool savable = false; // the driver reads it back, and the read does no harm
};

struct CheckpointVerdict {
  Checkpoint word = Checkpoint::NotNeeded;
  std::vector<Missing> missing;
  std::string reason;
};

/// Suspend and resume of one driver, closed over what they call.
class RestorePath {
public:
  RestorePath(const Graph& graph, const Model& model, PmOfDriver driver);

  /// Judges what an entry point writes.
  CheckpointVerdict judge(const EntryPoint& entry) const;

  /// Judges an entry point that writes to the device what and where nobody can tell.
  CheckpointVerdict judgeUnseen() const;

  /// The PM style words, and a sentence that names registers and what could be dropped.
  const std::set<std::string>& style() const { return style_; }
  const std::string& styleReason() const { return styleReason_; }

  Tristate sleeps() const { return sleeps_; }
  const RestoreFacts& facts() const { return facts_; }

private:
  struct Written {
    Register where;
    Reached atom;
  };
  enum class Brought { Back, Not, Unclear };

  void findCacheRestore();
  bool isCalledAgain(const EntryPoint& entry) const;
  bool sameDoing(const Reached& a, const Reached& b) const;
  bool isCovered(const Reached& atom) const;
  std::optional<CheckpointVerdict> judgeWithoutResume() const;
  void noteRestore(const Reached& atom);
  void judgeAccesses(const Graph::Node& entry, CheckpointVerdict& verdict,
                     std::set<std::string>& unclear) const;
  std::vector<Reached> atomsOf(const std::vector<Name>& functions, bool& known) const;
  const Graph::Node* functionOf(Name name) const { return graph_.named(name, driver_.file); }
  Brought broughtBack(const Reached& access, const Register& where, std::string& why) const;
  bool isFromMemory(const Symbol& value) const;
  bool readsDevice(Name source) const;
  void addMemory(const Graph::Node& entry, CheckpointVerdict& verdict) const;
  bool isSavable(const Register& where) const;
  void judgeEffects(const Graph::Node& entry, CheckpointVerdict& verdict,
                    std::set<std::string>& unclear) const;
  void findStyle(const std::vector<Reached>& suspend);
  void findFacts(const std::vector<Reached>& suspend, const std::set<std::string>& saved);

  const Graph& graph_;
  const Model& model_;
  const PmOfDriver driver_;
  std::vector<const Graph::Node*> resumeNodes_;
  std::vector<Reached> resume_;
  std::vector<Written> written_;
  bool cached_ = false; // a register cache is written to the device again
  bool resumeKnown_ = true;
  std::string resumeUnknown_;
  std::set<std::string> style_;
  std::string styleReason_;
  RestoreFacts facts_;
  Tristate sleeps_ = Tristate::No;
};

} // namespace fgft
