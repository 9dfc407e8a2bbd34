// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Headers that are lists of macros: what a TU makes of them is the same whether the preprocessor reads them
// or passes over them.
#include "analyze/DefineLists.h"

#include <clang/Frontend/CompilerInstance.h>
#include <clang/Frontend/FrontendAction.h>
#include <clang/Lex/Preprocessor.h>
#include <clang/Tooling/Tooling.h>

#include <catch2/catch.hpp>

using namespace clang;
using fgft::defineListIn;
using fgft::DefineLists;

namespace {

struct Read {
  bool ok = false;
  std::size_t listed = 0;
  std::string text; // all tokens, with the macro that each comes from and where that stands
};

class ReadAction : public PreprocessorFrontendAction {
public:
  ReadAction(Read& result, bool lists) : result_(result), lists_(lists) {}

protected:
  void ExecuteAction() override {
    Preprocessor& preprocessor = getCompilerInstance().getPreprocessor();
    std::optional<DefineLists> lists;
    if (lists_)
      lists.emplace(preprocessor, nullptr, /*smallest=*/0);
    preprocessor.EnterMainSourceFile();
    const SourceManager& sources = preprocessor.getSourceManager();
    Token token;
    for (preprocessor.Lex(token); token.isNot(tok::eof); preprocessor.Lex(token)) {
      result_.text += preprocessor.getSpelling(token);
      if (token.getLocation().isMacroID())
        result_.text += "@" + sources.getSpellingLoc(token.getLocation()).printToString(sources);
      result_.text += token.hasLeadingSpace() ? " | " : "|";
    }
    if (lists)
      result_.listed = lists->listed();
  }

private:
  Read& result_;
  bool lists_;
};

using Headers = std::vector<std::pair<std::string, std::string>>;

Read read(const std::string& code, const Headers& headers, bool lists) {
  Read result;
  tooling::FileContentMappings files(headers.begin(), headers.end());
  result.ok =
      tooling::runToolOnCodeWithArgs(std::make_unique<ReadAction>(result, lists), code, {"-xc", "-w"},
                                     "input.c", "test", std::make_shared<PCHContainerOperations>(), files);
  return result;
}

// Reads it both ways; how many headers were passed over.
std::size_t agree(const std::string& code, const Headers& headers) {
  Read plain = read(code, headers, false);
  Read listed = read(code, headers, true);
  INFO(code);
  CHECK(plain.ok);
  CHECK(listed.ok);
  CHECK(listed.text == plain.text);
  CHECK_FALSE(plain.text.empty());
  return listed.listed;
}

std::string guarded(const std::string& list, const std::string& after = "") {
  return "/* A licence,\n * and so on */\n#ifndef LIST_H\n#define LIST_H\n" + list + "#endif\n" + after;
}

bool isList(const std::string& text) {
  return defineListIn(text, [](StringRef, std::size_t) {}).has_value();
}

} // namespace

TEST_CASE("what is a list, and what is none") {
  CHECK(isList(guarded("#define A 1\n")));
  CHECK(isList(
      guarded("// registers\n\n#define A 1 // one\n# define\tB\n#define C (A + /* two */ 2)\r\n/* so */\n")));
  CHECK(isList(guarded("#define A 1\n", "// the end")));
  CHECK_FALSE(isList("#define A 1\n"));
  CHECK_FALSE(isList(guarded("#define A 1\nint x;\n")));
  CHECK_FALSE(isList(guarded("#define A(x) x\n")));
  CHECK_FALSE(isList(guarded("#define A 1 + \\\n 2\n")));
  CHECK_FALSE(isList(guarded("#define A a ## b\n")));
  CHECK_FALSE(isList(guarded("#define A \"text\"\n")));
  CHECK_FALSE(isList(guarded("#define A 1 /* goes\n on */\n")));
  CHECK_FALSE(isList(guarded("// a comment that \\\n#define A 1\n")));
  CHECK_FALSE(isList(guarded("#ifdef A\n#define B 1\n#endif\n")));
  CHECK_FALSE(isList(guarded("#define A 1\n#undef A\n")));
  CHECK_FALSE(isList(guarded("#include \"other.h\"\n")));
  CHECK_FALSE(isList(guarded("#define A 1\n", "int x;\n")));
  CHECK_FALSE(isList("#ifndef LIST_H\n#define OTHER_H\n#define A 1\n#endif\n"));
  std::string text = guarded("#define A 1\n#define B 2\n");
  for (std::size_t size = 0; size < text.rfind("#endif") + 6; ++size)
    CHECK_FALSE(isList(text.substr(0, size)));
}

TEST_CASE("macros of a list are what they are when it is read") {
  const Headers headers = {{"list.h", guarded("#define A 1\n"
                                              "#define B (A + C)\n"
                                              "#define C  sizeof(int) - B\n"
                                              "#define EMPTY\n"
                                              "#define A__SHIFT 0x0000000CL // bits\n"
                                              "#define TWICE 1\n"
                                              "#define TWICE 2\n"
                                              "#define if while\n")}};
  const std::string list = "#include \"list.h\"\n";
  CHECK(agree(list + "B C EMPTY A__SHIFT TWICE unknown A_ if\n", headers) == 1);
  CHECK(agree("#include \"list.h\"\n" + list + "A\n", headers) == 1);
  // Names that are there before the list is.
  CHECK(agree("A C;\n" + list + "A B C\n", headers) == 1);
  CHECK(agree("#define A 7\n#define B 8\nA;\n" + list + "A B C\n", headers) == 1);
  CHECK(agree("#define USE B\n" + list + "USE\n", headers) == 1);
  // And after.
  CHECK(agree(list + "#undef A\nA B\n", headers) == 1);
  CHECK(agree(list + "#define A 7\nA B C\n", headers) == 1);
  CHECK(agree(list + "#ifdef A\nyes\n#endif\n#if defined(NO) || A != 1\nno\n#else\nyes B\n#endif\n",
              headers) == 1);
  // Names that are made of others.
  CHECK(agree(list + "#define SHIFT(x) x ## __SHIFT\nSHIFT(A)\n", headers) == 1);
  CHECK(agree(list + "#define TEXT(x) #x\n#define SAY(x) TEXT(x)\nSAY(B) TEXT(B)\n", headers) == 1);
}

TEST_CASE("of two lists the later one holds") {
  Headers headers = {{"list.h", guarded("#define A 1\n#define B A\n#define D 1\n")},
                     {"more.h", "#ifndef MORE_H\n#define MORE_H\n#define A 2\n#define C B\n#endif\n"}};
  CHECK(agree("#include \"list.h\"\n#include \"more.h\"\nA B C D\n", headers) == 2);
  CHECK(agree("#include \"more.h\"\n#include \"list.h\"\nA B C D\n", headers) == 2);
  CHECK(agree("#include \"list.h\"\nA;\n#include \"more.h\"\nA B C D\n", headers) == 2);
  headers[1].second = "#ifndef MORE_H\n#define MORE_H\n#include \"list.h\"\n#define A(x) 2\n#endif\n";
  CHECK(agree("#include \"more.h\"\nA(3) B C D\n", headers) == 1);
}

TEST_CASE("a header that is no list is read") {
  CHECK(agree("#include \"list.h\"\nA B\n",
              {{"list.h", guarded("#define A 1\nint x = B;\n#define B 2\n")}}) == 0);
  CHECK(agree("#define LIST_H\n#include \"list.h\"\nA B\n", {{"list.h", guarded("#define A 1\n")}}) == 0);
}
