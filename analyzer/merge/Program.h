// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// All TUs of one configuration, linked: who defines a name that a TU uses, who registers and who changes an
// object. Holds only what the rows of a survey are made from, so that 20,000 TUs fit in memory.
#pragma once

#include "facts/Facts.h"
#include "facts/PmRelevance.h"
#include "model/Model.h"

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <span>
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

  /// Part of one of the lists below.
  struct Range {
    uint32_t begin = 0;
    uint32_t end = 0;
  };
  struct Node {
    Name name;
    bool internal = false;
    Range callees;
    Range calls;
    Range objects;
  };
  std::vector<Node> functions; // sorted by name, as objects are

  /// Of a function: the names of all that it calls, sorted by id; those calls that pass something worth
  /// following; the objects whose address it passes or stores, sorted by id.
  std::span<const Name> callees(const Node& node) const { return part(allCallees, node.callees); }
  std::span<const Call> calls(const Node& node) const { return part(allCalls, node.calls); }
  std::span<const Name> objectsOf(const Node& node) const { return part(allObjects, node.objects); }

  std::vector<Name> allCallees;
  std::vector<Call> allCalls;
  std::vector<Name> allObjects;

private:
  template <typename T>
  static std::span<const T> part(const std::vector<T>& all, Range range) {
    return std::span<const T>(all).subspan(range.begin, range.end - range.begin);
  }
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
  bool operator==(const FunctionRef& other) const { return node == other.node; }

  std::span<const Name> callees() const { return unit->callees(*node); }
  std::span<const Call> calls() const { return unit->calls(*node); }
  std::span<const Name> objects() const { return unit->objectsOf(*node); }
};

/// A set of functions: sorted, each once.
using Functions = std::vector<FunctionRef>;

class Program {
public:
  explicit Program(const Model& model);

  /// Takes one TU's facts; the order of calls does not matter. Not after link().
  void add(TuFacts facts);

  /// A TU of these modules that was not added calls through a driver struct's member, `tag.member`.
  void addIndirectCaller(const std::string& member, const std::vector<std::string>& modules);

  /// Builds the indexes.
  void link();

  const std::vector<std::unique_ptr<Unit>>& units() const { return units_; }
  const std::map<std::string, std::vector<const Unit*>>& modules() const { return modules_; }

  /// The definition that `name` means in `unit`: its own, one of its modules', else an exported one.
  ObjectRef object(const Unit& unit, Name name) const;
  FunctionRef function(const Unit& unit, Name name) const;

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

  /// A function without definition or registration row in the survey that is given the object, the first by
  /// name; empty where there is none.
  Name givenTo(const Object& object) const;

  /// Functions that `start` reaches by direct calls, itself included; into other modules at most `depth` of
  /// them deep.
  Functions reach(const Functions& start, unsigned depth) const;

  /// All functions of the unit's modules. Holds until the next call.
  const Functions& functionsOf(const Unit& unit) const;

  /// Whether one of `functions` calls `name`.
  static bool anyCalls(const Functions& functions, Name name);

  /// What the calls of `functions`, else of what they reach, tell about the class: the class and the function
  /// that told. Both empty where no call does.
  std::pair<std::string, std::string> classByApi(const Functions& functions) const;

  /// Modules that call the member of a driver struct through a pointer: "auxiliary_driver.suspend".
  const std::set<std::string>& indirectCallers(const std::string& member) const;

private:
  void noteGiven(const Unit& unit, const Call& call);
  void addFunction(Unit& unit, Function& function, const std::set<Name>& kept,
                   const std::multimap<Name, Name>& stored);

  using Passed = std::map<unsigned, std::set<std::pair<const Registration*, std::string>>>;
  void findRegistrars();
  void findRegistrations();
  void findStores();
  void addRegistered(const Unit& unit, const Value& argument, const Call& call, const Registration* row,
                     const std::string& path);
  void follow(const Unit& unit, const Call& call, unsigned depth, const Value& object, FunctionRef into);

  const Model& model_;
  PmRelevance relevance_;
  std::vector<std::unique_ptr<Unit>> units_;
  std::map<std::string, std::vector<const Unit*>> modules_;
  // Names that are not static: all that define them, as two modules may use one name.
  std::unordered_map<Name, std::vector<ObjectRef>> exportedObjects_;
  std::unordered_map<Name, std::vector<FunctionRef>> exportedFunctions_;
  // functionsOf()'s last answer: units are asked module by module.
  mutable std::vector<std::string> lastModules_;
  mutable Functions lastFunctions_;
  std::unordered_map<const Object*, Name> givenTo_;
  std::map<std::string, std::set<std::string>> indirectCallers_;
  std::map<const Unit::Node*, Passed> registrars_;
  std::unordered_map<const Object*, std::vector<Store>> stores_;
  std::unordered_map<const Object*, std::vector<Registered>> registered_;
};

} // namespace fgft
