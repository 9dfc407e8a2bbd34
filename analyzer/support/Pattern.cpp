// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Regular expressions by PCRE2; see Pattern.h.
#include "support/Pattern.h"

#include "support/Error.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

namespace fgft {

namespace {

// What ECMAScript does otherwise than Perl: `\u`, `[]` and `[^]`, references to groups that took no part, and
// a
// `$` that is the end and nothing before it. Bytes are no characters, so that every text can be asked for.
constexpr uint32_t likeEcmaScript = PCRE2_ALT_BSUX | PCRE2_ALLOW_EMPTY_CLASS | PCRE2_MATCH_UNSET_BACKREF |
                                    PCRE2_DOLLAR_ENDONLY | PCRE2_NEVER_UTF | PCRE2_NEVER_UCP;

std::string message(int error) {
  PCRE2_UCHAR text[256];
  return ::pcre2_get_error_message(error, text, sizeof text) < 0 ? fmt::format("PCRE2 error {}", error)
                                                                 : reinterpret_cast<const char*>(text);
}

pcre2_code* compile(const std::string& where, const std::string& text, Pattern::Part part) {
  std::unique_ptr<pcre2_compile_context, decltype(&::pcre2_compile_context_free)> context(
      ::pcre2_compile_context_create(nullptr), ::pcre2_compile_context_free);
  if (!context)
    throw std::bad_alloc();
  ::pcre2_set_newline(context.get(), PCRE2_NEWLINE_ANYCRLF); // what `.` does not fit
  const uint32_t anchors = part == Pattern::Part::Whole ? PCRE2_ANCHORED | PCRE2_ENDANCHORED : 0;
  int error = 0;
  size_t offset = 0;
  pcre2_code* code = ::pcre2_compile(reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(),
                                     likeEcmaScript | anchors, &error, &offset, context.get());
  if (!code)
    throw Error("{}: '{}' is no regular expression ({} after {} bytes)", where, text, message(error), offset);
  ::pcre2_jit_compile(code, PCRE2_JIT_COMPLETE); // without it PCRE2 is slower and says the same
  return code;
}

// Where PCRE2 notes what fitted; of that only whether something did is asked.
pcre2_match_data* matchData() {
  struct Free {
    void operator()(pcre2_match_data* data) const { ::pcre2_match_data_free(data); }
  };
  static thread_local const std::unique_ptr<pcre2_match_data, Free> data(
      ::pcre2_match_data_create(1, nullptr));
  return data.get();
}

} // namespace

struct Pattern::Compiled {
  Compiled(const std::string& place, const std::string& pattern, Part part)
      : where(place), text(pattern), code(compile(place, pattern, part)) {}
  ~Compiled() { ::pcre2_code_free(code); }
  Compiled(const Compiled&) = delete;
  Compiled& operator=(const Compiled&) = delete;

  std::string where;
  std::string text;
  pcre2_code* code;
};

Pattern::Pattern(const std::string& where, const std::string& text, Part part)
    : compiled_(std::make_shared<const Compiled>(where, text, part)) {}

Pattern::Fit Pattern::fit(std::string_view text) const noexcept {
  pcre2_match_data* data = matchData();
  if (!data)
    return Fit::GaveUp;
  auto match = [&](uint32_t options) {
    return ::pcre2_match(compiled_->code, reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(), 0, options,
                         data, nullptr);
  };
  int found = match(0);
  if (found == PCRE2_ERROR_JIT_STACKLIMIT) // machine code has little stack, the interpreter the heap
    found = match(PCRE2_NO_JIT);
  if (found >= 0)
    return Fit::Yes;
  return found == PCRE2_ERROR_NOMATCH ? Fit::No : Fit::GaveUp;
}

bool Pattern::fits(std::string_view text) const {
  const Fit found = fit(text);
  if (found == Fit::GaveUp)
    throw Error("{}: whether '{}' fits '{}' takes too long to find out", compiled_->where, text,
                compiled_->text);
  return found == Fit::Yes;
}

} // namespace fgft
