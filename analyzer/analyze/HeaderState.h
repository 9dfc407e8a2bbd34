// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Header states: the shared headers of many TUs, parsed once and kept as a precompiled header with the record
// of how the preprocessor read them (HeaderRecord.h). The fast road starts from them. A state may stand on
// another: its own precompiled header holds only what it adds to that one's.
#pragma once

#include "analyze/HeaderRecord.h"
#include "analyze/HeaderReplay.h"
#include "analyze/TuTable.h"
#include "capture/Invocation.h"
#include "facts/Inputs.h"

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace fgft {

/// One header state, ready for use.
class HeaderState {
public:
  std::string pchPath;
  HeaderRecord record;
  std::vector<Input> inputs; ///< by file of the record

  /// Reads the state that was made for `request`; false if there is none, or if one of its inputs or its
  /// precompiled header is not what it was then.
  bool load(const std::string& folder, const std::string& request, InputHashes& hashes);

private:
  bool isHidden() const;
};

/// TUs with equal answers see the same shared headers: the same options, macros and folders of shared
/// headers.
std::string headerGroup(const Invocation& tu);

/// The part of a TU's command line that its group shares; no source file.
Invocation groupInvocation(const Invocation& tu);

/// What a state is made from.
struct HeaderRequest {
  const HeaderState* base = nullptr; ///< that it stands on, if any
  Invocation invocation;             ///< of a TU of the group, without its file's own options
  std::vector<std::string> headers;  ///< as #include <...> names them, in order
  std::string resourceDir;

  /// Names the request: flags, headers, tool and compiler.
  std::string key() const;
};

/// Whether a state for these flags may stand on `base`, whose flags are the same but for some macros that it
/// has not: its headers do not ask for them.
bool suitsAsBase(const HeaderState& base, const std::vector<std::string>& moreMacros);

/// Makes a state below `folder`. Headers that do not parse with the others are left out. Throws Error where
/// no state can be made.
void buildHeaderState(const HeaderRequest& request, const std::string& folder);

/// The states of a run.
class HeaderStates {
public:
  /// Groups with fewer TUs than this take the plain road: making a state costs more than it saves.
  static constexpr std::size_t minTus = 5;
  /// A folder such as drivers/net with at least this many TUs in a group has a state of its own,
  static constexpr std::size_t minSubsystem = 200;
  /// and with at least this many where that state can stand on a common one.
  static constexpr std::size_t minOnCommon = 25;
  /// From this many TUs on, a group has a common state, of the headers that many of its TUs include. Others
  /// stand on it, and it is the second choice for a TU that clashes with a rarer header of its group's state.
  static constexpr std::size_t minCommon = 100;
  static constexpr std::size_t noGroup = static_cast<std::size_t>(-1);

  struct Group {
    std::size_t tus = 0;
    std::size_t headers = 0;
    bool made = false;   ///< in this run, not found in the cache
    std::string problem; ///< why there is no state
    bool ready = false;
    std::string request;             ///< names the state in the cache
    std::vector<std::string> macros; ///< of the command line, as "DNAME=VALUE"
    std::size_t common = noGroup;    ///< the group whose state this one's stands on, its second choice
  };

  /// TUs by a group's key.
  using Members = std::map<std::string, std::vector<std::size_t>>;

  /// Finds or makes the states for the TUs `which` of `tus` below `cacheFolder`, up to `jobs` at a time, in
  /// processes of their own. `progress` (may be empty) gets a line for people per state. A state that cannot
  /// be made leaves its group to the plain road. Throws Error if the folder cannot be written.
  void prepare(const TuTable& tus, const std::vector<std::size_t>& which, const std::string& cacheFolder,
               const std::string& resourceDir, unsigned jobs,
               const std::function<void(const std::string&)>& progress);

  /// The group of a TU; noGroup if it has none.
  std::size_t groupOf(const Invocation& tu) const;

  /// The state to start a TU from; null if there is none. One state is held at a time, as they are large:
  /// good until the next call, so TUs are best taken group by group.
  const HeaderState* stateFor(const Invocation& tu);

  /// The second choice, for a TU that the first does not suit; null if there is none. Good until the next
  /// call.
  const HeaderState* commonStateFor(const Invocation& tu);

  const std::vector<Group>& groups() const { return groups_; }

private:
  // A state in memory, and the group that it is of.
  struct Held {
    std::size_t group = noGroup;
    std::unique_ptr<HeaderState> state;
  };

  class Making;
  class Bases;
  std::size_t kinOf(const Invocation& tu) const;
  std::size_t nearest(const std::vector<std::size_t>& groups, const std::vector<std::string>& macros) const;
  std::size_t addGroup(const TuTable& tus, const std::vector<std::size_t>& which, double minShare,
                       const Bases* bases, Making& making);
  const HeaderState* hold(Held& held, std::size_t group);

  std::vector<Group> groups_;
  std::map<std::string, std::vector<std::size_t>> families_; // groups that differ in macros alone
  std::map<std::string, std::size_t> byKey_;
  std::string folder_;
  InputHashes hashes_;
  Held first_;
  Held common_;
};

} // namespace fgft
