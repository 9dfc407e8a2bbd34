// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Entry points, effects, levels, checkpoint and candidates, from facts made by hand: each case is a small
// driver, named after what it shows.
#include "tests/unit/DriverFixture.h"

#include <catch2/catch.hpp>

#include <algorithm>

using namespace fgft;

TEST_CASE("members of ops structs and call-backs are entry points of the table's kinds") {
  Driver driver;
  driver.add("my_open", {call("request_irq", {number(5), function("my_irq")}, 4)});
  driver.add("my_irq", {}).add("my_work", {}).add("helper", {});
  driver.ops("net_device_ops", "ndo_open", "my_open").ops("net_device_ops", "ndo_stop", "not_defined_here");
  driver.assign("work_struct", "func", "my_work").ops("priv", "own_hook", "helper");
  auto rows = driver.judge();
  REQUIRE(rows.size() == 3);
  CHECK(rows.at("my_open").kind == "open/close");
  CHECK(rows.at("my_open").ops == std::set<std::string>{"net_device_ops.ndo_open"});
  CHECK(rows.at("my_open").drivers == std::set<std::string>{"the_driver"});
  CHECK(rows.at("my_irq").kind == "interrupt");
  CHECK(rows.at("my_irq").ops == std::set<std::string>{"request_irq"});
  CHECK(rows.at("my_irq").atomic == "yes");
  CHECK(rows.at("my_work").kind == "deferred");
}

TEST_CASE("a call-back handed on by the driver's own helper is an entry point") {
  Driver driver;
  driver.add("helper", {call("request_irq", {number(5), parameter(1)}, 4)});
  driver.add("my_open", {call("helper", {number(1), function("my_irq")}, 8)}).add("my_irq", {});
  driver.ops("net_device_ops", "ndo_open", "my_open");
  CHECK(driver.judge().count("my_irq") == 1);
}

TEST_CASE("effects are closed over calls, with the shortest path") {
  Driver driver;
  driver.add("deep", {call("kfree", {local("x")}, 30)});
  driver.add("middle", {call("deep", {}, 20)});
  driver.add("my_open", {call("middle", {}, 10), call("deep", {}, 11)});
  driver.ops("net_device_ops", "ndo_open", "my_open");
  EntryPointRow row = driver.judgeOne("my_open");
  CHECK(row.reversibility == "deferrable");
  CHECK(effect(row, "free").path == "my_open:11 > deep:30 > kfree");
  CHECK(effect(row, "free").place.line == 30);
}

TEST_CASE("recursion ends, and every function of the circle has the effect") {
  Driver driver;
  driver.add("a", {call("b", {}, 10)}).add("b", {call("a", {}, 20), call("vfree", {local("x")}, 21)});
  driver.ops("net_device_ops", "ndo_open", "a").ops("net_device_ops", "ndo_stop", "b");
  auto rows = driver.judge();
  CHECK(words(rows.at("a")) == "free");
  CHECK(words(rows.at("b")) == "free");
}

TEST_CASE("an unknown callee is named, and blocks; a level-5 effect beside it still decides") {
  Driver driver;
  driver.add("my_open", {call("nobody_knows_this", {}, 10), call("kfree", {local("x")}, 11)});
  driver.add("xmit", {call("nobody_knows_this", {}, 10), write(number(4, "Tail"), number(1), 12)});
  driver.ops("net_device_ops", "ndo_open", "my_open").ops("net_device_ops", "ndo_start_xmit", "xmit");
  auto rows = driver.judge();
  CHECK(rows.at("my_open").reversibility == "unknown");
  CHECK(rows.at("my_open").candidate == "unknown");
  CHECK(rows.at("my_open").reason.find("nobody_knows_this") != std::string::npos);
  CHECK(effect(rows.at("my_open"), "unknown").what == "nobody_knows_this");
  CHECK(rows.at("xmit").reversibility == "irrevocable");
  CHECK(rows.at("xmit").candidate == "no");
}

