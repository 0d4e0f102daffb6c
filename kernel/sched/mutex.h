// A lock that may be held where a spin lock may not: over faults, and long. Whoever waits for it sleeps; signals wait
// as well. Held by one thread, which must let go of it in finite time.
#pragma once

#include "sched/wait_queue.h"
#include "sync/spinlock.h"

namespace ox {

class Mutex {
 public:
  void acquire() {
    const LockGuard guard(lock_);
    while (held_) (void)waiters_.sleep(lock_, Wake::by_condition_only);
    held_ = true;
  }
  void release() {
    const LockGuard guard(lock_);
    held_ = false;
    waiters_.wake_all();
  }

 private:
  SpinLock lock_{LockRank::object};
  bool held_ GUARDED_BY(lock_) = false;
  WaitQueue waiters_;
};

class MutexGuard {
 public:
  explicit MutexGuard(Mutex& mutex) : mutex_(mutex) { mutex_.acquire(); }
  ~MutexGuard() { mutex_.release(); }
  MutexGuard(const MutexGuard&) = delete;
  MutexGuard& operator=(const MutexGuard&) = delete;

 private:
  Mutex& mutex_;
};

}  // namespace ox
