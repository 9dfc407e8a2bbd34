// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the model says of effects: of calls into the kernel, of members of ops structs, of inline assembly and
// of registers' names. The tables and their language are explained in docs/model-effects.md.
#pragma once

#include "model/Effect.h"
#include "support/Pattern.h"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace fgft {

template <typename T>
using ByName = std::map<std::string, T, std::less<>>; // asked for by any text

/// `role=value` behind an effect's `?`: the effect is there unless the argument in that role is known to have
/// another of the role's values (argument_values.csv).
struct EffectCondition {
  std::string role;
  std::string value;
};

struct CallEffect {
  Effect effect;
  std::optional<EffectCondition> condition;
};

/// What an argument of a call is for.
enum class ArgumentRole {
  Base,      // base=: the device, or the pointer to its registers
  Offset,    // offset=: the register
  Value,     // value=: what is written to it
  Mask,      // mask=: the bits of it that are written
  Frees,     // frees=: is freed
  Allocates, // allocates=: holds the new object (the result: CallModel::allocatesResult)
  Writes,    // writes=: the memory behind it is written
  Copies,    // copies=: the memory behind it is read: goes to the device, the user, or another argument
  Request,   // request=: is handed to the device or the next layer
  Pipe,      // pipe=: a USB pipe
  Urb,       // urb=: a URB
  Dir,       // dir=: a DMA direction
  Gfp,       // gfp=: allocation flags: they tell whether the call sleeps
  Message,   // message=: messages of a transfer, or flags that tell its direction
  Lock,      // lock=: the lock that is taken or released
  Takes,   // takes=: gets what the layer above had queued for the device (the result: CallModel::takesResult)
  Command, // command=: a message that the driver itself makes for its device, unless it is the request
};

/// A function that the kernel calls later (`callback=`), as an entry point of the kind that `member` has.
struct CallbackRole {
  unsigned argument = 0;
  std::string tag;    // a row of ops.csv
  std::string member; // "
};

/// An argument that is, or holds, an ops struct that the kernel keeps (`object=`).
struct ObjectRole {
  unsigned argument = 0;
  std::string tag; // the rows of ops.csv for its members, if not those of its own struct
};

/// A function that is called before the call returns (`calls=`): the argument itself, or all that the module
/// has put into a member of an ops struct.
struct CalledRole {
  std::optional<unsigned> argument;
  std::string tag;
  std::string member;
};

/// A kernel function, or a call through a member of a kernel struct (calls.csv): what remains after the call.
struct CallModel {
  std::vector<std::string> names; // the function and its other names
  std::vector<CallEffect> effects;
  Tristate sleeps = Tristate::No;
  std::map<ArgumentRole, std::vector<unsigned>> roles;
  bool allocatesResult = false;
  bool takesResult = false;
  std::vector<CallbackRole> callbacks;
  std::vector<CalledRole> calls;
  std::vector<ObjectRole> objects;
  std::string inverse;
  std::string source;

  /// The first argument in a role.
  std::optional<unsigned> argument(ArgumentRole role) const;
  /// Whether it hands the caller what the layer above had queued for the device.
  bool takesFromAbove() const { return takesResult || roles.count(ArgumentRole::Takes) != 0; }
};

/// A value of a role that conditions can ask for, and how an argument shows that it has it.
struct ArgumentValue {
  std::string role;
  std::string value;
  Pattern macros; // of the names it is written with, or of the functions it comes from
  std::vector<std::string> numbers;
};

/// A member of a struct through which the kernel calls drivers (ops.csv).
struct OpsMember {
  EntryKind kind = EntryKind::Config;
  Tristate sleeps = Tristate::Maybe; // may it sleep, by contract
  Tristate atomic = Tristate::Maybe; // is it called in atomic context
  std::vector<Effect> deviceWrite;   // what a device write means in here, besides dev-write
  std::vector<Effect> deviceRead;    // likewise a device read
  bool acknowledges = false;         // an access in here has to acknowledge to the device
  std::optional<unsigned> request;   // the parameter that is the request or the data from above
  std::string source;
};

/// Inline assembly, by its template or by a macro that writes it (asm.csv).
struct AsmModel {
  std::vector<Effect> effects;
  std::string source;
};

