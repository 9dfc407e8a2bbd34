// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Which bodies a PM-only survey reads: each rule, and beside it what looks alike and tells nothing. What is
// skipped has its calls, and what comes after it is read as if it had not been.
#include "extract/PmBodies.h"

#include "extract/Extract.h"

#include <clang/AST/ASTConsumer.h>
#include <clang/Frontend/CompilerInstance.h>
#include <clang/Frontend/FrontendAction.h>
#include <clang/Tooling/Tooling.h>

#include <catch2/catch.hpp>

#include <algorithm>
#include <memory>
#include <optional>

using namespace clang;
using namespace fgft;

namespace {

const Model& model() {
  static const Model loaded = Model::load(FGFT_SOURCE_DIR "/analyzer/model");
  return loaded;
}

const Roots& roots() {
  static const Roots source{"/src", "/src", {}, "/src"};
  return source;
}

constexpr const char* header = R"(
typedef unsigned int u32;
struct dev_pm_ops { int (*suspend)(void *); int (*resume)(void *); };
struct device_driver { const char *name; const struct dev_pm_ops *pm; };
struct pci_driver { int (*probe)(void); struct device_driver driver; };
struct on { int x; }; struct off { int y; }; struct pair { struct on on; struct off off; union { char c; int i; }; };
extern struct pair pair;
struct led_classdev { int flags; };
struct key { int number; };
struct hwrng;
int __pci_register_driver(struct pci_driver *driver);
int __my_hwrng_register(struct hwrng *dev);
int down(void *); void work(void); void other(void); int ask(int); void give(const void *);
void fail(void) __attribute__((error("no")));
extern struct key shared;
#define LED_CORE_SUSPENDRESUME (1 << 16)
#define devm_hwrng_register(dev) __my_hwrng_register(dev)
#define ONCE(call) ({ static struct key __once = { 1 }; if (__once.number) call; })
#define PASTE(a, b) a##b
#define READ_IT(op) op(1)
#define WARN_ON(x) ({ int __warn = !!(x); if (__builtin_expect(!!(__warn), 0)) work(); __warn; })
)";

struct Read {
  bool ok = false;
  std::optional<bool> skipped; // the body of f()
  std::vector<std::string> calls;
  bool sure = false;
  TuFacts facts;
};

class Consumer : public ASTConsumer {
public:
  Consumer(CompilerInstance& compiler, const PmRelevance& relevance, Read& result)
      : compiler_(compiler), relevance_(relevance), result_(result) {}

  bool shouldSkipFunctionBody(Decl* declaration) override {
    if (!bodies_)
      bodies_ = std::make_unique<PmBodies>(compiler_.getSema(), roots(), tags_, relevance_);
    const auto* function = cast<FunctionDecl>(declaration);
    const bool skipped = bodies_->skip(function);
    if (function->getName() == "f")
      result_.skipped = skipped;
    return skipped;
  }
  bool HandleTopLevelDecl(DeclGroupRef group) override {
    declarations_.insert(declarations_.end(), group.begin(), group.end());
    return true;
  }
  void HandleTranslationUnit(ASTContext& context) override {
    extract(context, declarations_, roots(), tags_, result_.facts, bodies_.get());
    result_.sure = !bodies_ || bodies_->isSureOf(result_.facts);
    for (const Function& function : result_.facts.functions)
      if (function.name == "f")
        for (const Call& call : function.calls)
          result_.calls.emplace_back(call.callee);
    std::sort(result_.calls.begin(), result_.calls.end());
  }

private:
  CompilerInstance& compiler_;
  const PmRelevance& relevance_;
  Read& result_;
  std::set<std::string> tags_ = model().driverTags();
  std::unique_ptr<PmBodies> bodies_;
  std::vector<Decl*> declarations_;
};

class Action : public ASTFrontendAction {
public:
  explicit Action(Read& result) : result_(result) {}
  std::unique_ptr<ASTConsumer> CreateASTConsumer(CompilerInstance& compiler, StringRef) override {
    compiler.getFrontendOpts().SkipFunctionBodies = true;
    return std::make_unique<Consumer>(compiler, relevance_, result_);
  }

private:
  PmRelevance relevance_{model()};
  Read& result_;
};

Read readFile(const std::string& code) {
  Read result;
  result.ok = tooling::runToolOnCodeWithArgs(
      std::make_unique<Action>(result), "#include <linux/k.h>\n" + code, {"-xc", "-w", "-I/src/include"},
      "/src/drivers/d.c", "fgft", std::make_shared<PCHContainerOperations>(),
      {{"/src/include/linux/k.h", header}});
  return result;
}

// Reads a function with this body, between `before` and a variable that has to be there as well.
Read read(const std::string& body, const std::string& before = "", const std::string& parameters = "void") {
  Read result = readFile(before + "\nvoid f(" + parameters + ") {" + body + "}\nstruct pci_driver after;\n");
  INFO(body);
  CHECK(result.ok);
  REQUIRE(result.skipped);
  CHECK(std::any_of(result.facts.objects.begin(), result.facts.objects.end(),
                    [](const Object& object) { return object.name == "after"; }));
  return result;
}

