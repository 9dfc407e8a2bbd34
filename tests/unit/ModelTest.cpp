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
