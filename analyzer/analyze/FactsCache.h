// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The cache of facts, shared by runs and safe with several at once: facts files named by their key, and an
// index (SQLite) of which command read which inputs, so that an unchanged TU is found without parsing it.
// What does not fit (cut, foreign, stale) is a miss, never an answer.
#pragma once

#include "facts/Inputs.h"
#include "support/FileStamp.h"
#include "support/Sqlite.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace fgft {

class FactsCache {
public:
  /// The cache in `folder`, opened or made when it is first asked. An index that cannot be used is put aside
  /// and begun anew.
  explicit FactsCache(const std::string& folder);
  ~FactsCache();

  /// The key of the facts that `command` (a digest of all that the command line says) gave, if every input
  /// still has the content it had then and the facts file is there and whole.
  std::optional<std::string> find(const std::string& command);

  /// An input's number; good for this run. `hash`: of its content when it was read, empty where nothing was
  /// there, which is an input too: what appears there counts as a change.
  using InputId = uint32_t;
  InputId input(const std::string& path, const std::string& hash);
  /// Given where the input's content is not what was read.
  static constexpr InputId changedMeanwhile = 0;
  /// A set of inputs that many TUs share.
  InputId set(const std::vector<InputId>& inputs);
  static constexpr InputId noSet = 0;

  /// Records that `command` gave the facts `key` after reading `inputs` and all of `set`. The file is written
  /// already.
  void add(const std::string& command, const std::string& key, const std::vector<InputId>& inputs,
           InputId set = noSet);

  /// Makes what was added last until now visible to other runs; called now and then and at the end.
  void flush();

  /// What find() stands on, less the facts file.
  struct Unit {
    std::string key;
    std::vector<InputId> inputs;
    InputId set = noSet;
  };
  std::optional<Unit> unit(const std::string& command);
  const std::vector<InputId>* inputsOf(InputId set); // null: nobody knows it

  struct InputFile {
    int64_t id = 0;
    std::string path;
    FileStamp stamp;
    std::string hash;
    bool checked = false; // this run has compared it with the file
    int64_t changed = 0;  // the run that last found another content
  };
  /// An input as this run found it; null if it has not asked for it.
  const InputFile* known(const std::string& path) const;
  const InputFile& file(InputId input) const { return *byId_.at(input); } // of a unit or set

  const std::string& folder() const { return folder_; }

private:
  struct Queries;

  void ready();
  void open();
  void check(InputFile& input);
  InputFile* load(InputId id);
  InputFile* load(const std::string& path);
  InputFile* keep(std::unique_ptr<InputFile> input);
  bool isUnchanged(const std::vector<InputId>& ids, int64_t since);
  bool isSetUnchanged(InputId set, int64_t since);
  void saveInput(InputFile& input);
  void begin();

  std::string folder_;
  int64_t started_;
  std::unique_ptr<Database> database_;
  std::unique_ptr<Queries> queries_;             // after the database: gone before it
  std::vector<std::unique_ptr<InputFile>> byId_; // as far as asked for
  std::unordered_map<std::string_view, InputFile*> byPath_;
  std::unordered_map<InputId, std::unique_ptr<std::vector<InputId>>> sets_; // as far as read
  // Sets found unchanged since a run: of TUs that were made together, all ask the same.
  std::set<std::pair<InputId, int64_t>> unchangedSets_;
  int64_t run_ = 0;
  bool inTransaction_ = false;
};

} // namespace fgft