bool isRead(const std::string& body, const std::string& before = "", const std::string& parameters = "void") {
  return !*read(body, before, parameters).skipped;
}

using Names = std::vector<std::string>;

// The calls of a body that is skipped.
Names calls(const std::string& body, const std::string& before = "", const std::string& parameters = "void") {
  Read result = read(body, before, parameters);
  INFO(body);
  CHECK(*result.skipped);
  return result.calls;
}

} // namespace

TEST_CASE("registrations") {
  CHECK(isRead("__pci_register_driver(0);"));
  CHECK(isRead("REGISTER(0);", "#define REGISTER PASTE(__pci_register_, driver)"));
  CHECK_FALSE(isRead("ask(\"__pci_register_driver\" != 0);"));
}

TEST_CASE("members that PM is given by") {
  const std::string own = "struct own { int pm; int suspend; int pmx; } own; int pm;";
  CHECK(isRead("own.pm = 1;", own));
  CHECK(isRead("struct own *o = 0; o->suspend = 1;", own));
  CHECK(isRead("give(&(struct own){ .pm = 1 });", own));
  CHECK(isRead("give(&(struct own){ pm: 1 });", own));
  CHECK_FALSE(isRead("own.pmx = pm;", own));
}

TEST_CASE("a member that holds flags tells only where the flag is named") {
  const std::string own = "#define MINE LED_CORE_SUSPENDRESUME\n";
  CHECK(isRead("struct led_classdev *led = 0; led->flags |= LED_CORE_SUSPENDRESUME;"));
  CHECK(isRead("struct led_classdev *led = 0; led->flags |= MINE;", own));
  CHECK_FALSE(isRead("struct led_classdev *led = 0; led->flags |= 1;"));
  CHECK_FALSE(isRead("ask(LED_CORE_SUSPENDRESUME);"));
}

TEST_CASE("parameters of structs that are followed") {
  CHECK(isRead("", "", "struct pci_driver *driver"));
  CHECK(isRead("", "", "const struct dev_pm_ops *ops"));
  CHECK_FALSE(isRead("", "struct own { struct pci_driver driver; };", "struct own *own"));
}

TEST_CASE("structs that are followed, named in the body") {
  CHECK(isRead("struct pci_driver *p = v; *p = *(struct pci_driver *)v;", "", "void *v"));
  CHECK(isRead("driver_t *p = v;", "typedef struct pci_driver driver_t;", "void *v"));
  CHECK_FALSE(isRead("key_t *p = v;", "typedef struct key key_t;", "void *v"));
}

TEST_CASE("variables that are objects of interest") {
  CHECK(isRead("give(&d);", "static struct pci_driver d;"));
  CHECK(isRead("give(table);", "static struct pci_driver d, *table[] = { &d };"));
  CHECK(isRead("give(&o);", "static const struct own { struct dev_pm_ops pm; } o = { { down } };"));
  CHECK(isRead("give(o);",
               "static const struct own { const struct dev_pm_ops *ops; } o[] = { { &(const struct "
               "dev_pm_ops){ down } } };"));
  CHECK(isRead("give(p);", "static struct pci_driver d; static void *const p = &d;"));
  // A parameter of the same name is another.
  CHECK_FALSE(isRead("give(d);", "static struct pci_driver d;", "void *d"));
  CHECK_FALSE(isRead("give(&shared); give(&k);", "static struct key k = { 1 };"));
  CHECK_FALSE(isRead("give(o);", "static const struct own { const char *name; } o[] = { { \"x\" } };"));
}

TEST_CASE("a variable that becomes an object of interest later") {
  const std::string before = "struct own { const struct dev_pm_ops *ops; }; extern struct own o;";
  const std::string body = before + "void f(void) { give(&o); }\n";
  Read later = readFile(body + "struct own o = { &(struct dev_pm_ops){ .suspend = (void *)ask } };");
  REQUIRE(later.ok);
  CHECK(*later.skipped);
  CHECK_FALSE(later.sure);
  Read never = readFile(body + "struct own o = { 0 };");
  CHECK(*never.skipped);
  CHECK(never.sure);
}

TEST_CASE("static variables of a body") {
  CHECK(isRead("static struct pci_driver d;"));
  CHECK(isRead("static struct own o;", "struct own { struct device_driver d; };"));
  CHECK(isRead("static own_t o;", "typedef struct { struct dev_pm_ops pm; } own_t;"));
  CHECK(isRead("static typeof(x) y;", "int x;"));
  CHECK_FALSE(isRead("static const char *const names[] = { \"a\" }; static u32 count; static struct key k;"));
  CHECK(calls("ONCE(other());") == Names{"other"});
}

