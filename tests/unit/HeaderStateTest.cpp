// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Header states on a small tree of our own: a TU that starts from one has the facts and the key of the plain
// road, and one that would not have them is refused.
#include "analyze/HeaderState.h"

#include "analyze/Frontend.h"
#include "facts/FactsIo.h"
#include "support/AtomicFile.h"

#include <catch2/catch.hpp>

#include <filesystem>
#include <unistd.h>

using namespace fgft;
namespace fs = std::filesystem;

namespace {

class Tree {
public:
  Tree() {
    write("include/linux/kconfig.h", "#define CONFIG_PM 1\n");
    write("include/linux/pm.h", "#pragma once\n"
                                "struct dev_pm_ops { int (*suspend)(void); int (*resume)(void); };\n"
                                "int down(void); int up(void);\n");
    // WHICH depends on names that a TU may define: by #ifdef, and by a name that ## makes.
    write("include/linux/which.h", "#ifndef WHICH_H\n#define WHICH_H\n"
                                   "#define HAVE(x) HAVE_##x\n"
                                   "#if HAVE(UP)\n#define WHICH .resume = up\n"
                                   "#elif defined(ONLY_UP)\n#define WHICH .resume = up\n"
                                   "#else\n#define WHICH .suspend = down\n#endif\n#endif\n");
    write("include/linux/extra.h", "#pragma once\n#define EXTRA .resume = up\nenum { EXTRA_NAME };\n");
    // No guard: read again at each include.
    write("include/linux/again.h", "#ifdef AGAIN\n#define MORE .resume = up\n#endif\n");
    for (int i = 0; i < 8; ++i)
      add("base" + std::to_string(i), all + "struct dev_pm_ops ops = { WHICH };\n");
    prepare(states_, 8);
  }
  ~Tree() { fs::remove_all(root_); }
  Tree(const Tree&) = delete;
  Tree& operator=(const Tree&) = delete;

  void write(const std::string& name, const std::string& text) {
    fs::create_directories(fs::path(root_ + "/" + name).parent_path());
    writeFileAtomically(root_ + "/" + name, text);
  }

  const Invocation& add(const std::string& name, const std::string& text,
                        const std::vector<std::string>& more = {}) {
    write("drivers/" + name + ".c", text);
    auto tu = std::make_unique<Invocation>();
    tu->file = "drivers/" + name + ".c";
    tu->path = root_ + "/" + tu->file;
    tu->output = "drivers/" + name + ".o";
    tu->directory = tu->sourceRoot = tu->buildRoot = root_;
    tu->args = {"-nostdinc",
                "-I" + root_ + "/arch/x86/include",
                "-I" + root_ + "/include",
                "-include",
                root_ + "/include/linux/kconfig.h",
                "-D__KERNEL__",
                "--target=x86_64-linux-gnu",
                "-std=gnu11",
                "-DKBUILD_MODNAME=\"" + name + "\""};
    tu->args.insert(tu->args.end(), more.begin(), more.end());
    tus_.push_back(std::move(tu));
    return *tus_.back();
  }

  // Why `tu` took the plain road in the end. Its facts and key are those of the plain road in any case.
  PlainReason reasonOf(const Invocation& tu) { return reasonOf(tu, states_); }
  static PlainReason reasonOf(const Invocation& tu, HeaderStates& states) {
    InputHashes hashes;
    AnalysisContext context{"model", {"pci_driver"}, ""};
    Frontend frontend(context);
    Analysis fast = frontend.run(tu, states.stateFor(tu), hashes);
    Analysis plain = frontend.run(tu, nullptr, hashes);
    CHECK(plain.facts.message == "");
    CHECK(serialise(fast.facts) == serialise(plain.facts));
    CHECK(plain.facts.objects.size() == 1);
    INFO(fast.plainDetail);
    return fast.plainReason;
  }
  PlainReason reasonOf(const std::string& text, const std::vector<std::string>& more = {}) {
    return reasonOf(add("tu" + std::to_string(tus_.size()), text, more));
  }

  // The records of `text` on the plain road.
  std::vector<Name> recordsOf(const std::string& text) {
    InputHashes hashes;
    AnalysisContext context{"model", {"pci_driver"}, ""};
    Frontend frontend(context);
    return frontend.run(add("tu" + std::to_string(tus_.size()), text), nullptr, hashes).facts.records;
  }

