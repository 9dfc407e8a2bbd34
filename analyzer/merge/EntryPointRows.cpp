// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// See EntryPointRows.h.
#include "merge/EntryPointRows.h"

#include <algorithm>
#include <array>
#include <sstream>

namespace fgft {

namespace {

std::set<std::string> split(const std::string& text) {
  std::istringstream stream(text);
  std::set<std::string> words;
  for (std::string one; stream >> one;)
    words.insert(one);
  return words;
}

// Later words hold more than earlier ones: what is worse stands where configurations disagree.
constexpr std::array<std::string_view, 7> levels = {"pure",       "memory",  "undoable",   "checkpointable",
                                                    "deferrable", "unknown", "irrevocable"};
constexpr std::array<std::string_view, 5> checkpoints = {"not-needed", "sufficient", "unknown",
                                                         "insufficient", "none"};
constexpr std::array<std::string_view, 3> candidates = {"yes", "unknown", "no"};
constexpr std::array<std::string_view, 4> answers = {"no", "unknown", "maybe", "yes"};

template <size_t N>
size_t rank(const std::array<std::string_view, N>& order, const std::string& word) {
  return static_cast<size_t>(std::find(order.begin(), order.end(), word) - order.begin());
}

template <size_t N>
void takeWorse(const std::array<std::string_view, N>& order, std::string& word, const std::string& other) {
  if (rank(order, other) > rank(order, word))
    word = other;
}

// One line for each obstacle: why, a tab, what would change it.
std::string linesOf(const std::vector<Obstacle>& obstacles) {
  std::string lines;
  for (const Obstacle& one : obstacles)
    lines += one.why + "\t" + one.remedy + "\n";
  return lines;
}

std::vector<Obstacle> obstaclesOf(const std::string& lines) {
  std::vector<Obstacle> obstacles;
  std::istringstream stream(lines);
  for (std::string line; std::getline(stream, line);) {
    size_t tab = line.find('\t');
    obstacles.push_back({line.substr(0, tab), tab == std::string::npos ? "" : line.substr(tab + 1)});
  }
  return obstacles;
}

// What the driver's PM calls, down or up. A kernel function that calls the runtime call-backs of the same
// table (pm_runtime_force_resume) stands for them; and where there is nothing else, runtime PM is what there
// is.
std::vector<Name> calledBy(const std::set<std::string>& system, const std::string& named,
                           const std::set<std::string>& runtime, const EffectModel& model) {
  std::set<std::string> all = system;
  if (all.empty() && !named.empty())
    all.insert(named);
  if (all.empty())
    all = runtime;
  std::set<std::string> called;
  for (const std::string& function : all) {
    const CallModel* row = model.call(function);
    bool forces = row && std::ranges::any_of(row->calls, [](const CalledRole& one) {
                    return one.tag == "dev_pm_ops" && one.member.starts_with("runtime_");
                  });
    if (forces)
      called.insert(runtime.begin(), runtime.end());
    else
      called.insert(function);
  }
  return {called.begin(), called.end()};
}

std::string countQuery() {
  const std::string mine = "entry_point.module = driver.module AND (driver.driver = entry_point.driver OR "
                           "instr(' ' || entry_point.driver || ' ', ' ' || driver.driver || ' ') > 0)";
  return "UPDATE driver SET entry_points = (SELECT COUNT(*) FROM entry_point WHERE " + mine +
         "), candidates = (SELECT COUNT(*) FROM entry_point WHERE " + mine + " AND candidate = 'yes')";
}

} // namespace

std::string words(const std::set<std::string>& list) {
  std::string text;
  for (const std::string& one : list)
    text += (text.empty() ? "" : " ") + one;
  return text;
}

DriverOfModule driverOf(const DriverRow& row, const EffectModel& model) {
  DriverOfModule driver;
  driver.className = row.classApi;
  driver.driver = row.driver;
  driver.pm.bus = row.bus;
  driver.pm.file = row.place.file.str();
  driver.pm.pm = word(row.pm.pm);
  driver.pm.reason = row.pm.reason;
  driver.pm.suspend = calledBy(row.pm.down, row.pm.suspendFunction, row.pm.runtimeDown, model);
  driver.pm.resume = calledBy(row.pm.up, row.pm.resumeFunction, row.pm.runtimeUp, model);
  if (row.bus == "none") {
    driver.pm.pm = "unknown";
    driver.pm.reason = "the module registers no driver";
  }
  return driver;
}

DriversOfModules::DriversOfModules(std::vector<DriverRow>& rows, const Model& model) {
  for (DriverRow& row : rows) {
    drivers_[row.module].push_back(driverOf(row, model.effects));
    rows_[row.module].push_back(&row);
  }
}

const std::vector<DriverOfModule>& DriversOfModules::of(const std::string& module) const {
  static const std::vector<DriverOfModule> none;
  auto found = drivers_.find(module);
  return found == drivers_.end() ? none : found->second;
}

void DriversOfModules::take(const std::string& module, std::vector<DriverEffects> effects) {
  auto found = rows_.find(module);
  for (size_t i = 0; i < effects.size(); ++i) {
    found->second[i]->pmStyle = effects[i].pmStyle;
    found->second[i]->restore = std::move(effects[i].restore);
  }
}

EntryPointRows::EntryPointRows(Database& database)
    : database_(database),
      find_(std::make_unique<Statement>(
          database,
          "SELECT driver, ops, effects, reversibility, checkpoint, sleeps, atomic, candidate, "
          "reason, obstacles, class FROM entry_point WHERE module = ? AND function = ? AND kind = ?")),
      remove_(std::make_unique<Statement>(
          database, "DELETE FROM entry_point WHERE module = ? AND function = ? AND kind = ?")),
      insert_(std::make_unique<Statement>(
          database,
          "INSERT INTO entry_point (class, module, driver, function, kind, ops, file, line, effects, "
          "reversibility, checkpoint, sleeps, atomic, score, rank, reason, candidate, obstacles) VALUES "
          "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '', '', ?, ?, ?)")),
      insertEffect_(std::make_unique<Statement>(
          database, "INSERT OR IGNORE INTO effect (module, function, effect, callee_or_register, file, line, "
                    "path, evidence, why) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)")) {}

EntryPointRows::~EntryPointRows() = default;

void EntryPointRows::remove(const std::string& module) {
  for (const char* table : {"entry_point", "effect"})
    Statement(database_, fmt::format("DELETE FROM {} WHERE module = ?", table))
        .bindAll(std::string_view(module))
        .run();
}

void EntryPointRows::add(EntryPointRow row) {
  addEffects(row);
  joinWithStored(row);
  std::set<std::string> effects;
  for (const EffectRow& one : row.effects)
    effects.insert(one.word);
  insert_->reset();
  insert_
      ->bindAll(std::string_view(row.className), std::string_view(row.module),
                std::string_view(words(row.drivers)), std::string_view(row.function),
                std::string_view(row.kind), std::string_view(words(row.ops)),
                std::string_view(row.place.file), static_cast<int64_t>(row.place.line),
                std::string_view(words(effects)), std::string_view(row.reversibility),
                std::string_view(row.checkpoint), std::string_view(row.sleeps), std::string_view(row.atomic),
                std::string_view(row.reason), std::string_view(row.candidate),
                std::string_view(linesOf(row.obstacles)))
      .run();
}

// Takes a row that is there already into this one and out of the table.
void EntryPointRows::joinWithStored(EntryPointRow& row) {
  find_->reset();
  find_->bindAll(std::string_view(row.module), std::string_view(row.function), std::string_view(row.kind));
  if (!find_->step())
    return;
  for (const std::string& one : split(find_->text(0)))
    row.drivers.insert(one);
  for (const std::string& one : split(find_->text(1)))
    row.ops.insert(one);
  for (const std::string& one : split(find_->text(2)))
    row.effects.push_back({one, {}, {}, {}, {}, {}});
  if (rank(levels, find_->text(3)) > rank(levels, row.reversibility) ||
      (find_->text(3) == row.reversibility &&
       rank(checkpoints, find_->text(4)) >= rank(checkpoints, row.checkpoint)))
    row.reason = find_->text(8);
  takeWorse(levels, row.reversibility, find_->text(3));
  takeWorse(checkpoints, row.checkpoint, find_->text(4));
  takeWorse(answers, row.sleeps, find_->text(5));
  takeWorse(answers, row.atomic, find_->text(6));
  if (rank(candidates, find_->text(7)) >= rank(candidates, row.candidate)) {
    row.candidate = find_->text(7);
    row.obstacles = obstaclesOf(find_->text(9));
  }
  if (row.className.empty())
    row.className = find_->text(10);
  find_->reset();
  remove_->reset();
  remove_->bindAll(std::string_view(row.module), std::string_view(row.function), std::string_view(row.kind))
      .run();
}

void EntryPointRows::addEffects(const EntryPointRow& row) {
  for (const EffectRow& one : row.effects) {
    insertEffect_->reset();
    insertEffect_
        ->bindAll(std::string_view(row.module), std::string_view(row.function), std::string_view(one.word),
                  std::string_view(one.what), std::string_view(one.place.file),
                  static_cast<int64_t>(one.place.line), std::string_view(one.path),
                  std::string_view(one.evidence), std::string_view(one.why))
        .run();
  }
}

void EntryPointRows::countForDrivers() {
  database_.execute(countQuery());
}

void EntryPointRows::countForDrivers(const std::string& module) {
  Statement(database_, countQuery() + " WHERE module = ?").bindAll(std::string_view(module)).run();
}

} // namespace fgft
