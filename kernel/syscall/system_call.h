// The way from a trap to the function of a system call.
#pragma once

#include "proc/process.h"

namespace ox {

// Serves the system call that `self` has trapped with. Its answer, a value or -errno, stands in a0 then; or the frame is
// set so that the call is made again, or a signal's handler runs first.
void system_call(Process& self, TrapFrame& frame);

}  // namespace ox