TEST_CASE("calls through a member go to all that the module puts there, and nowhere else") {
  Driver driver;
  driver.add("one", {call("kfree", {local("x")}, 30)}).add("two", {call("mod_timer", {}, 31)});
  driver.add("my_open", {through("hw_ops.start", {}, 10)});
  driver.ops("net_device_ops", "ndo_open", "my_open")
      .ops("hw_ops", "start", "one")
      .assign("hw_ops", "start", "two");
  CHECK(words(driver.judgeOne("my_open")) == "free timer-work");
  Driver unresolved;
  unresolved.add("my_open", {through("hw_ops.start", {}, 10)}).ops("net_device_ops", "ndo_open", "my_open");
  EntryPointRow row = unresolved.judgeOne("my_open");
  CHECK(row.reversibility == "unknown");
  CHECK(effect(row, "unknown").what == "hw_ops.start");
}

namespace {

// The facts of another module, `m2`, with one function that is there for others or for itself alone.
TuFacts otherModule(const std::string& name, std::vector<Call> calls, bool internal) {
  Driver other;
  other.add(name, std::move(calls));
  TuFacts facts = other.facts();
  facts.functions[0].internal = internal;
  facts.file = "drivers/net/b.c";
  facts.functions[0].place.file = facts.file;
  facts.output = "drivers/net/b.o";
  facts.modules = {"m2"};
  return facts;
}

Driver callsThroughMember() {
  Driver driver;
  driver.add("my_open", {through("hw_ops.start", {}, 10)}).ops("net_device_ops", "ndo_open", "my_open");
  return driver;
}

} // namespace

TEST_CASE("what other modules put into a member is called where the own ones put nothing") {
  Driver filler;
  filler.ops("hw_ops", "start", "start_one");
  TuFacts one = otherModule("start_one", {call("mod_timer", {}, 31)}, true);
  one.objects = filler.facts().objects;
  TuFacts nested = otherModule("start_two", {through("deep_ops.go", {}, 40)}, true);
  nested.output = "drivers/net/c.o";
  nested.modules = {"m3"};
  nested.objects = Driver().ops("hw_ops", "start", "start_two").facts().objects;
  TuFacts deep = otherModule("go_deep", {call("kfree", {local("x")}, 50)}, true);
  deep.output = "drivers/net/d.o";
  deep.modules = {"m4"};
  deep.objects = Driver().ops("deep_ops", "go", "go_deep").facts().objects;

  EntryPointRow row = callsThroughMember().judge({one, nested, deep}).at("my_open");
  CHECK(words(row) == "free timer-work");
  CHECK(row.reversibility == "deferrable");
  CHECK(effect(row, "timer-work").path.find("hw_ops.start > drivers/net/b.c start_one:31") !=
        std::string::npos);

  deep.functions[0].calls = {call("nobody_knows_this", {}, 51)};
  row = callsThroughMember().judge({one, nested, deep}).at("my_open");
  CHECK(row.reversibility == "unknown");
  CHECK(effect(row, "unknown").what == "nobody_knows_this");
}

TEST_CASE(
    "a device write behind another module's function means what the contract says, and no restore knows it") {
  TuFacts one = otherModule("start_one", {write(number(4, "Tail"), number(1), 12)}, true);
  one.objects = Driver().ops("hw_ops", "start", "start_one").facts().objects;
  Driver driver;
  driver.add("down", {}).add("up", {write(number(4, "Tail"), number(1), 40)});
  driver.add("xmit", {through("hw_ops.start", {}, 10)}).ops("net_device_ops", "ndo_start_xmit", "xmit");
  driver.add("my_open", {through("hw_ops.start", {}, 10)}).ops("net_device_ops", "ndo_open", "my_open");
  auto rows = driver.judge({one});
  CHECK(rows.at("xmit").reversibility == "irrevocable");
  CHECK(rows.at("my_open").reversibility == "checkpointable");
  CHECK(rows.at("my_open").checkpoint == "unknown");
  CHECK(rows.at("my_open").candidate == "unknown");
}

TEST_CASE("a parameter that a function puts into a member is what its callers pass, in other modules too") {
  Driver library;
  library.add("set_start", {});
  library.facts().functions[0].internal = false;
  library.facts().assignments = {{"set_start", parameter(0), "hw_ops", "start", parameter(1), 9}};
  library.facts().modules = {"library"};
  library.facts().output = "drivers/net/l.o";
  TuFacts passes = otherModule("go", {call("mod_timer", {}, 31)}, true);
  passes.functions.push_back(passes.functions[0]);
  passes.functions[1].name = "probe";
  passes.functions[1].calls = {call("set_start", {local("x"), function("go")}, 32)};
  EntryPointRow row = callsThroughMember().judge({library.facts(), passes}).at("my_open");
  CHECK(words(row) == "timer-work");

  // One caller passes what is not known.
  passes.functions[1].calls.push_back(call("set_start", {local("x"), local("y")}, 33));
  CHECK(callsThroughMember().judge({library.facts(), passes}).at("my_open").reversibility == "unknown");
}

