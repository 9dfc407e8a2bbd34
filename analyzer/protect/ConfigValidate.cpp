// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the keys' own forms cannot say: names that must be unique, references that must resolve, keys that
// need each other. Every complaint names the value's place in the text.
#include "protect/ConfigSchema.h"

#include <set>

namespace fgft::protect {
namespace {

/// The node below `node` on a way of keys and indices; the deepest one that is there.
template <typename... Steps>
const JsonNode& at(const JsonNode& node, Steps... steps) {
  const JsonNode* here = &node;
  const auto step = [&](auto s) {
    if constexpr (std::is_convertible_v<decltype(s), std::string_view>) {
      if (const JsonNode* child = here->find(s))
        here = child;
    } else if (static_cast<std::size_t>(s) < here->elements.size()) {
      here = &here->elements[static_cast<std::size_t>(s)];
    }
  };
  (step(steps), ...);
  return *here;
}

std::string rootOf(const std::string& path) {
  const std::size_t start = path.starts_with("&") ? 1 : 0;
  return path.substr(start, path.find_first_of("-.[", start) - start);
}

class Validator {
public:
  Validator(const ProtectionConfig& config, const JsonNode& root, const ReadContext& context)
      : config_(config), root_(root), context_(context) {}

  void run() {
    objects();
    registers();
    checkpoints();
    calls(config_.calls, at(root_, "calls"));
    entryPoints();
  }

private:
  [[noreturn]] void fail(const JsonNode& node, const std::string& message) const {
    context_.fail(node.position, message);
  }

  void insert(std::set<std::string>& names, const std::string& name, const JsonNode& node,
              const char* what) const {
    if (!names.insert(name).second)
      fail(node, fmt::format("{} \"{}\" stands here a second time", what, name));
  }

  void known(const std::set<std::string>& names, const std::string& name, const JsonNode& node,
             const char* what) const {
    if (!names.contains(name))
      fail(node, fmt::format("\"{}\" is no {} of this config", name, what));
  }

  void knownRoot(const std::string& path, const JsonNode& node) const {
    known(objects_, rootOf(path), node, "object");
  }

  void width(unsigned bits, const JsonNode& node) const {
    if (bits != 8 && bits != 16 && bits != 32 && bits != 64)
      fail(node, fmt::format("expected a width of 8, 16, 32 or 64, found {}", bits));
  }

  void deviceMemory(const std::string& object, std::uint64_t offset, unsigned bits,
                    const JsonNode& node) const {
    for (const Object& candidate : config_.objects) {
      if (candidate.name != object || !candidate.device)
        continue;
      if (candidate.count.path.empty() && offset + bits / 8 > candidate.count.number)
        fail(at(node, "offset"), fmt::format("offset {} lies outside of \"{}\", which has {} bytes", offset,
                                             object, candidate.count.number));
      return;
    }
    fail(at(node, "object"), fmt::format("\"{}\" is no device memory of this config", object));
  }

  void objects();
  void registers();
  void checkpoints();
  void driverCalls(const std::vector<DriverCall>& calls, const JsonNode& node) const;
  void calls(const std::vector<WrappedCall>& calls, const JsonNode& node) const;
  void entryPoints();
  void transaction(const EntryPoint& entry, const JsonNode& node) const;
  void access(const EntryPoint& entry, const JsonNode& node) const;

