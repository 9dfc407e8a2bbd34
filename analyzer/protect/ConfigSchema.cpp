// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The tables of keys; see ConfigSchema.h.
#include "protect/ConfigSchema.h"

#include "support/Pattern.h"

#include <cstring>
#include <map>

namespace fgft::protect {
namespace {

/// A kind of text: the regular expression that it follows and the words for it.
struct TextForm {
  const char* pattern;
  const char* expected;
  bool emptyIsNull = false; ///< an absent value, written null
};

const TextForm freeText = {".+", "a text that is not empty"};
const TextForm identifier = {"[A-Za-z_][A-Za-z0-9_]*", "a C identifier"};
const TextForm optionalName = {"[A-Za-z_][A-Za-z0-9_.-]*", "a name, or null", true};
const TextForm itemName = {"[A-Za-z_][A-Za-z0-9_.-]*", "a name"};
const TextForm callNames = {"[A-Za-z_][A-Za-z0-9_]*(\\|[A-Za-z_][A-Za-z0-9_]*)*",
                            "a function's name, aliases with | between"};
const TextForm typeName = {"(struct |union )?[A-Za-z_][A-Za-z0-9_]*( ?\\*+)?",
                           "a C type, e.g. struct pci_dev"};
const TextForm pathText = {"&?[A-Za-z_][A-Za-z0-9_]*((->|\\.)[A-Za-z_][A-Za-z0-9_]*|\\[[0-9]{1,9}\\])*",
                           "a path such as cp->pdev or &dev->stats"};
const TextForm filePath = {"[A-Za-z0-9_+][A-Za-z0-9_+.,-]*(/[A-Za-z0-9_+][A-Za-z0-9_+.,-]*)*",
                           "a path relative to the kernel's source, without .."};
const TextForm sha256 = {"[0-9a-f]{64}", "64 hexadecimal digits"};
const TextForm buildId = {"([0-9a-f]{2}){8,32}", "a GNU build id, 16 to 64 hexadecimal digits"};
const TextForm releaseName = {"[0-9][A-Za-z0-9.+~_-]*", "a kernel release, e.g. 6.12.1-amd64"};

/// Longer than any name: what is refused before a pattern meets it.
constexpr std::size_t mostTextBytes = 512;

const Pattern& compiled(const TextForm& form) {
  static std::map<std::string, Pattern> cache;
  const auto found = cache.find(form.pattern);
  if (found != cache.end())
    return found->second;
  return cache.emplace(form.pattern, Pattern("config", form.pattern, Pattern::Part::Whole)).first->second;
}

Codec<std::string> text(const TextForm& form) {
  return {[=](const JsonNode& node, const ReadContext& context) -> std::string {
            if (form.emptyIsNull && node.kind == JsonNode::Kind::Null)
              return "";
            if (node.kind != JsonNode::Kind::String)
              context.wrongKind(node, form.expected);
            if (node.string.size() > mostTextBytes)
              context.fail(node.position, fmt::format("a text of {} bytes; at most {} are expected",
                                                      node.string.size(), mostTextBytes));
            if (compiled(form).fit(node.string) != Pattern::Fit::Yes)
              context.fail(node.position,
                           std::string("expected ") + form.expected + ", found \"" + node.string + "\"");
            return node.string;
          },
          [=](const std::string& value) { return value.empty() && form.emptyIsNull ? Json() : Json(value); },
          [=] {
            Json schema = {{"type", "string"}, {"pattern", "^(" + std::string(form.pattern) + ")$"}};
            if (form.emptyIsNull)
              schema["type"] = {"string", "null"};
            return schema;
          }};
}

Codec<std::vector<std::string>> texts(const TextForm& form, std::size_t most, std::size_t least = 0) {
  return list(text(form), most, least);
}

/// A number, or a path that gives one when the call starts.
Codec<Count> count() {
  const auto plain = number<std::uint64_t>(1, 1u << 24);
  const auto path = text(pathText);
  return {[=](const JsonNode& node, const ReadContext& context) {
            if (node.kind == JsonNode::Kind::String)
              return Count{0, path.read(node, context)};
            return Count{plain.read(node, context), ""};
          },
          [=](const Count& value) {
            return value.path.empty() ? plain.write(value.number) : path.write(value.path);
          },
          [=] { return Json{{"anyOf", {plain.schema(), path.schema()}}}; }};
}

/// The errors that a config may name, with the numbers of the kernel's user interface (errno-base.h,
/// errno.h).
const std::pair<const char*, int> errors[] = {
    {"EPERM", 1},   {"EIO", 5},        {"ENXIO", 6},       {"EAGAIN", 11},    {"ENOMEM", 12},
    {"EBUSY", 16},  {"ENODEV", 19},    {"EINVAL", 22},     {"ENOSPC", 28},    {"EPIPE", 32},
    {"EPROTO", 71}, {"ENETDOWN", 100}, {"EOPNOTSUPP", 95}, {"ETIMEDOUT", 110}};

Failure readFailure(const JsonNode& node, const ReadContext& context) {
  const std::string expected = "\"void\", \"null\", \"-EIO\" or another error, \"&path\", or a number";
  if (node.kind != JsonNode::Kind::String) {
    if (node.kind != JsonNode::Kind::Integer && node.kind != JsonNode::Kind::Unsigned)
      context.wrongKind(node, expected);
    return {Failure::Kind::Number, number<std::int64_t>(INT32_MIN, INT32_MAX).read(node, context), ""};
  }
  if (node.string == "void")
    return {Failure::Kind::Void, 0, ""};
  if (node.string == "null")
    return {Failure::Kind::Null, 0, ""};
  if (node.string.starts_with("&"))
    return {Failure::Kind::Address, 0, text(pathText).read(node, context).substr(1)};
  for (const auto& [name, value] : errors)
    if (node.string == std::string("-") + name)
      return {Failure::Kind::Number, -value, ""};
  context.fail(node.position, "expected " + expected + ", found \"" + node.string + "\"");
}

Json writeFailure(const Failure& failure) {
  switch (failure.kind) {
  case Failure::Kind::Void:
    return "void";
  case Failure::Kind::Null:
    return "null";
  case Failure::Kind::Address:
    return "&" + failure.path;
  case Failure::Kind::Number:
    break;
  }
  for (const auto& [name, value] : errors)
    if (failure.number == -value)
      return std::string("-") + name;
  return failure.number;
}

Codec<Failure> failure() {
  return {readFailure, writeFailure, [] {
            Json names = {"void", "null"};
            for (const auto& entry : errors)
              names.push_back(std::string("-") + entry.first);
            return Json{{"anyOf",
                         {{{"enum", names}},
                          {{"type", "string"}, {"pattern", "^&"}},
                          {{"type", "integer"}, {"minimum", INT32_MIN}, {"maximum", INT32_MAX}}}}};
          }};
}

/// Read and written as "r" and "rw": everything that is written may be read.
Codec<bool> accessMode() {
  return word<bool>({{"r", false}, {"rw", true}});
}

const std::vector<std::pair<const char*, Action>> actionWords = {
    {"undo", Action::Undo},     {"defer", Action::Defer}, {"commit-before", Action::CommitBefore},
    {"refuse", Action::Refuse}, {"join", Action::Join},   {"pass", Action::Pass}};
const std::vector<std::pair<const char*, EntryKind>> kindWords = [] {
  std::vector<std::pair<const char*, EntryKind>> words;
  for (EntryKind kind : entryKinds)
    words.emplace_back(fgft::word(kind).data(), kind);
  return words;
}();
const std::vector<std::pair<const char*, Mode>> modeWords = {
    {"transaction", Mode::Transaction}, {"commit-before", Mode::CommitBefore}, {"refuse", Mode::Refuse}};
const std::vector<std::pair<const char*, When>> whenWords = {{"always", When::Always},
                                                             {"after-failures", When::AfterFailures},
                                                             {"first-calls", When::FirstCalls},
                                                             {"unprivileged", When::Unprivileged},
                                                             {"never", When::Never}};
const std::vector<std::pair<const char*, LogFull>> logFullWords = {{"abort", LogFull::Abort},
                                                                   {"retry-plain", LogFull::RetryPlain}};
const std::vector<std::pair<const char*, OnAbort>> onAbortWords = {{"fail", OnAbort::Fail},
                                                                   {"retry-plain", OnAbort::RetryPlain}};
const std::vector<std::pair<const char*, RestoreContext>> contextWords = {{"direct", RestoreContext::Direct},
                                                                          {"gate", RestoreContext::Gate}};

template <typename E>
const char* nameIn(const std::vector<std::pair<const char*, E>>& words, E value) {
  for (const auto& [text, candidate] : words)
    if (candidate == value)
      return text;
  return "?";
}

using enum Presence;

std::vector<Field<Object>> objectFields() {
  return {
      field("name", "the name that access plans and paths use", &Object::name, text(identifier), Required),
      field("type",
            "C type of the object, or of its elements; absent for device memory, whose count is bytes",
            &Object::type, text(typeName)),
      field("path", "where it lies, from another object or a parameter; absent: the parameter of this name",
            &Object::path, text(pathText)),
      field("device", "device memory: checked, never logged", &Object::device, boolean()),
      field("count", "number of elements (bytes for device memory), or a path that gives it", &Object::count,
            count()),
  };
}

std::vector<Field<Register>> registerFields() {
  return {
      field("name", "the register's name", &Register::name, text(itemName), Required),
      field("object", "the device memory that it lies in", &Register::object, text(identifier), Required),
      field("offset", "bytes from the start", &Register::offset, number<std::uint64_t>(0, 1u << 28),
            Required),
      field("width", "bits: 8, 16, 32 or 64", &Register::width, number<unsigned>(8, 64), Required),
      field("mask", "the bits that hold state; others are not compared", &Register::mask,
            number<std::uint64_t>(1, UINT64_MAX)),
      field("unlock", "the unlock that a write needs", &Register::unlock, text(itemName)),
  };
}

std::vector<Field<Unlock>> unlockFields() {
  return {
      field("name", "the name that registers use", &Unlock::name, text(itemName), Required),
      field("object", "the device memory that it lies in", &Unlock::object, text(identifier), Required),
      field("offset", "bytes from the start", &Unlock::offset, number<std::uint64_t>(0, 1u << 28), Required),
      field("width", "bits: 8, 16, 32 or 64", &Unlock::width, number<unsigned>(8, 64), Required),
      field("unlock", "the value written before", &Unlock::unlockValue, number<std::uint64_t>(0, UINT64_MAX),
            Required),
      field("lock", "the value written after", &Unlock::lockValue, number<std::uint64_t>(0, UINT64_MAX),
            Required),
  };
}

std::vector<Field<DroppedCall>> droppedFields() {
  return {
      field("call", "the kernel function", &DroppedCall::call, text(callNames), Required),
      field("value", "taken for its result", &DroppedCall::value, number<std::int64_t>(INT32_MIN, INT32_MAX)),
      field("why", "the reason", &DroppedCall::why, text(freeText), Required),
  };
}

std::vector<Field<DriverCall>> driverCallFields() {
  return {
      field("function", "a function of the driver", &DriverCall::function, text(identifier), Required),
      field("arguments", "its arguments, as objects or paths", &DriverCall::arguments, texts(pathText, 6)),
      field("lock", "path to the spinlock under which it is called", &DriverCall::lock, text(pathText)),
      field("why", "the reason", &DriverCall::why, text(freeText), Required),
  };
}

std::vector<Field<Checkpoint>> checkpointFields() {
  return {
      field("name", "the name that entry points use", &Checkpoint::name, text(itemName), Required),
      field("suspend", "the driver's suspend function", &Checkpoint::suspend, text(identifier)),
      field("resume", "the driver's resume function", &Checkpoint::resume, text(identifier)),
      field("device", "path to the argument of both", &Checkpoint::device, text(pathText)),
      field("may_sleep", "restoring may sleep", &Checkpoint::maySleep, boolean()),
      field("keep", "calls of both that stay", &Checkpoint::keep, texts(callNames, 256)),
      field("drop", "calls of both that are left out, in pairs", &Checkpoint::drop,
            list(object(droppedFields), 256)),
      field("before_restore", "functions of the driver called before the resume part",
            &Checkpoint::beforeRestore, list(object(driverCallFields), 16)),
      field("restore", "functions of the driver called in the place of suspend and resume",
            &Checkpoint::restore, list(object(driverCallFields), 16)),
      field("save_registers", "registers read before the call and written back after the restore",
            &Checkpoint::saveRegisters, texts(itemName, 256)),
      field("save_memory", "driver memory that the restore itself changes and that keeps its value",
            &Checkpoint::saveMemory, texts(pathText, 256)),
      field("compare", "registers that equal the checkpoint after a restore", &Checkpoint::compare,
            texts(itemName, 1024)),
  };
}

std::vector<Field<WrappedCall>> callFields() {
  return {
      field("call", "the kernel function, aliases with | between", &WrappedCall::call, text(callNames),
            Required),
      field("action",
            "undo: taken back by its inverse; defer: held back to the commit; commit-before: ends the "
            "transaction; "
            "refuse: may not be reached; join: calls back into the driver, which joins; pass: leaves nothing "
            "to undo",
            &WrappedCall::action, word(actionWords), Required),
      field("inverse", "the function that takes it back", &WrappedCall::inverse, text(identifier)),
      field("why", "the reason", &WrappedCall::why, text(freeText)),
  };
}

std::vector<Field<Access>> accessFields() {
  return {
      field("object", "an object's name, or a parameter of the function", &Access::object, text(identifier),
            Required),
      field("argument", "the parameter's index, where its name is also an object's", &Access::argument,
            optional(number<unsigned>(0, 5))),
      field("type", "C type, for what is no object of the list", &Access::type, text(typeName)),
      field("path", "where it lies, for an object that only this entry point names", &Access::path,
            text(pathText)),
      field("count", "number of elements, or a path that gives it", &Access::count, optional(count())),
      field("mode", "r: read; rw: read and written", &Access::write, accessMode(), Required),
      field("fields", "the fields that are touched; absent: all", &Access::fields, texts(identifier, 512)),
  };
}

std::vector<Field<Policy>> policyFields() {
  return {
      field(
          "when",
          "always; after-failures: once `count` calls failed; first-calls: the first `count`; unprivileged: "
          "callers without CAP_SYS_ADMIN; never",
          &Policy::when, word(whenWords), Required),
      field("count", "for after-failures and first-calls", &Policy::count,
            number<std::uint64_t>(0, 1u << 30)),
  };
}

std::vector<Field<Limits>> limitsFields() {
  return {
      field("log_bytes", "size of the undo log", &Limits::logBytes, number<std::uint64_t>(4096, 1u << 24)),
      field("loops", "turns of loops that one call may take", &Limits::loops,
            number<std::uint64_t>(1, 1u << 30)),
      field("wall_ms", "milliseconds after which the second net catches a hang", &Limits::wallMs,
            number<std::uint64_t>(1, 60000)),
  };
}

std::vector<Field<EntryPoint>> entryFields() {
  return {
      field("function", "the driver's function", &EntryPoint::function, text(identifier), Required),
      field("kind", "what the kernel calls it for", &EntryPoint::kind, word(kindWords), Required),
      field("mode", "transaction; commit-before: several, one after the other; refuse: never protected",
            &EntryPoint::mode, word(modeWords), Required),
      field("why", "why it was chosen or refused", &EntryPoint::why, text(freeText), Required),
      field("access", "the memory that it may touch", &EntryPoint::access, list(object(accessFields), 512)),
      field("calls", "kernel calls, before those of the whole driver", &EntryPoint::calls,
            list(object(callFields), 512)),
      field("checkpoint", "the checkpoint that an abort restores; null: none is needed",
            &EntryPoint::checkpoint, text(optionalName), Protected),
      field("restore_context", "gate: restored as work, calls meanwhile get `busy`",
            &EntryPoint::restoreContext, word(contextWords)),
      field("busy", "what calls get while the gate is closed", &EntryPoint::busy,
            number<std::int64_t>(-4095, 4095)),
      field("failure", "the value that an aborted call gives back", &EntryPoint::failure, failure(),
            Protected),
      field("on_abort", "retry-plain: after rollback and restore the plain function runs",
            &EntryPoint::onAbort, word(onAbortWords)),
      field("log_full", "what happens when the undo log is full", &EntryPoint::logFull, word(logFullWords)),
      field("policy", "which calls are protected", &EntryPoint::policy, object(policyFields)),
      field("limits", "bounds of one call", &EntryPoint::limits, object(limitsFields)),
  };
}

std::vector<Field<Sources>> sourcesFields() {
  return {
      field("files", "the driver's own files, relative to the kernel's source", &Sources::files,
            texts(filePath, 1024, 1), Required),
      field("sha256", "over path NUL size NUL content of each file in order", &Sources::sha256, text(sha256),
            Required),
  };
}

std::vector<Field<Kernel>> kernelFields() {
  return {
      field("release", "what uname -r prints", &Kernel::release, text(releaseName), Required),
      field("build_id", "GNU build id of vmlinux", &Kernel::buildId, text(buildId), Required),
  };
}

} // namespace

std::vector<Field<ProtectionConfig>> configFields() {
  using C = ProtectionConfig;
  return {
      field("format", formatName, &C::format, word<std::string>({{formatName, formatName}}), Required),
      field("driver", "the registration variable, e.g. cp_driver", &C::driver, text(identifier), Required),
      field("module", "the module, relative to the kernel tree, without .ko", &C::module, text(filePath),
            Required),
      field("class", "what the driver provides", &C::driverClass, text(itemName)),
      field("bus", "what it registers with", &C::bus, text(itemName)),
      field("sources", "the sources that this config is for", &C::sources, object(sourcesFields), Required),
      field("kernel", "the kernel that this config is for", &C::kernel, object(kernelFields), Required),
      field("objects", "memory that several entry points name", &C::objects,
            list(object(objectFields), 1024)),
      field("registers", "device registers by name", &C::registers, list(object(registerFields), 4096)),
      field("unlocks", "registers that open others for writing", &C::unlocks, list(object(unlockFields), 64)),
      field("checkpoints", "how the device is brought back", &C::checkpoints,
            list(object(checkpointFields), 64)),
      field("calls", "kernel calls and what happens to them", &C::calls, list(object(callFields), 4096)),
      field("entry_points", "every entry point, protected or refused", &C::entryPoints,
            list(object(entryFields), 1024, 1), Required),
  };
}

const char* name(Action action) {
  return nameIn(actionWords, action);
}
const char* name(Mode mode) {
  return nameIn(modeWords, mode);
}
const char* name(When when) {
  return nameIn(whenWords, when);
}
const char* name(LogFull logFull) {
  return nameIn(logFullWords, logFull);
}
const char* name(OnAbort onAbort) {
  return nameIn(onAbortWords, onAbort);
}
const char* name(RestoreContext context) {
  return nameIn(contextWords, context);
}

} // namespace fgft::protect
