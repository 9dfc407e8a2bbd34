// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What several subcommands share: where the tool's data and cache are, the analysis options, progress.
#pragma once

#include "analyze/Scheduler.h"
#include "analyze/TuList.h"
#include "facts/Manifest.h"
#include "model/Model.h"

#include <CLI/App.hpp>

#include <chrono>
#include <string>
#include <vector>

namespace fgft {

/// The folder of the model's tables: $FGFT_MODEL, else beside the installed program, else in the source tree.
std::string modelFolder();

/// $FGFT_CACHE, else $XDG_CACHE_HOME/fgft, else ~/.cache/fgft.
std::string cacheFolder();

/// `0` or a number with K, M or G. Throws Error for anything else.
uint64_t parseSize(const std::string& text);

/// Options of every command that analyses.
struct AnalyzeOptions {
  unsigned jobs = 0;
  unsigned timeoutSeconds = 120;
  bool plain = false;
  bool noCache = false;
  bool resume = false;
  std::string cacheSize = "4G";
  std::vector<std::string> modelFiles;
  std::vector<std::string> scope;
  std::string only; // "pm", or empty: everything

  Extent extent() const { return only == word(Extent::Pm) ? Extent::Pm : Extent::All; }
  void addTo(CLI::App& command);
};

/// One line on standard error that is written over, only on a terminal.
class ProgressLine {
public:
  void show(size_t done, size_t total, size_t failed);
  void note(const std::string& text);
  ~ProgressLine();

private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  std::chrono::steady_clock::time_point last_;
  bool shown_ = false;
};

/// Analyses the TUs of one database into `factsFolder` and writes the manifest there.
ScheduleResult analyzeDatabase(const AnalyzeOptions& options, const Model& model, const std::string& database,
                               const std::string& configurationName, const std::string& factsFolder,
                               unsigned shard, unsigned shards);

} // namespace fgft
