// How ppoll and pselect6 wait: for anything to change, and then they ask their files again.
//
// Lock: guards the number of changes, whose sleepers are those that poll. changed() is called with the lock of the
// object held whose readiness changed; poll() of the file takes the same lock. So a change that a poller has not seen
// in poll() comes after the poller said begin(), and moves the number.
#pragma once

#include <cstdint>

#include "arch/atomic.h"
#include "sched/wait_queue.h"
#include "sync/spinlock.h"

namespace ox {

class PollQueue {
 public:
  // Something may be readable or writable now that was not. Costs a load when nobody polls.
  void changed() {
    if (pollers_.load(relaxed) == 0) return;
    const LockGuard guard(lock_);
    ++changes_;
    pollers_queue_.wake_all();
  }

  // Around polling: the changes so far, and the end.
  std::uint64_t begin() {
    pollers_.fetch_add(1, relaxed);
    const LockGuard guard(lock_);
    return changes_;
  }
  void end() { pollers_.fetch_sub(1, relaxed); }
  // Sleeps until there are more changes than `seen`, which says how many then. Errno::etimedout, or erestart for a
  // signal.
  Result<> wait(std::uint64_t& seen, std::uint64_t deadline) {
    const LockGuard guard(lock_);
    while (changes_ == seen) TRY(pollers_queue_.sleep(lock_, Wake::by_signals_too, deadline));
    seen = changes_;
    return {};
  }

 private:
  Atomic<std::uint32_t> pollers_{0};
  SpinLock lock_{LockRank::poll};
  WaitQueue pollers_queue_;
  std::uint64_t changes_ GUARDED_BY(lock_) = 0;
};

}  // namespace ox
