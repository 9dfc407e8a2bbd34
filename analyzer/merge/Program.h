// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// All TUs of one configuration, linked: who defines a name that a TU uses, who registers and who changes an
// object. Holds only what the rows of a survey are made from, so that 20,000 TUs fit in memory.
#pragma once

#include "facts/Facts.h"
#include "model/Model.h"

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

namespace fgft {

/// One TU of a program, less what linking does not need.
struct Unit {
  std::string file;
  std::string output;
  std::vector<std::string> modules;
  std::vector<Object> objects;
  std::vector<Assignment> assignments;

  /// A function, the interned names of all that it calls, and those calls that pass something worth
  /// following.
  struct Node {
    std::string name;
    bool internal = false;
    std::vector<uint32_t> callees; // sorted
    std::vector<Call> calls;
    std::vector<std::string> objects; // those whose address it passes or stores, sorted
  };
  std::vector<Node> functions; // sorted by name, as objects are
};

/// An object and the TU it stands in.
struct ObjectRef {
  const Unit* unit = nullptr;
  const Object* object = nullptr;
  explicit operator bool() const { return object != nullptr; }
};

struct FunctionRef {
  const Unit* unit = nullptr;
  const Unit::Node* node = nullptr;
  explicit operator bool() const { return node != nullptr; }
  bool operator<(const FunctionRef& other) const { return node < other.node; }
};

class Program {
public:
  explicit Program(const Model& model);

  /// Takes one TU's facts; the order of calls does not matter. Not after link().
  void add(TuFacts facts);

  /// Builds the indexes.
  void link();

  const std::vector<std::unique_ptr<Unit>>& units() const { return units_; }
  const std::map<std::string, std::vector<const Unit*>>& modules() const { return modules_; }

  /// The definition that `name` means in `unit`: its own, one of its modules', else an exported one.
  ObjectRef object(const Unit& unit, const std::string& name) const;
  FunctionRef function(const Unit& unit, const std::string& name) const;

  /// `object.path = value` at run time, directly or in a function that gets the object as an argument.
  struct Store {
    const Unit* unit = nullptr;
    const Assignment* assignment = nullptr;
    std::string path; // inside the object
  };
  const std::vector<Store>& storesTo(const Object& object) const;

  /// A call that registers the object, a part of it, or an array of pointers that names it.
  struct Registered {
    const Call* call = nullptr; // the outermost: where the object itself is named
    const Registration* row = nullptr;
    std::string path; // of the registered part
  };
  const std::vector<Registered>& registrationsOf(const Object& object) const;

  /// Functions that `start` reaches by direct calls, itself included; into other modules at most `depth` of
  /// them deep.
  std::set<FunctionRef> reach(const std::set<FunctionRef>& start, unsigned depth) const;

  /// All functions of the unit's modules.
  std::set<FunctionRef> functionsOf(const Unit& unit) const;

  /// Whether one of `functions` calls `name`.
  bool anyCalls(const std::set<FunctionRef>& functions, const std::string& name) const;

  /// What the calls of `functions`, else of what they reach, tell about the class: the class and the function
  /// that told. Both empty where no call does.
  std::pair<std::string, std::string> classByApi(const std::set<FunctionRef>& functions) const;

  /// Modules that call the member of a driver struct through a pointer: "auxiliary_driver.suspend".
  const std::set<std::string>& indirectCallers(const std::string& member) const;

private:
  uint32_t intern(const std::string& name);
  bool worthFollowing(const Call& call, const std::set<std::string>& kept) const;
  bool worthKeeping(const Object& object) const;
  bool worthKeeping(const Assignment& assignment) const;

  using Passed = std::map<unsigned, std::set<std::pair<const Registration*, std::string>>>;
  void findRegistrars();
  void findRegistrations();
  void findStores();
  void addRegistered(const Unit& unit, const Value& argument, const Call& call, const Registration* row,
                     const std::string& path);
  void follow(const Unit& unit, const Call& call, unsigned depth, const Value& object, FunctionRef into);

  const Model& model_;
  std::set<std::string> leaves_;      // last members of the paths whose assignments matter
  std::set<std::string> coreMembers_; // struct.member that a core's row names
  std::set<std::string> followedTags_;
  std::vector<std::unique_ptr<Unit>> units_;
  std::map<std::string, std::vector<const Unit*>> modules_;
  std::unordered_map<std::string, uint32_t> ids_;
  std::vector<std::string> names_;
  // Names that are not static: all that define them, as two modules may use one name.
  std::unordered_map<std::string, std::vector<ObjectRef>> exportedObjects_;
  std::unordered_map<std::string, std::vector<FunctionRef>> exportedFunctions_;
  std::map<std::string, std::set<std::string>> indirectCallers_;
  std::map<const Unit::Node*, Passed> registrars_;
  std::unordered_map<const Object*, std::vector<Store>> stores_;
  std::unordered_map<const Object*, std::vector<Registered>> registered_;
};

} // namespace fgft
