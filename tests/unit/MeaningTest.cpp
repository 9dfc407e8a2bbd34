// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the statements of a function mean together (effects/Meaning.cpp), and what is from above wherever it
// is met; with each rule stands a neighbour to which it does not apply.
#include "tests/unit/DriverFixture.h"

namespace {

Call read(const Value& offset, unsigned line = 10) {
  return call("readl", {registerAt(offset)}, line);
}

Value asRead(const std::string& by) {
  Value value = computed({by + "()"});
  value.text = asItCame;
  return value;
}

bool has(const EntryPointRow& row, const std::string& word) {
  return std::ranges::any_of(row.effects, [&](const EffectRow& one) { return one.word == word; });
}

} // namespace

TEST_CASE("a register that gets back what was read from it is cleared, in no handler either") {
  Driver driver;
  driver.add("poll", {read(number(8, "EVENTS")), write(number(8, "EVENTS"), asRead("readl"), 20)});
  driver.add("changed", {read(number(8, "EVENTS")), write(number(8, "EVENTS"), computed({"readl()"}), 20)});
  driver.add("another", {read(number(8, "EVENTS")), write(number(12, "OTHER"), asRead("readl"), 20)});
  driver.add("queued", {read(number(8, "DATA")), write(number(8, "DATA"), asRead("next_byte"), 20)});
  driver.add("chip_reset", {read(number(8, "EVENTS")), write(number(8, "EVENTS"), asRead("readl"), 20)});
  driver.add("restart", {call("chip_reset", {}, 5)});
  for (const char* name : {"poll", "changed", "another", "queued", "restart"})
    driver.ops("net_device_ops", "ndo_change_mtu", name);
  auto rows = driver.judge();
  CHECK(effect(rows.at("poll"), "dev-clear").evidence == "dataflow");
  for (const char* name : {"changed", "another", "queued", "restart"}) {
    INFO(name);
    CHECK_FALSE(has(rows.at(name), "dev-clear"));
  }
}

TEST_CASE("the same through the driver's own accessors, where the register becomes known") {
  Driver driver;
  Value at = registerAt(parameter(0));
  driver.add("rd", {call("readl", {at}, 3)});
  driver.add("wr", {call("writel", {parameter(1), at}, 3)});
  driver.add("poll",
             {call("rd", {number(8, "EVENTS")}, 10), call("wr", {number(8, "EVENTS"), asRead("rd")}, 11)});
  driver.ops("net_device_ops", "ndo_change_mtu", "poll");
  CHECK(effect(driver.judgeOne("poll"), "dev-clear").evidence == "dataflow");
}

TEST_CASE("what is said of an interrupt's handler holds for whom calls it") {
  Driver driver;
  driver.add("my_irq", {read(number(8, "EVENTS")), write(number(8, "EVENTS"), number(1), 20)});
  driver.add("my_open", {call("request_irq", {number(5), function("my_irq")}, 4)});
  driver.add("poll_controller", {call("my_irq", {}, 7)});
  driver.ops("net_device_ops", "ndo_open", "my_open");
  driver.ops("net_device_ops", "ndo_poll_controller", "poll_controller");
  auto rows = driver.judge();
  const EffectRow& clear = effect(rows.at("poll_controller"), "dev-clear");
  CHECK(clear.evidence == "dataflow");
  CHECK(clear.path.find("poll_controller:7 > my_irq:20") == 0);
  CHECK_FALSE(has(rows.at("my_open"), "dev-clear"));
}

TEST_CASE("counters that are added up are cleared by reading; differences are not told to be") {
  Driver driver;
  auto adds = [&](const std::string& name, const char* what) {
    Store sum = store("priv", "errors", false);
    sum.line = 10;
    sum.adds = {what};
    driver.add(name, {read(number(8, "CNT"), 10)}, {sum});
    driver.ops("net_device_ops", "ndo_get_stats64", name);
  };
  adds("sums", "readl()");
  adds("sums_other", "get_random_u32()");
  auto rows = driver.judge();
  CHECK(effect(rows.at("sums"), "dev-clear").evidence == "dataflow");
  CHECK_FALSE(has(rows.at("sums_other"), "dev-clear"));
}

