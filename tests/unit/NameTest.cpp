// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The pool of names: one text is one name, whatever its bytes and its length, and stays where it is.
#include "support/Name.h"

#include <catch2/catch.hpp>

#include <set>
#include <string>
#include <vector>

using namespace fgft;

TEST_CASE("one text is one name") {
  const Name name("probe");
  CHECK(name == Name(std::string("pro") + "be"));
  CHECK(name.id() == Name("probe").id());
  CHECK(name == "probe");
  CHECK(name != "prob");
  CHECK(name != Name("remove"));
  CHECK(Name() == "");
  CHECK(Name("").empty());
  CHECK(Name().str().empty());
  const std::string_view zero("a\0b", 3);
  CHECK(Name(zero).str() == zero);
  CHECK(Name(zero) != Name("a"));
}

TEST_CASE("names are ordered by their texts, also beside texts that are no names") {
  const std::set<Name> names = {"c", "a", "b"};
  CHECK(std::vector<Name>(names.begin(), names.end()) == std::vector<Name>{"a", "b", "c"});
  CHECK(Name("a") < "b");
  CHECK(std::string("a") < Name("b"));
  const std::set<std::string, std::less<>> texts = {"a", "b"};
  CHECK(texts.count(Name("b")) == 1);
  CHECK(texts.count(Name("c")) == 0);
  CHECK(Name("a") + "." + Name("b") == "a.b");
}

TEST_CASE("a text of any length stays where it is") {
  std::vector<std::pair<Name, std::string>> all;
  for (size_t length : {1, 127, 128, 16'383, 16'384, (1 << 20) - 3, 1 << 20, 5 << 20, 2})
    all.emplace_back(Name(std::string(length, 'x')), std::string(length, 'x'));
  const char* first = all.front().first.str().data();
  for (int i = 0; i < 100'000; ++i)
    all.emplace_back(Name("name " + std::to_string(i)), "name " + std::to_string(i));
  size_t same = 0;
  for (const auto& [name, text] : all)
    same += name.str() == text && name == Name(text);
  CHECK(same == all.size());
  CHECK(all.front().first.str().data() == first);
}
