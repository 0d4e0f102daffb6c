// wait4(2) and waitid(2), and what they are told by.
#pragma once

#include <cstdint>

#include "proc/process.h"

namespace ox {

struct WaitRequest {
  enum class Which : std::uint8_t { any, pid, group };

  Which which = Which::any;
  int id = 0;
  std::uint32_t options = 0;  // WNOHANG, WEXITED, WSTOPPED, WCONTINUED, WNOWAIT
};
struct ChildReport {
  int pid = 0;
  std::int32_t status = 0;  // as wait4 stores it
  Usage usage;
};
// A dead child is gone when it has been reported. pid 0: there is nothing to report, and WNOHANG. Errno::echild: there
// is no such child.
Result<ChildReport> wait_for_child(Process& self, const WaitRequest& request);

// SIGCHLD's details, and waitid's.
SigInfo child_info(int pid, std::int32_t status);
// The process has stopped, or goes on.
void report_to_parent(Process& self, std::int32_t job_status);

// Calls f(parent) with the parent's family_lock held, so it is the parent until f returns.
template <class F>
void with_parent(Process& self, F f) {
  for (;;) {
    Ref<Process> parent = self.parent_now();
    Process& family = *parent;
    const LockGuard guard(family.family_lock);
    if (self.parent_now() != parent) continue;  // it has died meanwhile and handed the child to init
    // The child's own reference keeps the parent from here on, and nothing is left to drop when others see what f does.
    parent = {};
    return f(family);
  }
}

}  // namespace ox
