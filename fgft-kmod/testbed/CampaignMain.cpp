// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// fgft-campaign: fires every fault at every site of a protected driver, in as many guests as it takes, and
// writes one CSV row for each. A guest that crashes or hangs costs the fault that it was at; the next one
// goes on behind it. Exit status 0 every fault was harmless or recovered, 1 the tool failed, 2 harm was done.
#include "Guest.h"
#include "support/Error.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <fstream>
#include <iostream>
#include <map>
#include <optional>
#include <sstream>

namespace {

namespace fs = std::filesystem;
using fgft::Error;
using fgft::GuestRun;

struct Options {
  fgft::GuestOptions guest;
  std::string module; ///< 8139cp
  std::string driver; ///< cp_driver
  std::string device; ///< rtl8139
  std::string calls;
  std::string csv = "out/campaign.csv";
  std::string only;
  std::string commandLine;
  std::string cpu = "qemu64";
  unsigned processors = 1;
  unsigned sitesPerKind = 0;
  unsigned mostGuests = 100;
  unsigned stallSeconds = 120;
  unsigned timeoutSeconds = 3600;
};

struct Row {
  unsigned long index = 0;
  std::string entry, site, fault, outcome, recovery, detail;
};

/// What a guest's output and console say, by the index of the fault.
struct Progress {
  std::map<unsigned long, Row> rows;
  std::optional<Row> last; ///< the fault that was started last
  bool done = false;
  std::string complaint;
};

/// The runtime's short words and those of the CSV.
std::string faultName(const std::string& word) {
  static const std::map<std::string, std::string> names = {
      {"null", "null-deref"}, {"wild", "wild-pointer"}, {"oob", "oob-store"},
      {"div", "div-zero"},    {"loop", "endless-loop"}, {"garbage", "garbage-argument"}};
  const auto found = names.find(word);
  return found == names.end() ? word : found->second;
}

std::map<std::string, std::string> keysOf(const std::string& line) {
  std::map<std::string, std::string> keys;
  std::istringstream words(line);
  for (std::string word; words >> word;)
    if (const auto equals = word.find('='); equals != std::string::npos)
      keys[word.substr(0, equals)] = word.substr(equals + 1);
  return keys;
}

Progress readProgress(const fs::path& path) {
  Progress progress;
  std::ifstream in(path);
  for (std::string line; std::getline(in, line);) {
    line.erase(std::remove(line.begin(), line.end(), '\r'), line.end());
    std::istringstream words(line);
    std::string tag;
    words >> tag;
    if (tag == "@start") {
      Row row;
      words >> row.index >> row.entry >> row.site >> row.fault;
      row.fault = faultName(row.fault);
      progress.last = row;
    } else if (tag == "@record") {
      auto keys = keysOf(line);
      Row row{std::stoul("0" + keys["index"]),
              keys["entry"],
              keys["site"],
              faultName(keys["fault"]),
              keys["outcome"],
              keys["recovery_ns"],
              keys["detail"]};
      progress.rows[row.index] = row;
    } else if (tag == "@done") {
      progress.done = true;
    } else if (line.starts_with("campaign:") || line.starts_with("FAIL:")) {
      progress.complaint = line;
    }
  }
  return progress;
}

/// The kernel's complaints on the console, each with the fault that the marker before it names.
std::map<unsigned long, std::string> consoleComplaints(const fs::path& path) {
  static const char* const signs[] = {"Kernel panic",
                                      "BUG: ",
                                      "Oops: ",
                                      "kernel BUG at",
                                      "WARNING: ",
                                      "general protection fault",
                                      "detected stalls",
                                      "blocked for more than",
                                      "scheduling while atomic",
                                      "refcount_t: ",
                                      "corruption",
                                      "Redzone",
                                      "Poison"};
  const std::string marker = "fgft-campaign: start ";
  std::map<unsigned long, std::string> complaints;
  unsigned long index = 0;
  std::ifstream in(path);
  for (std::string line; std::getline(in, line);) {
    line.erase(std::remove(line.begin(), line.end(), '\r'), line.end());
    if (const auto at = line.find(marker); at != std::string::npos) {
      index = std::stoul("0" + line.substr(at + marker.size()));
      continue;
    }
    for (const char* sign : signs)
      if (line.find(sign) != std::string::npos)
        complaints.emplace(index, line);
  }
  return complaints;
}

fgft::Scenario scenarioFor(const Options& options, unsigned long from) {
  fgft::Scenario scenario;
  scenario.name = "campaign-" + options.module;
  scenario.file = "campaign";
  scenario.devices = {options.device};
  scenario.available = {"fgft", options.module, "fgft_guest"};
  const std::string built = options.guest.moduleFolders.front().string();
  scenario.files = {built + "/programs/campaign:bin/campaign",
                    built + "/policy/" + options.module + ":policy/" + options.module,
                    built + "/registers/" + options.module + ":registers/" + options.module,
                    options.calls + ":calls"};
  scenario.commandLine = "ipv6.disable=1 " + options.commandLine;
  scenario.cpu = options.cpu;
  scenario.processors = options.processors;
  scenario.timeoutSeconds = options.timeoutSeconds;
  scenario.stallSeconds = options.stallSeconds;
  scenario.run = "protect " + options.module +
                 " || fail protect\nnet_up || fail net_up\ncheck_ping || fail ping\n" +
                 "watch_guest $(net_device) " + options.module + " || fail watch_guest\n" +
                 fmt::format("campaign $(net_device) {} /calls --from {} --sites-per-kind {}", options.driver,
                             from, options.sitesPerKind);
  if (!options.only.empty())
    scenario.run += " --only " + options.only;
  scenario.run += "\n";
  return scenario;
}

std::string quoted(const std::string& text) {
  if (text.find_first_of(",\"\n") == std::string::npos)
    return text;
  std::string result = "\"";
  for (const char c : text)
    result += c == '"' ? "\"\"" : std::string(1, c);
  return result + "\"";
}

void writeCsv(const Options& options, const std::map<unsigned long, Row>& rows) {
  const fs::path path = options.csv;
  if (path.has_parent_path())
    fs::create_directories(path.parent_path());
  const std::string temporary = options.csv + ".tmp";
  {
    std::ofstream out(temporary);
    out << "driver,entry_point,site,fault,outcome,recovery_ns,detail\n";
    for (const auto& [index, row] : rows)
      out << quoted(options.driver) << ',' << quoted(row.entry) << ',' << quoted(row.site) << ','
          << quoted(row.fault) << ',' << row.outcome << ','
          << (row.outcome == "recovered" ? row.recovery : "") << ',' << quoted(row.detail) << '\n';
    if (!out.flush())
      throw Error("{}: cannot be written", temporary);
  }
  fs::rename(temporary, options.csv);
}

/// Takes a guest's rows; the index of the fault to go on with, or nothing when all are done.
std::optional<unsigned long> take(const GuestRun& run, unsigned long from,
                                  std::map<unsigned long, Row>& rows) {
  Progress progress = readProgress(run.result);
  auto complaints = consoleComplaints(run.console);
  for (auto& [index, row] : progress.rows) {
    if (const auto complaint = complaints.find(index); complaint != complaints.end()) {
      row.outcome = "crash";
      row.detail = complaint->second;
    }
    rows[index] = row;
  }
  if (progress.done)
    return std::nullopt;
  if (!progress.last)
    throw Error("the guest did not come to its first fault: {}; output {}, console {}",
                progress.complaint.empty() ? "no reason was given" : progress.complaint, run.result.string(),
                run.console.string());
  Row row = *progress.last;
  const bool hung = run.end == GuestRun::End::Stalled || run.end == GuestRun::End::TimeLimit;
  const auto complaint = complaints.find(row.index);
  row.outcome = hung && complaint == complaints.end() ? "hang" : "crash";
  row.detail = complaint != complaints.end() ? complaint->second
               : !progress.complaint.empty() ? progress.complaint
                                             : "the guest ended at this fault";
  // The guest's script ends on purpose when something does not come back; that is harm by the fault before.
  if (!hung && complaint == complaints.end() && !progress.complaint.empty())
    row.outcome = "undetected-harm";
  if (row.index < from)
    throw Error("the guest made no progress at fault {}", row.index);
  rows[row.index] = row;
  return row.index + 1;
}

int summarise(const Options& options, const std::map<unsigned long, Row>& rows, unsigned guests) {
  std::map<std::string, unsigned> counts;
  std::vector<unsigned long long> times;
  for (const auto& [index, row] : rows) {
    ++counts[row.outcome];
    if (row.outcome == "recovered")
      times.push_back(std::stoull("0" + row.recovery));
    if (row.outcome == "undetected-harm" || row.outcome == "crash" || row.outcome == "hang")
      std::cout << row.outcome << " " << row.entry << " site " << row.site << " " << row.fault << ": "
                << row.detail << "\n";
  }
  std::cout << options.driver << ": " << rows.size() << " faults in " << guests << " guests:";
  for (const auto& [word, count] : counts)
    std::cout << " " << word << " " << count;
  if (!times.empty()) {
    std::sort(times.begin(), times.end());
    std::cout << "; recovery median " << times[times.size() / 2] / 1000 << " us, most " << times.back() / 1000
              << " us";
  }
  std::cout << "; " << options.csv << std::endl;
  const bool harm = counts.contains("undetected-harm") || counts.contains("crash") || counts.contains("hang");
  // A campaign without a single recovery has shown nothing.
  return harm || !counts.contains("recovered") ? 2 : 0;
}

int run(const Options& options) {
  std::map<unsigned long, Row> rows;
  std::optional<unsigned long> from = 0;
  unsigned guests = 0;
  for (; from && guests < options.mostGuests; ++guests) {
    const GuestRun run = fgft::runGuest(options.guest, scenarioFor(options, *from));
    from = take(run, *from, rows);
    writeCsv(options, rows);
    if (from) {
      // The evidence of a crash outlives the next guest.
      fs::rename(run.console, run.console.string() + "." + std::to_string(*from - 1));
      std::cerr << "campaign: guest ended at fault " << *from - 1 << ": " << rows[*from - 1].outcome << ": "
                << rows[*from - 1].detail << "\n";
    }
  }
  if (from)
    throw Error("{} guests were not enough; {} has what was done", options.mostGuests, options.csv);
  return summarise(options, rows, guests);
}

} // namespace

