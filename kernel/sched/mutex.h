// A lock that may be held where a spin lock may not: over faults, and long. Whoever waits for it sleeps; signals wait
// as well. Held by one thread, which must let go of it in finite time.
#pragma once

#include "sched/wait_queue.h"
#include "sync/spinlock.h"

namespace ox {

class Mutex {
 private:
  friend class MutexGuard;

  SpinLock lock_{LockRank::object};
  bool held_ GUARDED_BY(lock_) = false;
  WaitQueue waiters_;
};

class MutexGuard {
 public:
  explicit MutexGuard(Mutex& mutex) : mutex_(mutex) {
    const LockGuard guard(mutex_.lock_);
    while (mutex_.held_) (void)mutex_.waiters_.sleep(mutex_.lock_, Wake::by_condition_only);
    mutex_.held_ = true;
  }
  ~MutexGuard() {
    const LockGuard guard(mutex_.lock_);
    mutex_.held_ = false;
    mutex_.waiters_.wake_all();
  }
  MutexGuard(const MutexGuard&) = delete;
  MutexGuard& operator=(const MutexGuard&) = delete;

 private:
  Mutex& mutex_;
};

}  // namespace ox
