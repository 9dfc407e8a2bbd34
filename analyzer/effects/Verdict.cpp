// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// See Verdict.h. The words and levels: docs/semantics.md.
#include "effects/Verdict.h"

#include <algorithm>
#include <map>

namespace fgft {

namespace {

constexpr size_t maxNamed = 4; // names in a reason; more are counted

unsigned lineInEntry(const Reached& atom) {
  return atom.path ? atom.path->place.line : atom->place.line;
}

bool isDeviceWrite(const Atom& atom) {
  return (atom.kind == Atom::Kind::Access || atom.kind == Atom::Kind::Effect) &&
         (atom.effect == Effect::DevWrite || atom.effect == Effect::DmaPost);
}

class Judge {
public:
  Judge(const EntryPoint& entry, const EffectModel& model, EntryPointRow& row)
      : entry_(entry), model_(model), row_(row) {}

  void effects() {
    for (const Reached& atom : entry_.node->atoms)
      addAtom(atom);
    addRequest();
    addContract();
    for (auto& [key, found] : best_)
      row_.effects.push_back(std::move(found.row));
    for (auto& [name, found] : unknown_)
      row_.effects.push_back(std::move(found));
  }

  bool isUnknown() const { return !unknown_.empty(); }

private:
  struct Found {
    EffectRow row;
    unsigned depth;
  };

  EffectRow rowOf(std::string_view name, const Reached& atom) const {
    return {std::string(name), "", whatOf(atom), std::string(atom->why), atom->place, "", false, {}, atom};
  }

  void add(Effect effect, Evidence evidence, const Reached& atom, EffectRow row) {
    row.evidence = word(evidence);
    auto [it, isNew] = best_.try_emplace({effect, evidence}, Found{row, atom.depth()});
    if (!isNew && atom.depth() < it->second.depth)
      it->second = {std::move(row), atom.depth()};
  }

  void addUnknown(const Reached& atom) {
    auto [it, isNew] = unknown_.try_emplace(std::string(atom->what), rowOf("unknown", atom));
    it->second.member = atom->kind == Atom::Kind::Unknown && atom->indirect;
    if (Name shown = atom->where.offset.shown; it->second.member && !shown.empty())
      it->second.registers.insert(shown);
  }

  void addAtom(const Reached& atom) {
    switch (atom->kind) {
    case Atom::Kind::Effect:
    case Atom::Kind::Access:
    case Atom::Kind::Free:
    case Atom::Kind::Write: {
      Effect effect = isOwnCommand(atom, entry_.kind, model_) ? Effect::DevWrite : atom->effect;
      return add(effect, atom->evidence, atom, rowOf(word(effect), atom));
    }
    case Atom::Kind::Unknown:
    case Atom::Kind::Calls:
      return addUnknown(atom);
    case Atom::Kind::Callback:
    case Atom::Kind::Sends:
    case Atom::Kind::Takes:
    case Atom::Kind::Sleeps:
      return;
    }
  }

  // The request from above reaches the device: by a call that takes it, as a value written to a register, or
  // made visible in memory and then a write that tells the device.
  void addRequest() {
    for (const OpsMember* contract : entry_.rows) {
      if (!contract->request)
        continue;
      for (const Reached& atom : entry_.node->atoms) {
        if (atom->kind == Atom::Kind::Sends && comesFrom(atom->where.value, *contract->request))
          addSent(atom, *contract->request);
        if (atom->kind == Atom::Kind::Access && atom->effect == Effect::DevWrite &&
            comesFrom(atom->value, *contract->request))
          addDataflow(atom, fmt::format("the value comes from parameter {}", *contract->request));
      }
    }
  }

