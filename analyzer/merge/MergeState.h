// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a merge leaves for the next one, in a file beside the survey.db: of each TU what it gives and takes,
// of each group of modules what it gave to others and was told, of each module the drivers as they were
// judged. It serves only the survey.db that it was written with. It may be deleted at any time: the next
// merge then looks at everything.
#pragma once

#include "effects/Kept.h"
#include "effects/Links.h"
#include "merge/DriverRows.h"
#include "support/Sqlite.h"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace fgft {

class MergeState {
public:
  /// The file's path for a survey.db.
  static std::string pathFor(const std::string& database);

  /// A new, empty one; finish() puts it in place of what is there.
  static std::unique_ptr<MergeState> create(const std::string& database);
  /// The one that is there, if it was written with a survey.db of these inputs and has this frame
  /// (hashOfFrame); else null. What is put into it is there when finish() was called.
  static std::unique_ptr<MergeState> open(const std::string& database, const std::string& inputs,
                                          const std::string& frame);
  /// Takes away the one that is there.
  static void remove(const std::string& database);
  ~MergeState();

  struct Tu {
    std::string key; // empty where the facts are not ok: the next merge asks again
    TuLinks links;
  };
  static Tu tuOf(const TuFacts& facts, const std::string& status, const std::string& key, const Model& model);
  void setTu(const std::string& configuration, const std::string& output, const Tu& tu);
  /// By output; keys() alone is quicker.
  std::map<std::string, std::string> keys(const std::string& configuration);
  std::map<std::string, Tu> tus(const std::string& configuration);

  /// Without what effects add to a row.
  void setDrivers(const std::string& configuration, const std::string& module,
                  const std::vector<DriverRow>& rows);
  std::vector<DriverRow> drivers(const std::string& configuration, const std::string& module);
  /// Whether setDrivers() would change nothing.
  bool hasDrivers(const std::string& configuration, const std::string& module,
                  const std::vector<DriverRow>& rows);

  void addGroup(const std::string& configuration, const KeptGroup& group);
  /// `ownTags`: of the configuration's tus() as they were.
  std::unique_ptr<EarlierGroups> groups(const std::string& configuration,
                                        std::unordered_set<NameHash> ownTags);
  /// A group of groups(), by its place there: others replace it, or it is no more.
  void removeGroup(const EarlierGroups& groups, size_t place);

  /// With the hashes of the survey.db that is about to be put in place.
  void finish(const std::string& inputs, const std::string& frame);

private:
  MergeState(std::string path, std::string place);

  std::string path_;  // of the open file
  std::string place_; // where it is to be
  std::unique_ptr<Database> database_;
  std::unique_ptr<Statement> setTu_, setDrivers_, addGroup_;
};

} // namespace fgft
