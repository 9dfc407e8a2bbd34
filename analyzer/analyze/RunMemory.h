// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What one run of `analyze` leaves for the next that asks the same: the list of TUs, the keys of their facts,
// and every file that either was made from, once, with those who made use of it. The next run compares these
// files with what is there now; what only unchanged files had a part in is as it was. Everything else goes
// the way of a first run. A remembered run that is cut, foreign or garbled is none.
#pragma once

#include "analyze/FactsCache.h"
#include "analyze/HeaderChoice.h"
#include "analyze/SeenFiles.h"
#include "analyze/TuList.h"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace fgft {

class RunMemory {
public:
  /// What a run found out of one TU, or of the header facts.
  struct Unit {
    std::string command; ///< digest of its command line
    std::string key;     ///< of its facts; empty: there are none to be remembered
    FileStamp facts;     ///< the facts file, which was whole
    bool stands = false; ///< nothing that it was made from has changed
  };
  /// What is remembered of a run, or is to be.
  struct Run {
    TuList list;
    std::size_t common = 0;  ///< mostCommonCommand()
    std::size_t headers = 0; ///< of the request for header facts
    /// By TU, and last the header facts.
    std::vector<Unit> units;
    Unit& headerFacts() { return units.back(); }
  };

  /// `question` names all that decides the list and the keys and is no file; `folder` is a facts folder.
  RunMemory(const std::string& folder, const std::string& question);

  /// The run that is remembered, if the list still holds; its sources are noted in `seen`.
  std::optional<Run> recall(SeenFiles& seen);

  /// After recall(): the uses of headers then. False where they are not remembered.
  bool recallUses(HeaderUses& uses) const { return uses.parse(uses_); }

  /// Remembers `run`: what of it `cache` vouches for. `uses` are of all TUs, scanned in this run.
  void save(const Run& run, const HeaderUses& uses, const SeenFiles& seen, FactsCache& cache) const;

  /// So many TUs that no longer stand make it worth to remember anew.
  static constexpr std::size_t enough = 32;

private:
  std::string folder_;
  std::string path_;
  std::string question_;
  std::string uses_;
};

} // namespace fgft
