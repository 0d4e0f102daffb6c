// The queue in which ppoll(2) and pselect6(2) wait. Any change of any file wakes all of them, and they poll their files
// again.
//
// Locks: lock_ guards the number of changes. The caller of changed() holds the lock of the object whose readiness
// changed, and poll() of that file takes the same lock. So a change that poll() has not seen comes after begin(), and
// increases the number.
#pragma once

#include <cstdint>

#include "arch/atomic.h"
#include "sched/wait_queue.h"
#include "sync/spinlock.h"

namespace ox {

class PollQueue {
 public:
  // Called when a file may have become readable or writable. Costs only a load while no thread polls.
  void changed() {
    if (pollers_.load(relaxed) == 0) return;
    const LockGuard guard(lock_);
    ++changes_;
    pollers_queue_.wake_all();
  }

  // Called before and after polling. begin() returns the number of changes so far.
  std::uint64_t begin() {
    pollers_.fetch_add(1, relaxed);
    const LockGuard guard(lock_);
    return changes_;
  }
  void end() { pollers_.fetch_sub(1, relaxed); }
  // Sleeps until the number of changes is not `seen`, and updates `seen`. Errno::etimedout after `deadline`,
  // Errno::erestart if a signal comes first.
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