/// Names of registers, bits or functions that tell what an access does (register_names.csv).
struct RegisterName {
  Pattern pattern;
  enum class Use {
    Read,
    Write,
    Any,
    Inside,  // of functions' names: the effects do not count in there
    Within,  // of functions' names: what a device write in there does
    Mask,    // not the device's state: masks interrupts, or is another device
    Control, // both read and written without any acknowledgement
  };
  Use use = Use::Any;
  std::vector<Effect> effects;
  std::string why;
};

/// The tables of effects.
class EffectModel {
public:
  /// Tags in ops.csv that stand for no struct: members of any struct through which another module of the
  /// survey calls; functions that kernel functions, by their names, call before they return.
  static constexpr const char* libraryStruct = "@library";
  static constexpr const char* calledStruct = "@called";

  /// The row of a function or `tag.member`: of the whole name, else of the longest `beginning*`; null: none.
  const CallModel* call(std::string_view name) const;

  /// The row of a macro that defines functions, `@MACRO` in calls.csv; null: none.
  const CallModel* macro(std::string_view name) const;

  /// The row of a struct's member, else the struct's `*` row; null: none. Members of nested anonymous parts
  /// are looked up by their whole path, then by their last component.
  const OpsMember* ops(std::string_view tag, std::string_view member) const;

  /// The row of a member of no struct with rows through which a library calls: of the whole name, else of the
  /// first of its parts (`hw_power_on`: power) that has one, else the row of all others.
  const OpsMember* library(std::string_view member) const;

  /// The row of inline assembly: by the macros that wrote it (innermost first), else by its text.
  template <typename Macros>
  const AsmModel* assembly(std::string_view text, const Macros& macros) const {
    for (const auto& macro : macros)
      if (const AsmModel* row = assembly(std::string_view(macro)))
        return row;
    return assembly(text);
  }

  /// The first row that a register's or function's name fits, for reading or for writing; null: none.
  const RegisterName* registerName(std::string_view name, bool write) const;

  /// The first row that says what a write to the device does in a function of this name; null: none.
  const RegisterName* within(std::string_view function) const;

  /// Whether a register's (or its accessor's) name is one of a use that keeps it from acknowledging.
  bool isKept(std::string_view name, RegisterName::Use use) const { return firstName(name, use) != nullptr; }

  /// Whether `tag.member` is, or is a part of, a request of the layer above (requests.csv).
  bool isRequest(std::string_view tag, std::string_view member) const;

  /// Whether what names tell of an effect does not count in what a function of this name does.
  bool isDroppedInside(std::string_view function, Effect effect) const;

  /// The value of a role that an argument shows by a macro or a function that it comes from, or by its
  /// number; empty: not told.
  template <typename Names>
  std::string valueOf(std::string_view role, const Names& names, std::string_view number) const {
    for (const auto& name : names)
      if (std::string value = valueByName(role, std::string_view(name)); !value.empty())
        return value;
    return valueByNumber(role, number);
  }

  size_t callCount() const { return calls_.size(); }
  const std::vector<CallModel>& calls() const { return calls_; }

  // One reader for each table; a row for a name that is there replaces it.
  void readCalls(const std::string& path);
  void readOps(const std::string& path);
  void readAsm(const std::string& path);
  void readRegisterNames(const std::string& path);
  void readArgumentValues(const std::string& path);
  void readRequests(const std::string& path);

  /// Throws Error if a row names what no other table has: a role's value, a member of ops.csv.
  void check() const;

private:
  struct TextHash {
    using is_transparent = void;
    size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };
  template <typename T>
  using Hashed = std::unordered_map<std::string, T, TextHash, std::equal_to<>>;

  const AsmModel* assembly(std::string_view key) const;
  std::string valueByName(std::string_view role, std::string_view name) const;
  std::string valueByNumber(std::string_view role, std::string_view number) const;

  std::vector<CallModel> calls_;
  std::vector<std::string> callPlaces_; // of calls_: file and line, for check()
  Hashed<size_t> callIndex_;
  ByName<size_t> callBeginnings_;
  ByName<size_t> macroIndex_; // macros that define functions
  const RegisterName* firstName(std::string_view name, RegisterName::Use use) const;

  ByName<ByName<OpsMember>> ops_; // by tag, member
  ByName<AsmModel> assembly_;
  std::vector<RegisterName> registerNames_;
  std::vector<ArgumentValue> argumentValues_;
  std::set<std::string, std::less<>> requests_; // tag, or tag.member
};

} // namespace fgft
