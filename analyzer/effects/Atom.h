// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What one function is said to do, one statement at a time: its own statements first, then (Graph.h) those of
// everything that it calls, with the path to them (AtomPool.h).
#pragma once

#include "effects/Symbol.h"
#include "model/EffectModel.h"

#include <optional>
#include <vector>

namespace fgft {

/// How it is known that a statement does what is said of it, strongest first.
enum class Evidence : uint8_t { Api, Dataflow, Name };

std::string_view word(Evidence evidence);

struct Atom {
  enum class Kind : uint8_t {
    Effect,   // `effect`, by `what`
    Access,   // `effect` at register `where`; `value` is written
    Free,     // `where` is freed
    Write,    // memory of no named type behind `where` is written
    Unknown,  // `what`: an unmodelled call, or assembly
    Calls,    // the function pointer `where` is called
    Callback, // the function pointer `where` is given to the kernel, as `ops`
    Sends,    // the data behind `where` is given to the device, by `what`
    Takes,    // by `what` it gets what is for the device: if that goes there it is `effect`
    Sleeps,   // it waits; `certain` or perhaps
  };
  Kind kind = Kind::Effect;
  Effect effect = Effect::DevRead;
  Evidence evidence = Evidence::Api;
  bool indirect = false; // Unknown: a call through a member of a struct
  bool byCaller = false; // of level 3: what is written where depends on the caller
  bool certain = true;   // Sends: false where only made visible, and something else tells the device to look
  bool parametric = false; // it speaks of the function's parameters themselves
  bool lifted = false;     // a caller sees it otherwise: it speaks of parameters or of what they point to
  Name what;               // the callee, or what else decides
  Name why;                // what a table says of it
  Argument where;
  Symbol value;
  const CallbackRole* ops = nullptr;
  Name function; // where the statement stands
  Place place;
};

/// What makes two atoms of one function one: of those the one with the shortest path is kept.
struct AtomKey {
  Atom::Kind kind = Atom::Kind::Effect;
  Effect effect = Effect::DevRead;
  Evidence evidence = Evidence::Api;
  Name what;
  Name base, baseMember, offset, value;
  bool operator==(const AtomKey&) const = default;
};

AtomKey keyOf(const Atom& atom);

/// Sets what the atom says of itself: `parametric` and `lifted`.
void classify(Atom& atom);

struct AtomKeyHash {
  size_t operator()(const AtomKey& key) const;
};

/// A register's place as it is compared and shown. Empty offset: not constant.
struct Register {
  Name base;   // the member that holds the device's base, empty: not known
  Name offset; // the number, or the member's path where registers are a struct
  std::string shown;
  bool constant = false;
};

Register registerOf(const Atom& access);

/// The part of a request of the layer above that a value is, or is made from; empty: none.
Name requestIn(const Symbol& symbol, const EffectModel& model);

/// What acts, for people: the callee, of an access with the register.
std::string whatOf(const Atom& atom);

/// A call of a function, before it is known which.
struct Site {
  Name callee; // as Call::callee
  bool indirect = false;
  bool optional = false; // called if the module has it at all
  Argument through;
  std::vector<Argument> args;
  Symbol result;
  unsigned line = 0;
};

/// One function with a body.
struct FunctionNode {
  Name name;
  Place place;
  Name unit; // the TU's output
  bool internal = false;
  Name returns;
  bool takesValues = false; // it gets more than one object: a number, other memory
  std::vector<Atom> own;
  std::vector<Site> sites;
  struct Allocated {
    Name where; // a variable, or record.member
    unsigned line = 0;
  };
  std::vector<Allocated> allocated; // what holds objects that this function allocated by a kernel call
  std::vector<std::pair<Name, Name>> stored; // `to = from` of such places
  struct Member {
    Name member; // record.member
    bool constant = false;
    unsigned line = 0;
  };
  std::vector<Member> stores;
  struct Added {
    Name function; // whose result is added to what a member holds
    unsigned line = 0;
  };
  std::vector<Added> addsUp;
};

} // namespace fgft
