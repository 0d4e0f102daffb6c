// Threads that wait for something to become true of an object.
//
// The queue and the condition are guarded by one lock, the object's, so no wake-up is lost: a sleeper has queued itself
// before it lets go of the lock, and who makes the condition true holds it.
#pragma once

#include "lib/list.h"
#include "lib/result.h"
#include "sched/thread.h"
#include "sync/spinlock.h"

namespace ox {

class WaitQueue {
 public:
  // Called with `lock` held, in a loop that tests the condition; returns with it held. Errno::erestart when a signal
  // waits for the thread, Errno::etimedout when `deadline` has passed: give up then. No other lock may be held.
  Result<> sleep(SpinLock& lock, Wake wake = Wake::by_signals_too, std::uint64_t deadline = no_deadline) REQUIRES(lock);
  // Called with the same lock held.
  void wake_all();

 private:
  List<Thread, &Thread::wait_hook> sleepers_;
};

// A lock that may be held where a spin lock may not: over faults, and long. Whoever waits for it sleeps; signals wait
// as well. Held by one thread, which must let go of it in finite time.
class CAPABILITY("mutex") Mutex {
 public:
  // For guards.
  void acquire() ACQUIRE() {
    const LockGuard guard(lock_);
    while (held_) (void)waiters_.sleep(lock_, Wake::by_condition_only);
    held_ = true;
  }
  void release() RELEASE() {
    const LockGuard guard(lock_);
    held_ = false;
    waiters_.wake_all();
  }

 private:
  SpinLock lock_{LockRank::object};
  bool held_ GUARDED_BY(lock_) = false;
  WaitQueue waiters_;
};

}  // namespace ox
