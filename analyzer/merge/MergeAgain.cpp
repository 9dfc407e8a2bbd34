// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// See MergeAgain.h.
#include "merge/MergeAgain.h"

#include "merge/EntryPointRows.h"
#include "merge/MergeState.h"
#include "merge/ModuleContent.h"
#include "merge/PmSurroundings.h"
#include "merge/SurveyWriter.h"
#include "support/Error.h"
#include "support/SurveyDb.h"

#include <deque>
#include <set>

namespace fgft {

namespace {

// Of a whole survey's TUs one in so many may have changed.
constexpr size_t worthwhile = 8;

using Tus = std::map<std::string, MergeState::Tu>;

bool isUnchanged(const Entry& entry, const std::string& keyBefore) {
  return entry.manifest.status == TuStatus::Ok && entry.manifest.key == keyBefore;
}

// One configuration with its changes.
class ConfigurationAgain {
public:
  ConfigurationAgain(const Inputs& inputs, const Model& model, MergeState& state, SurveyWriter& writer)
      : inputs_(inputs), model_(model), state_(state), writer_(writer), name_(inputs.configuration.name),
        tus_(state.tus(name_)), pass_(model) {}

  // False: so much may differ that all must be looked at.
  bool begin() {
    std::unordered_set<NameHash> ownTags;
    for (const auto& [output, tu] : tus_)
      ownTags.insert(tu.links.ownTags.begin(), tu.links.ownTags.end());
    std::set<std::string> changed = takeChangedTus();
    if (driverMembersChanged_)
      return false;
    for (const auto& [key, folder] : inputs_.headers)
      pass_.addHeaders(readHeaders(key, folder));
    PmSurroundings surroundings;
    for (const auto& [output, entry] : inputs_.entries)
      surroundings.add(output, entry.manifest.modules, tus_.at(output).links);
    judgeDrivers(surroundings, changed);
    for (const auto& [output, entry] : inputs_.entries)
      if (!tus_.at(output).key.empty())
        pass_.note(output, entry.manifest.modules, std::move(tus_.at(output).links), loaderOf(entry));
    tus_.clear();
    earlier_ = state_.groups(name_, std::move(ownTags));
    modules_ = std::move(changed);
    return true;
  }

  // Looks at these modules as well. Returns all modules that were looked at so far.
  const std::set<std::string>& look(const std::set<std::string>& more) {
    modules_.insert(more.begin(), more.end());
    std::set<std::string> missing;
    for (const std::string& module : modules_)
      if (looked_.count(module) == 0)
        missing.insert(module);
    if (isFirst_ || !missing.empty()) {
      auto now = pass_.again(
          *earlier_, missing, [this](const std::string& module) -> const auto& { return driversOf(module); },
          [this](EffectsPass::Result result) { results_.push_back(std::move(result)); },
          [this](const KeptGroup& group, int64_t replaces) {
            if (replaces >= 0)
              replaced_.insert(static_cast<size_t>(replaces)); // not yet: what it was is still asked for
            if (keptGroups_.insert(group.head.modules).second)
              state_.addGroup(name_, group);
          });
      looked_.insert(now.begin(), now.end());
      looked_.insert(missing.begin(), missing.end());
      isFirst_ = false;
    }
    return looked_;
  }

  void finish(EntryPointRows& rows) {
    pass_.settle([this](EffectsPass::Result result) { results_.push_back(std::move(result)); });
    for (size_t gone : pass_.goneGroups())
      replaced_.insert(gone);
    for (size_t place : replaced_)
      state_.removeGroup(*earlier_, place);
    for (EffectsPass::Result& result : results_) {
      for (EntryPointRow& row : result.rows)
        rows.add(std::move(row));
      if (!result.drivers.empty())
        moduleOf(result.module).drivers->take(result.module, std::move(result.drivers));
    }
  }

  // All drivers of a module that was looked at.
  const std::vector<DriverRow>& rowsOf(const std::string& module) { return moduleOf(module).rows; }

private:
  struct Module {
    std::vector<DriverRow> rows;
    std::unique_ptr<DriversOfModules> drivers;
  };

  // Their modules. Those that were not ok and those that cannot be read now are always among them.
  std::set<std::string> takeChangedTus() {
    std::set<std::string> modules;
    for (const auto& [output, entry] : inputs_.entries) {
      MergeState::Tu& tu = tus_.at(output);
      if (isUnchanged(entry, tu.key))
        continue;
      std::string status;
      TuFacts facts = readEntry(entry, status);
      writer_.changeTu(name_, entry, status, facts);
      MergeState::Tu now = MergeState::tuOf(facts, status, entry.manifest.key, model_);
      driverMembersChanged_ |= now.links.driverMembers != tu.links.driverMembers;
      tu = std::move(now);
      state_.setTu(name_, output, tu);
      modules.insert(entry.manifest.modules.begin(), entry.manifest.modules.end());
    }
    return modules;
  }

