// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The one exception of user-space code: something the user must be told, worded for the user.
#pragma once

#include <fmt/format.h>

#include <stdexcept>
#include <string>

namespace fgft {

/// A failure with a message that names the input (file:line where there is one) and what was expected.
class Error : public std::runtime_error {
public:
  explicit Error(const std::string& message) : std::runtime_error(message) {}

  template <typename... Args>
  explicit Error(fmt::format_string<Args...> format, Args&&... args)
      : std::runtime_error(fmt::format(format, std::forward<Args>(args)...)) {}
};

} // namespace fgft