TEST_CASE("a member that no table of the survey's own struct sets is never called; of a kernel's struct it "
          "is unknown") {
  TuFacts tables = otherModule("stop_one", {}, true);
  tables.objects = Driver().ops("hw_ops", "stop", "stop_one").facts().objects;
  CHECK(callsThroughMember().judge({tables}).at("my_open").reversibility == "unknown");
  tables.records = {"hw_ops"};
  CHECK(callsThroughMember().judge({tables}).at("my_open").reversibility == "pure");
  tables.assignments = {{"stop_one", local("x"), "hw_ops", "start", local("y"), 9}};
  CHECK(callsThroughMember().judge({tables}).at("my_open").reversibility == "unknown");
}

TEST_CASE("order of belief: the TU's own function, then the exact row, then the row of a beginning") {
  Driver driver;
  driver.add("trace_start", {call("kfree", {local("x")}, 30)}); // trace_*: nothing
  driver.add("mod_timer", {call("kfree", {local("x")}, 31)});   // mod_timer: timer-work
  driver.add("my_open", {call("trace_start", {}, 10)}).ops("net_device_ops", "ndo_open", "my_open");
  driver.add("my_stop", {call("mod_timer", {}, 11)}).ops("net_device_ops", "ndo_stop", "my_stop");
  driver.add("my_init", {call("trace_other", {}, 12)}).ops("net_device_ops", "ndo_init", "my_init");
  driver.add("my_uninit", {call("trace_printk", {}, 13)}).ops("net_device_ops", "ndo_uninit", "my_uninit");
  auto rows = driver.judge();
  CHECK(words(rows.at("my_open")) == "free");
  CHECK(words(rows.at("my_stop")) == "free");
  CHECK(words(rows.at("my_init")).empty());
  CHECK(words(rows.at("my_uninit")) == "log");
}

TEST_CASE("a function that a macro with a row defines does what the row says") {
  Driver driver;
  Call unknown = call("nobody_knows_this", {}, 5);
  unknown.macros = {"__DO_TRACE", "DECLARE_TRACE", "TRACE_EVENT"};
  Call other = call("nor_this", {}, 5);
  other.macros = {"TRACE_EVENT"};
  driver.add("trace_start", {unknown, other});
  driver.add("my_open", {call("trace_start", {}, 10)}).ops("net_device_ops", "ndo_open", "my_open");
  CHECK(words(driver.judgeOne("my_open")).empty());
  driver.facts().functions[0].calls.push_back(call("nobody_knows_this", {}, 6)); // not the macro's
  CHECK(driver.judgeOne("my_open").reversibility == "unknown");
}

TEST_CASE("a function pointer parameter is called with what each caller passes") {
  Driver driver;
  Call pointer = call("", {}, 5);
  pointer.indirect = true;
  pointer.through = parameter(0);
  driver.add("apply", {pointer}).add("frees", {call("kfree", {local("x")}, 30)}).add("harmless", {});
  driver.add("my_open", {call("apply", {function("frees")}, 10)});
  driver.add("my_stop", {call("apply", {function("harmless")}, 11)});
  driver.ops("net_device_ops", "ndo_open", "my_open").ops("net_device_ops", "ndo_stop", "my_stop");
  auto rows = driver.judge();
  CHECK(words(rows.at("my_open")) == "free");
  CHECK(words(rows.at("my_stop")).empty());
  CHECK(rows.at("my_stop").reversibility == "pure");
}

