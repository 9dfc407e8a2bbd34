// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the statements of one function mean together, when all that it calls is known: a part of closing a
// Graph. What is told here is said of the function's callers as well.
#include "effects/Acknowledge.h"
#include "effects/Graph.h"

#include <algorithm>

namespace fgft {

namespace {

bool does(const Atom& atom) {
  return atom.kind == Atom::Kind::Access || atom.kind == Atom::Kind::Effect;
}

// The line in the function itself by which it comes to a statement.
unsigned lineOf(const Reached& atom) {
  return atom.path ? atom.path->place.line : atom->place.line;
}

// Calls between a function and what takes data from above for it.
constexpr unsigned maxTaken = 3;

class Teller {
public:
  Teller(const Graph::Node& node, const EffectModel& model) : node_(node), model_(model) {}

  // A function's name may tell what its writes to the device do.
  void byName() {
    const Reached* write =
        nearest([](const Atom& atom) { return does(atom) && atom.effect == Effect::DevWrite; });
    if (const RegisterName* row = write ? model_.within(node_.function.name.str()) : nullptr)
      for (Effect effect : row->effects) {
        say(*write, effect, Evidence::Name, row->why);
        told_.back().atom.what = (*write)->what;
      }
  }

  // It takes what the layer above had queued, or makes that visible in memory, and writes to the device.
  void byRequests() {
    meet(Effect::IoPost, "gives what the layer above had queued, and this writes to the device",
         [this](const Atom& atom) { return isTold(atom); });
    for (const Reached& atom : node_.atoms)
      if (atom->kind == Atom::Kind::Sends && !atom->certain)
        if (Name request = requestIn(atom->where.value, model_); !request.empty())
          byVisible(atom, request);
  }

  // It looks at a firmware image, and then writes to the device.
  void byFirmware() {
    meet(Effect::FwLoad, "is read, and this writes to the device",
         [this](const Atom& atom) { return isTold(atom) || (does(atom) && atom.effect == Effect::IoPost); });
  }

  // It gives a register back what it read from it.
  void byWriteBack(const std::set<uint32_t>& settled) {
    for (uint32_t position : settled)
      if (const Reached& atom = node_.atoms[position]; writesBack(node_.atoms, atom))
        say(atom, Effect::DevClear, Evidence::Dataflow, "what was read from the register is written back");
  }

  // It adds up what it reads: such a counter begins anew with each read. `reads`: a function that only reads.
  template <typename Reads>
  void bySums(Reads&& reads) {
    for (const auto& added : node_.function.addsUp) {
      bool accessor = reads(added.function);
      const Reached* read = nearest([&](const Reached& atom) {
        return does(atom) && atom->effect == Effect::DevRead && lineOf(atom) == added.line &&
               (accessor || (!atom.path && atom->what == added.function));
      });
      if (read)
        say(*read, Effect::DevClear, Evidence::Dataflow, "what is read is added up: reading clears it");
    }
  }

  // What tells the device that its interrupt is taken.
  void asHandler(bool wakesThread) {
    Acknowledge found = acknowledge(node_.atoms, model_);
    bool cleared = !found.clears.empty() || nearest([](const Atom& atom) {
      return atom.kind == Atom::Kind::Effect && atom.effect == Effect::DevClear;
    });
    for (const Reached* write : found.clears)
      say(*write, Effect::DevClear, Evidence::Dataflow,
          "the handler reads this register and writes to it: that acknowledges");
    if (found.onlyRead && !wakesThread && !cleared)
      say(*found.onlyRead, Effect::DevClear, Evidence::Api,
          "a handler takes the cause of its interrupt away, and this one only reads its device");
    else if (found.perhaps && !cleared) {
      say(*found.perhaps, Effect::DevClear, Evidence::Api,
          "something in a handler acknowledges the interrupt, and nothing tells whether it is this");
      told_.back().atom.kind = Atom::Kind::Unknown;
    }
  }

  struct Told {
    Atom atom; // not in the pool yet
    const Step* path;
  };
  std::vector<Told> take() { return std::move(told_); }

private:
  // A write that the device sees. A buffer that a URB gives it to fill is none.
  bool isTold(const Atom& atom) const {
    if (!does(atom) || (atom.effect != Effect::DevWrite && atom.effect != Effect::DmaPost))
      return false;
    const CallModel* row = atom.effect == Effect::DmaPost ? model_.call(atom.what.str()) : nullptr;
    return !row || row->roles.count(ArgumentRole::Urb) == 0;
  }