  // A later run over the same tree: its groups.
  std::vector<HeaderStates::Group> again() {
    HeaderStates states;
    prepare(states, 8);
    return states.groups();
  }

  // With so many TUs that do without its rarer headers that the group has a second state.
  void crowd(HeaderStates& states) {
    for (std::size_t i = 0; i < HeaderStates::minCommon; ++i)
      add("crowd" + std::to_string(i),
          "#include <linux/pm.h>\nstruct dev_pm_ops ops = { .suspend = down };\n");
    prepare(states, tus_.size());
  }

  // A TU with one macro more than a small group of states, which has one more than a large group.
  const Invocation& kin(HeaderStates& states, const std::string& text) {
    for (std::size_t i = 0; i < HeaderStates::minTus; ++i)
      add("up" + std::to_string(i), text, {"-DHAVE_UP=1"});
    prepare(states, tus_.size());
    return add("kin", text, {"-DHAVE_UP=1", "-DUNRELATED=1"});
  }

  // A large group whose TUs have pm.h alone, and a small one with one macro more whose TUs have all headers.
  // Gives the small group.
  HeaderStates::Group standing(HeaderStates& states, const std::string& macro) {
    for (std::size_t i = 0; i < HeaderStates::minTus; ++i)
      add("standing" + std::to_string(i), all + "struct dev_pm_ops ops = { WHICH };\n", {macro});
    crowd(states);
    return states.groups()[states.groupOf(*tus_[tus_.size() - HeaderStates::minCommon - 1])];
  }

  const std::string& root() const { return root_; }
  std::string folder() const { return root_ + "/cache/headers"; }
  const std::vector<HeaderStates::Group>& groups() const { return states_.groups(); }

  const std::string all = "#include <linux/pm.h>\n#include <linux/which.h>\n#include <linux/extra.h>\n";

private:
  // For the first `count` TUs.
  void prepare(HeaderStates& states, std::size_t count) const {
    TuTable table;
    std::vector<std::size_t> all;
    for (std::size_t i = 0; i < count; ++i) {
      table.add(*tus_[i]);
      all.push_back(i);
    }
    states.prepare(table, all, root_ + "/cache", "", 1, {});
  }
  std::string root_ = fs::temp_directory_path() / ("fgft-headers-" + std::to_string(::getpid()));
  std::vector<std::unique_ptr<Invocation>> tus_;
  HeaderStates states_;
};

} // namespace

TEST_CASE_METHOD(Tree, "a TU that suits its state starts from it") {
  REQUIRE(groups().size() == 1);
  REQUIRE(groups()[0].problem == "");
  REQUIRE(groups()[0].ready);
  CHECK(reasonOf(all + "struct dev_pm_ops ops = { WHICH };\n") == PlainReason::None);
  // Fewer headers, and an own one.
  CHECK(reasonOf("#include <linux/which.h>\n#include <linux/pm.h>\nstruct dev_pm_ops ops = { WHICH };\n") ==
        PlainReason::None);
}

TEST_CASE_METHOD(Tree, "a macro that the state's headers depend on is told, however they make its name") {
  std::string use = "#include <linux/pm.h>\n#include <linux/which.h>\nstruct dev_pm_ops ops = { WHICH };\n";
  CHECK(reasonOf("#define ONLY_UP\n" + use) == PlainReason::DefinesMacro);
  CHECK(reasonOf("#define HAVE_UP 1\n" + use) == PlainReason::DefinesMacro);
  CHECK(reasonOf(use, {"-DHAVE_UP=1"}) == PlainReason::DefinesMacro);
  CHECK(reasonOf(use, {"-DUNRELATED=1"}) == PlainReason::None);
  CHECK(reasonOf("#include <linux/which.h>\n#define ONLY_UP\n#include <linux/pm.h>\n"
                 "struct dev_pm_ops ops = { WHICH };\n") == PlainReason::None);
}

