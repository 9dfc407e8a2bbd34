// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Reads a survey.db into memory; see Survey.h. Every query states its order, so that reports are byte-stable.
#include "reports/Survey.h"

#include "support/SurveyDb.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

namespace fgft::report {

void PmCounts::add(const std::string& pm) {
  ++drivers;
  if (pm == "full")
    ++full;
  else if (pm == "core")
    ++core;
  else if (pm == "suspend-only" || pm == "resume-only")
    ++partial;
  else if (pm == "runtime-only")
    ++runtimeOnly;
  else if (pm == "none")
    ++none;
  else
    ++unknown;
}

std::string PmCounts::percent(int digits) const {
  if (drivers == 0)
    return "-";
  return fmt::format("{:.{}f}", 100.0 * static_cast<double>(full + core) / static_cast<double>(drivers),
                     digits);
}

void Totals::add(const Driver& row) {
  if (row.registers())
    drivers.add(row.pm);
  else
    ++modules;
}

std::string Survey::metaOr(const std::string& key) const {
  const auto found = meta.find(key);
  return found == meta.end() || found->second.empty() ? "not recorded" : found->second;
}

bool Survey::isOnlyPm() const {
  return metaOr("extent") == extentPm;
}

bool Survey::listsNotBuilt() const {
  // A foreign database has no record of its scope, and merge says so where --scope gave it one.
  return !meta.contains("not_built") && (!notBuilt.empty() || metaOr("scope") != "not recorded");
}

namespace {

void readMeta(Database& db, Survey& survey) {
  Statement rows(db, "SELECT key, value FROM meta ORDER BY key");
  while (rows.step())
    survey.meta[rows.text(0)] = rows.text(1);
}

void readConfigs(Database& db, Survey& survey) {
  Statement rows(db, "SELECT name, arch, kernel_release, config_hash,"
                     " (SELECT COUNT(*) FROM tu WHERE tu.config = config.name),"
                     " (SELECT COUNT(*) FROM not_built WHERE not_built.config = config.name)"
                     " FROM config ORDER BY name");
  while (rows.step())
    survey.configs.push_back(
        {rows.text(0), rows.text(1), rows.text(2), rows.text(3), rows.integer(4), rows.integer(5)});
}

void readUnits(Database& db, Survey& survey) {
  Statement count(db, "SELECT COUNT(*) FROM tu");
  count.step();
  survey.units = count.integer(0);
  Statement failed(db, "SELECT config, file, output, status, message, command FROM tu WHERE status <> 'ok'"
                       " ORDER BY file, config, output");
  while (failed.step())
    survey.failedUnits.push_back(
        {failed.text(0), failed.text(1), failed.text(2), failed.text(3), failed.text(4), failed.text(5)});
  Statement notBuilt(db, "SELECT file, config FROM not_built ORDER BY file, config");
  while (notBuilt.step()) {
    std::string& configs = survey.notBuilt[notBuilt.text(0)];
    configs += (configs.empty() ? "" : " ") + notBuilt.text(1);
  }
}

std::optional<std::int64_t> optionalInteger(const Statement& row, int column) {
  if (row.isNull(column))
    return std::nullopt;
  return row.integer(column);
}

void readDrivers(Database& db, Survey& survey) {
  Statement rows(
      db, "SELECT id, class, class_dir, bus, module, driver, name, file, line, configs, registration, pm,"
          " pm_phases, pm_how, pm_style, suspend_fn, resume_fn, entry_points, candidates, reason"
          " FROM driver ORDER BY class, file, driver, bus, module");
  while (rows.step()) {
    Driver& driver = survey.drivers.emplace_back();
    int column = 0;
    driver.id = rows.integer(column++);
    for (std::string* field : {&driver.className, &driver.classDir, &driver.bus, &driver.module,
                               &driver.driver, &driver.name, &driver.file})
      *field = rows.text(column++);
    driver.line = rows.integer(column++);
    for (std::string* field : {&driver.configs, &driver.registration, &driver.pm, &driver.pmPhases,
                               &driver.pmHow, &driver.pmStyle, &driver.suspendFn, &driver.resumeFn})
      *field = rows.text(column++);
    driver.entryPoints = optionalInteger(rows, column++);
    driver.candidates = optionalInteger(rows, column++);
    driver.reason = rows.text(column);
  }
}

void readFindings(Database& db, Survey& survey) {
  std::unordered_map<std::int64_t, Driver*> byId;
  for (Driver& driver : survey.drivers)
    byId[driver.id] = &driver;
  Statement rows(db,
                 "SELECT driver, kind, file, line, message FROM finding ORDER BY kind, file, line, message");
  while (rows.step()) {
    const auto owner = byId.find(rows.integer(0));
    if (owner == byId.end())
      continue; // the schema's foreign key forbids it
    owner->second->findings.push_back({rows.text(1), rows.text(2), rows.text(4), rows.integer(3)});
    ++survey.findings;
  }
}

} // namespace

Survey readSurvey(SurveyDb& db) {
  Survey survey;
  readMeta(db.database(), survey);
  readConfigs(db.database(), survey);
  readUnits(db.database(), survey);
  readDrivers(db.database(), survey);
  readFindings(db.database(), survey);
  return survey;
}

} // namespace fgft::report
