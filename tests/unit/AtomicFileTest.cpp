// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Files that are there whole or not at all, also where parts of them come from another file.
#include "support/AtomicFile.h"

#include "ReportFixture.h"
#include "support/Error.h"

#include <catch2/catch.hpp>

#include <fcntl.h>
#include <sys/mman.h>

using namespace fgft;

namespace {

std::string content() {
  std::string text;
  for (int i = 0; i < 50000; ++i)
    text += fmt::format("{} ", i);
  return text;
}

// The other file: on the same file system, or where the kernel cannot copy from.
int other(const ScratchFolder& scratch, bool elsewhere) {
  if (!elsewhere) {
    writeFileAtomically(scratch.file("other"), content());
    return ::open(scratch.file("other").c_str(), O_RDONLY | O_CLOEXEC);
  }
  const int file = ::memfd_create("other", MFD_CLOEXEC);
  const std::string text = content();
  REQUIRE(::pwrite(file, text.data(), text.size(), 0) == static_cast<ssize_t>(text.size()));
  return file;
}

} // namespace

TEST_CASE("parts of another file, between pieces of one's own") {
  const ScratchFolder scratch;
  const int from = other(scratch, GENERATE(false, true));
  REQUIRE(from >= 0);
  AtomicFile file(scratch.file("file"));
  file.write("before ");
  file.copy(from, 7, 200000);
  file.write(" between ");
  file.copy(from, 0, 5);
  file.copy(from, 3, 0);
  CHECK_FALSE(std::filesystem::exists(scratch.file("file")));
  file.finish();
  ::close(from);
  CHECK(readFile(scratch.file("file")) ==
        "before " + content().substr(7, 200000) + " between " + content().substr(0, 5));
}

TEST_CASE("a file that ends before its part does: no file") {
  const ScratchFolder scratch;
  const int from = other(scratch, GENERATE(false, true));
  {
    AtomicFile file(scratch.file("file"));
    file.copy(from, content().size() - 10, 11);
    CHECK_THROWS_AS(file.finish(), Error);
  }
  ::close(from);
  std::filesystem::remove(scratch.file("other"));
  CHECK(std::filesystem::is_empty(scratch.path()));
}

TEST_CASE("a file that is given up leaves nothing, and what was there before") {
  const ScratchFolder scratch;
  writeFileAtomically(scratch.file("file"), "old");
  AtomicFile(scratch.file("file")).write(std::string(200000, 'x'));
  CHECK(readFile(scratch.file("file")) == "old");
  CHECK(std::distance(std::filesystem::directory_iterator(scratch.path()), {}) == 1);
}
