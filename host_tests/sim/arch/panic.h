// Arch contract on the host: a panic prints its message and aborts, so that a test can expect a death by it, also in
// a destructor.
#pragma once

#include <source_location>
#include <string_view>

#include "lib/format.h"

namespace ox {

[[noreturn]] void panic_text(std::string_view message);

// A pattern, and the line that it stands in.
struct PanicPattern {
  PanicPattern(const char* its_text, std::source_location its_place = std::source_location::current())
      : text(its_text), place(its_place) {}
  template <class... Arguments>
  void print(TextSink& to, const Arguments&... arguments) const {
    format(to, text, arguments...);
    format(to, " [{}:{}]", place.file_name(), place.line());
  }

  std::string_view text;
  std::source_location place;
};

template <class... Arguments>
[[noreturn]] [[gnu::cold, gnu::noinline]] void panic(PanicPattern pattern, Arguments... arguments) {
  TextBuffer<400> text;
  pattern.print(text, arguments...);
  panic_text(text.text());
}

}  // namespace ox
