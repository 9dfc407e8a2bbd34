// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Streams facts into one program a configuration, then writes the survey's tables; see Merge.h.
#include "merge/Merge.h"

#include "merge/DriverRows.h"
#include "merge/EntryPointRows.h"
#include "merge/Inputs.h"
#include "merge/MergeAgain.h"
#include "merge/MergeState.h"
#include "merge/ModuleContent.h"
#include "merge/SurveyWriter.h"
#include "support/Error.h"
#include "support/Memory.h"
#include "support/SurveyDb.h"

#include <filesystem>
#include <map>
#include <optional>

namespace fgft {

namespace {

// What a merge would give again: the counts of the database that is there, if it was made of these inputs.
// Not where facts were missing, as they may be there now.
std::optional<MergeResult> keptDatabase(const std::string& path, const std::string& hash) {
  std::error_code error;
  if (!std::filesystem::exists(path, error))
    return {};
  try {
    SurveyDb survey(path, SurveyDb::Check::Size);
    if (survey.meta("inputs") != hash)
      return {};
    MergeResult result = countsOf(survey.database());
    result.unchanged = true;
    if (result.missing != 0)
      return {};
    return result;
  } catch (const Error&) {
    return {}; // what cannot be believed is made anew
  }
}

class Merger {
public:
  // Without a state, only PM coverage is looked at.
  Merger(const Model& model, Database& database, MergeState* state)
      : model_(model), writer_(database), entryPoints_(database), state_(state) {}

  void addConfiguration(const Inputs& inputs) {
    const std::string& name = inputs.configuration.name;
    writer_.addConfiguration(inputs.configuration);
    std::optional<EffectsPass> pass;
    if (state_)
      pass.emplace(model_);
    for (const auto& [key, folder] : inputs.headers)
      pass->addHeaders(readHeaders(key, folder));
    std::vector<DriverRow> rows;
    {
      Program program(model_); // gone before the second pass: only one of the two is in memory
      for (const auto& [output, entry] : inputs.entries)
        addTu(name, entry, program, pass ? &*pass : nullptr);
      program.link();
      rows = driverRows(program, model_, name);
    }
    // Both passes leave much memory in small pieces, that malloc would keep beside what is asked for next.
    giveBackMemory();
    if (pass)
      addEntryPoints(name, *pass, rows);
    giveBackMemory();
    rows_.insert(rows_.end(), std::make_move_iterator(rows.begin()), std::make_move_iterator(rows.end()));
  }

  void finish() {
    for (const DriverRow& row : joinConfigurations(std::move(rows_)))
      writer_.addDriver(row);
    if (state_)
      entryPoints_.countForDrivers();
  }

  SurveyWriter& writer() { return writer_; }

private:
  void addTu(const std::string& configuration, const Entry& entry, Program& program, EffectsPass* pass) {
    std::string status;
    TuFacts facts = readEntry(entry, status);
    writer_.addTu(configuration, entry, status, facts);
    MergeState::Tu tu;
    if (state_) {
      tu = MergeState::tuOf(facts, status, entry.manifest.key, model_);
      state_->setTu(configuration, entry.manifest.output, tu);
    }
    if (status != "ok")
      return;
    if (pass)
      pass->note(facts.output, facts.modules, std::move(tu.links), loaderOf(entry));
    program.add(std::move(facts));
  }

  // And gives each driver what its effects say of it.
  void addEntryPoints(const std::string& configuration, EffectsPass& pass, std::vector<DriverRow>& rows) {
    DriversOfModules drivers(rows, model_);
    for (const auto& [module, ofModule] : drivers.rows()) {
      std::vector<DriverRow> copies;
      for (const DriverRow* row : ofModule)
        copies.push_back(*row);
      state_->setDrivers(configuration, module, copies);
    }
    pass.run([&](const std::string& module) -> const auto& { return drivers.of(module); },
             [&](EffectsPass::Result result) {
               for (EntryPointRow& row : result.rows)
                 entryPoints_.add(std::move(row));
               drivers.take(result.module, std::move(result.drivers));
             },
             [&](const KeptGroup& group, int64_t) { state_->addGroup(configuration, group); });
  }

  const Model& model_;
  SurveyWriter writer_;
  EntryPointRows entryPoints_;
  MergeState* state_;
  std::vector<DriverRow> rows_;
};

MergeResult mergeAll(const std::map<std::string, Inputs>& inputs, const Model& model,
                     const std::string& database, const std::string& hash) {
  SurveyFile file(database, SurveyFile::From::Nothing);
  const Extent extent = extentOf(inputs);
  // What PM coverage costs here is little: a merge after a change makes it anew, and leaves nothing for the
  // next.
  std::unique_ptr<MergeState> state;
  if (extent == Extent::All)
    state = MergeState::create(database);
  else
    MergeState::remove(database);
  Merger merger(model, file.database(), state.get());
  std::set<std::string> scope;
  std::set<std::string> releases;
  bool notBuiltKnown = true;
  for (const auto& [name, one] : inputs) {
    merger.addConfiguration(one);
    notBuiltKnown &= one.configuration.notBuiltKnown;
    scope.insert(one.configuration.scope.begin(), one.configuration.scope.end());
    releases.insert(one.configuration.kernelRelease);
  }
  SurveyWriter& writer = merger.writer();
  writer.setMeta("inputs", hash);
  writer.setMeta("tool_version", FGFT_VERSION);
  writer.setMeta("schema_version", surveySchemaVersion);
  writer.setMeta("kernel_version", words(releases));
  writer.setMeta("scope", words(scope));
  writer.setMeta("extent", std::string(word(extent)));
  if (!notBuiltKnown)
    writer.setMeta("not_built", "not recorded");
  merger.finish();
  fillModuleContent(file.database());
  MergeResult result = countsOf(file.database());
  if (state)
    state->finish(hash, hashOfFrame(inputs, model));
  file.finish();
  return result;
}

} // namespace

MergeResult countsOf(Database& survey) {
  Statement counts(survey, "SELECT COUNT(*), COALESCE(SUM(status <> 'ok'), 0), "
                           "COALESCE(SUM(status = 'missing'), 0), (SELECT COUNT(*) FROM driver) FROM tu");
  counts.step();
  auto count = [&](int column) { return static_cast<size_t>(counts.integer(column)); };
  return {.tus = count(0), .notOk = count(1), .missing = count(2), .drivers = count(3)};
}

MergeResult mergeFacts(const std::vector<std::string>& folders, const Model& model,
                       const std::string& database) {
  const std::map<std::string, Inputs> inputs = readInputs(folders);
  const Extent extent = extentOf(inputs);
  const std::string hash = hashOfInputs(inputs, model);
  auto said = [extent](MergeResult result) {
    result.extent = extent;
    return result;
  };
  if (auto kept = keptDatabase(database, hash))
    return said(*kept);
  if (extent == Extent::All)
    if (auto changed = mergeChanged(inputs, model, database, hash))
      return said(*changed);
  return said(mergeAll(inputs, model, database, hash));
}

} // namespace fgft
