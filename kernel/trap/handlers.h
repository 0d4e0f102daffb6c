// The handlers that trap.cpp calls: for interrupts, and for the errors of a program.
#pragma once

#include "hub/kernel.h"
#include "proc/process.h"

namespace ox {

// The values of scause that are told apart (privileged specification).
enum class Cause : std::uint64_t {
  call_from_user = 8,
  fetch_page_fault = 12,
  load_page_fault = 13,
  store_page_fault = 15,
  software_interrupt = std::uint64_t{1} << 63 | 1,
  timer_interrupt = std::uint64_t{1} << 63 | 5,
  external_interrupt = std::uint64_t{1} << 63 | 9,
};

// interrupts.cpp. Serves an interrupt, from user mode or from the kernel (xv6: devintr). False: `cause` is no interrupt
// that is enabled.
bool serve_interrupt(Kernel& kernel, Cause cause);
// Before user mode goes on: waits if all harts are to stop, and yields if the slice is over.
void after_interrupt(Kernel& kernel);

// exceptions.cpp. An access that its region forbids, or outside of all regions.
void segmentation_fault(Process& self, VirtAddr va);
// A fault at an entry that permits the access already. It is fenced and retried, but a machine that faults on and on is
// broken, and only this process may suffer.
void spurious_fault(Process& self, VirtAddr va);
// All that is no page fault and no system call.
void other_exception(Process& self, const TrapFrame& frame);

}  // namespace ox