TEST_CASE("what this call allocated and frees again is alloc; what is older is free") {
  Driver driver;
  Value buffer = local("buffer");
  driver.add("temporary", {call("vmalloc_noprof", {number(4)}, 10, buffer), call("vfree", {buffer}, 12)});
  driver.add("older", {call("vfree", {local("priv", "buffer", "priv")}, 12)});
  driver.add("release", {call("vfree", {parameter(0)}, 30)});
  driver.add("by_helper", {call("vmalloc_noprof", {number(4)}, 10, buffer), call("release", {buffer}, 12)});
  driver.add("too_early", {call("vfree", {buffer}, 9), call("vmalloc_noprof", {number(4)}, 10, buffer)});
  driver.add("make", {call("vmalloc_noprof", {number(4)}, 20, local("made"))});
  driver.add("by_maker", {call("make", {}, 10, buffer), call("vfree", {buffer}, 12)});
  for (const char* name : {"temporary", "older", "by_helper", "too_early", "by_maker"})
    driver.ops("net_device_ops", "ndo_open", name);
  auto rows = driver.judge();
  CHECK(words(rows.at("temporary")) == "alloc");
  CHECK(words(rows.at("older")) == "free");
  CHECK(words(rows.at("by_helper")) == "alloc");
  CHECK(words(rows.at("too_early")) == "alloc free");
  CHECK(words(rows.at("by_maker")) == "alloc");
}

TEST_CASE("what a member of an object made here holds was made here") {
  Driver driver;
  Call makes = call("kmalloc_noprof", {}, 10, local("p", "", "priv"));
  driver.add("fails", {makes, call("kfree", {local("p", "buffer", "priv")}, 20)});
  driver.add("other", {makes, call("kfree", {local("q", "buffer", "priv")}, 20)});
  driver.ops("net_device_ops", "ndo_open", "fails").ops("net_device_ops", "ndo_stop", "other");
  auto rows = driver.judge();
  CHECK(words(rows.at("fails")) == "alloc");
  CHECK(words(rows.at("other")) == "alloc free");
}

TEST_CASE("memory is the driver's or the kernel's by who declares the struct; own variables are none") {
  Driver driver;
  driver.add("own", {call("memset", {local("&buffer"), number(0)}, 9)});
  driver.add("drivers", {}, {store("priv", "x", false)});
  driver.add("kernels", {}, {store("net_device", "mtu", false)});
  driver.add("fill", {}, {store("sk_buff", "len", false, parameter(0, "", "sk_buff"))});
  driver.add("fills_own", {call("fill", {local("&mine", "", "sk_buff")}, 9)});
  driver.add("fills_other", {call("fill", {parameter(0, "", "sk_buff")}, 9)});
  for (const char* name : {"own", "drivers", "kernels", "fills_own", "fills_other"})
    driver.ops("net_device_ops", "ndo_open", name);
  auto rows = driver.judge();
  CHECK(words(rows.at("own")).empty());
  CHECK(words(rows.at("drivers")) == "mem-driver");
  CHECK(words(rows.at("kernels")) == "mem-kernel");
  CHECK(words(rows.at("fills_own")).empty());
  CHECK(words(rows.at("fills_other")) == "mem-kernel");
}

TEST_CASE("a request made visible to the device and then a doorbell is io-post by dataflow") {
  Driver driver;
  Call map = call("dma_map_single_attrs",
                  {local("d"), parameter(0, "data", "sk_buff"), computed({"0"}), number(1)}, 10);
  driver.add("xmit", {map, write(number(8, "Doorbell"), number(1), 20)}, {}, "netdev_tx_t");
  driver.ops("net_device_ops", "ndo_start_xmit", "xmit");
  EntryPointRow row = driver.judgeOne("xmit");
  CHECK(row.reversibility == "irrevocable");
  const EffectRow& post = effect(row, "io-post", "dataflow");
  CHECK(post.what == "writel(Doorbell)");
  CHECK(post.place.line == 20);
  CHECK(row.reason.find("dataflow") != std::string::npos);
}

TEST_CASE("a doorbell without the request is io-post by the member's contract alone; elsewhere a dev-write") {
  Driver driver;
  driver.add("xmit", {write(number(8, "Go"), number(1), 20)})
      .add("set_mtu", {write(number(8, "Go"), number(1), 20)});
  driver.ops("net_device_ops", "ndo_start_xmit", "xmit").ops("net_device_ops", "ndo_change_mtu", "set_mtu");
  auto rows = driver.judge();
  CHECK(effect(rows.at("xmit"), "io-post").evidence == "api");
  CHECK(rows.at("set_mtu").reversibility == "checkpointable");
}

