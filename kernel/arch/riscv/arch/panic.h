// Arch contract: panic, for broken invariants only. Out of memory and bad input are never a reason to panic.
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

// One more line at the end of each panic message; empty: none.
extern std::string_view panic_advice;

// RISC-V only (arch/riscv/backtrace.cpp): prints the kernel's call chain, one line for each call, beginning with the
// caller of this function. It follows frame pointers (-fno-omit-frame-pointer), through traps from the kernel too. The
// names come from the symbol table that tools/build/symbols.py puts into the image. It never fails: a frame that looks
// wrong ends the walk.
[[gnu::noinline]] void print_backtrace(TextSink& sink);

}  // namespace ox