TEST_CASE_METHOD(Tree, "what a header gives that the TU does not include is not taken") {
  CHECK(reasonOf("#include <linux/pm.h>\n#ifdef EXTRA\nstruct dev_pm_ops ops = { EXTRA };\n#else\n"
                 "struct dev_pm_ops ops = { .suspend = down };\n#endif\n") == PlainReason::ForeignMacro);
  CHECK(reasonOf(
            "#include <linux/pm.h>\nenum { EXTRA_NAME };\nstruct dev_pm_ops ops = { .suspend = down };\n") ==
        PlainReason::Error);
}

TEST_CASE_METHOD(Tree, "a struct that a function's definition defines is the TU's") {
  CHECK(recordsOf("struct range { int from, to; } rangeOf(int at) { return (struct range){at, at}; }\n"
                  "struct other { int a; } it;\n") == std::vector<Name>{"other", "range"});
}

TEST_CASE_METHOD(Tree, "a TU that the first state does not suit starts from the second") {
  HeaderStates states;
  crowd(states);
  const Invocation& tu = add(
      "clash", "#include <linux/pm.h>\nenum { EXTRA_NAME };\nstruct dev_pm_ops ops = { .suspend = down };\n");
  InputHashes hashes;
  AnalysisContext context{"model", {"pci_driver"}, ""};
  Frontend frontend(context);
  const HeaderState* first = states.stateFor(tu);
  const HeaderState* second = states.commonStateFor(tu);
  REQUIRE(first);
  REQUIRE(second);
  REQUIRE(frontend.run(tu, first, hashes).plainReason == PlainReason::Error);
  std::vector<const HeaderState*> left = {nullptr, second, first};
  auto next = [&left] {
    const HeaderState* state = left.back();
    left.pop_back();
    return state;
  };
  Analysis fast = frontend.run(tu, next, hashes);
  CHECK(fast.plainReason == PlainReason::None);
  CHECK(fast.state == second);
  CHECK(left.size() == 1);
  CHECK(serialise(fast.facts) == serialise(frontend.run(tu, nullptr, hashes).facts));
}

TEST_CASE_METHOD(Tree, "a TU without a state of its own starts from that of its nearest kin") {
  const std::string use = all + "struct dev_pm_ops ops = { WHICH };\n";
  HeaderStates states;
  const Invocation& tu = kin(states, use);
  InputHashes hashes;
  AnalysisContext context{"model", {"pci_driver"}, ""};
  Frontend frontend(context);
  Analysis fast = frontend.run(tu, states.stateFor(tu), hashes);
  CHECK(fast.plainReason == PlainReason::None);
  CHECK(serialise(fast.facts) == serialise(frontend.run(tu, nullptr, hashes).facts));
}

TEST_CASE_METHOD(Tree, "a state stands on a common one that does not ask for its macros") {
  HeaderStates states;
  HeaderStates::Group group = standing(states, "-DUNRELATED=1");
  REQUIRE(group.ready);
  REQUIRE(group.common != HeaderStates::noGroup);
  CHECK(states.groups()[group.common].headers == 1);
  auto reason = [&](const std::string& text) {
    return reasonOf(add("on", text + "struct dev_pm_ops ops = { WHICH };\n", {"-DUNRELATED=1"}), states);
  };
  CHECK(reason(all) == PlainReason::None);
  CHECK(reason("#include <linux/which.h>\n#include <linux/pm.h>\n") == PlainReason::None);
  // What either of them depends on.
  CHECK(reason("#define resume other\n" + all) == PlainReason::DefinesMacro);
  CHECK(reason("#define ONLY_UP\n" + all) == PlainReason::DefinesMacro);
}

TEST_CASE_METHOD(Tree, "a state does not stand on a common one that asks for its macros") {
  write("include/linux/pm.h", "#pragma once\n#ifdef WANTED\n#endif\n"
                              "struct dev_pm_ops { int (*suspend)(void); int (*resume)(void); };\n"
                              "int down(void); int up(void);\n");
  HeaderStates states;
  HeaderStates::Group group = standing(states, "-DWANTED=1");
  REQUIRE(group.ready);
  CHECK(group.common == HeaderStates::noGroup);
}

