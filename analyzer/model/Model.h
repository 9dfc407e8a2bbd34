// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The kernel model: what the tool knows of the kernel, as data (the CSV files of this folder, explained in
// docs/model.md). Nothing about a kernel function, struct or macro is written in code.
#pragma once

#include "model/EffectModel.h"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace fgft {

/// What a bus does with the legacy suspend/resume members of its driver struct.
enum class LegacyHooks { None, Called, Always, Never, Event };

/// A struct with which a driver registers with a bus (driver_structs.csv).
struct DriverStruct {
  std::string tag;
  std::string bus;
  std::string fixedClass; // the class where the struct alone tells it
  std::string driverPath; // the embedded struct device_driver
  std::string pmPath;     // the dev_pm_ops pointer that the bus uses; empty if it uses none
  std::vector<std::string> suspend;
  std::vector<std::string> resume;
  LegacyHooks legacy = LegacyHooks::None;
  std::string core; // does system sleep for every driver of this struct
};

enum class Direction { Down, Up, Other };

/// A member of a PM table (pm_members.csv).
struct PmMember {
  std::string phase;
  Direction direction = Direction::Other;
};

/// A function that registers a driver struct (registrations.csv).
struct Registration {
  unsigned arg = 0;
  std::string tag;
  std::string fixedClass;
  std::string kind; // one, array, pointer-array
};

/// A core that does system sleep for drivers which use it in some way (pm_cores.csv).
struct PmCore {
  std::string trigger; // call, flag, member, struct
  std::string name;
  // flag: first the macro or the number; then words that restrict the row: `!usb` (not for drivers of this
  // bus), `class=leds` (only for drivers of this class; several: any of them).
  std::vector<std::string> details;
  std::string core;
};

/// What brings device state back besides a driver's own resume (restores.csv).
struct Restores {
  std::set<std::string> members; // struct.member: called again after a resume
  ByName<Pattern> caches;        // function -> the functions that write through its cache
  ByName<std::string> cores;     // core -> what it covers

  /// Whether a function writes through a cache, or writes one to the device again.
  bool isCached(std::string_view function) const;
};

class Model {
public:
  /// Reads the tables in `folder`, then the rows of `extraFiles` (each named like the table it adds to).
  /// Throws Error for a bad row with file, line and what was expected.
  static Model load(const std::string& folder, const std::vector<std::string>& extraFiles = {});

  /// Hash over the rows that extraction looks at: part of every key, so that no other row makes facts
  /// stale.
  const std::string& extractionHash() const { return extractionHash_; }

  /// Hash over all tables, as they were read: what else decides a survey's rows.
  const std::string& contentHash() const { return contentHash_; }

  ByName<DriverStruct> driverStructs;                                  // by tag
  ByName<ByName<PmMember>> pmMembers;                                  // by struct, member
  ByName<std::string> pmMacros;                                        // macro -> kind
  std::multimap<std::string, Registration, std::less<>> registrations; // by function
  ByName<std::pair<size_t, std::string>> classApis;                    // function -> (priority, class)
  ByName<std::string> classDirs;                                       // path prefix -> class
  std::vector<PmCore> pmCores;
  ByName<std::string> pmLibrary; // function -> core or library
  Restores restores;
  EffectModel effects;

  /// The tags that extraction looks for.
  std::set<std::string> driverTags() const;

  /// The directory class of a source file: the longest prefix in classDirs, else its second path component.
  std::string directoryClass(const std::string& file) const;

private:
  void readFile(const std::string& table, const std::string& path);
  std::string extractionHash_;
  std::string contentHash_;
};

} // namespace fgft
