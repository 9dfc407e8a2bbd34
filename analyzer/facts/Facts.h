// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Facts: what one translation unit (TU) says about drivers, closed over that TU. Written by the checkers,
// read by merge. Facts speak only of a TU's own files (docs/semantics.md); paths are relative to the kernel's
// source or build root. The file form is JSON lines; see FactsIo.h.
#pragma once

#include <string>
#include <vector>

namespace fgft {

/// The path of member `step` (or element `[i]`) of what stands at `path`; either may be empty.
inline std::string joined(const std::string& path, const std::string& step) {
  return path.empty() || step.empty() || step[0] == '[' ? path + step : path + "." + step;
}

/// A position in a source file, relative path and 1-based line; line 0: nowhere.
struct Place {
  std::string file;
  unsigned line = 0;
};

enum class ValueKind {
  Null,      // a null pointer, or the integer 0
  Function,  // text: its name
  Object,    // text: the variable's name; path: the member whose address it is, or that is read
  String,    // text: the content
  Integer,   // text: the value if it is constant; macros: the names it is written with
  Parameter, // text: the 0-based index; path as above
  Local,     // text: the local variable's name; path as above
  Choice,    // choices: what a run-time condition selects from
  Other,     // text: how it is written, shortened
};

/// What an expression may be, as far as a reader of one TU can tell.
struct Value {
  ValueKind kind = ValueKind::Other;
  std::string text;
  std::string path;
  std::string record; // Parameter, Local: tag of the struct that it is or points to
  std::vector<std::string> macros;
  std::vector<Value> choices;
};

/// One initialised member of an object, e.g. path `driver.pm`, `[3].suspend`.
struct Field {
  std::string path;
  std::string record; // tag of the struct that declares the member
  Value value;
  unsigned line = 0;               // where the value is written, in the object's file
  std::vector<std::string> macros; // expansions that wrote it, innermost first
};

/// A sub-object whose type is a bus's driver struct: path inside the object, its tag, and the path (from the
/// sub-object) of the `struct device_driver` it embeds, if any.
struct DriverPart {
  std::string path;
  std::string tag;
  std::string deviceDriver;
};

/// A file-scope (or static local) variable of a struct type, an array of it, or of pointers.
struct Object {
  std::string name;
  std::string tag; // the struct's tag, or its typedef's name where it has none
  Place place;
  bool internal = false; // static
  bool defined = false;  // has an initialiser
  bool declared = false; // `extern` only: the definition is elsewhere
  std::vector<Field> fields;
  std::vector<DriverPart> parts;
  std::vector<std::string> macros; // expansions that wrote the definition, innermost first
};

/// `base.path = value` in a function body.
struct Assignment {
  std::string function;
  Value base;         // what the path starts from: Object, Parameter, Local or Other
  std::string record; // tag of the struct that declares the member; of the value where the path is empty
  std::string path;
  Value value;
  unsigned line = 0;
};

struct Call {
  std::string callee; // a function's name; `struct.member` for a call through a pointer
  bool indirect = false;
  std::vector<Value> args; // empty where no argument is a function, an object, a parameter or a local
  unsigned line = 0;
  std::vector<std::string> macros; // expansions that wrote the call, innermost first
};

struct Function {
  std::string name;
  Place place;
  bool internal = false;
  std::vector<Call> calls;
};

enum class TuStatus { Ok, Failed, Crashed, Timeout };

/// All that one analysis of one TU in one configuration found.
struct TuFacts {
  std::string key;
  std::string file;
  std::string output;
  std::vector<std::string> modules;
  TuStatus status = TuStatus::Ok;
  std::string message; // the first error, the signal, or the limit
  std::string command; // kept only where the status is not ok
  std::vector<Object> objects;
  std::vector<Function> functions;
  std::vector<Assignment> assignments;
};

} // namespace fgft
