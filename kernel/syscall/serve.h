// The way from a trap to the function of a system call.
#pragma once

#include "proc/process.h"

namespace ox {

// Serves the system call that `self` has trapped with, and stores its answer in `frame`. Returns an error only if it is
// one of the kernel's own (lib/errno.h): then `frame` is as it was, and the caller acts on the error.
Errno serve_system_call(Process& self, TrapFrame& frame);

}  // namespace ox
