#include "sched/wait_queue.h"

#include "sched/scheduler.h"

namespace ox {

Result<> WaitQueue::sleep(SpinLock& lock, Wake wake, std::uint64_t deadline) {
  Thread& thread = *this_hart().current;
  Scheduler& scheduler = *thread.scheduler;
  if (deadline != no_deadline) {
    if (csr_read<Csr::time>() >= deadline) return Errno::etimedout;
    scheduler.arm(thread, deadline);
  }
  sleepers_.push_back(thread);
  const Result<> woken = scheduler.sleep(thread, lock, wake);
  // A signal or the timer wakes the thread without taking it off this queue.
  if (thread.wait_hook.linked) sleepers_.remove(thread);
  if (deadline != no_deadline) scheduler.cancel(thread);
  return woken;
}

void WaitQueue::wake_one() {
  if (Thread* const thread = sleepers_.pop_front()) thread->scheduler->wake(*thread);
}

void WaitQueue::wake_all() {
  while (Thread* const thread = sleepers_.pop_front()) thread->scheduler->wake(*thread);
}

}  // namespace ox
