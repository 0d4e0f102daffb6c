// What the terminal asks of the processes (fs/job_control.h). There are no groups and no sessions yet.
#include "proc/kernel.h"

namespace ox {

JobControl::Caller Kernel::caller() const { return {}; }

bool Kernel::group_is_in_session(int, int) const { return false; }

void Kernel::signal_group(int, int) {}

Result<> Kernel::background(int) { return {}; }

}  // namespace ox
