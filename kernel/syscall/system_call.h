// The way from a trap to the function of a system call.
#pragma once

#include "proc/process.h"

namespace ox {

// Serves the system call for which `self` has trapped. Afterwards a0 has the result, a value or -errno; or the frame is
// set to make the call again, or to run a signal's handler.
void system_call(Process& self, TrapFrame& frame);

}  // namespace ox
