// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Statements and paths that stand once: what is the same, what stays, and that paths read the same wherever
// they are kept.
#include "effects/AtomPool.h"

#include "effects/Waiting.h"

#include <catch2/catch.hpp>

#include <functional>

using namespace fgft;

namespace {

Atom writel() {
  Atom atom;
  atom.kind = Atom::Kind::Access;
  atom.effect = Effect::DevWrite;
  atom.what = "writel";
  atom.where.value = {SymbolKind::Place, "priv", "regs", "priv", {}};
  atom.where.offset = {SymbolKind::Constant, "4", {}, {}, "CTRL"};
  atom.value = {SymbolKind::Constant, "1", {}, {}, {}};
  atom.function = "start";
  atom.place = {"hw.c", 30};
  return atom;
}

const Step* pathTo(AtomPool& pool) {
  return pool.step("open", {"main.c", 10}, pool.step("up", {"main.c", 20}, nullptr));
}

constexpr const char* shown = "open:10 > up:20 > hw.c start:30 > writel(CTRL)";

} // namespace

TEST_CASE("one content is one element of the pool") {
  AtomPool pool(AtomPool::Life::Graph);
  const Atom* first = pool.atom(writel());
  CHECK(pool.atom(writel()) == first);
  CHECK(pool.atoms() == 1);
  CHECK(first->where.offset.shown == Name("CTRL"));
}

TEST_CASE("what differs in any respect is another element") {
  using Change = std::function<void(Atom&)>;
  const std::vector<Change> changes = {
      [](Atom& atom) { atom.kind = Atom::Kind::Effect; },
      [](Atom& atom) { atom.effect = Effect::DevRead; },
      [](Atom& atom) { atom.evidence = Evidence::Name; },
      [](Atom& atom) { atom.indirect = true; },
      [](Atom& atom) { atom.byCaller = true; },
      [](Atom& atom) { atom.certain = false; },
      [](Atom& atom) { atom.parametric = true; },
      [](Atom& atom) { atom.lifted = true; },
      [](Atom& atom) { atom.what = "outl"; },
      [](Atom& atom) { atom.why = "a table says so"; },
      [](Atom& atom) { atom.where.value.kind = SymbolKind::Own; },
      [](Atom& atom) { atom.where.value.path = "ports"; },
      [](Atom& atom) { atom.where.value.record = "other"; },
      [](Atom& atom) { atom.where.offset.text = "8"; },
      [](Atom& atom) { atom.where.offset.shown = "CTRL_A"; },
      [](Atom& atom) { atom.value.text = "2"; },
      [](Atom& atom) { atom.value.shown = "ON"; },
      [](Atom& atom) {
        static const CallbackRole role;
        atom.ops = &role;
      },
      [](Atom& atom) { atom.function = "stop"; },
      [](Atom& atom) { atom.place.file = "pci.c"; },
      [](Atom& atom) { atom.place.line = 31; },
  };
  AtomPool pool(AtomPool::Life::Graph);
  pool.atom(writel());
  for (const Change& change : changes) {
    Atom other = writel();
    change(other);
    pool.atom(other);
  }
  CHECK(pool.atoms() == 1 + changes.size());
}

TEST_CASE("elements stay where they are when the pool grows") {
  AtomPool pool(AtomPool::Life::Graph);
  std::vector<const Atom*> all;
  Atom atom = writel();
  for (unsigned line = 0; line < 2000; ++line) {
    atom.place.line = line;
    all.push_back(pool.atom(atom));
  }
  for (unsigned line = 0; line < 2000; ++line) {
    atom.place.line = line;
    CHECK(pool.atom(atom) == all[line]);
    CHECK(all[line]->place.line == line);
  }
}

TEST_CASE("the same calls are the same steps, and count as many") {
  AtomPool pool(AtomPool::Life::Graph);
  const Step* path = pathTo(pool);
  CHECK(pathTo(pool) == path);
  CHECK(pool.steps() == 2);
  CHECK(path->depth == 2);
  CHECK(pool.step("open", {"main.c", 11}, path->next) != path);
  CHECK(pool.step("open", {"main.c", 10}, nullptr) != path);

  const Step* last = pool.step("start", {"hw.c", 7}, nullptr);
  const Step* longer = pool.followed(path, last);
  CHECK(longer->depth == 3);
  CHECK(longer->next->next == last);
  CHECK(pool.followed(nullptr, last) == last);
}

TEST_CASE("a path reads the same in the pool that it is taken to") {
  AtomPool lasting(AtomPool::Life::Survey);
  Reached kept;
  Reached own;
  {
    AtomPool pool(AtomPool::Life::Graph);
    Reached reached{pool.atom(writel()), pathTo(pool)};
    CHECK(pathText("main.c", reached) == shown);
    PoolTransfer transfer(lasting);
    kept = transfer(reached);
    CHECK(transfer(reached).path == kept.path);
    CHECK(kept.atom != reached.atom);
    own = transfer(Reached{pool.atom(writel()), nullptr});
  }
  CHECK(pathText("main.c", kept) == shown);
  CHECK(kept.depth() == 2);
  CHECK(own.atom == kept.atom);
  CHECK(own.depth() == 0);
  CHECK(pathText("main.c", own) == "hw.c start:30 > writel(CTRL)");
  PoolTransfer again(lasting);
  CHECK(again(kept).path == kept.path);
}