int main(int argc, char** argv) {
  Options options;
  std::string testbed, output = "out/guest";
  std::vector<std::string> folders;
  CLI::App app{"Fires every fault at every site of a protected driver and writes a CSV of what came of it"};
  app.add_option("--module", options.module, "the driver's module, e.g. 8139cp")->required();
  app.add_option("--driver", options.driver, "the registration variable, e.g. cp_driver")->required();
  app.add_option("--device", options.device, "QEMU's device")->required();
  app.add_option("--calls", options.calls, "which entry point is called how")->required();
  app.add_option("--modules", folders, "folder with protected driver, fgft.ko and test programs")->required();
  app.add_option("--testbed", testbed, "folder with the initramfs script")->required();
  app.add_option("--kernel", options.guest.kernel, "kernel release")->required();
  app.add_option("--csv", options.csv, "where the rows go")->capture_default_str();
  app.add_option("--output", output, "where consoles are kept")->capture_default_str();
  app.add_option("--only", options.only, "ENTRY[:KIND[:SITE]]");
  app.add_option("--sites-per-kind", options.sitesPerKind,
                 "at most so many sites of a kind and entry point; 0: all");
  app.add_option("--cmdline", options.commandLine, "words for the guest kernel's command line");
  app.add_option("--cpu", options.cpu, "QEMU's CPU")->capture_default_str();
  app.add_option("--smp", options.processors, "processors of the guest")->capture_default_str();
  app.add_option("--most-guests", options.mostGuests, "give up after so many guests")->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  try {
    options.guest.testbed = testbed;
    options.guest.output = fs::absolute(output);
    for (const std::string& folder : folders)
      options.guest.moduleFolders.push_back(fs::absolute(folder));
    return run(options);
  } catch (const std::exception& error) {
    std::cerr << "fgft-campaign: " << error.what() << "\n";
    return 1;
  }
}
