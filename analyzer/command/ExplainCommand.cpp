// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// `fgft explain`: the whole reasoning for one entry point, as text.
#include "command/Commands.h"
#include "model/Effect.h"
#include "support/Error.h"
#include "support/SurveyDb.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <iostream>
#include <memory>
#include <sstream>

namespace fgft {

namespace {

struct Arguments {
  std::string database;
  std::string function;
  std::string module;
  bool json = false;
};

struct EffectLine {
  std::string effect, what, file, path, evidence, why;
  std::int64_t line = 0;
};

struct Explained {
  std::string className, module, driver, function, kind, ops, file, reversibility, checkpoint, sleeps, atomic,
      reason, candidate, obstacles;
  std::int64_t line = 0;
  std::vector<EffectLine> effects;
  std::string pm; // of its drivers, a line each
};

std::vector<Explained> readEntryPoints(Database& db, const Arguments& arguments) {
  std::vector<Explained> found;
  Statement rows(
      db, "SELECT class, module, driver, function, kind, ops, file, reversibility, checkpoint, sleeps, "
          "atomic, reason, candidate, obstacles, line FROM entry_point WHERE function = ? AND "
          "(? = '' OR module = ? OR module LIKE '%/' || ?) ORDER BY module, kind");
  rows.bindAll(std::string_view(arguments.function), std::string_view(arguments.module),
               std::string_view(arguments.module), std::string_view(arguments.module));
  while (rows.step()) {
    Explained& one = found.emplace_back();
    int column = 0;
    for (std::string* field : {&one.className, &one.module, &one.driver, &one.function, &one.kind, &one.ops,
                               &one.file, &one.reversibility, &one.checkpoint, &one.sleeps, &one.atomic,
                               &one.reason, &one.candidate, &one.obstacles})
      *field = rows.text(column++);
    one.line = rows.integer(column);
  }
  return found;
}

void readEffects(Database& db, Explained& entry) {
  Statement rows(db, "SELECT effect, callee_or_register, file, path, evidence, why, line FROM effect WHERE "
                     "module = ? AND function = ? ORDER BY effect, evidence, callee_or_register");
  rows.bindAll(std::string_view(entry.module), std::string_view(entry.function));
  while (rows.step())
    entry.effects.push_back({rows.text(0), rows.text(1), rows.text(2), rows.text(3), rows.text(4),
                             rows.text(5), rows.integer(6)});
}

// What a checkpoint made of the driver's suspend and resume would be.
std::string restoreText(Database& db, std::int64_t driver) {
  Statement rows(db, "SELECT line FROM restore_line WHERE driver = ? ORDER BY part, line");
  rows.bindAll(driver);
  std::string text;
  while (rows.step())
    text += fmt::format("    {}\n", rows.text(0));
  return text;
}

void readDrivers(Database& db, Explained& entry) {
  Statement rows(db, "SELECT driver, name, pm, pm_style, suspend_fn, resume_fn, reason, id FROM driver WHERE "
                     "module = ? AND driver <> '' ORDER BY driver");
  rows.bindAll(std::string_view(entry.module));
  while (rows.step()) {
    if ((" " + entry.driver + " ").find(" " + rows.text(0) + " ") == std::string::npos)
      continue;
    entry.pm += fmt::format("  {}: power management {}", rows.text(0), rows.text(2));
    if (!rows.text(3).empty())
      entry.pm += fmt::format(", style {}", rows.text(3));
    if (!rows.text(4).empty() || !rows.text(5).empty())
      entry.pm += fmt::format(", suspend {}, resume {}", rows.text(4).empty() ? "-" : rows.text(4),
                              rows.text(5).empty() ? "-" : rows.text(5));
    entry.pm += fmt::format("\n    {}\n", rows.text(6));
    entry.pm += restoreText(db, rows.integer(7));
  }
}

void printEffects(std::ostream& out, const Explained& entry) {
  for (int level = static_cast<int>(Level::Irrevocable); level >= 0; --level) {
    bool first = true;
    for (const EffectLine& one : entry.effects) {
      auto effect = effectOf(one.effect);
      if (!effect || static_cast<int>(levelOf(*effect)) != level)
        continue;
      if (first)
        out << fmt::format("\n  {} {}\n", level, word(static_cast<Level>(level)));
      first = false;
      out << fmt::format("    {:<11} {}  ({}:{}, by {})\n", one.effect, one.what, one.file, one.line,
                         one.evidence == "name" ? "its name" : one.evidence);
      out << fmt::format("                {}\n", one.path);
      if (!one.why.empty())
        out << fmt::format("                {}\n", one.why);
    }
  }
  bool first = true;
  for (const EffectLine& one : entry.effects)
    if (!effectOf(one.effect)) {
      if (first)
        out << "\n  not known\n";
      first = false;
      out << fmt::format("    {}  ({}:{})\n                {}\n", one.what, one.file, one.line, one.path);
    }
  if (entry.effects.empty())
    out << "  nothing\n";
}

void printCandidate(std::ostream& out, const Explained& entry) {
  out << "\nCandidate for a transaction: " << entry.candidate << "\n";
  if (entry.candidate == "yes")
    return;
  std::istringstream lines(entry.obstacles);
  std::string remedies;
  for (std::string line; std::getline(lines, line);) {
    size_t tab = line.find('\t');
    out << "  - " << line.substr(0, tab) << "\n";
    if (tab != std::string::npos)
      remedies += "  - " + line.substr(tab + 1) + "\n";
  }
  out << "What would make it one:\n" << remedies;
}

void printText(std::ostream& out, const Explained& entry) {
  out << fmt::format("{}: an entry point of kind {} ({})\n", entry.function, entry.kind, entry.ops);
  out << fmt::format("  {}:{}, module {}, class {}\n", entry.file, entry.line, entry.module, entry.className);
  out << fmt::format("  sleeps: {}; called in atomic context: {}\n", entry.sleeps, entry.atomic);
  out << "\nWhat it does, each with the shortest path\n";
  printEffects(out, entry);
  out << fmt::format("\nReversibility: {}; checkpoint: {}\n  {}\n", entry.reversibility, entry.checkpoint,
                     entry.reason);
  out << "\nRestore path\n" << (entry.pm.empty() ? "  the module registers no driver\n" : entry.pm);
  printCandidate(out, entry);
}

nlohmann::ordered_json jsonOf(const Explained& entry) {
  nlohmann::ordered_json json = {{"function", entry.function},
                                 {"module", entry.module},
                                 {"class", entry.className},
                                 {"driver", entry.driver},
                                 {"kind", entry.kind},
                                 {"ops", entry.ops},
                                 {"file", entry.file},
                                 {"line", entry.line},
                                 {"sleeps", entry.sleeps},
                                 {"atomic", entry.atomic},
                                 {"reversibility", entry.reversibility},
                                 {"checkpoint", entry.checkpoint},
                                 {"reason", entry.reason},
                                 {"candidate", entry.candidate},
                                 {"effects", nlohmann::json::array()},
                                 {"obstacles", nlohmann::json::array()}};
  for (const EffectLine& one : entry.effects)
    json["effects"].push_back({{"effect", one.effect},
                               {"what", one.what},
                               {"file", one.file},
                               {"line", one.line},
                               {"evidence", one.evidence},
                               {"why", one.why},
                               {"path", one.path}});
  std::istringstream lines(entry.obstacles);
  for (std::string line; std::getline(lines, line);) {
    size_t tab = line.find('\t');
    json["obstacles"].push_back(
        {{"why", line.substr(0, tab)}, {"remedy", tab == std::string::npos ? "" : line.substr(tab + 1)}});
  }
  return json;
}

void run(const Arguments& arguments) {
  SurveyDb db(arguments.database);
  db.needEntryPoints();
  std::vector<Explained> entries = readEntryPoints(db.database(), arguments);
  if (entries.empty())
    throw Error("{}: no entry point {}{}{}", arguments.database, arguments.function,
                arguments.module.empty() ? "" : " in module ", arguments.module);
  nlohmann::ordered_json json = nlohmann::json::array();
  bool first = true;
  for (Explained& entry : entries) {
    readEffects(db.database(), entry);
    readDrivers(db.database(), entry);
    if (arguments.json) {
      json.push_back(jsonOf(entry));
      continue;
    }
    if (!first)
      std::cout << "\n" << std::string(80, '-') << "\n\n";
    first = false;
    printText(std::cout, entry);
  }
  if (arguments.json)
    std::cout << json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) << "\n";
}

} // namespace

void addExplainCommand(CLI::App& app) {
  const auto arguments = std::make_shared<Arguments>();
  CLI::App* command = app.add_subcommand(
      "explain", "Say what an entry point does, with paths, what of it can be undone, and why");
  command->add_option("database", arguments->database, "The survey.db")->required();
  command->add_option("entry_point", arguments->function, "The function's name")->required();
  command->add_option("--module", arguments->module, "Only in this module: its path, or its name");
  command->add_flag("--json", arguments->json, "Print it as JSON");
  command->callback([arguments] { run(*arguments); });
}

} // namespace fgft