TEST_CASE_METHOD(Tree, "a macro of a state that the common one's text would have expanded") {
  write("include/linux/extra.h", "#pragma once\n#define down other\n");
  HeaderStates states;
  REQUIRE(standing(states, "-DUNRELATED=1").common != HeaderStates::noGroup);
  auto reason = [&](const std::string& headers) {
    return reasonOf(
        add("order", headers + "struct dev_pm_ops ops = { .suspend = down };\n", {"-DUNRELATED=1"}), states);
  };
  CHECK(reason("#include <linux/pm.h>\nint other(void);\n#include <linux/extra.h>\n") == PlainReason::None);
  CHECK(reason("#include <linux/extra.h>\n#include <linux/pm.h>\n") == PlainReason::HeaderOrder);
}

TEST_CASE_METHOD(Tree, "a state is made anew where the one that it stands on is gone or made anew") {
  HeaderStates first;
  HeaderStates::Group group = standing(first, "-DUNRELATED=1");
  auto loads = [&] {
    InputHashes hashes;
    return HeaderState().load(folder(), group.request, hashes);
  };
  REQUIRE(loads());
  InputHashes hashes;
  HeaderState base;
  REQUIRE(base.load(folder(), first.groups()[group.common].request, hashes));
  fs::rename(base.pchPath, base.pchPath + ".away");
  CHECK_FALSE(loads());
  fs::rename(base.pchPath + ".away", base.pchPath);
  fs::last_write_time(base.pchPath, fs::file_time_type::clock::now() + std::chrono::seconds(5));
  CHECK(loads());
  CHECK(reasonOf(add("later", all + "struct dev_pm_ops ops = { WHICH };\n", {"-DUNRELATED=1"}), first) ==
        PlainReason::None);
  write("include/linux/pm.h", readFile(root() + "/include/linux/pm.h") + "int more(void);\n");
  CHECK_FALSE(loads());
  HeaderStates second;
  HeaderStates::Group again = standing(second, "-DUNRELATED=1");
  CHECK(again.made);
  CHECK(again.request != group.request);
  CHECK(reasonOf(add("again", all + "struct dev_pm_ops ops = { WHICH };\n", {"-DUNRELATED=1"}), second) ==
        PlainReason::None);
}

TEST_CASE_METHOD(Tree, "a body that a macro opens and a plain brace closes is read as it is") {
  write("include/linux/odd.h", "#pragma once\n#define OPEN if (1) {\n"
                               "static inline void odd(void) { OPEN down(); } up(); }\n");
  CHECK(
      reasonOf(
          "#include <linux/pm.h>\n#include <linux/odd.h>\nstruct dev_pm_ops ops = { .suspend = down };\n") ==
      PlainReason::Error);
}

TEST_CASE_METHOD(Tree, "a header without a guard is the TU's own reading") {
  CHECK(reasonOf("#include <linux/pm.h>\n#define AGAIN\n#include <linux/again.h>\n"
                 "struct dev_pm_ops ops = { MORE };\n") == PlainReason::None);
}

TEST_CASE_METHOD(Tree, "a state is made once, and anew where a header of it changes or is hidden") {
  CHECK_FALSE(again().at(0).made);
  write("include/linux/extra.h", "#pragma once\n#define EXTRA .suspend = down\n");
  CHECK(again().at(0).made);
  CHECK_FALSE(again().at(0).made);
  write("arch/x86/include/linux/extra.h", "#pragma once\n#define EXTRA .resume = down\n");
  CHECK(again().at(0).made);
}

TEST_CASE_METHOD(Tree, "a state's file that is cut or foreign is no state") {
  std::string path = folder() + "/" + groups()[0].request + ".state";
  std::string text = readFile(path);
  auto loads = [&] {
    InputHashes hashes;
    return HeaderState().load(folder(), groups()[0].request, hashes);
  };
  CHECK(loads());
  for (std::size_t size = 0; size < text.size(); size += 97) {
    writeFileAtomically(path, std::string_view(text).substr(0, size));
    INFO("cut at " << size);
    REQUIRE_FALSE(loads());
  }
  std::string other = text;
  other[text.size() / 2] ^= 1;
  writeFileAtomically(path, other);
  CHECK_FALSE(loads());
  writeFileAtomically(path, text);
  CHECK(loads());
  for (const auto& entry : fs::directory_iterator(folder()))
    if (entry.path().extension() == ".pch")
      fs::resize_file(entry.path(), 100);
  CHECK_FALSE(loads());
}
