// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The kernel model: a user's rows are added, a bad row is refused with file, line and what was expected, and
// no row of another table makes facts stale.
#include "model/Model.h"

#include "support/AtomicFile.h"
#include "support/Error.h"

#include <catch2/catch.hpp>

#include <filesystem>
#include <unistd.h>

using namespace fgft;
namespace fs = std::filesystem;

namespace {

const std::string shipped = FGFT_SOURCE_DIR "/analyzer/model";

// A file named like a table, with `text` behind the table's own header.
class Extra {
public:
  Extra(const std::string& table, const std::string& text) {
    fs::create_directories(folder_);
    path = folder_ + "/" + table;
    std::string header;
    std::string whole = readFile(shipped + "/" + table);
    for (size_t at = 0; at < whole.size(); at = whole.find('\n', at) + 1)
      if (whole[at] != '#') {
        header = whole.substr(at, whole.find('\n', at) - at + 1);
        break;
      }
    writeFileAtomically(path, header + text);
  }
  ~Extra() { fs::remove_all(folder_); }
  std::string path;

private:
  std::string folder_ = fs::temp_directory_path() / ("fgft-model-" + std::to_string(::getpid()));
};

} // namespace

TEST_CASE("the shipped tables load and hold what the survey stands on") {
  Model model = Model::load(shipped);
  CHECK(model.driverStructs.at("pci_driver").bus == "pci");
  CHECK(model.driverStructs.at("platform_driver").legacy == LegacyHooks::Called);
  CHECK(model.pmMembers.at("dev_pm_ops").at("suspend").direction == Direction::Down);
  CHECK(model.pmMembers.at("dev_pm_ops").at("restore").direction == Direction::Up);
  CHECK(model.pmMembers.at("dev_pm_ops").at("prepare").direction == Direction::Other);
  CHECK(model.directoryClass("drivers/net/ethernet/realtek/8139cp.c") == "net");
  CHECK(model.directoryClass("sound/pci/ens1370.c") == "sound");
}

TEST_CASE("a user's rows are added; only tables that extraction reads change the hash") {
  Model plain = Model::load(shipped);
  Extra macro("pm_macros.csv", "MY_PM_OPS,define,mine.h\n");
  Model more = Model::load(shipped, {macro.path});
  CHECK(more.pmMacros.count("MY_PM_OPS") == 1);
  CHECK(more.extractionHash() == plain.extractionHash());
  Extra bus("driver_structs.csv", "my_driver,my,,driver,driver.pm,,,,,mine.h\n");
  Model driver = Model::load(shipped, {bus.path});
  CHECK(driver.driverTags().count("my_driver") == 1);
  CHECK(driver.extractionHash() != plain.extractionHash());
}

TEST_CASE("bad rows and files are refused with their place") {
  {
    Extra bad("pm_members.csv", "dev_pm_ops,suspend,suspend,sideways,x\n");
    CHECK_THROWS_WITH(Model::load(shipped, {bad.path}),
                      Catch::Contains("pm_members.csv:2") && Catch::Contains("sideways"));
  }
  {
    Extra bad("driver_structs.csv", "x_driver,x,,driver,driver.pm,,,perhaps,,x\n");
    CHECK_THROWS_WITH(Model::load(shipped, {bad.path}),
                      Catch::Contains("driver_structs.csv:2") && Catch::Contains("perhaps"));
  }
  {
    Extra bad("registrations.csv", "f,first,x_driver,,one,x\n");
    CHECK_THROWS_WITH(Model::load(shipped, {bad.path}), Catch::Contains("registrations.csv:2"));
  }
  {
    Extra bad("pm_macros.csv", "too,few\n");
    CHECK_THROWS_WITH(Model::load(shipped, {bad.path}), Catch::Contains("pm_macros.csv"));
  }
  Extra unknown("pm_macros.csv", "");
  std::string renamed = unknown.path + ".other.csv";
  fs::copy_file(unknown.path, renamed);
  CHECK_THROWS_AS(Model::load(shipped, {renamed}), Error);
  CHECK_THROWS_AS(Model::load(shipped, {"/nonexistent/pm_macros.csv"}), Error);
  CHECK_THROWS_AS(Model::load("/nonexistent"), Error);
}

