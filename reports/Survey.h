// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A survey in memory, as the pages and the SARIF log need it. The columns' meaning:
// analyzer/merge/schema.sql.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace fgft {
class SurveyDb;
} // namespace fgft

namespace fgft::report {

/// How many drivers have which PM word; `partial` is suspend-only and resume-only together.
struct PmCounts {
  std::int64_t drivers = 0;
  std::int64_t full = 0, core = 0, partial = 0, runtimeOnly = 0, none = 0, unknown = 0;

  void add(const std::string& pm);
  /// 100 * (full + core) / drivers, with `digits` decimals; "-" of no drivers.
  std::string percent(int digits) const;
};

struct Finding {
  std::string kind, file, message;
  std::int64_t line = 0;
};

struct Driver {
  std::int64_t id = 0;
  std::string className, classDir, bus, module, driver, name, file;
  std::int64_t line = 0;
  std::string configs, registration, pm, pmPhases, pmHow, pmStyle, suspendFn, resumeFn, reason;
  std::optional<std::int64_t> entryPoints, candidates; ///< nothing: not analysed
  std::vector<Finding> findings;

  /// A module without a registration has a row too, with bus `none`; it is no driver and is counted apart.
  bool registers() const { return bus != "none"; }
};

/// The drivers among rows by PM word, and beside them the modules without a registration.
struct Totals {
  PmCounts drivers;
  std::int64_t modules = 0;

  void add(const Driver& row);
};

struct Config {
  std::string name, arch, kernelRelease, configHash;
  std::int64_t units = 0;    ///< translation units that its compile commands name
  std::int64_t notBuilt = 0; ///< C files of the scope that it does not compile
};

/// A translation unit without facts.
struct FailedUnit {
  std::string config, file, output, status, message, command;
};

struct Survey {
  std::map<std::string, std::string> meta;
  std::vector<Config> configs;
  std::vector<Driver> drivers; ///< sorted by class, file, driver, bus
  std::vector<FailedUnit> failedUnits;
  std::map<std::string, std::string> notBuilt; ///< file -> configurations, separated by a space
  std::int64_t units = 0;
  std::int64_t findings = 0;

  /// A meta value, or "not recorded".
  std::string metaOr(const std::string& key) const;

  /// Whether PM coverage was all that was looked at: there may be entry points.
  bool isOnlyPm() const;

  /// Whether anybody looked for files that are not built: only a capture does.
  bool listsNotBuilt() const;
};

Survey readSurvey(SurveyDb& db);

} // namespace fgft::report