  void addSent(const Reached& sent, unsigned request) {
    if (sent->certain)
      return addDataflow(sent, fmt::format("{}() gets the data of parameter {}", sent->what, request));
    // Of the writes after the mapping the last one in the function: descriptors first, then the doorbell.
    const Reached* doorbell = nullptr;
    for (const Reached& atom : entry_.node->atoms)
      if (isDeviceWrite(atom) && &atom != &sent && atom->what != sent->what) {
        bool later = !doorbell || lineInEntry(atom) > lineInEntry(*doorbell);
        if (later)
          doorbell = &atom;
      }
    if (doorbell)
      addDataflow(*doorbell,
                  fmt::format("the data of parameter {} is made visible to the device by {}() ({}:{}), "
                              "then this write tells it",
                              request, sent->what, sent->place.file, sent->place.line));
  }

  void addDataflow(const Reached& atom, const std::string& why) {
    EffectRow row = rowOf(word(Effect::IoPost), atom);
    row.why = why;
    add(Effect::IoPost, Evidence::Dataflow, atom, std::move(row));
  }

  // Whether the data from user space is looked at, one value at a time, and nothing that is made from it or
  // from memory reaches the device: a watchdog that is written to counts the write, and searches it for one
  // character.
  bool onlyLooksAtRequest() const {
    bool copies = false;
    for (const Atom& atom : entry_.node->atoms) {
      if (atom.kind != Atom::Kind::Effect && atom.kind != Atom::Kind::Access)
        continue;
      const CallModel* row = model_.call(atom.what.str());
      if (atom.effect == Effect::CopyIn && row && row->roles.count(ArgumentRole::Writes) != 0)
        return false;
      copies |= atom.effect == Effect::CopyIn;
      if (levelOf(atom.effect) == Level::Checkpointable && !isOwnKnowledge(atom))
        return false;
    }
    return copies;
  }

  // A register access that writes a constant, or what is made from file-scope variables alone.
  static bool isOwnKnowledge(const Atom& atom) {
    if (atom.kind != Atom::Kind::Access || atom.value.kind == SymbolKind::Constant)
      return atom.kind == Atom::Kind::Access;
    std::vector<Name> sources = wordsOf(atom.value.text);
    return atom.value.kind == SymbolKind::Computed &&
           std::all_of(sources.begin(), sources.end(), [](Name one) {
             return one->find_first_of(".()?") == std::string::npos && !std::isdigit(one->front());
           });
  }

  // What a device write, or a read, in this member means by the kernel's contract.
  void addContract() {
    const Reached* write = nearest(isDeviceWrite);
    const Reached* read = nearest([](const Atom& atom) {
      return (atom.kind == Atom::Kind::Access || atom.kind == Atom::Kind::Effect) &&
             atom.effect == Effect::DevRead;
    });
    for (size_t i = 0; i < entry_.rows.size(); ++i) {
      const OpsMember& contract = *entry_.rows[i];
      for (Effect effect : contract.deviceWrite)
        if (write && (effect != Effect::IoPost || !contract.request || !onlyLooksAtRequest()))
          addMeant(*write, effect, "a write to the device in " + entry_.tagMembers[i] + " means it");
      for (Effect effect : contract.deviceRead)
        if (read)
          addMeant(*read, effect, "a read of the device in " + entry_.tagMembers[i] + " means it");
    }
  }

  template <typename Holds>
  const Reached* nearest(Holds&& holds) const {
    const Reached* found = nullptr;
    for (const Reached& atom : entry_.node->atoms)
      if (holds(atom) && (!found || atom.depth() < found->depth()))
        found = &atom;
    return found;
  }

  void addMeant(const Reached& access, Effect effect, std::string why) {
    EffectRow row = rowOf(word(effect), access);
    row.why = std::move(why);
    add(effect, Evidence::Api, access, std::move(row));
  }