TEST_CASE("a register's name tells that a write acknowledges, but not where the device is set up") {
  Driver driver;
  driver.add("my_irq", {write(number(8, "INTR_STATUS"), computed({"readl()"}), 20)});
  driver.add("my_open", {call("request_irq", {number(5), function("my_irq")}, 4),
                         write(number(8, "INTR_STATUS"), number(255), 20)});
  driver.add("my_probe", {write(number(8, "INTR_STATUS"), number(255), 20)});
  driver.ops("pci_driver", "probe", "my_probe");
  driver.add("chip_reset", {write(number(8, "INTR_STATUS"), number(255), 30)});
  driver.add("set_mtu", {call("chip_reset", {}, 10)});
  driver.add("set_mask", {write(number(8, "INTR_STATUS_MASK"), number(255), 30)});
  driver.ops("net_device_ops", "ndo_open", "my_open").ops("net_device_ops", "ndo_change_mtu", "set_mtu");
  driver.ops("net_device_ops", "ndo_change_mtu", "set_mask");
  auto rows = driver.judge();
  CHECK(effect(rows.at("my_irq"), "dev-clear").evidence == "name");
  CHECK(rows.at("my_irq").reversibility == "irrevocable");
  CHECK(words(rows.at("my_open")) == "dev-clear dev-write register");
  CHECK(words(rows.at("my_probe")) == "dev-write");
  CHECK(words(rows.at("set_mtu")) == "dev-write");
  CHECK(words(rows.at("set_mask")) == "dev-write");
}

TEST_CASE(
    "an interrupt's handler acknowledges: by what it reads and writes, by a name, or it is not known how") {
  Driver driver;
  auto read = [](const Value& offset) { return call("readl", {registerAt(offset)}, 10); };
  auto handler = [&](const std::string& name, std::vector<Call> calls) {
    driver.add(name, std::move(calls));
    driver.add("open_" + name, {call("request_irq", {number(5), function(name)}, 4)});
    driver.ops("net_device_ops", "ndo_open", "open_" + name);
  };
  handler("by_flow", {read(number(8, "EVENTS")), write(number(8, "EVENTS"), computed({"readl()"}), 20)});
  handler("by_itself", {write(number(8, "EVENTS"), number(1), 20)});
  handler("changes", {read(number(8, "MAC_CTRL")), write(number(8, "MAC_CTRL"), computed({"readl()"}), 20)});
  handler("only_reads", {read(number(8, "EVENTS"))});
  handler("asks_another", {read(number(8, "EVENTS")), call("queue_work_on", {}, 20)});
  handler("masks", {read(number(8, "EVENTS")), write(number(12, "INT_MASK"), number(0), 20)});
  handler("another", {call("gpiod_get_value", {local("priv", "line", "priv")}, 20)});
  handler("touches_nothing", {});
  driver.add("set_mtu", {read(number(8, "EVENTS")), write(number(8, "EVENTS"), computed({"readl()"}), 20)});
  driver.ops("net_device_ops", "ndo_change_mtu", "set_mtu");
  auto rows = driver.judge();
  CHECK(effect(rows.at("by_flow"), "dev-clear").evidence == "dataflow");
  CHECK(rows.at("by_flow").reversibility == "irrevocable");
  for (const char* name : {"by_itself", "changes", "asks_another"})
    CHECK(rows.at(name).reversibility == "unknown");
  CHECK(effect(rows.at("only_reads"), "dev-clear").evidence == "api");
  CHECK(effect(rows.at("by_itself"), "unknown").what == "writel(EVENTS)");
  CHECK(rows.at("masks").reversibility == "checkpointable");
  CHECK(rows.at("another").reversibility == "pure");
  CHECK(rows.at("touches_nothing").reversibility == "pure");
  CHECK(rows.at("set_mtu").reversibility == "checkpointable");
}

TEST_CASE("a URB is what the member of a shared struct that holds it is for") {
  Driver driver;
  auto submit = [](const std::string& member) {
    return call("usb_submit_urb", {local("port", member, "usb_serial_port"), number(0)}, 10);
  };
  driver.add("listens", {submit("interrupt_in_urb")}).add("sends", {submit("write_urb")});
  driver.ops("net_device_ops", "ndo_change_mtu", "listens").ops("net_device_ops", "ndo_change_mtu", "sends");
  auto rows = driver.judge();
  CHECK(words(rows.at("listens")) == "dma-post");
  CHECK(words(rows.at("sends")) == "io-post");
}

