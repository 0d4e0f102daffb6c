// A queue of threads that wait until a condition on an object becomes true.
//
// Locks: the object's lock guards both the queue and the condition, so no wake-up is lost. A sleeper is on the queue
// before it releases the lock, and the code that makes the condition true holds the lock.
#pragma once

#include "lib/list.h"
#include "lib/result.h"
#include "sched/thread.h"
#include "sync/spinlock.h"

namespace ox {

class WaitQueue {
 public:
  // Called with `lock` held, in a loop that tests the condition; returns with it held. No other lock may be held.
  // Errno::erestart if a signal is pending for the thread, Errno::etimedout if `deadline` has passed: the caller then
  // gives up.
  Result<> sleep(SpinLock& lock, Wake wake = Wake::by_signals_too, std::uint64_t deadline = no_deadline) REQUIRES(lock);
  // Both are called with the same lock held. wake_one() wakes the thread that has slept longest. If that thread gives
  // up (a signal may have come first), or leaves something for others, it must wake the next one.
  void wake_one();
  void wake_all();

 private:
  List<Thread, &Thread::wait_hook> sleepers_;
};

// A lock that may be held across page faults, sleeps and long work, unlike a spin lock. A thread that waits for it
// sleeps, and signals do not end that sleep. So a holder must release it in finite time.
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