  const EntryPoint& entry_;
  const EffectModel& model_;
  EntryPointRow& row_;
  std::map<std::pair<Effect, Evidence>, Found> best_;
  std::map<std::string, EffectRow> unknown_;
};

std::string wordOf(Tristate value) {
  return std::string(word(value));
}

// What the code says, bounded by the contract of the members it stands in.
void setContext(const EntryPoint& entry, bool unknown, EntryPointRow& row) {
  Tristate code = Tristate::No;
  for (const Atom& atom : entry.node->atoms) {
    bool certain = (atom.kind == Atom::Kind::Sleeps && atom.certain) ||
                   (atom.kind == Atom::Kind::Effect && atom.effect == Effect::Sleep);
    if (certain)
      code = Tristate::Yes;
    else if (atom.kind == Atom::Kind::Sleeps && code == Tristate::No)
      code = Tristate::Maybe;
  }
  bool forbidden = !entry.rows.empty();
  std::set<Tristate> atomic;
  for (const OpsMember* contract : entry.rows) {
    forbidden &= contract->sleeps == Tristate::No;
    atomic.insert(contract->atomic);
  }
  row.sleeps = forbidden ? "no" : code == Tristate::No && unknown ? "unknown" : wordOf(code);
  row.atomic = atomic.empty() ? "unknown" : atomic.size() == 1 ? wordOf(*atomic.begin()) : "maybe";
}

std::string listed(const std::vector<std::string>& names) {
  std::string text;
  for (size_t i = 0; i < names.size() && i < maxNamed; ++i)
    text += (text.empty() ? "" : ", ") + names[i];
  if (names.size() > maxNamed)
    text += fmt::format(" and {} more", names.size() - maxNamed);
  return text;
}

struct LevelOfRow {
  std::optional<Level> level; // of what is known
  std::vector<std::string> unknown;
  const EffectRow* decides = nullptr;
};

int strength(const std::string& evidence) {
  return evidence == word(Evidence::Dataflow) ? 0 : evidence == word(Evidence::Api) ? 1 : 2;
}

LevelOfRow levelOfRow(const EntryPointRow& row) {
  LevelOfRow found;
  for (const EffectRow& one : row.effects) {
    auto effect = effectOf(one.word);
    if (!effect) {
      found.unknown.push_back(one.why.empty() ? one.what : fmt::format("{} ({})", one.what, one.why));
      continue;
    }
    Level level = levelOf(*effect);
    bool better = !found.level || level > *found.level ||
                  (level == *found.level && strength(one.evidence) < strength(found.decides->evidence));
    if (better) {
      found.level = level;
      found.decides = &one;
    }
  }
  return found;
}

void setLevel(EntryPointRow& row) {
  LevelOfRow found = levelOfRow(row);
  bool irrevocable = found.level == Level::Irrevocable;
  if (!found.unknown.empty() && !irrevocable) {
    row.reversibility = "unknown";
    row.reason = "not known what " + listed(found.unknown) + " does";
    return;
  }
  row.reversibility = word(found.level.value_or(Level::Pure));
  if (!found.decides) {
    row.reason = "has no effects";
    return;
  }
  const EffectRow& one = *found.decides;
  row.reason = fmt::format("{}: {} at {}:{} ({}{}{})", one.word, one.what, one.place.file, one.place.line,
                           one.evidence, one.why.empty() ? "" : ": ", one.why);
}

template <typename JudgeOne>
CheckpointVerdict worstCheckpoint(const std::vector<DriverRestore>& drivers, JudgeOne&& judgeOne) {
  CheckpointVerdict worst;
  for (const DriverRestore& driver : drivers) {
    CheckpointVerdict one = judgeOne(*driver.path);
    if (drivers.size() > 1 && !one.reason.empty())
      one.reason = driver.name + ": " + one.reason;
    if (one.word > worst.word || worst.reason.empty())
      if (one.word >= worst.word)
        worst = std::move(one);
  }
  return worst;
}

// Whether one of the type's values says that the call failed, or (void) nobody asks. Negative errors,
// pointers and enumerations such as irqreturn_t and netdev_tx_t have one. Unsigned numbers, flags and whether
// to start again are answers: none of their values is an error.
bool tellsFailure(Name type) {
  auto begins = [&](std::initializer_list<const char*> all) {
    return std::ranges::any_of(all, [&](const char* one) { return type->starts_with(one); });
  };
  if (type.empty())
    return false;
  if (type->ends_with('*') || type == "void")
    return true;
  return type->find("unsigned") == std::string::npos && !type->ends_with("_restart") &&
         !begins({"u8", "u16", "u32", "u64", "u_", "uint", "ulong", "umode_t", "__u", "__le", "__be"}) &&
         type != "bool" && type != "_Bool" && type != "size_t" && type != "__poll_t";
}

std::string locationsOf(const CheckpointVerdict& checkpoint) {
  std::vector<std::string> names;
  for (const Missing& one : checkpoint.missing)
    names.push_back(one.location);
  return listed(names);
}

class Candidacy {
public:
  explicit Candidacy(EntryPointRow& row) : row_(row) {}

