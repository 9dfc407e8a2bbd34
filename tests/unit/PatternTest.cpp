// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Patterns: that they mean what ECMAScript's mean, and that nothing is silent: no bad pattern, no text that
// takes too long.
#include "support/Pattern.h"

#include "support/Error.h"

#include <catch2/catch.hpp>

#include <optional>
#include <string>

using namespace fgft;

namespace {

Pattern part(const std::string& text) {
  return Pattern("names.csv:3: column 'pattern'", text, Pattern::Part::Any);
}
Pattern whole(const std::string& text) {
  return Pattern("names.csv:3: column 'pattern'", text, Pattern::Part::Whole);
}

} // namespace

TEST_CASE("a part of a text fits, or the whole text has to") {
  CHECK(part("RX_?FIFO").fits("UART_RXFIFO_REG"));
  CHECK_FALSE(part("RX_?FIFO").fits("UART_TXFIFO_REG"));
  CHECK(whole("usb_snd(bulk|int)pipe").fits("usb_sndintpipe"));
  CHECK_FALSE(whole("usb_snd(bulk|int)pipe").fits("x_usb_sndintpipe"));
  CHECK_FALSE(whole("usb_snd(bulk|int)pipe").fits("usb_sndintpipes"));
  // Alternatives are anchored each, and a shorter one that fits first is not the last word.
  CHECK_FALSE(whole("to|from").fits("to_device"));
  CHECK(whole("to|to_device").fits("to_device"));
  CHECK(whole("").fits(""));
  CHECK_FALSE(whole("").fits("x"));
}

TEST_CASE("a pattern means what it means in ECMAScript") {
  CHECK_FALSE(part("a$").fits("a\n"));
  CHECK_FALSE(whole(".").fits("\r"));
  CHECK_FALSE(part("[]").fits("a"));
  CHECK(whole("[^]").fits("\n"));
  CHECK(whole("(?:(a)|b)\\1").fits("b"));
  CHECK(whole("\\u0041").fits("A"));
  CHECK(whole("\\d").fits("5"));
  CHECK(part("^(?!.*MASK).*(?:^|_)STAT$").fits("INT_STAT"));
  CHECK_FALSE(part("^(?!.*MASK).*(?:^|_)STAT$").fits("INT_MASK_STAT"));
}

TEST_CASE("every text can be asked for, whatever its bytes") {
  CHECK(whole(".+").fits("\xff\xc3"));
  CHECK(whole("a.b").fits(std::string_view("a\0b", 3)));
  CHECK(whole("(?:a|b)*").fits(std::string(1'000'000, 'a')));
  CHECK(whole("(a|b)*?c").fits(std::string(100'000, 'a') + "c"));
}

TEST_CASE("a bad pattern is named with its place") {
  CHECK_THROWS_WITH(part("("),
                    Catch::Contains("names.csv:3: column 'pattern': '(' is no regular expression (") &&
                        Catch::Contains("after 1 bytes"));
}

TEST_CASE("a text that takes too long is no text that does not fit") {
  const Pattern slow = part("^(a+)+$");
  const std::string text = std::string(60, 'a') + "b";
  CHECK(slow.fit(text) == Pattern::Fit::GaveUp);
  CHECK_THROWS_WITH(slow.fits(text), Catch::Contains("names.csv:3: column 'pattern': whether 'aaa") &&
                                         Catch::Contains("takes too long"));
  CHECK(slow.fits("aaa"));
}

TEST_CASE("a copy outlives its original") {
  std::optional<Pattern> first = part("IRQ");
  const Pattern copy = *first;
  first.reset();
  CHECK(copy.fits("IRQ_STATUS"));
}
