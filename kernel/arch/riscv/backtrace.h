// The kernel's calls, found by frame pointers (-fno-omit-frame-pointer) and named by the table of symbols that
// tools/symbols.py puts into the image. Never fails: what looks wrong ends the walk.
#pragma once

#include "lib/format.h"

namespace ox {

// One line a call, innermost first, from the caller of this function on; goes on through traps from the kernel.
[[gnu::noinline]] void print_backtrace(TextSink& sink);

}  // namespace ox
