// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The protection config (*.fgft): which entry points of one driver run as transactions, on what memory, with
// which kernel calls wrapped, behind which device checkpoint. One definition (ConfigSchema.h) makes the JSON
// Schema, the reader, the writer and the line form that fgft.ko takes; these structs are what the rest of the
// code sees. docs/protection-config.md explains every key.
#pragma once

#include "model/Effect.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fgft::protect {

/// An integer or a path that is evaluated when the call starts, e.g. `eeprom->len`.
struct Count {
  std::uint64_t number = 1;
  std::string path; ///< empty: `number` counts
};

/// Memory that several entry points name: the root is the parameter of that name, the others lie on a path
/// from it.
struct Object {
  std::string name;
  std::string type; ///< empty for device memory, whose count is bytes
  std::string path; ///< empty: a parameter
  bool device = false;
  Count count;
  unsigned line = 0; ///< where it stands in the file, for messages
};

struct Register {
  std::string name;
  std::string object;
  std::uint64_t offset = 0;
  unsigned width = 32; ///< bits: 8, 16, 32 or 64
  std::uint64_t mask = ~std::uint64_t{0};
  std::string unlock; ///< name of an Unlock, or empty
};

/// A register that must be written before others take a value, and what closes it again.
struct Unlock {
  std::string name;
  std::string object;
  std::uint64_t offset = 0;
  unsigned width = 8;
  std::uint64_t unlockValue = 0; ///< JSON key `unlock`
  std::uint64_t lockValue = 0;   ///< JSON key `lock`
};

/// A call that suspend or resume makes and the checkpoint leaves out.
struct DroppedCall {
  std::string call;
  std::int64_t value = 0; ///< taken for its result
  std::string why;
};

/// A function of the driver that restoring calls, with paths as arguments, under a spinlock if one is named.
struct DriverCall {
  std::string function;
  std::vector<std::string> arguments;
  std::string lock;
  std::string why;
};

struct Checkpoint {
  std::string name;
  std::string suspend;
  std::string resume;
  std::string device; ///< path to the argument of suspend and resume
  bool maySleep = true;
  std::vector<std::string> keep;
  std::vector<DroppedCall> drop;
  std::vector<DriverCall> beforeRestore;
  std::vector<DriverCall> restore; ///< in the place of suspend and resume, where those do not fit
  std::vector<std::string> saveRegisters;
  std::vector<std::string> saveMemory;
  std::vector<std::string> compare; ///< registers that must equal the checkpoint after a restore
  unsigned line = 0;
};

enum class Action { Undo, Defer, CommitBefore, Refuse, Join, Pass };

/// What happens to a call into the kernel. `call` lists aliases with `|` between.
struct WrappedCall {
  std::string call;
  Action action = Action::Refuse;
  std::string inverse;
  std::string why;
  unsigned line = 0;
};

/// Memory that an entry point may touch.
struct Access {
  std::string object; ///< an Object, or a parameter of the function (then `type` is given)
  std::string type;
  std::string path;                 ///< for an object that only this entry point names
  std::optional<unsigned> argument; ///< the parameter's index, where its name is taken by an Object
  std::optional<Count> count;
  bool write = false;
  std::vector<std::string> fields; ///< empty: all of it
  unsigned line = 0;
};

using fgft::EntryKind; // the survey's own
enum class Mode { Transaction, CommitBefore, Refuse };
enum class When { Always, AfterFailures, FirstCalls, Unprivileged, Never };
enum class LogFull { Abort, RetryPlain };
enum class OnAbort { Fail, RetryPlain };
enum class RestoreContext { Direct, Gate };

struct Policy {
  When when = When::Always;
  std::uint64_t count = 0;
};

struct Limits {
  std::uint64_t logBytes = 65536;
  std::uint64_t loops = 1000000;
  std::uint64_t wallMs = 2000;
};

/// The value that an aborted call gives back.
struct Failure {
  enum class Kind { Void, Number, Null, Address };
  Kind kind = Kind::Void;
  std::int64_t number = 0;
  std::string path; ///< for Address, without the `&`
};

struct EntryPoint {
  std::string function;
  EntryKind kind = EntryKind::Config;
  Mode mode = Mode::Refuse;
  std::string why;
  std::vector<Access> access;
  std::vector<WrappedCall> calls; ///< before those of the whole driver
  std::string checkpoint;         ///< empty: none is needed
  RestoreContext restoreContext = RestoreContext::Direct;
  std::int64_t busy = 0; ///< what calls meanwhile get while the gate is closed
  Failure failure;
  OnAbort onAbort = OnAbort::Fail;
  LogFull logFull = LogFull::Abort;
  Policy policy;
  Limits limits;
  unsigned line = 0;
};

struct Sources {
  std::vector<std::string> files; ///< relative to the root of the kernel's source
  std::string sha256;
};

struct Kernel {
  std::string release;
  std::string buildId; ///< GNU build id of vmlinux, hexadecimal
};

struct ProtectionConfig {
  std::string file; ///< where it was read from
  std::string format;
  std::string driver;
  std::string module; ///< path relative to the kernel tree, without .ko
  std::string driverClass;
  std::string bus;
  Sources sources;
  Kernel kernel;
  std::vector<Object> objects;
  std::vector<Register> registers;
  std::vector<Unlock> unlocks;
  std::vector<Checkpoint> checkpoints;
  std::vector<WrappedCall> calls;
  std::vector<EntryPoint> entryPoints;
};

/// Reads and validates. Throws fgft::Error, "FILE:LINE:COLUMN: what was found and what was expected".
ProtectionConfig readProtectionConfig(const std::string& path);

/// The same of a text; `name` stands in messages for the file.
ProtectionConfig parseProtectionConfig(std::string_view text, const std::string& name);

/// The same for code that is built without exceptions: false and the message instead.
bool tryReadProtectionConfig(const std::string& path, ProtectionConfig& config,
                             std::string& message) noexcept;

/// The JSON text: keys in the schema's order, defaults left out; reading it gives an equal config.
std::string writeProtectionConfig(const ProtectionConfig& config);

/// Writes the JSON text to a file, by a temporary one and rename: the old content or the new, never a part.
void saveProtectionConfig(const ProtectionConfig& config, const std::string& path);

/// What fgft.ko's policy device takes; docs/protection-config.md has the grammar.
std::string policyLines(const ProtectionConfig& config);

/// The JSON Schema (draft 2020-12) of the format.
std::string protectionSchema();

/// SHA-256, hexadecimal, over path NUL size NUL content of each file in order. Throws fgft::Error for a file
/// that cannot be read.
std::string sourcesHash(const std::string& kernelSource, const std::vector<std::string>& files);

/// Checks that the config is for these sources. Throws fgft::Error that names both hashes.
void checkSources(const ProtectionConfig& config, const std::string& kernelSource);

/// GNU build id of vmlinux from a kernel image (bzImage), an ELF file, or raw notes (/sys/kernel/notes);
/// hexadecimal. Throws fgft::Error when there is none.
std::string kernelBuildId(const std::string& path);

/// Checks that the config is for this kernel image. Throws fgft::Error that names both.
void checkKernel(const ProtectionConfig& config, const std::string& path);

const char* name(Action action);
const char* name(Mode mode);
const char* name(When when);
const char* name(LogFull logFull);
const char* name(OnAbort onAbort);
const char* name(RestoreContext context);

} // namespace fgft::protect
