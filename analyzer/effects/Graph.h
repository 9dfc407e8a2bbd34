// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The call graph of one module (or of several that call each other): closes what its functions do over what
// they call. Functions of other modules and of headers are known by their summaries.
#pragma once

#include "effects/Atom.h"
#include "effects/AtomIndex.h"
#include "effects/AtomPool.h"
#include "effects/Reduce.h"
#include "support/Hash.h"

#include <functional>
#include <memory>
#include <set>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace fgft {

/// All that a function does, callees included, with the paths to it; in terms of its parameters.
struct Summary {
  Name name;
  Place place;
  Name returns;
  std::vector<Reached> atoms;
};

/// What a group of modules sees of the world around it.
class Surroundings {
public:
  virtual ~Surroundings() = default;
  /// A function of another module, or of a header. What it does stands in a pool that outlives the graph.
  virtual const Summary* function(Name name) const = 0;
};

class Graph {
public:
  Graph(const EffectModel& model, const Surroundings& around) : model_(model), around_(around) {}

  void add(TuEffects tu);

  /// Resolves calls. A function that is asked for by its name alone, and is no function of the group, gets a
  /// node of its own if the surroundings know it.
  void resolve(const std::vector<Name>& wanted);

  struct Node;

  /// What stays with a function when all its callers are closed.
  enum class Kept : uint8_t {
    Nothing,
    Nearest, // of each effect the atom of the best rank; what is not known, and whether it sleeps
    All,
  };

  /// Closes all functions, after resolve().
  void close(const std::function<Kept(const Node&)>& kept);

  struct Node {
    FunctionNode function;
    std::vector<Reached> atoms; // closed
    uint32_t index = 0;
    const Summary* stands = nullptr; // only a name here: the function is another module's
    bool allocates = false;          // one of the atoms, kept or not
    bool readsDevice = false;        // likewise, once it is closed
    bool writesDevice = false;       // likewise
  };

  /// The function that `name` means in a TU; null: not known.
  const Node* function(Name name, Name unit) const;
  /// A function by its name, static ones too; of several the one in `file`.
  const Node* named(Name name, Name file) const;
  const std::vector<std::unique_ptr<Node>>& nodes() const { return nodes_; }
  const std::vector<MemberFunction>& members() const { return members_; }
  const std::vector<MemberStore>& memberStores() const { return memberStores_; }
  /// Whether the group's register maps have no cache, as far as it describes them itself.
  bool isWithoutCache() const { return registerMaps_ && !registerCaches_; }
  const EffectModel& model() const { return model_; }

  /// Functions that the group gives to the kernel as call-backs of some role.
  struct Callback {
    Name function;
    Name unit;
    const CallbackRole* ops;
    Name by; // the kernel's function
  };
  const std::vector<Callback>& callbacks() const { return callbacks_; }

  /// Constant registers that some function of the group reads from the device, by offset.
  struct Read {
    Name base;
    Name shown;
    uint32_t node; // of those that are the same the first: node, then atom
    uint32_t position;
  };
  const std::unordered_map<Name, std::vector<Read>>& reads() const { return reads_; }

  /// The nodes that `start` reaches, itself first, nearest first.
  std::vector<const Node*> reach(const Node& start) const;

  /// What is left of the function when the graph is gone.
  static Summary summary(const Node& node, PoolTransfer& transfer);

private:
  using Index = uint32_t;
  static constexpr Index none = ~Index(0);
  static constexpr size_t fewSteps = 1 << 18; // not worth a sweep

  struct Edge {
    Index node = none;                // or
    const Summary* summary = nullptr; // one of these
    const Site* site = nullptr;       // null: by way of an unknown of a summary, or of a pointer
    unsigned line = 0;
    const Step* prefix = nullptr; // inside the summary, to its unknown
  };
  struct PointerUse {
    const Atom* atom; // Calls or Callback
    Argument where;   // in terms of the node's parameters
  };

  struct Callee {
    Name name;
    bool indirect = false;
    const Site* site = nullptr;
    unsigned line = 0;
    const Step* prefix = nullptr;
  };

  Index find(Name name, Name unit) const;
  bool isKnown(Name name, bool indirect) const;
  bool isLeftOut(Name member, bool indirect) const;
  void findEdges();
  Symbol tellingRegister(const Site& site) const;
  bool isTellingRegister(const Symbol& value) const;
  bool addTargets(Index from, const Callee& callee);
  void addSummaryHoles(Index from, const Edge& edge);
  void findPointerUses();
  void usePointer(Index node, const PointerUse& use, unsigned line);
  void closeComponent(const std::vector<Index>& component);
  void addOwn(Index index);
  void findSettling();
  bool settleOwnCall(Atom& atom) const;
  bool settleMember(Atom& atom) const;
  void findHandlers();
  void noteReads(Index index);
  void release(const std::vector<Index>& component);
  void sweep();
  bool isSaid(Index index, const Atom& atom, unsigned depth) const;
  bool absorb(Index index, const Edge& edge, bool onlyParametric);
  bool put(Index index, Atom atom, const Step* path, AtomIndex& closure, const Atom* same = nullptr);
  void noteSettled(Index index, const AtomKey& key, const AtomIndex& closure);
  static Name registerNameOf(const Atom& access);
  void nameRegister(Index index, const Atom& access, const Step* path, AtomIndex& closure);
  void tellRequest(Index index, const Atom& atom, const Step* path, AtomIndex& closure);
  void tellMeaning(Index index);
  bool isFreedHere(Index index, const Argument& freed, unsigned line) const;
  bool seenFrom(Index index, const Edge& edge, Atom& atom) const;

  const EffectModel& model_;
  const Surroundings& around_;
  AtomPool pool_{AtomPool::Life::Graph};
  std::vector<std::unique_ptr<Node>> nodes_;
  std::vector<MemberFunction> members_;
  std::vector<MemberStore> memberStores_;
  std::unordered_set<Name> filledTags_; // structs of which the group has tables of functions
  std::unordered_set<Name> openTags_;   // of those: some get members from elsewhere
  bool registerMaps_ = false;
  bool registerCaches_ = false;
  std::vector<Callback> callbacks_;
  std::unordered_map<Name, std::vector<Index>> byName_;
  std::unordered_map<uint64_t, Index> byUnit_; // of name and unit
  std::unordered_map<Fingerprint, Index> shared_;
  std::unordered_map<Name, std::vector<std::pair<Name, Name>>>
      memberFunctions_; // tag.member -> function, unit
  std::vector<std::vector<Edge>> edges_;
  std::vector<std::vector<PointerUse>> pointerUses_;
  std::vector<AtomIndex> closures_;
  std::vector<uint32_t> callers_; // edges to each node from functions that are not closed
  std::vector<Kept> kept_;
  size_t sweepAt_ = fewSteps;
  std::unordered_map<Name, std::vector<Read>> reads_;
  // Handlers of interrupts, and whether they may leave it to a thread to acknowledge.
  std::unordered_map<Index, bool> handlers_;
  // Accesses that name no parameter from this function on: what they are is judged here, where their caller
  // is.
  std::unordered_map<Index, std::set<uint32_t>> settled_;
  std::vector<bool> settling_; // functions that set the device up: names of cleared status do not count there
};

/// The member that a pointer is read from, as calls through it are named: record.member; empty: none.
Name memberOf(const Symbol& symbol);

} // namespace fgft
