// Arch contract: panic. For broken invariants only; running out of memory or bad input is never one.
#pragma once

#include <string_view>

#include "lib/format.h"

namespace ox {

// Prints the message and a backtrace, and ends the machine with a failing status. On the host: throws.
[[noreturn]] void panic_text(std::string_view message);

template <class... Arguments>
[[noreturn]] [[gnu::cold, gnu::noinline]] void panic(PanicPattern pattern, Arguments... arguments) {
  TextBuffer<400> text;
  pattern.print(text, arguments...);
  panic_text(text.text());
}

// Said at the end of each panic, if there is anything to say.
extern std::string_view panic_advice;

// This machine's own (arch/riscv/backtrace.cpp): the kernel's calls, found by frame pointers (-fno-omit-frame-pointer)
// and named by the table of symbols that tools/build/symbols.py makes. One line a call, innermost first, from
// the caller of this function on; goes on through traps from the kernel. Never fails: what looks wrong ends the walk.
[[gnu::noinline]] void print_backtrace(TextSink& sink);

}  // namespace ox