  void judge(const Circumstances& circumstances) {
    judgeLevel();
    judgeCheckpoint(circumstances.checkpoint);
    if (circumstances.checkpoint.word != Checkpoint::NotNeeded)
      judgeContext(circumstances.restoreSleeps);
    const Name type = circumstances.returns;
    if (!tellsFailure(type))
      add(fmt::format("a failure cannot be told: it returns {}",
                      type.empty() ? "an unknown type" : type.str()),
          "a return type with a value for failure");
    row_.candidate = row_.obstacles.empty() ? "yes" : unknown_ ? "unknown" : "no";
  }

private:
  void add(std::string why, std::string remedy) {
    row_.obstacles.push_back({std::move(why), std::move(remedy)});
  }

  void judgeLevel() {
    if (row_.reversibility == "unknown") {
      unknown_ = true;
      add(row_.reason,
          "rows of the kernel model for these names (fgft model --missing), or a survey with a wider scope");
    }
    if (row_.reversibility == word(Level::Irrevocable))
      add("it cannot be undone: " + row_.reason, "ending the transaction before that statement "
                                                 "(commit-before), which protects what comes before it");
  }

  void judgeCheckpoint(const CheckpointVerdict& checkpoint) {
    switch (checkpoint.word) {
    case Checkpoint::NotNeeded:
    case Checkpoint::Sufficient:
      return;
    case Checkpoint::Unknown:
      unknown_ = true;
      return add("not known whether restore is enough: " + checkpoint.reason,
                 "knowing which locations it writes");
    case Checkpoint::None:
      return add("restore is not possible: " + checkpoint.reason, "suspend and resume in the driver");
    case Checkpoint::Insufficient:
      break;
    }
    bool savable = std::all_of(checkpoint.missing.begin(), checkpoint.missing.end(),
                               [](const Missing& one) { return one.savable; });
    if (!savable)
      add("restore is not enough: " + checkpoint.reason,
          fmt::format("a resume that writes {} from driver memory", locationsOf(checkpoint)));
  }

  void judgeContext(bool restoreSleeps) {
    if (row_.atomic == "yes" && restoreSleeps)
      add("it is called in atomic context, and restore may sleep",
          "a restore that does not sleep, or one that runs as work behind a gate");
  }