TEST_CASE("a sweep leaves the marked steps and those behind them") {
  AtomPool lasting(AtomPool::Life::Survey);
  const Step* inLibrary = lasting.step("lib", {"lib.c", 1}, nullptr);
  AtomPool pool(AtomPool::Life::Graph);
  const Step* path = pool.followed(pathTo(pool), inLibrary);
  for (unsigned line = 100; line < 1100; ++line)
    pool.step("gone", {"main.c", line}, path->next);
  for (int round = 0; round < 2; ++round) {
    AtomPool::mark(path);
    pool.sweepSteps();
    CHECK(pool.steps() == 2);
    // New steps take the places of those that are gone, and of none else.
    for (unsigned line = 0; line < 3000; ++line)
      pool.step("new", {"hw.c", line}, inLibrary);
    CHECK(pool.steps() == 3002);
    CHECK(path->function == Name("open"));
    CHECK(path->next->function == Name("up"));
    CHECK(path->next->next == inLibrary);
  }
  CHECK(inLibrary->function == Name("lib"));
  CHECK(inLibrary->isMarked == 0);
}

TEST_CASE("what is found again can be limited; all stays") {
  Interned<int> few(8);
  auto add = [&](int value) {
    return few.add(value, static_cast<uint32_t>(value), [&](int one) { return one == value; });
  };
  const int* first = add(0);
  CHECK(add(0) == first);
  for (int value = 1; value < 1000; ++value)
    CHECK(*add(value) == value);
  CHECK(*first == 0);
  CHECK(add(0) != first);
  CHECK(few.size() == 1001);
}

TEST_CASE("a row that waits comes back as it was, with its paths") {
  AtomPool lasting(AtomPool::Life::Survey);
  EntryPointRow row;
  row.className = "net";
  row.module = "m";
  row.drivers = {"a", "b"};
  row.function = "open";
  row.kind = "io";
  row.ops = {"net_device_ops.ndo_open"};
  row.place = {"main.c", 5};
  row.sleeps = "maybe";
  row.atomic = "no";
  Circumstances circumstances;
  circumstances.checkpoint = {Checkpoint::Insufficient, {{"CTRL", "resume does not write it", true}}, "CTRL"};
  circumstances.unseen.word = Checkpoint::Unknown;
  circumstances.contract = {{"net_device_ops.ndo_open", Effect::IoPost}};
  circumstances.returns = "int";
  std::unique_ptr<WaitingRow> waiting;
  {
    AtomPool pool(AtomPool::Life::Graph);
    row.effects.push_back({"dev-write",
                           "api",
                           "writel(CTRL)",
                           "why",
                           {"hw.c", 30},
                           "",
                           true,
                           {"CTRL"},
                           {pool.atom(writel()), pathTo(pool)}});
    PoolTransfer transfer(lasting);
    waiting = std::make_unique<WaitingRow>(row, circumstances, transfer);
  }
  EntryPointRow back = waiting->row();
  CHECK(back.className == row.className);
  CHECK(back.module == row.module);
  CHECK(back.drivers == row.drivers);
  CHECK(back.function == row.function);
  CHECK(back.kind == row.kind);
  CHECK(back.ops == row.ops);
  CHECK(back.place.file == row.place.file);
  CHECK(back.place.line == row.place.line);
  CHECK(back.sleeps == row.sleeps);
  CHECK(back.atomic == row.atomic);
  REQUIRE(back.effects.size() == 1);
  CHECK(back.effects[0].word == "dev-write");
  CHECK(back.effects[0].evidence == "api");
  CHECK(back.effects[0].what == "writel(CTRL)");
  CHECK(back.effects[0].why == "why");
  CHECK(back.effects[0].place.line == 30);
  CHECK(back.effects[0].member);
  CHECK(back.effects[0].registers == std::set<Name>{"CTRL"});
  CHECK(back.effects[0].path == shown);
  Circumstances same = waiting->circumstances();
  CHECK(same.checkpoint.word == Checkpoint::Insufficient);
  CHECK(same.checkpoint.reason == "CTRL");
  REQUIRE(same.checkpoint.missing.size() == 1);
  CHECK(same.checkpoint.missing[0].location == "CTRL");
  CHECK(same.checkpoint.missing[0].why == "resume does not write it");
  CHECK(same.checkpoint.missing[0].savable);
  CHECK(same.unseen.word == Checkpoint::Unknown);
  CHECK(same.contract == circumstances.contract);
  CHECK(same.returns == Name("int"));
}