  template <typename Holds>
  const Reached* nearest(Holds&& holds) const {
    const Reached* found = nullptr;
    for (const Reached& atom : node_.atoms)
      if (holds(atom) && (!found || atom.depth() < found->depth()))
        found = &atom;
    return found;
  }

  // What it takes for the device meets a write to the device: in the function where the two first come
  // together, not far from where it is taken. An image is read before it is written; a queue is often asked
  // at a loop's end.
  template <typename Writes>
  void meet(Effect effect, const char* how, Writes&& writes) {
    auto isSaid = [effect](const Atom& atom) {
      return atom.kind == Atom::Kind::Effect && atom.effect == effect && atom.evidence == Evidence::Dataflow;
    };
    const Reached* taken = nearest(
        [effect](const Atom& atom) { return atom.kind == Atom::Kind::Takes && atom.effect == effect; });
    if (!taken || taken->depth() > maxTaken || nearest(isSaid))
      return;
    const Reached* write = nearest([&](const Reached& atom) {
      return writes(atom) && (effect != Effect::FwLoad || lineOf(atom) >= lineOf(*taken));
    });
    if (write)
      say(*write, effect, Evidence::Dataflow, fmt::format("{} {}", (*taken)->what, how));
  }

  // Of the writes after a mapping the last one in the function: descriptors first, then the doorbell.
  void byVisible(const Reached& mapped, Name request) {
    const Reached* doorbell = nullptr;
    for (const Reached& atom : node_.atoms)
      if (isTold(atom) && atom->what != mapped->what && lineOf(atom) > lineOf(mapped))
        if (!doorbell || lineOf(atom) > lineOf(*doorbell))
          doorbell = &atom;
    if (doorbell)
      say(*doorbell, Effect::IoPost, Evidence::Dataflow,
          fmt::format("{} is made visible to the device by {}() ({}:{}), then this write tells it", request,
                      mapped->what, mapped->place.file, mapped->place.line));
  }

  void say(const Reached& access, Effect effect, Evidence evidence, Name why) {
    Atom& made = told_.emplace_back(Told{*access, access.path}).atom;
    made.what = whatOf(access);
    made.kind = Atom::Kind::Effect;
    made.effect = effect;
    made.evidence = evidence;
    made.why = why;
    made.where = {};
    made.value = {};
  }

  const Graph::Node& node_;
  const EffectModel& model_;
  std::vector<Told> told_;
};

// Whether a handler may leave the work to a thread function that is given to the kernel beside it.
bool wakesThread(const EffectModel& model, const Graph::Callback& handler) {
  const CallModel* by = model.call(handler.by.str());
  return by && handler.ops->member == "handler" &&
         std::any_of(by->callbacks.begin(), by->callbacks.end(),
                     [](const CallbackRole& one) { return one.member == "thread_fn"; });
}

} // namespace

void Graph::tellMeaning(Index index) {
  const Node& node = *nodes_[index];
  Teller teller(node, model_);
  teller.byName();
  teller.byRequests();
  teller.byFirmware();
  if (!settling_[index]) {
    if (auto settled = settled_.find(index); settled != settled_.end())
      teller.byWriteBack(settled->second);
    teller.bySums([&](Name name) {
      Index callee = find(name, node.function.unit);
      return callee != none && nodes_[callee]->readsDevice && !nodes_[callee]->writesDevice;
    });
  }
  if (auto handler = handlers_.find(index); handler != handlers_.end())
    teller.asHandler(handler->second);
  settled_.erase(index);
  for (const Teller::Told& one : teller.take())
    put(index, one.atom, one.path, closures_[index]);
}

// Functions that the kernel calls for an interrupt, by whatever road.
void Graph::findHandlers() {
  auto note = [this](Name function, Name unit, const OpsMember* row, bool thread) {
    Index index = row && row->acknowledges ? find(function, unit) : none;
    if (index != none)
      handlers_[index] |= thread;
  };
  for (const MemberFunction& member : members_)
    note(member.function, member.unit, model_.ops(member.rows.str(), member.member.str()), false);
  for (const Callback& callback : callbacks_)
    note(callback.function, callback.unit, model_.ops(callback.ops->tag, callback.ops->member),
         wakesThread(model_, callback));
}

} // namespace fgft
