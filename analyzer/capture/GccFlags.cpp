// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Reads gcc_flags.csv and answers for one option at a time.
#include "capture/GccFlags.h"

#include "support/AtomicFile.h"
#include "support/Error.h"
#include "support/Hash.h"

#include <filesystem>
#include <libfccp/csv.h>

namespace fgft {

namespace {

using Csv = io::CSVReader<6, io::trim_chars<' ', '\t'>, io::double_quote_escape<',', '"'>,
                          io::throw_on_overflow, io::single_and_empty_line_comment<'#'>>;

} // namespace

GccFlags::GccFlags(const std::string& tablePath, std::string cacheFolder)
    : cacheFolder_(std::move(cacheFolder)) {
  try {
    Csv csv(tablePath);
    csv.read_header(io::ignore_no_column, "flag", "match", "compiler", "action", "value", "why");
    std::string flag, match, compiler, action, value, why;
    while (csv.read_row(flag, match, compiler, action, value, why)) {
      try {
        if (why.empty())
          throw Error("column why is empty: expected the reason for the row");
        addRow(flag, match, compiler, action, value);
      } catch (const Error& error) {
        throw Error("{}:{}: {}", tablePath, csv.get_file_line(), error.what());
      }
    }
  } catch (const io::error::base& error) {
    throw Error("{}: {}", tablePath, error.what());
  }
}

void GccFlags::addRow(const std::string& flag, const std::string& match, const std::string& compiler,
                      const std::string& action, const std::string& value) {
  if (flag.empty())
    throw Error("column flag is empty: expected a compiler option or a CONFIG_ symbol");
  if (action == "undef") {
    if (flag.rfind("CONFIG_", 0) != 0 || compiler != "gcc")
      throw Error("action undef of \"{}\": expected a CONFIG_ symbol and compiler gcc", flag);
    undefined_.push_back(flag);
    return;
  }
  Rule rule;
  rule.value = value;
  if (action == "keep")
    rule.action = Action::Keep;
  else if (action == "drop")
    rule.action = Action::Drop;
  else if (action == "replace")
    rule.action = Action::Replace;
  else
    throw Error("column action is \"{}\": expected keep, drop, replace or undef", action);
  if ((rule.action == Action::Replace) == value.empty())
    throw Error("column value of \"{}\": expected an option for replace and nothing else", flag);
  if (match != "exact" && match != "prefix" && match != "next")
    throw Error("column match is \"{}\": expected exact, prefix or next", match);
  rule.takesNext = match == "next";

  auto addTo = [&](Table& table) {
    bool isNew =
        match == "prefix" ? table.prefix.emplace(flag, rule).second : table.exact.emplace(flag, rule).second;
    if (!isNew)
      throw Error("a second row for \"{}\", match {}, compiler {}", flag, match, compiler);
  };
  if (compiler != "any" && compiler != "gcc" && compiler != "clang")
    throw Error("column compiler is \"{}\": expected any, gcc or clang", compiler);
  if (compiler != "gcc")
    addTo(tables_[static_cast<int>(Compiler::Clang)]);
  if (compiler != "clang")
    addTo(tables_[static_cast<int>(Compiler::Gcc)]);
}

std::optional<GccFlags::Rule> GccFlags::find(std::string_view argument, Compiler compiler) const {
  const Table& table = tables_[static_cast<int>(compiler)];
  std::string key(argument);
  if (auto exact = table.exact.find(key); exact != table.exact.end())
    return exact->second;
  // In descending order every prefix of the argument comes after the argument, and a longer one before a
  // shorter.
  for (auto row = table.prefix.lower_bound(key); row != table.prefix.end() && row->first[1] == key[1]; ++row)
    if (key.starts_with(row->first))
      return row->second;
  return std::nullopt;
}

const std::string& GccFlags::fixHeader() const {
  if (!fixHeader_.empty())
    return fixHeader_;
  std::string text =
      "/* Takes back what gcc promised at configuration and clang has not; see gcc_flags.csv. */\n";
  for (const std::string& symbol : undefined_)
    text += "#undef " + symbol + "\n";
  std::string path = fmt::format("{}/gcc-fix-{}.h", cacheFolder_, hashOf(text).substr(0, 16));
  if (!std::filesystem::exists(path)) {
    makeFolders(cacheFolder_);
    writeFileAtomically(path, text);
  }
  return fixHeader_ = path;
}

} // namespace fgft
