// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The manifest of one analyze run: which command gave which facts. `merge` reads manifests, never whatever
// lies in a facts folder. JSON lines like facts: a header, a line a TU, a last line that counts them.
#pragma once

#include "facts/Facts.h"

#include <map>
#include <string>
#include <vector>

namespace fgft {

/// One configuration of a kernel, as its capture said.
struct Configuration {
  std::string name; // e.g. x86_64; what the reports' `configs` column names
  std::string arch;
  std::string kernelRelease;
  std::string configHash;
  std::vector<std::string> scope;
  std::vector<std::string> notBuilt; // C files of the scope that are not compiled
  bool notBuiltKnown = true;         // false: the compile database is not of `fgft capture`, nobody looked
};

struct ManifestEntry {
  std::string output;
  std::string file;
  std::string key;
  TuStatus status = TuStatus::Ok;
  std::vector<std::string> modules; // that the object goes into; known from the build, not from the TU
};

/// How much facts say: all, or only what the PM coverage of drivers is judged by.
enum class Extent { All, Pm };

/// `all`, `pm`.
std::string_view word(Extent extent);

struct Manifest {
  std::string toolVersion;
  std::string modelHash;
  Configuration configuration;
  std::vector<ManifestEntry> entries; // sorted by output
  std::string headers;                // key of the configuration's header facts; empty if there are none
  Extent extent = Extent::All;
};

/// The manifest's file name inside a facts folder; shards have their own.
std::string manifestName(const std::string& configuration, unsigned shard, unsigned shards);

void writeManifest(const Manifest& manifest, const std::string& path);

/// Throws Error with path:line if the file is cut, foreign or of another version.
Manifest readManifest(const std::string& path);

/// The paths of all manifests in a folder, sorted; none if it cannot be read.
std::vector<std::string> manifestsIn(const std::string& folder);

/// The same. Throws Error if the folder cannot be read or has none.
std::vector<std::string> findManifests(const std::string& folder);

} // namespace fgft