TEST_CASE("user data that is only searched reaches no device; what is copied may") {
  Driver driver;
  Call searched = call("__get_user_nocheck_1");
  Call copied = call("_copy_from_user", {local("buffer", "data", "priv"), parameter(1)}, 5);
  Call ping = write(number(8, "RELOAD"), number(1), 20);
  driver.add("only_searches", {searched, ping}).add("copies", {copied, ping});
  driver.add("sends", {searched, write(number(8, "RELOAD"), computed({"__get_user_nocheck_1()"}), 20)});
  for (const char* name : {"only_searches", "copies", "sends"})
    driver.ops("file_operations", "write", name);
  auto rows = driver.judge();
  CHECK(rows.at("only_searches").reversibility == "checkpointable");
  CHECK(rows.at("copies").reversibility == "irrevocable");
  CHECK(rows.at("sends").reversibility == "irrevocable");
}

TEST_CASE("a function's name tells what its writes to the device do, whoever makes them") {
  Driver driver;
  driver.add("send", {write(number(8, "DATA"), computed({"0"}), 20)});
  driver.add("chip_write_eeprom", {call("send", {}, 10)});
  driver.add("chip_load_firmware", {call("send", {}, 10)});
  driver.add("led_flash_write", {});
  driver.add("chip_read_eeprom", {call("send", {}, 10)});
  driver.add("is_fw_load", {call("send", {}, 10)});
  for (const char* name :
       {"chip_write_eeprom", "chip_load_firmware", "led_flash_write", "chip_read_eeprom", "is_fw_load"}) {
    driver.add(std::string("set_") + name, {call(name, {}, 5)});
    driver.ops("net_device_ops", "ndo_change_mtu", std::string("set_") + name);
  }
  auto rows = driver.judge();
  CHECK(effect(rows.at("set_chip_write_eeprom"), "nvm-write").evidence == "name");
  CHECK(effect(rows.at("set_chip_load_firmware"), "fw-load").evidence == "name");
  CHECK(words(rows.at("set_led_flash_write")).empty());
  CHECK(words(rows.at("set_chip_read_eeprom")) == "dev-write");
  CHECK(words(rows.at("set_is_fw_load")) == "dev-write");
}

TEST_CASE("checkpoint: from driver memory or the same constant is brought back, another constant is not") {
  Driver driver;
  Value memory = computed({"priv.saved"});
  driver.add("down", {})
      .add("up", {write(number(0x10, "RxConfig"), memory, 40), write(number(0x14, "Mode"), number(3), 41),
                  write(number(0x18, "Config3"), number(1), 42)});
  driver.add("set_rx", {write(number(0x10, "RxConfig"), computed({"0"}), 50)});
  driver.add("set_mode", {write(number(0x14, "Mode"), number(3), 50)});
  driver.add("set_wol", {write(number(0x18, "Config3"), computed({"0"}), 50)});
  driver.add("set_other", {write(number(0x1c, "Other"), number(1), 50)});
  driver.add("set_any", {write(computed({"0"}), number(1), 50)});
  driver.add("reads", {call("readl", {registerAt(number(0x10, "RxConfig"))}, 50)});
  for (const char* name : {"set_rx", "set_mode", "set_wol", "set_other", "set_any", "reads"})
    driver.ops("ethtool_ops", "set_wol", name);
  auto rows = driver.judge();
  CHECK(rows.at("set_rx").checkpoint == "sufficient");
  CHECK(rows.at("set_rx").candidate == "yes");
  CHECK(rows.at("set_mode").checkpoint == "sufficient");
  CHECK(rows.at("set_wol").checkpoint == "insufficient");
  CHECK(rows.at("set_wol").reason.find("Config3 (up writes 1") != std::string::npos);
  CHECK(rows.at("set_wol").candidate == "no");
  CHECK(rows.at("set_other").checkpoint == "insufficient");
  CHECK(rows.at("set_any").checkpoint == "unknown");
  CHECK(rows.at("set_any").reason.find("not constant") != std::string::npos);
  CHECK(rows.at("reads").checkpoint == "not-needed");
  CHECK(rows.at("reads").reversibility == "pure");
  driver.hasPm = false;
  CHECK(driver.judge().at("set_rx").checkpoint == "none");
}

