// Arch contract: panic. For broken invariants only; running out of memory or bad input is never one.
#pragma once

#include <string_view>

#include "lib/format.h"

namespace ox {

// Prints the message and a backtrace, and ends the machine with a failing status. On the host: throws.
[[noreturn]] void panic_text(std::string_view message);

template <class... Arguments>
[[noreturn]] [[gnu::cold, gnu::noinline]] void panic(std::string_view pattern, Arguments... arguments) {
  TextBuffer<400> text;
  format(text, pattern, arguments...);
  panic_text(text.text());
}

}  // namespace ox
