// The kernel's calls, found by frame pointers (-fno-omit-frame-pointer) and named by the table of symbols that
// tools/symbols.py puts into the image. Never fails: what looks wrong ends the walk.
#pragma once

#include <cstdint>
#include <string_view>

#include "lib/format.h"

namespace ox {

struct Symbol {
  std::string_view name = "?";
  std::uint64_t offset = 0;
};

// The function that `pc` lies in.
Symbol find_symbol(std::uint64_t pc);

// One line a call, innermost first, from the caller of this function on; goes on through traps from the kernel.
[[gnu::noinline]] void print_backtrace(TextSink& sink);

}  // namespace ox