TEST_CASE("what the layer above had queued is posted by whom takes it and writes to the device") {
  Driver driver;
  driver.add("timer", {call("snd_rawmidi_transmit", {local("s"), local("&b")}, 8),
                       write(number(8, "REG"), computed({"b"}), 9)});
  driver.add("only_takes", {call("snd_rawmidi_transmit", {local("s"), local("&b")}, 8)});
  driver.add("only_writes", {write(number(8, "REG"), number(1), 9)});
  for (const char* name : {"timer", "only_takes", "only_writes"})
    driver.assign("timer_list", "function", name);
  auto rows = driver.judge();
  CHECK(effect(rows.at("timer"), "io-post").evidence == "dataflow");
  CHECK_FALSE(has(rows.at("only_takes"), "io-post"));
  CHECK_FALSE(has(rows.at("only_writes"), "io-post"));
}

TEST_CASE("a request is one in a work item as well: its value, its data, its mapping with a doorbell") {
  Driver driver;
  driver.add("by_value", {write(number(8, "ARG"), computed({"mmc_command.arg"}), 9)});
  driver.add("by_data", {call("memcpy_toio", {registerAt(number(0)), local("skb", "data", "sk_buff")}, 9)});
  driver.add("by_mapping",
             {call("dma_map_single_attrs",
                   {local("d"), local("skb", "data", "sk_buff"), computed({"n"}), number(1)}, 9),
              write(number(8, "REG"), number(1), 12)});
  driver.add("maps_to_receive",
             {call("dma_map_single_attrs",
                   {local("d"), local("skb", "data", "sk_buff"), computed({"n"}), number(2)}, 9),
              write(number(8, "REG"), number(1), 12)});
  driver.add("own_memory", {write(number(8, "REG"), computed({"priv.speed"}), 9)});
  for (const char* name : {"by_value", "by_data", "by_mapping", "maps_to_receive", "own_memory"})
    driver.assign("work_struct", "func", name);
  auto rows = driver.judge();
  for (const char* name : {"by_value", "by_data", "by_mapping"}) {
    INFO(name);
    CHECK(effect(rows.at(name), "io-post").evidence == "dataflow");
  }
  CHECK_FALSE(has(rows.at("maps_to_receive"), "io-post"));
  CHECK_FALSE(has(rows.at("own_memory"), "io-post"));
}

TEST_CASE("a firmware image that one function reads and another writes is loaded") {
  Driver driver;
  driver.add("parse", {}).add("send", {write(number(8, "REG"), computed({"priv.block"}), 9)});
  driver.facts().functions[0].reads = {"firmware.data"};
  driver.add("store", {call("parse", {}, 3), call("send", {}, 4)});
  driver.add("look", {call("parse", {}, 3)}).add("set", {call("send", {}, 4)});
  for (const char* name : {"store", "look", "set"})
    driver.ops("device_attribute", "store", name);
  auto rows = driver.judge();
  CHECK(effect(rows.at("store"), "fw-load").evidence == "dataflow");
  CHECK_FALSE(has(rows.at("look"), "fw-load"));
  CHECK_FALSE(has(rows.at("set"), "fw-load"));
}

TEST_CASE("a register struct's member tells by its name as a register's offset does") {
  Driver driver;
  driver.add("poll", {call("writel", {number(1), local("priv", "regs.int_status", "priv")}, 9)});
  driver.add("set", {call("writel", {number(1), local("priv", "regs.int_mask", "priv")}, 9)});
  driver.ops("net_device_ops", "ndo_change_mtu", "poll").ops("net_device_ops", "ndo_set_rx_mode", "set");
  auto rows = driver.judge();
  CHECK(effect(rows.at("poll"), "dev-clear").evidence == "name");
  CHECK_FALSE(has(rows.at("set"), "dev-clear"));
}

TEST_CASE("a message to the driver's own device is a dev-write where nothing comes from above") {
  Driver driver;
  Value pipe = made(ValueKind::Computed, "");
  pipe.macros = {"usb_sndbulkpipe"};
  std::vector<Value> args = {local("udev", "", "usb_device"), pipe, local("buf")};
  driver.add("my_open", {call("usb_bulk_msg", args, 9)}).add("work", {call("usb_bulk_msg", args, 9)});
  driver.ops("net_device_ops", "ndo_open", "my_open").assign("work_struct", "func", "work");
  auto rows = driver.judge();
  CHECK(words(rows.at("my_open")).find("dev-write") != std::string::npos);
  CHECK_FALSE(has(rows.at("my_open"), "io-post"));
  CHECK(rows.at("my_open").checkpoint != "not-needed");
  CHECK(has(rows.at("work"), "io-post"));
}

