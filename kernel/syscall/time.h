// Times as system calls take them.
#pragma once

#include "syscall/call.h"

namespace ox {

// The timespec that argument n points to, in ticks. Errno::einval if it is none.
Result<std::uint64_t> read_ticks(Call& call, unsigned n);

}  // namespace ox