TEST_CASE("the tables of effects hold what the effects pass stands on") {
  Model model = Model::load(shipped);
  const EffectModel& effects = model.effects;
  const CallModel* write = effects.call("regmap_write");
  REQUIRE(write);
  CHECK(write->effects.at(0).effect == Effect::DevWrite);
  CHECK(write->argument(ArgumentRole::Offset) == 1u);
  CHECK(write->argument(ArgumentRole::Value) == 2u);
  CHECK(!write->argument(ArgumentRole::Frees));
  // One row under several names; a beginning stands for all that have no row of their own.
  CHECK(effects.call("mutex_lock") == effects.call("mutex_lock_nested"));
  REQUIRE(effects.call("trace_some_event"));
  CHECK(effects.call("trace_some_event")->effects.empty());
  CHECK(effects.call("trace_printk")->effects.at(0).effect == Effect::Log);
  CHECK(!effects.call("no_such_function"));
  CHECK(!effects.call(""));
  // Call-backs carry the context of the ops row that they name.
  const CallModel* irq = effects.call("request_irq");
  REQUIRE(irq);
  const OpsMember* handler = effects.ops(irq->callbacks.at(0).tag, irq->callbacks.at(0).member);
  REQUIRE(handler);
  CHECK(handler->kind == EntryKind::Interrupt);
  CHECK(handler->atomic == Tristate::Yes);
  CHECK(effects.call("mii_nway_restart")->calls.at(1).member == "mdio_write");
  CHECK(effects.call("kref_put")->calls.at(0).argument == 1u);
  CHECK(effects.call("debugfs_create_file")->objects.at(0).tag == "file_operations@debugfs");
}

TEST_CASE("members of ops structs: exact, by the last component, by *") {
  Model model = Model::load(shipped);
  const EffectModel& effects = model.effects;
  const OpsMember* xmit = effects.ops("net_device_ops", "ndo_start_xmit");
  REQUIRE(xmit);
  CHECK(xmit->kind == EntryKind::CoreIo);
  CHECK(xmit->deviceWrite == std::vector<Effect>{Effect::IoPost});
  CHECK(xmit->request == 0u);
  CHECK(effects.ops("ethtool_ops", "get_drvinfo")->kind == EntryKind::EthtoolProcSysfs);
  CHECK(effects.ops("ethtool_ops", "set_eeprom")->deviceWrite == std::vector<Effect>{Effect::NvmWrite});
  CHECK(effects.ops("spi_controller", "mem.setup")->kind == EntryKind::Config);
  CHECK(effects.ops("module", "exit")->kind == EntryKind::Cleanup);
  CHECK(!effects.ops("a_drivers_own_ops", "start"));
  CHECK(!effects.ops("module", "no_such_member"));
}

TEST_CASE("what an argument's macro or number tells") {
  Model model = Model::load(shipped);
  const EffectModel& effects = model.effects;
  const CallModel* message = effects.call("usb_control_msg");
  REQUIRE(message);
  REQUIRE(message->effects.at(0).condition);
  CHECK(message->effects.at(0).effect == Effect::DevWrite);
  CHECK(message->effects.at(0).condition->value == "control-out");
  std::vector<std::string> macros = {"usb_sndctrlpipe"};
  CHECK(effects.valueOf("pipe", macros, "") == "control-out");
  macros = {"usb_rcvbulkpipe"};
  CHECK(effects.valueOf("pipe", macros, "") == "in");
  macros = {"SOMETHING_ELSE"};
  CHECK(effects.valueOf("pipe", macros, "").empty());
  CHECK(effects.valueOf("dir", macros, "2") == "from");
}

