// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a merge reads: the manifests of all folders joined, a configuration each, and the facts they name.
#pragma once

#include "facts/Facts.h"
#include "facts/Manifest.h"
#include "model/Model.h"

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace fgft {

/// A TU as the manifests name it, and the folder that has its facts.
struct Entry {
  ManifestEntry manifest;
  std::string folder;
};

/// All manifests of one configuration together.
struct Inputs {
  Configuration configuration;
  std::map<std::string, Entry> entries;       // by output
  std::map<std::string, std::string> headers; // keys of header facts: the folder that has them
  Extent extent = Extent::All;
  std::string manifest; // the path of one that says so
};

/// By the configuration's name. Throws Error if two keys stand for one TU, or two kernels for one
/// configuration, or if not all manifests are of one extent.
std::map<std::string, Inputs> readInputs(const std::vector<std::string>& folders);

/// Of all configurations.
Extent extentOf(const std::map<std::string, Inputs>& inputs);

/// All that decides the rows: which facts there are, what is known of the kernel, and this very program.
std::string hashOfInputs(const std::map<std::string, Inputs>& inputs, const Model& model);

/// The same but for what the facts of a TU are: equal where only TUs changed, and none came or went.
std::string hashOfFrame(const std::map<std::string, Inputs>& inputs, const Model& model);

/// A facts file that is gone, cut or foreign is a TU without facts, and `status` says so: "missing".
TuFacts readEntry(const Entry& entry, std::string& status);

/// Reads the TU's facts once more; `entry` must outlive it.
std::function<TuFacts()> loaderOf(const Entry& entry);

/// Throws Error if they cannot be read.
TuFacts readHeaders(const std::string& key, const std::string& folder);

} // namespace fgft
