// Stopping the world: while one hart counts all references, the others wait without locks.
#include "arch/riscv/sbi.h"
#include "sched/scheduler.h"

namespace ox {

bool Scheduler::stop_others() {
  std::uint32_t expected = nobody;
  if (!stopper_.compare_exchange_strong(expected, hart_index())) {
    wait_stopped();
    return false;
  }
  // A hart in the middle of a system call takes the interrupt and goes on, so it is asked again after a while.
  for (unsigned spins = 0; stopped_.load() != running_harts_.load() - 1; ++spins) {
    for (unsigned i = 0; spins % 10000 == 0 && i < harts_; ++i) {
      if (i != hart_index()) sbi_send_ipi(hartids_[i]);
    }
    spin_hint();
  }
  return true;
}

void Scheduler::let_others_go() { stopper_.store(nobody); }

// Looks at stopper_ again after leaving: the next stopper may already have counted this hart as stopped.
void Scheduler::wait_stopped() {
  do {
    stopped_.fetch_add(1);
    while (stopper_.load() != nobody) spin_hint();
    stopped_.fetch_sub(1);
  } while (stopper_.load() != nobody);
}

}  // namespace ox