  EntryPointRow& row_;
  bool unknown_ = false;
};

} // namespace

std::string pathText(Name file, const Reached& atom) {
  std::string text;
  auto add = [&](Name function, const Place& place) {
    text += fmt::format("{}{}{}{}:{}", text.empty() ? "" : " > ", place.file == file ? Name() : place.file,
                        place.file == file ? "" : " ", function, place.line);
    file = place.file;
  };
  for (const Step* step = atom.path; step; step = step->next)
    add(step->function, step->place);
  add(atom->function, atom->place);
  return fmt::format("{} > {}", text, whatOf(atom));
}

void showPaths(EntryPointRow& row) {
  for (EffectRow& one : row.effects)
    if (one.statement.atom) {
      one.path = pathText(row.place.file, one.statement);
      one.statement = {}; // its pool may go
    }
}

EntryPointRow judge(const Graph& graph, const EntryPoint& entry, const std::vector<DriverRestore>& drivers,
                    Circumstances& circumstances) {
  EntryPointRow row;
  row.function = entry.node->function.name;
  row.kind = word(entry.kind);
  row.ops = entry.ops;
  row.place = entry.node->function.place;
  Judge judge(entry, graph.model(), row);
  judge.effects();
  setContext(entry, judge.isUnknown(), row);
  circumstances.checkpoint =
      worstCheckpoint(drivers, [&](const RestorePath& path) { return path.judge(entry); });
  circumstances.unseen = worstCheckpoint(drivers, [](const RestorePath& path) { return path.judgeUnseen(); });
  circumstances.restoreSleeps = std::ranges::any_of(
      drivers, [](const DriverRestore& driver) { return driver.path->sleeps() != Tristate::No; });
  circumstances.returns = entry.node->function.returns;
  circumstances.mustNotSleep = !entry.rows.empty();
  for (size_t i = 0; i < entry.rows.size(); ++i) {
    circumstances.mustNotSleep &= entry.rows[i]->sleeps == Tristate::No;
    circumstances.acknowledges |= entry.rows[i]->acknowledges;
    for (Effect effect : entry.rows[i]->deviceWrite)
      circumstances.contract.emplace_back(entry.tagMembers[i], effect);
  }
  return row;
}

void widen(Circumstances& circumstances, std::vector<EffectRow>& added, std::vector<EffectRow>& rest) {
  auto find = [](const std::vector<EffectRow>& rows, auto&& fits) -> const EffectRow* {
    auto it = std::ranges::find_if(rows, fits);
    return it == rows.end() ? nullptr : &*it;
  };
  auto is = [](Effect effect) { return [effect](const EffectRow& one) { return one.word == word(effect); }; };
  auto isLevel3 = [](const EffectRow& one) {
    auto effect = effectOf(one.word);
    return effect && levelOf(*effect) == Level::Checkpointable;
  };
  const EffectRow* write = find(added, is(Effect::DevWrite));
  write = write ? write : find(added, is(Effect::DmaPost));
  const EffectRow* access = write ? write : find(added, is(Effect::DevRead));
  std::vector<EffectRow> more;
  for (const auto& [member, effect] : circumstances.contract)
    if (write && !find(rest, is(effect))) {
      EffectRow& made = more.emplace_back(*write);
      made.word = word(effect);
      made.evidence = word(Evidence::Api);
      made.why = "a write to the device in " + member + " means it";
    }
  bool cleared = find(rest, is(Effect::DevClear)) || find(added, is(Effect::DevClear));
  if (circumstances.acknowledges && access && !cleared) {
    EffectRow& made = rest.emplace_back(*access);
    made.word = "unknown";
    made.evidence.clear();
    made.why = "something in a handler acknowledges the interrupt, and nothing tells whether it is this";
  }
  if (const EffectRow* level3 = find(added, isLevel3)) {
    CheckpointVerdict& checkpoint = circumstances.checkpoint;
    if (checkpoint.word == Checkpoint::NotNeeded || checkpoint.word == Checkpoint::Sufficient)
      checkpoint = circumstances.unseen;
    else if (checkpoint.word == Checkpoint::Insufficient)
      checkpoint.missing.push_back({fmt::format("what {} changes", level3->what), "it is not told apart"});
  }
  std::ranges::move(more, std::back_inserter(added));
}

void conclude(EntryPointRow& row, const Circumstances& circumstances) {
  row.obstacles.clear();
  setLevel(row);
  const CheckpointVerdict& checkpoint = circumstances.checkpoint;
  row.checkpoint = word(checkpoint.word);
  Candidacy(row).judge(circumstances);
  if (!checkpoint.reason.empty())
    row.reason += fmt::format("; checkpoint {}: {}", row.checkpoint, checkpoint.reason);
}

} // namespace fgft