TEST_CASE("static function pointers call what the unit gives them; one that is given more is unknown") {
  Driver driver;
  auto hook = [&](const std::string& name, const Value& value) {
    Assignment assignment;
    assignment.base = made(ValueKind::Object, name);
    assignment.value = value;
    driver.facts().assignments.push_back(assignment);
  };
  auto calls = [](const std::string& name) {
    Call made = call("", {}, 9);
    made.indirect = true;
    made.through = ::made(ValueKind::Object, name);
    return made;
  };
  driver.add("send", {write(number(8, "REG"), number(1), 9)});
  hook("told", made(ValueKind::Null, ""));
  hook("told", function("send"));
  hook("open_ended", parameter(0));
  hook("never", made(ValueKind::Null, ""));
  driver.add("by_told", {calls("told")})
      .add("by_open", {calls("open_ended")})
      .add("by_never", {calls("never")});
  for (const char* name : {"by_told", "by_open", "by_never"})
    driver.ops("net_device_ops", "ndo_change_mtu", name);
  auto rows = driver.judge();
  CHECK(rows.at("by_told").reversibility == "checkpointable");
  CHECK(rows.at("by_open").reversibility == "unknown");
  CHECK(rows.at("by_never").reversibility == "pure");
}

TEST_CASE("call-backs that a library calls, or a kernel function before it returns, are entry points") {
  Driver driver;
  TuFacts library;
  library.file = "drivers/net/lib.c";
  library.output = "drivers/net/lib.o";
  library.modules = {"lib"};
  library.records = {"lib_ops"};
  Function user;
  user.name = "lib_run";
  user.place = {library.file, 1};
  user.calls = {through("lib_ops.suspend", {}, 3)};
  library.functions = {user};
  TuFacts stranger = library; // has a struct of the same name, and the driver does not call it
  stranger.file = "drivers/scsi/other.c";
  stranger.output = "drivers/scsi/other.o";
  stranger.modules = {"other"};
  stranger.functions[0].name = "other_run";
  stranger.functions[0].calls = {through("lib_ops.unused", {}, 3)};
  driver.add("my_suspend", {}).add("my_other", {}).add("my_config", {});
  driver.ops("lib_ops", "suspend", "my_suspend").ops("lib_ops", "unused", "my_other");
  driver.add("probe",
             {call("pcmcia_loop_config", {local("dev"), function("my_config")}, 9), call("lib_run", {}, 10)});
  driver.ops("pcmcia_driver", "probe", "probe");
  auto rows = driver.judge({library, stranger});
  REQUIRE(rows.count("my_suspend") == 1);
  CHECK(rows.at("my_suspend").kind == "power");
  CHECK(rows.at("my_suspend").ops == std::set<std::string>{"lib_ops.suspend"});
  CHECK(rows.count("my_other") == 0);
  REQUIRE(rows.count("my_config") == 1);
  CHECK(rows.at("my_config").kind == "init");
}

TEST_CASE("checkpoint: an accessor that resume reaches covers only what resume does with it") {
  Driver driver;
  // No role tells what the message writes: it depends on the caller.
  driver.add("send", {call("i2c_transfer", {local("c"), local("&msg")}, 5)});
  driver.facts().functions.back().params = {"priv", ""};
  driver.add("set_rate", {call("send", {local("p"), number(1)}, 20)});
  driver.facts().functions.back().params = {"priv"};
  driver.add("up", {call("set_rate", {local("p")}, 30)}).add("down", {});
  driver.add("same", {call("set_rate", {local("p")}, 40)});
  driver.add("other", {call("send", {local("p"), number(2)}, 41)});
  driver.ops("net_device_ops", "ndo_change_mtu", "same").ops("net_device_ops", "ndo_set_rx_mode", "other");
  auto rows = driver.judge();
  CHECK(rows.at("same").checkpoint == "sufficient");
  CHECK(rows.at("other").checkpoint == "unknown");
}