  // Judges the drivers of all modules that may see the changed ones; those that get another answer are to be
  // looked at as well.
  void judgeDrivers(PmSurroundings& surroundings, std::set<std::string>& changed) {
    if (changed.empty())
      return;
    const std::set<std::string> concerned = surroundings.concernedBy(changed);
    Program program(model_);
    for (const std::string& output : surroundings.seenBy(concerned)) {
      std::string status;
      TuFacts facts = readEntry(inputs_.entries.at(output), status);
      if (status == "ok")
        program.add(std::move(facts));
    }
    // Calls through members of driver structs count wherever they stand.
    for (const auto& [output, entry] : inputs_.entries)
      for (Name member : tus_.at(output).links.driverMembers)
        program.addIndirectCaller(std::string(member), entry.manifest.modules);
    program.link();
    for (const std::string& module : concerned)
      judged_[module];
    for (DriverRow& row : driverRows(program, model_, name_, &concerned))
      judged_[row.module].push_back(std::move(row));
    for (const auto& [module, rows] : judged_) {
      if (state_.hasDrivers(name_, module, rows))
        continue;
      state_.setDrivers(name_, module, rows);
      changed.insert(module);
    }
  }

  Module& moduleOf(const std::string& name) {
    auto [it, isNew] = rows_.try_emplace(name);
    if (isNew) {
      auto judged = judged_.find(name);
      it->second.rows = judged == judged_.end() ? state_.drivers(name_, name) : judged->second;
      it->second.drivers = std::make_unique<DriversOfModules>(it->second.rows, model_);
    }
    return it->second;
  }
  const std::vector<DriverOfModule>& driversOf(const std::string& module) {
    return moduleOf(module).drivers->of(module);
  }

  const Inputs& inputs_;
  const Model& model_;
  MergeState& state_;
  SurveyWriter& writer_;
  const std::string name_;
  Tus tus_;
  bool driverMembersChanged_ = false;
  EffectsPass pass_;
  std::unique_ptr<EarlierGroups> earlier_;
  std::map<std::string, std::vector<DriverRow>> judged_;
  std::map<std::string, Module> rows_;
  std::vector<EffectsPass::Result> results_;
  std::set<std::string> modules_, looked_;
  std::set<size_t> replaced_;
  std::set<std::vector<std::string>> keptGroups_;
  bool isFirst_ = true;
};

bool isWorthwhile(const std::map<std::string, Inputs>& inputs, MergeState& state) {
  size_t all = 0, changed = 0;
  for (const auto& [name, one] : inputs) {
    const auto keys = state.keys(name);
    for (const auto& [output, entry] : one.entries) {
      auto before = keys.find(output);
      if (before == keys.end())
        return false;
      ++all;
      if (!isUnchanged(entry, before->second))
        ++changed;
    }
  }
  return changed * worthwhile <= all;
}

// Writes what differs; false: all must be looked at.
bool writeChanges(const std::map<std::string, Inputs>& inputs, const Model& model, MergeState& state,
                  Database& database, MergeResult& result) {
  SurveyWriter writer(database);
  std::deque<ConfigurationAgain> configurations;
  for (const auto& [name, one] : inputs)
    if (!configurations.emplace_back(one, model, state, writer).begin())
      return false;
  // A module's row joins those of all configurations: where one looks at it, all do.
  std::set<std::string> modules;
  for (size_t before = ~size_t(0); before != modules.size();) {
    before = modules.size();
    for (ConfigurationAgain& one : configurations)
      modules.merge(std::set<std::string>(one.look(modules)));
  }
  EntryPointRows entryPoints(database);
  for (const std::string& module : modules) {
    entryPoints.remove(module);
    writer.removeDrivers(module);
  }
  std::vector<DriverRow> rows;
  for (ConfigurationAgain& one : configurations) {
    one.finish(entryPoints);
    for (const std::string& module : modules) {
      const std::vector<DriverRow>& more = one.rowsOf(module);
      rows.insert(rows.end(), more.begin(), more.end());
    }
  }
  for (const DriverRow& row : joinConfigurations(std::move(rows)))
    writer.addDriver(row);
  for (const std::string& module : modules)
    entryPoints.countForDrivers(module);
  fillModuleContent(database);
  result = countsOf(database);
  result.modulesAgain = modules.size();
  return true;
}

} // namespace

std::optional<MergeResult> mergeChanged(const std::map<std::string, Inputs>& inputs, const Model& model,
                                        const std::string& database, const std::string& hash) {
  try {
    const std::string frame = hashOfFrame(inputs, model);
    std::string before;
    {
      SurveyDb survey(database, SurveyDb::Check::Size);
      before = survey.meta("inputs");
    }
    auto state = MergeState::open(database, before, frame);
    if (!state || !isWorthwhile(inputs, *state))
      return {};
    SurveyFile file(database, SurveyFile::From::Copy);
    MergeResult result;
    if (!writeChanges(inputs, model, *state, file.database(), result))
      return {};
    SurveyWriter(file.database()).setMeta("inputs", hash);
    state->finish(hash, frame);
    file.finish();
    return result;
  } catch (const Error&) {
    return {}; // what cannot be believed is made anew
  }
}

} // namespace fgft