TEST_CASE("inline assembly by the macro that writes it, else by its text") {
  Model model = Model::load(shipped);
  std::vector<std::string> macros = {"__BUG_INNER", "WARN_ON"};
  REQUIRE(model.effects.assembly("ud2", macros));
  CHECK(model.effects.assembly("ud2", macros)->effects == std::vector<Effect>{Effect::Log});
  macros.clear();
  CHECK(model.effects.assembly("cli", macros)->effects == std::vector<Effect>{Effect::IrqCtl});
  CHECK(!model.effects.assembly("an unknown template", macros));
}

TEST_CASE("the level of each effect's word") {
  for (int i = 0; i <= static_cast<int>(Effect::PowerOff); ++i)
    CHECK(effectOf(word(static_cast<Effect>(i))) == static_cast<Effect>(i));
  CHECK(levelOf(Effect::DevRead) == Level::Pure);
  CHECK(levelOf(Effect::DevWrite) == Level::Checkpointable);
  CHECK(levelOf(Effect::DevClear) == Level::Irrevocable);
  CHECK(entryKindOf("core I/O") == EntryKind::CoreIo);
  CHECK(!entryKindOf("core-io"));
}

TEST_CASE("a user's row for a call or a member replaces the table's") {
  Extra calls("calls.csv", "regmap_write,io-post?dir=to,maybe,dir=0,,mine.c\nmy_call,,no,,,mine.c\n");
  Model more = Model::load(shipped, {calls.path});
  CHECK(more.effects.call("regmap_write")->effects.at(0).effect == Effect::IoPost);
  CHECK(more.effects.call("my_call"));
  Extra ops("ops.csv", "net_device_ops,ndo_start_xmit,config,no,yes,,,mine.h\n");
  Model other = Model::load(shipped, {ops.path});
  CHECK(other.effects.ops("net_device_ops", "ndo_start_xmit")->kind == EntryKind::Config);
}

TEST_CASE("bad rows of the tables of effects name their place, column and what was expected") {
  struct Bad {
    const char* table;
    const char* row;
    const char* message;
  };
  const Bad rows[] = {
      {"calls.csv", "f,dev-wriet,no,,,x", "'dev-wriet' is no effect"},
      {"calls.csv", "f,dev-write,sometimes,,,x", "column 'sleeps' is 'sometimes'"},
      {"calls.csv", "f,dev-write,no,bass=0,,x", "'bass' is no role"},
      {"calls.csv", "f,dev-write,no,base=first,,x", "'first' is no index"},
      {"calls.csv", "f,dev-write,no,base,,x", "expected role=argument"},
      {"calls.csv", "f,dev-write?pipe,no,pipe=1,,x", "expected effect?role=value"},
      {"calls.csv", "f,dev-write?pipe=out,no,,,x", "that column 'roles' does not give"},
      {"calls.csv", "f,dev-write?pipe=up,no,pipe=1,,x", "no value 'up' of a role 'pipe'"},
      {"calls.csv", "f,,no,callback=1,,x", "expected callback=index:struct.member"},
      {"calls.csv", "f,,no,callback=1:nothing.at_all,,x", "ops.csv has no row for 'nothing.at_all'"},
      {"calls.csv", "f,,no,object=1:nothing,,x", "ops.csv has no row for 'nothing'"},
      {"calls.csv", "f,,no,,,x\nf,,no,,,x", "'f' has a row already"},
      {"ops.csv", "s,m,core-io,no,yes,,,x", "column 'kind' is 'core-io'"},
      {"ops.csv", "s,m,config,no,yes,,first,x", "'first' is no index"},
      {"ops.csv", "s,m,config,no,yes,,,x\ns,m,init,no,yes,,,x", "'s.m' has a row already"},
      {"asm.csv", "mb,nothing,x", "'nothing' is no effect"},
      {"argument_values.csv", "pipe,out,(,,x", "no regular expression"},
  };
  for (const Bad& bad : rows) {
    Extra file(bad.table, std::string(bad.row) + "\n");
    CHECK_THROWS_WITH(Model::load(shipped, {file.path}),
                      Catch::Contains(std::string(bad.table) + ":") && Catch::Contains(bad.message));
  }
}
