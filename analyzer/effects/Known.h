// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What functions of other modules and of headers do, for the group in hand: those of groups that were closed
// already, and, where an earlier merge closed them, those that nobody had to look at again.
#pragma once

#include "effects/Kept.h"

#include <functional>
#include <memory>
#include <unordered_map>
#include <vector>

namespace fgft {

class Known : public Surroundings {
public:
  Known(const EffectModel& model, AtomPool& pool) : model_(model), pool_(pool) {}

  /// Groups whose functions are read when one is asked for, each with its place in the order in which groups
  /// are looked at; `taken` gets each function that is.
  using Taken = std::function<void(const Exported&)>;
  void addEarlier(const EarlierGroups& earlier, std::vector<uint32_t> places, Taken taken = {});
  /// The group is looked at again, or there no more: nothing is to be read of it.
  void dropEarlier(size_t group) { isDone_[group] = true; }

  /// The place of the group in hand: only what groups before it do is seen from there.
  static constexpr uint32_t behindAll = ~uint32_t(0);
  void lookFrom(uint32_t place) { place_ = place; }

  const Summary* function(Name name) const override;

  /// Of several modules that define one name the first by the module's name counts, in whatever order they
  /// come.
  void addExported(Summary&& summary, const std::string& module, uint32_t place);
  void addHeader(Summary&& summary) { headers_->try_emplace(summary.name, std::move(summary)); }
  void useHeadersOf(const Known& other) { headers_ = other.headers_; }

private:
  struct OfModule {
    std::unique_ptr<Summary> summary; // others point to it
    Name module;
    uint32_t place = 0;
  };
  void readEarlier(size_t group) const;

  const EffectModel& model_;
  AtomPool& pool_;
  uint32_t place_ = behindAll;
  std::unordered_map<Name, std::vector<OfModule>> exported_; // by module
  std::shared_ptr<std::unordered_map<Name, Summary>> headers_ =
      std::make_shared<std::unordered_map<Name, Summary>>();
  const EarlierGroups* earlier_ = nullptr;
  std::vector<uint32_t> places_;
  Taken taken_;
  std::unordered_map<NameHash, std::vector<uint32_t>> earlierBy_; // name -> groups
  mutable std::vector<bool> isDone_;                              // read, or dropped
};

} // namespace fgft