  const ProtectionConfig& config_;
  const JsonNode& root_;
  const ReadContext& context_;
  std::set<std::string> objects_;
  std::set<std::string> registers_;
  std::set<std::string> checkpoints_;
};

void Validator::objects() {
  for (std::size_t i = 0; i < config_.objects.size(); ++i) {
    const Object& object = config_.objects[i];
    const JsonNode& node = at(root_, "objects", i);
    if (!object.path.empty())
      knownRoot(object.path, at(node, "path"));
    if (object.device != object.type.empty())
      fail(node,
           object.device ? "device memory has no type; its count is bytes" : "key \"type\" is missing here");
    if (object.device && object.path.empty())
      fail(node, "device memory needs a path");
    insert(objects_, object.name, at(node, "name"), "object");
  }
}

void Validator::registers() {
  std::set<std::string> unlocks;
  for (std::size_t i = 0; i < config_.unlocks.size(); ++i) {
    const Unlock& unlock = config_.unlocks[i];
    const JsonNode& node = at(root_, "unlocks", i);
    insert(unlocks, unlock.name, at(node, "name"), "unlock");
    width(unlock.width, at(node, "width"));
    deviceMemory(unlock.object, unlock.offset, unlock.width, node);
  }
  for (std::size_t i = 0; i < config_.registers.size(); ++i) {
    const Register& reg = config_.registers[i];
    const JsonNode& node = at(root_, "registers", i);
    insert(registers_, reg.name, at(node, "name"), "register");
    width(reg.width, at(node, "width"));
    deviceMemory(reg.object, reg.offset, reg.width, node);
    if (!reg.unlock.empty())
      known(unlocks, reg.unlock, at(node, "unlock"), "unlock");
  }
}

void Validator::driverCalls(const std::vector<DriverCall>& calls, const JsonNode& node) const {
  for (std::size_t i = 0; i < calls.size(); ++i) {
    for (std::size_t j = 0; j < calls[i].arguments.size(); ++j)
      knownRoot(calls[i].arguments[j], at(node, i, "arguments", j));
    if (!calls[i].lock.empty())
      knownRoot(calls[i].lock, at(node, i, "lock"));
  }
}

void Validator::checkpoints() {
  for (std::size_t i = 0; i < config_.checkpoints.size(); ++i) {
    const Checkpoint& checkpoint = config_.checkpoints[i];
    const JsonNode& node = at(root_, "checkpoints", i);
    insert(checkpoints_, checkpoint.name, at(node, "name"), "checkpoint");
    const bool pm = !checkpoint.suspend.empty() || !checkpoint.resume.empty() || !checkpoint.device.empty();
    if (pm && (checkpoint.resume.empty() || checkpoint.device.empty()))
      fail(node, "\"suspend\", \"resume\" and \"device\" go together; \"suspend\" alone may be absent");
    if (pm == !checkpoint.restore.empty())
      fail(node, "expected either \"resume\" or \"restore\": how else should the device come back?");
    if (pm)
      knownRoot(checkpoint.device, at(node, "device"));
    driverCalls(checkpoint.beforeRestore, at(node, "before_restore"));
    driverCalls(checkpoint.restore, at(node, "restore"));
    for (std::size_t j = 0; j < checkpoint.saveRegisters.size(); ++j)
      known(registers_, checkpoint.saveRegisters[j], at(node, "save_registers", j), "register");
    for (std::size_t j = 0; j < checkpoint.compare.size(); ++j)
      known(registers_, checkpoint.compare[j], at(node, "compare", j), "register");
    for (std::size_t j = 0; j < checkpoint.saveMemory.size(); ++j)
      knownRoot(checkpoint.saveMemory[j], at(node, "save_memory", j));
  }
}

void Validator::calls(const std::vector<WrappedCall>& calls, const JsonNode& node) const {
  std::set<std::string> names;
  for (std::size_t i = 0; i < calls.size(); ++i) {
    insert(names, calls[i].call, at(node, i, "call"), "call");
    if ((calls[i].action == Action::Undo) == calls[i].inverse.empty())
      fail(at(node, i), "\"inverse\" belongs to action \"undo\", and to no other");
  }
}

void Validator::access(const EntryPoint& entry, const JsonNode& node) const {
  std::set<std::string> local = objects_;
  for (std::size_t i = 0; i < entry.access.size(); ++i) {
    const Access& access = entry.access[i];
    const JsonNode& row = at(node, i);
    const bool listed = objects_.contains(access.object);
    if (listed && (!access.type.empty() || !access.path.empty() || access.argument || access.count))
      fail(row, fmt::format("\"{}\" is an object of the list; only its mode and fields are expected here",
                            access.object));
    if (!listed && access.type.empty() && !local.contains(access.object))
      fail(at(row, "object"),
           fmt::format("\"{}\" is no object of this config; a parameter needs its type", access.object));
    if (!access.path.empty())
      known(local, rootOf(access.path), at(row, "path"), "object");
    local.insert(access.object);
    if (access.count && !access.count->path.empty())
      known(local, rootOf(access.count->path), at(row, "count"), "object or parameter");
  }
}

void Validator::transaction(const EntryPoint& entry, const JsonNode& node) const {
  if (!node.find("failure"))
    fail(node, "key \"failure\" is missing here: what does an aborted call give back?");
  if (!node.find("checkpoint"))
    fail(node, "key \"checkpoint\" is missing here; null says that none is needed");
  if (entry.access.empty())
    fail(node, "key \"access\" is missing here: what memory may it touch?");
  if (!entry.checkpoint.empty())
    known(checkpoints_, entry.checkpoint, at(node, "checkpoint"), "checkpoint");
  access(entry, at(node, "access"));
  calls(entry.calls, at(node, "calls"));
  const bool counted = entry.policy.when == When::AfterFailures || entry.policy.when == When::FirstCalls;
  if (counted != (entry.policy.count > 0))
    fail(at(node, "policy"),
         "\"count\" belongs to \"after-failures\" and \"first-calls\", and must be above 0 there");
}

void Validator::entryPoints() {
  std::set<std::string> functions;
  for (std::size_t i = 0; i < config_.entryPoints.size(); ++i) {
    const EntryPoint& entry = config_.entryPoints[i];
    const JsonNode& node = at(root_, "entry_points", i);
    insert(functions, entry.function, at(node, "function"), "entry point");
    if (entry.mode != Mode::Refuse) {
      transaction(entry, node);
      continue;
    }
    for (const JsonNode::Member& member : node.members)
      if (member.key != "function" && member.key != "kind" && member.key != "mode" && member.key != "why")
        context_.fail(member.position, "a refused entry point has only function, kind, mode and why");
  }
}

} // namespace

void validate(const ProtectionConfig& config, const JsonNode& root, const ReadContext& context) {
  Validator(config, root, context).run();
}

} // namespace fgft::protect
