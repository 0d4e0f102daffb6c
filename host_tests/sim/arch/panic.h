// Arch contract on the host: a panic prints its message and aborts, even in a destructor, so a death test works.
#pragma once

#include <string_view>

#include "lib/format.h"

namespace ox {

[[noreturn]] void panic_text(std::string_view message);

template <class... Arguments>
[[noreturn]] [[gnu::cold, gnu::noinline]] void panic(PanicPattern pattern, Arguments... arguments) {
  TextBuffer<400> text;
  pattern.print(text, arguments...);
  panic_text(text.text());
}

}  // namespace ox