TEST_CASE("calls") {
  CHECK(calls("work(); ask(ask(1)); work();") == Names{"ask", "work"});
  CHECK(calls("READ_IT(ask); PASTE(wo, rk)();") == Names{"ask", "work"});
  CHECK(calls("\n#if 0\nwork();\n#else\nother();\n#endif\n") == Names{"other"});
  CHECK(calls("give(work); o->work(); fail();", "", "struct { void (*work)(void); } *o") == Names{"give"});
  CHECK(calls("work();", "", "void (*work)(void)").empty());
  CHECK(calls("void (*call)(void) = work; call();").empty());
  CHECK(calls("typeof(ask(1)) x = sizeof(ask(2));").empty());
  Read macro = read("devm_hwrng_register(0);");
  CHECK(*macro.skipped);
  REQUIRE(macro.facts.functions.front().calls.size() == 1);
  CHECK(macro.facts.functions.front().calls.front().macros == std::vector<Name>{"devm_hwrng_register"});
}

TEST_CASE("what may be a call is left to the parser") {
  CHECK(isRead("(work)();"));
  CHECK(isRead("void work(void); work();"));
  CHECK(isRead("void unknown(void); unknown();"));
  CHECK(isRead("typedef void (*call_t)(void); call_t work = 0; work();"));
  CHECK(isRead("_Generic(1, int: work, default: other)();"));
  CHECK(isRead("ask(sizeof ask(1));"));
}

TEST_CASE("code that never runs has no calls") {
  CHECK(calls("ask(1) ?: other2();", "int other2(void);") == Names{"ask", "other2"});
  CHECK(calls("if (0) work(); else other();") == Names{"other"});
  CHECK(calls("if (1) { work(); } else other();") == Names{"work"});
  CHECK(calls("0 && ask(1) || other2();", "int other2(void);") == Names{"other2"});
  CHECK(calls("1 ? work() : other();") == Names{"work"});
  CHECK(calls("if (!(1 || x)) work();", "", "int x").empty());
  CHECK(calls("if (x && 1) work();", "", "int x") == Names{"work"});
  CHECK(calls("if (__builtin_constant_p(x)) work(); else other();", "", "int x") == Names{"other", "work"});
  CHECK(calls("if (WARN_ON(x)) other();", "", "int x") == Names{"other", "work"});
}

TEST_CASE("what depends on a type") {
  const std::string choose =
      "if (__builtin_types_compatible_p(typeof(*&(P)), struct on)) work(); else if "
      "(__builtin_types_compatible_p(typeof(*&(P)), struct off)) other(); else ask(1);";
  auto chosen = [&](const std::string& what, const std::string& before = "") {
    std::string body = choose;
    for (size_t at; (at = body.find("(P)")) != std::string::npos;)
      body.replace(at, 3, what);
    return calls(before + body);
  };
  CHECK(chosen("pair.on") == Names{"work"});
  CHECK(chosen("pair.off") == Names{"other"});
  CHECK(chosen("pair.i") == Names{"ask"});
  CHECK(chosen("own.off", "static struct pair __attribute__((aligned(8))) own;") == Names{"other"});
  CHECK(isRead("int P; " + choose));
  const std::string size = "{ case 1: work(); break; case 4: other(); break; default: ask(1); break; }";
  CHECK(calls("switch (sizeof(pair.c)) " + size) == Names{"work"});
  CHECK(calls("switch (sizeof(pair.i)) " + size) == Names{"other"});
  CHECK(calls("switch (sizeof(pair)) " + size) == Names{"ask"});
  CHECK(calls("switch (sizeof(x)) " + size, "", "int x") == Names{"other"});
  CHECK(isRead("int y; switch (sizeof(y)) " + size));
  CHECK(isRead(
      "switch (sizeof(pair.c)) { case 1: work(); if (pair.i) break; other(); break; default: ask(1); }"));
  CHECK(isRead("switch (sizeof(pair.c)) { default: ask(1); break; case 1: work(); break; }"));
}

TEST_CASE("code that may never run is left to the parser") {
  const std::string values = "enum { LEVEL = 2 }; static const int level = 1;";
  for (const char* body :
       {"if (LEVEL > 3) work();", "if (level) work();", "const int debug = 0; if (debug) work();",
        "if (x && LEVEL) work();", "x && (LEVEL > 3) && ask(1);", "if (x) LEVEL && ask(1);",
        "switch (sizeof(x)) { case 4: work(); }", "if (sizeof(x) == 8) work();",
        "if (0) { again: work(); } goto again;", "ask(LEVEL ? (work(), 0) : 0); other();",
        "if (({ int __v = LEVEL; __v; })) work();", "__builtin_choose_expr(1, work(), other());",
        "if (__builtin_constant_p(x++)) work();", "if (0) do work(); while (x);"}) {
    INFO(body);
    CHECK(isRead(body, values, "int x"));
  }
  // Where the same is called anyway it makes no difference.
  CHECK(calls("work(); if (LEVEL > 3) work();", values) == Names{"work"});
  for (const char* body : {"if (x > LEVEL) work();", "x ? work() : other();", "if (ask(LEVEL)) work();"}) {
    INFO(body);
    CHECK_FALSE(isRead(body, values, "int x"));
  }
}