TEST_CASE(
    "checkpoint: a location that the driver reads back can be saved; memory that resume clears is listed") {
  Driver driver;
  driver.add("down", {})
      .add("up", {write(number(0x18, "Config3"), number(1), 42)}, {store("priv", "wol", true)});
  driver.add("set_wol", {write(number(0x18, "Config3"), computed({"0"}), 50)}, {store("priv", "wol", false)});
  driver.add("get_wol", {call("readl", {registerAt(number(0x18, "Config3"))}, 60)});
  driver.ops("ethtool_ops", "set_wol", "set_wol").ops("ethtool_ops", "get_wol", "get_wol");
  EntryPointRow row = driver.judgeOne("set_wol");
  CHECK(row.checkpoint == "insufficient");
  CHECK(row.reason.find("priv.wol") != std::string::npos);
  CHECK(row.candidate == "yes");
}

TEST_CASE("checkpoint: a stream is started again by its core, a register cache is written again") {
  Driver stream;
  stream.add("down", {}).add("up", {});
  stream.add("trigger", {write(number(8, "RUN"), computed({"1"}), 20)});
  stream.add("hw_params", {write(number(8, "RUN"), computed({"1"}), 20)});
  stream.ops("snd_pcm_ops", "trigger", "trigger").ops("snd_pcm_ops", "hw_params", "hw_params");
  auto rows = stream.judge();
  CHECK(rows.at("trigger").checkpoint == "sufficient");
  CHECK(rows.at("hw_params").checkpoint == "insufficient");
  stream.hasPm = false;
  CHECK(stream.judge().at("trigger").checkpoint == "none");

  Driver codec;
  codec.hasPm = false;
  codec.add("bias", {call("regcache_sync", {local("priv", "map", "priv")}, 10)});
  codec.add("format",
            {call("regmap_write", {local("priv", "map", "priv"), number(8, "FMT"), computed({"1"})}, 20)});
  codec.add("beside", {write(number(8, "FMT"), computed({"1"}), 20)});
  codec.ops("snd_soc_component_driver", "set_bias_level", "bias");
  codec.ops("snd_soc_dai_ops", "set_fmt", "format").ops("snd_soc_dai_ops", "set_sysclk", "beside");
  rows = codec.judge();
  CHECK(rows.at("format").checkpoint == "sufficient");
  CHECK(rows.at("beside").checkpoint == "insufficient");
}

TEST_CASE("registers are told apart through the driver's own accessors") {
  Driver driver;
  Value address = parameter(0, "regs", "priv");
  address.offset = {parameter(1)};
  driver.add("w32", {call("writel", {parameter(2), address}, 5)});
  driver.add("down", {})
      .add("up", {call("w32", {local("priv"), number(0x10), computed({"priv.saved"})}, 40)});
  driver.add("same", {call("w32", {local("priv"), number(0x10), computed({"0"})}, 50)});
  driver.add("other", {call("w32", {local("priv"), number(0x14), computed({"0"})}, 50)});
  driver.ops("ethtool_ops", "set_wol", "same").ops("ethtool_ops", "set_wol", "other");
  auto rows = driver.judge();
  CHECK(rows.at("same").checkpoint == "sufficient");
  CHECK(rows.at("other").checkpoint == "insufficient");
}

TEST_CASE("a candidate tells failure and fits its context") {
  Driver driver;
  driver.add("tells", {}).add("is_void", {}, {}, "void").add("counts", {}, {}, "u32");
  driver.add("down", {})
      .add("up", {write(number(0x10, "A"), computed({"priv.a"}), 40), call("msleep", {number(1)}, 41)});
  driver.add("my_timer", {write(number(0x10, "A"), number(3), 50)});
  driver.add("my_open", {call("init_timer_key", {local("t"), function("my_timer")}, 4)});
  for (const char* name : {"tells", "is_void", "counts"})
    driver.ops("ethtool_ops", "set_wol", name);
  driver.ops("net_device_ops", "ndo_open", "my_open");
  auto rows = driver.judge();
  CHECK(rows.at("tells").candidate == "yes");
  CHECK(rows.at("is_void").candidate == "yes");
  CHECK(rows.at("counts").candidate == "no");
  CHECK(rows.at("my_timer").checkpoint == "sufficient");
  CHECK(rows.at("my_timer").candidate == "no");
  CHECK(rows.at("my_timer").sleeps == "no");
}

