#include "sched/wait_queue.h"

#include <algorithm>
#include <limits>

#include "sched/scheduler.h"

namespace ox {

Result<> WaitQueue::sleep(SpinLock& lock, Wake wake) {
  Thread& thread = *this_hart().current;
  sleepers_.push_back(thread);
  const Result<> woken = thread.scheduler->sleep(thread, lock, wake);
  // A signal wakes without asking this queue.
  if (thread.wait_hook.linked) sleepers_.remove(thread);
  return woken;
}

void WaitQueue::wake_all() {
  while (Thread* const thread = sleepers_.pop_front()) thread->scheduler->wake(*thread);
}

std::uint64_t WaitQueue::wake_due(std::uint64_t now) {
  std::uint64_t next = std::numeric_limits<std::uint64_t>::max();
  Thread* thread = sleepers_.front();
  while (thread != nullptr) {
    Thread* const after = sleepers_.after(*thread);
    if (thread->deadline <= now) {
      sleepers_.remove(*thread);
      thread->scheduler->wake(*thread);
    } else {
      next = std::min(next, thread->deadline);
    }
    thread = after;
  }
  return next;
}

}  // namespace ox
