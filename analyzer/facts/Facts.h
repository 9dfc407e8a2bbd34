// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Facts: what one translation unit (TU) says about drivers, closed over that TU. Written by the checkers,
// read by merge. Facts speak only of a TU's own files (docs/semantics.md); paths are relative to the kernel's
// source or build root. The file form is JSON lines; see FactsIo.h.
#pragma once

#include "support/Name.h"

#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace fgft {

/// The path of member `step` (or element `[i]`) of what stands at `path`; either may be empty.
inline std::string joined(std::string_view path, std::string_view step) {
  std::string both(path);
  if (!path.empty() && !step.empty() && step[0] != '[')
    both += '.';
  return both.append(step);
}

/// Whether a path is `part` or leads to something inside it; no part: the whole.
inline bool isWithin(std::string_view path, std::string_view part) {
  if (part.empty() || path == part)
    return true;
  return path.starts_with(part) && (path[part.size()] == '.' || path[part.size()] == '[');
}

/// The decimal number that a text begins with; else 0. Too large a one is the largest there is.
inline int64_t numberOf(std::string_view text) {
  int64_t number = 0;
  if (std::from_chars(text.data(), text.data() + text.size(), number).ec == std::errc::result_out_of_range)
    return text[0] == '-' ? INT64_MIN : INT64_MAX;
  return number;
}

/// A position in a source file, relative path and 1-based line; line 0: nowhere.
struct Place {
  Name file;
  unsigned line = 0;
};

enum class ValueKind {
  Null,      // a null pointer, or the integer 0
  Function,  // text: its name
  Object,    // text: the variable's name; path: the member whose address it is, or that is read
  String,    // text: the content
  Integer,   // text: the value if it is constant; macros: the names it is written with
  Parameter, // text: the 0-based index; path as above
  Local,     // text: the local variable's name, `&x` where it is that variable's address; path as above
  Choice,    // choices: what a run-time condition selects from
  Computed,  // a number made at run time, or a pointer that a call returns; from: what of; text: asItCame or
             // empty
  Other,     // text: how it is written, shortened
};

/// The text of a computed number that is just what a call returned, nothing added or masked.
inline constexpr const char* asItCame = "=";

/// What an expression may be, as far as a reader of one TU can tell.
struct Value {
  ValueKind kind = ValueKind::Other;
  Name text;
  Name path;
  Name record; // Parameter, Local: tag of the struct that it is or points to
  std::vector<Name> macros;
  std::vector<Value> choices;

  /// What is added (`regs + 0x40`, in the pointer's own steps), at most one: Integer, Parameter or Computed.
  /// Computed numbers have it for the constant part of a sum.
  std::vector<Value> offset;

  /// Computed: what goes into the value, through the function's own variables, sorted: "0".."n" a parameter,
  /// "record.member" a member that is read, "f()" the result of a call or what it put into a variable whose
  /// address it got, "asm()" likewise, a bare name a file-scope variable. Constants are not listed.
  std::vector<Name> from;
};

/// One initialised member of an object, e.g. path `driver.pm`, `[3].suspend`.
struct Field {
  Name path;
  Name record; // tag of the struct that declares the member
  Value value;
  unsigned line = 0;        // where the value is written, in the object's file
  std::vector<Name> macros; // expansions that wrote it, innermost first
};

/// A sub-object whose type is a bus's driver struct: path inside the object, its tag, and the path (from the
/// sub-object) of the `struct device_driver` it embeds, if any.
struct DriverPart {
  Name path;
  Name tag;
  Name deviceDriver;
};

/// A file-scope (or static local) variable of a struct type, an array of it, or of pointers.
struct Object {
  Name name;
  Name tag; // the struct's tag, or its typedef's name where it has none
  Place place;
  bool internal = false; // static
  bool defined = false;  // has an initialiser
  bool declared = false; // `extern` only: the definition is elsewhere
  std::vector<Field> fields;
  std::vector<DriverPart> parts;
  std::vector<Name> macros; // expansions that wrote the definition, innermost first
};

/// `base.path = value` in a function body.
struct Assignment {
  Name function; // empty: no function's doing, as `module.init`, which the build makes
  Value base;    // what the path starts from: Object, Parameter, Local or Other
  Name record;   // tag of the struct that declares the member; of the value where the path is empty
  Name path;
  Value value;
  unsigned line = 0;
};

struct Call {
  Name callee; // a function's name; `struct.member` (innermost) through a member; else empty
  bool indirect = false;
  Value through;           // an indirect call that goes through no member: the pointer's value
  std::vector<Value> args; // trailing ones of which nothing is known are left out
  Value result;            // what the result is assigned to; Other without text: nothing
  unsigned line = 0;
  std::vector<Name> macros; // expansions that wrote the call, innermost first
};

/// A store to memory that is not the function's own variable: to one member of a struct type, or (record
/// empty) through a plain pointer or to a variable. The first of its kind in the function stands for all.
struct Store {
  Name record; // tag of the struct that declares the member
  Name member;
  Value base;       // what the chain of accesses starts from
  Value value;      // what is stored, if that is a constant
  bool own = false; // the TU's own files declare the record or variable
  unsigned line = 0;
  std::vector<Name> adds; // "f()" whose result, as it came, is added to what stands there
};

/// Inline assembly in a function's body.
struct Assembly {
  Name text; // the template, cut at 96 characters, local labels numbered by their order
  unsigned line = 0;
  std::vector<Name> macros; // expansions that wrote it, innermost first
};

struct Function {
  Name name;
  Place place;
  bool internal = false;
  Name returns;             // the return type as written, typedefs kept: `void`, `int`, `irqreturn_t`
  std::vector<Name> params; // tag of the struct each parameter is or points to; empty for others
  std::vector<Call> calls;  // in source order
  std::vector<Store> stores;
  std::vector<Name> reads; // "record.member" of members it reads, other than of own variables; sorted
  std::vector<Assembly> assembly;
};

enum class TuStatus { Ok, Failed, Crashed, Timeout };

/// All that one analysis of one TU in one configuration found.
struct TuFacts {
  std::string key;
  std::string file;
  std::string output;
  std::vector<std::string> modules; // not in the file: told by the manifest
  TuStatus status = TuStatus::Ok;
  std::string message;       // the first error, the signal, or the limit
  std::string command;       // kept only where the status is not ok
  std::vector<Name> records; // tags of the structs that the TU's own files declare, sorted
  std::vector<Object> objects;
  std::vector<Function> functions;
  std::vector<Assignment> assignments;
};

} // namespace fgft
