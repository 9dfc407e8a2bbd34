// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Passing over function bodies: what comes after a body is read as if the parser had skipped it.
#include "analyze/BodySkip.h"

#include <clang/AST/ASTConsumer.h>
#include <clang/AST/Decl.h>
#include <clang/Frontend/CompilerInstance.h>
#include <clang/Frontend/FrontendAction.h>
#include <clang/Tooling/Tooling.h>

#include <catch2/catch.hpp>

using namespace clang;
using fgft::BodySkip;

namespace {

struct Read {
  bool ok = false;
  std::size_t skipped = 0;
  std::vector<std::string> names;
};

class Skipper : public ASTConsumer {
public:
  Skipper(Preprocessor& preprocessor, Read& result) : preprocessor_(preprocessor), result_(result) {}
  bool shouldSkipFunctionBody(Decl*) override {
    result_.skipped += bodies_.skip(preprocessor_);
    return true;
  }
  bool HandleTopLevelDecl(DeclGroupRef group) override {
    for (Decl* one : group)
      result_.names.push_back(cast<NamedDecl>(one)->getNameAsString());
    return true;
  }

private:
  Preprocessor& preprocessor_;
  Read& result_;
  BodySkip bodies_;
};

class SkipAction : public ASTFrontendAction {
public:
  explicit SkipAction(Read& result) : result_(result) {}
  std::unique_ptr<ASTConsumer> CreateASTConsumer(CompilerInstance& compiler, StringRef) override {
    compiler.getFrontendOpts().SkipFunctionBodies = true;
    return std::make_unique<Skipper>(compiler.getPreprocessor(), result_);
  }

private:
  Read& result_;
};

// Reads a file whose function `f` has this body, and that goes on with `int after;`.
Read read(const std::string& body, const std::string& before = "",
          const std::string& after = "int after;\n") {
  Read result;
  const std::string code = before + "void f(void) {" + body + "}\n" + after;
  result.ok = tooling::runToolOnCodeWithArgs(std::make_unique<SkipAction>(result), code,
                                             {"-xc", "-w", "-Wno-error"}, "input.c");
  return result;
}

const std::vector<std::string> both = {"f", "after"};

// Whether what comes after each of the bodies is read, and whether they are passed over.
void readsAll(const std::vector<const char*>& bodies, bool passedOver) {
  for (const char* body : bodies) {
    INFO(body);
    Read got = read(body);
    CHECK(got.ok);
    CHECK(got.skipped == (passedOver ? 1 : 0));
    CHECK(got.names == both);
  }
}

} // namespace

TEST_CASE("a body is passed over to its own closing brace") {
  readsAll({"", "{ { } }", " char c = '}', *s = \"}}\"; /* } */ // }\n",
            " MACRO(with, (parens)) { undeclared = 1; } ", "\n#if A\n{ }\n#elif B\n#else\n{ { } }\n#endif\n",
            "\n#ifdef A\n#ifndef B\n;\n#endif\n;\n#endif\n", " x = a <% 1 %>; "},
           /*passedOver=*/true);
}

TEST_CASE("a body in which a directive matters is left to the parser") {
  readsAll({"\n#define NAME after\n", "\n#undef f\n", "\n#pragma pack(1)\n",
            "\n#if A\n}\nvoid g(void) {\n#endif\n", "\n#if A\n{\n#else\n{ ;\n#endif\n}\n", "\n#\n",
            "\n#line 7\n"},
           /*passedOver=*/false);
  Read defined = read("\n#define NAME last\n", "", "int NAME;\n");
  CHECK(defined.names == std::vector<std::string>{"f", "last"});
}

TEST_CASE("braces that macros make") {
  // Both in macros: there are as many as are seen.
  CHECK(read(" OPEN x(); CLOSE ", "#define OPEN {\n#define CLOSE }\n").names == both);
  // A body that a macro makes is not in the file.
  Read made = read("", "#define MAKE(name) void name(void) { ; }\nMAKE(g)\n");
  CHECK(made.names == std::vector<std::string>{"g", "f", "after"});
  CHECK(made.skipped == 1);
  // What a macro opens and a plain brace closes ends the body early, and the rest is an error.
  Read odd = read(" OPEN x(); } y(); ", "#define OPEN {\n");
  CHECK(odd.skipped == 1);
  CHECK_FALSE(odd.ok);
  // No end at all: nothing is passed over.
  CHECK(read("{", "", "").skipped == 0);
}