TEST_CASE("a library's functions come with their paths; its holes are filled by the user's call-backs") {
  Driver library;
  library.facts().file = "drivers/net/lib.c";
  library.facts().output = "drivers/net/lib.o";
  library.facts().modules = {"lib"};
  library.add("lib_start", {call("kfree", {local("x")}, 30), through("lib_hooks.go", {}, 31)});
  library.facts().functions[0].internal = false;
  Driver driver;
  driver.add("my_open", {call("lib_start", {}, 10)}).add("my_go", {call("mod_timer", {}, 50)});
  driver.ops("net_device_ops", "ndo_open", "my_open").ops("lib_hooks", "go", "my_go");
  EntryPointRow row = driver.judge({library.facts()}).at("my_open");
  CHECK(words(row) == "free timer-work");
  CHECK(effect(row, "free").path == "my_open:10 > drivers/net/lib.c lib_start:30 > kfree");
  CHECK(effect(row, "timer-work").path.find("my_go:50 > mod_timer") != std::string::npos);
  CHECK(words(driver.judge().at("my_open")) == "unknown");
}

TEST_CASE("a candidate's return type has a value for failure, or it is void") {
  const std::vector<std::pair<const char*, bool>> types = {{"void", true},
                                                           {"int", true},
                                                           {"ssize_t", true},
                                                           {"irqreturn_t", true},
                                                           {"netdev_tx_t", true},
                                                           {"void *", true},
                                                           {"const u8 *", true},
                                                           {"usb_error_t", true},
                                                           {"bool", false},
                                                           {"u32", false},
                                                           {"__le16", false},
                                                           {"unsigned int", false},
                                                           {"__poll_t", false},
                                                           {"size_t", false},
                                                           {"umode_t", false},
                                                           {"enum hrtimer_restart", false},
                                                           {"", false}};
  for (const auto& [type, tells] : types) {
    INFO(type);
    Driver driver;
    driver.add("my_open", {}, {}, type).ops("net_device_ops", "ndo_open", "my_open");
    CHECK((driver.judgeOne("my_open").candidate == "yes") == tells);
  }
}

TEST_CASE("what a checkpoint made of suspend and resume needs to know: places, droppable calls, context") {
  Driver driver;
  driver.add("down", {call("readl", {registerAt(number(0x10, "A"))}, 30, local("priv", "a", "priv")),
                      call("kfree", {local("x")}, 31), call("pci_disable_device", {local("p")}, 32)});
  driver.add("up",
             {write(number(0x10, "A"), computed({"priv.a"}), 40), write(number(0x14, "B"), number(1), 41),
              write(number(0x18, "C"), computed({"priv.c"}), 42)});
  driver.judge();
  std::map<std::string, std::string> how;
  for (const RestoredLocation& one : driver.restore.locations)
    how[one.offset + " " + one.name] = one.how;
  CHECK(how ==
        std::map<std::string, std::string>{{"16 A", "saved"}, {"20 B", "constant"}, {"24 C", "memory"}});
  std::set<std::string> dropped;
  for (const DroppableCall& one : driver.restore.calls)
    dropped.insert(one.function + " " + one.effect);
  CHECK(dropped.count("kfree free") == 1);
  CHECK(driver.restore.atomic == "yes");

  driver.facts().functions[1].calls.push_back(call("nobody_knows_this", {}, 43));
  driver.judge();
  CHECK(driver.restore.atomic == "unknown");
  driver.facts().functions[1].calls.push_back(call("msleep", {number(1)}, 44));
  driver.judge();
  CHECK(driver.restore.atomic == "no");
}

TEST_CASE("the PM style says what suspend and resume do") {
  Driver saves;
  saves.add("down", {call("readl", {registerAt(number(0x10, "A"))}, 30, local("priv", "a", "priv"))});
  saves.add("up", {write(number(0x10, "A"), computed({"priv.a"}), 40)});
  saves.judge();
  CHECK(saves.style == std::set<std::string>{"register-save"});
  Driver again;
  again.add("down", {}).add("up", {write(number(0x10, "A"), number(1), 40)});
  again.judge();
  CHECK(again.style == std::set<std::string>{"reinit"});
  Driver empty;
  empty.add("down", {}).add("up", {});
  empty.judge();
  CHECK(empty.style == std::set<std::string>{"empty"});
  Driver quiet;
  quiet.add("down", {call("netif_device_detach", {local("d")}, 3)})
      .add("up", {call("netif_device_attach", {local("d")}, 4)});
  quiet.judge();
  CHECK(quiet.style == std::set<std::string>{"quiesce"});
}
