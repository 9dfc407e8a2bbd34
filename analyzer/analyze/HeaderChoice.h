// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Chooses the headers of a header state by what the TUs that will use it include. Read from the text of the
// TUs' own files; conditions are not looked at.
#pragma once

#include "analyze/SeenFiles.h"
#include "capture/Invocation.h"

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace fgft {

/// Folders of -I, absolute, that hold the kernel's shared headers, as far as they stand before any other.
std::vector<std::string> sharedFolders(const Invocation& invocation);

/// Which shared headers TUs include, as an #include <...> names them.
class HeaderUses {
public:
  explicit HeaderUses(SeenFiles& seen);
  ~HeaderUses();

  /// Looks at TU number `tu`; what was known of it is forgotten.
  void scan(std::size_t tu, const Invocation& invocation);

  /// The headers that `pays` is true of, most used first.
  std::vector<std::string> ranked(const std::function<bool(unsigned uses)>& pays) const;
  /// All of them, in the same order.
  std::vector<std::string> ranked() const;

  /// The files that a scan() of `tu` looked at, less those of its lookups: where it looked in the shared
  /// folders, as others did too.
  const std::vector<uint32_t>& filesOf(std::size_t tu) const { return units_[tu].files; }
  const std::vector<uint32_t>& lookupsOf(std::size_t tu) const { return units_[tu].lookups; }
  std::size_t lookups() const;
  const std::vector<uint32_t>& filesOfLookup(std::size_t lookup) const;

  /// What is known, less the files, for files of one machine.
  std::string bytes() const;
  bool parse(std::string_view bytes);

private:
  struct Unit {
    std::vector<uint32_t> headers;
    std::vector<uint32_t> files;   // own ones that were read, places beside them
    std::vector<uint32_t> lookups; // by number in the scanner
  };
  class Scanner;

  SeenFiles& seen_;
  std::unique_ptr<Scanner> scanner_;
  std::vector<std::string> headers_;
  std::vector<Unit> units_;
};

/// The shared headers that pay for a group of `count` TUs (at least one): most often included first, and by
/// at least `minShare` of them; none that does not look guarded against a second reading. Of a large group a
/// sample is read.
std::vector<std::string> chooseHeaders(std::size_t count, const std::function<Invocation(std::size_t)>& tu,
                                       double minShare);

} // namespace fgft
