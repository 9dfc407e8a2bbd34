// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Reads the kernel model; see Model.h. A table is a reader function and a list of columns.
#include "model/Model.h"

#include "model/Table.h"
#include "support/Hash.h"

#include <algorithm>
#include <filesystem>
#include <functional>

namespace fgft {

namespace {

void readDriverStructs(Model& model, const std::string& path) {
  readTable<10>(
      path,
      {"struct", "bus", "class", "driver_path", "pm_path", "suspend", "resume", "legacy", "core", "source"},
      [&](const auto& v, const std::string& where) {
        require(where, "struct", v[0]);
        require(where, "bus", v[1]);
        auto legacy = oneOf<LegacyHooks>(where, "legacy", v[7],
                                         {{"", LegacyHooks::None},
                                          {"called", LegacyHooks::Called},
                                          {"always", LegacyHooks::Always},
                                          {"never", LegacyHooks::Never},
                                          {"event", LegacyHooks::Event}});
        model.driverStructs[v[0]] = {v[0], v[1], v[2], v[3], v[4], words(v[5]), words(v[6]), legacy, v[8]};
      });
}

void readPmMembers(Model& model, const std::string& path) {
  readTable<5>(path, {"struct", "member", "phase", "direction", "source"},
               [&](const auto& v, const std::string& where) {
                 require(where, "struct", v[0]);
                 require(where, "member", v[1]);
                 require(where, "phase", v[2]);
                 model.pmMembers[v[0]][v[1]] = {v[2], oneOf<Direction>(where, "direction", v[3],
                                                                       {{"down", Direction::Down},
                                                                        {"up", Direction::Up},
                                                                        {"other", Direction::Other}})};
               });
}

void readPmMacros(Model& model, const std::string& path) {
  readTable<3>(path, {"macro", "kind", "source"}, [&](const auto& v, const std::string& where) {
    require(where, "macro", v[0]);
    model.pmMacros[v[0]] = v[1];
  });
}

void readRegistrations(Model& model, const std::string& path) {
  readTable<6>(
      path, {"function", "arg", "struct", "class", "kind", "source"},
      [&](const auto& v, const std::string& where) {
        require(where, "function", v[0]);
        if (v[1].empty() || v[1].find_first_not_of("0123456789") != std::string::npos || v[1].size() > 2)
          throw Error("{}: column 'arg' is '{}', expected an argument's 0-based index", where, v[1]);
        oneOf<bool>(where, "kind", v[4], {{"one", true}, {"array", true}, {"pointer-array", true}});
        model.registrations.insert({v[0], {static_cast<unsigned>(std::stoul(v[1])), v[2], v[3], v[4]}});
      });
}

void readClassApis(Model& model, const std::string& path) {
  readTable<3>(path, {"function", "class", "source"}, [&](const auto& v, const std::string& where) {
    require(where, "function", v[0]);
    require(where, "class", v[1]);
    model.classApis.insert({v[0], {model.classApis.size(), v[1]}});
  });
}

void readClassDirs(Model& model, const std::string& path) {
  readTable<3>(path, {"dir", "class", "source"}, [&](const auto& v, const std::string& where) {
    require(where, "dir", v[0]);
    require(where, "class", v[1]);
    model.classDirs[v[0]] = v[1];
  });
}

void readPmCores(Model& model, const std::string& path) {
  readTable<6>(path, {"trigger", "name", "detail", "core", "condition", "source"},
               [&](const auto& v, const std::string& where) {
                 oneOf<bool>(where, "trigger", v[0],
                             {{"call", true}, {"flag", true}, {"member", true}, {"struct", true}});
                 require(where, "name", v[1]);
                 require(where, "core", v[3]);
                 if (v[0] == "flag")
                   require(where, "detail", v[2]);
                 model.pmCores.push_back({v[0], v[1], words(v[2]), v[3]});
               });
}

void readPmLibrary(Model& model, const std::string& path) {
  readTable<3>(path, {"function", "core", "source"}, [&](const auto& v, const std::string& where) {
    require(where, "function", v[0]);
    model.pmLibrary[v[0]] = v[1];
  });
}

void readRestores(Model& model, const std::string& path) {
  readTable<4>(path, {"trigger", "name", "covers", "source"}, [&](const auto& v, const std::string& where) {
    oneOf<bool>(where, "trigger", v[0], {{"member", true}, {"cache", true}, {"core", true}});
    require(where, "name", v[1]);
    if (v[0] == "member") {
      model.restores.members.insert(v[1]);
      return;
    }
    require(where, "covers", v[2]);
    if (v[0] == "core") {
      oneOf<bool>(where, "covers", v[2], {{"traffic", true}});
      model.restores.cores[v[1]] = v[2];
      return;
    }
    model.restores.caches.insert_or_assign(v[1], pattern(where, "covers", v[2], Pattern::Part::Any));
  });
}

struct TableReader {
  const char* name;
  void (*read)(Model&, const std::string&);
};

// A table that EffectModel reads.
template <void (EffectModel::*reader)(const std::string&)>
void readEffects(Model& model, const std::string& path) {
  (model.effects.*reader)(path);
}

constexpr TableReader tables[] = {
    {"driver_structs", readDriverStructs},
    {"pm_members", readPmMembers},
    {"pm_macros", readPmMacros},
    {"registrations", readRegistrations},
    {"class_apis", readClassApis},
    {"class_dirs", readClassDirs},
    {"pm_cores", readPmCores},
    {"pm_library", readPmLibrary},
    {"restores", readRestores},
    {"argument_values", readEffects<&EffectModel::readArgumentValues>},
    {"ops", readEffects<&EffectModel::readOps>},
    {"calls", readEffects<&EffectModel::readCalls>},
    {"asm", readEffects<&EffectModel::readAsm>},
    {"register_names", readEffects<&EffectModel::readRegisterNames>},
    {"requests", readEffects<&EffectModel::readRequests>},
};

} // namespace

bool Restores::isCached(std::string_view function) const {
  return std::ranges::any_of(
      caches, [&](const auto& row) { return row.first == function || row.second.fits(function); });
}

void Model::readFile(const std::string& table, const std::string& path) {
  for (const TableReader& reader : tables)
    if (table == reader.name)
      return reader.read(*this, path);
  std::string names;
  for (const TableReader& reader : tables)
    names += fmt::format("{}{}.csv", names.empty() ? "" : ", ", reader.name);
  throw Error("{}: a model file is named after the table it adds to, one of {}", path, names);
}

Model Model::load(const std::string& folder, const std::vector<std::string>& extraFiles) {
  Model model;
  Hasher content;
  auto read = [&](const std::string& table, const std::string& path) {
    model.readFile(table, path);
    content.add(table).add(hashOfFile(path));
  };
  for (const TableReader& reader : tables)
    read(reader.name, folder + "/" + reader.name + ".csv");
  for (const std::string& path : extraFiles)
    read(std::filesystem::path(path).stem().string(), path);
  model.contentHash_ = content.hex();
  model.effects.check();
  // Extraction looks at nothing of the model but the driver structs' tags: only they make facts stale.
  Hasher hasher;
  for (const std::string& tag : model.driverTags())
    hasher.add(tag);
  model.extractionHash_ = hasher.hex();
  return model;
}

std::set<std::string> Model::driverTags() const {
  std::set<std::string> tags;
  for (const auto& [tag, unused] : driverStructs)
    tags.insert(tag);
  return tags;
}

std::string Model::directoryClass(const std::string& file) const {
  std::string best;
  std::string found;
  for (const auto& [prefix, name] : classDirs)
    if (file.starts_with(prefix + "/") && prefix.size() > best.size()) {
      best = prefix;
      found = name;
    }
  if (!found.empty())
    return found;
  if (file.starts_with("sound/"))
    return "sound";
  size_t first = file.find('/');
  if (first == std::string::npos)
    return "none";
  size_t second = file.find('/', first + 1);
  return second == std::string::npos ? file.substr(0, first) : file.substr(first + 1, second - first - 1);
}

} // namespace fgft
