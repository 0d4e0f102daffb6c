// Spin locks, held through guards. The kernel runs with interrupts off, so a lock need not turn them off. No lock is
// held across a sleep or a switch, except the one that the scheduler hands over (sched/).
//
// Lock order: a hart that holds a lock may take only locks further down this table. A debug build (DEBUG=1) checks it.
//
//     rank            guards                                                           in
//     recorded_fault  no data: with `record`, faults are served one after the other    observe/
//     family          one parent's children and zombies (init's after any other's)     proc/
//     names           the file system's directories; locks on files                    fs/
//     object          one inode, open file, pipe or terminal                           fs/
//     poll            the threads that wait in poll                                    fs/
//     groups          the members of process groups and sessions                       jobs/
//     process         one process's link to its parent                                 proc/
//     pid_table       a slot of the table of processes                                 proc/
//     timers          one hart's queue of timeouts                                     sched/
//     signals         one process's signals                                            signal/
//     thread          one thread's state                                               sched/
//     run_queue       one hart's runnable threads                                      sched/
//     slab            kernel objects of one size                                       objects/
//     frames          one hart's free frames                                           vm/
//     console         the characters of one line                                       dev/
#pragma once

#include <array>
#include <cstdint>

#include "arch/atomic.h"
#include "arch/hart.h"
#include "arch/panic.h"

// Clang's thread-safety attributes (-Wthread-safety); nothing under GCC.
#ifdef __clang__
#define OX_TSA(attribute) __attribute__((attribute))
#else
#define OX_TSA(attribute)
#endif

#define CAPABILITY(name) OX_TSA(capability(name))
#define SCOPED_CAPABILITY OX_TSA(scoped_lockable)
#define GUARDED_BY(lock) OX_TSA(guarded_by(lock))
#define REQUIRES(...) OX_TSA(requires_capability(__VA_ARGS__))
#define EXCLUDES(...) OX_TSA(locks_excluded(__VA_ARGS__))
#define ACQUIRE(...) OX_TSA(acquire_capability(__VA_ARGS__))
#define RELEASE(...) OX_TSA(release_capability(__VA_ARGS__))
#define NO_THREAD_SAFETY_ANALYSIS OX_TSA(no_thread_safety_analysis)

namespace ox {

enum class LockRank : std::uint8_t {
  recorded_fault = 1,
  family,
  init_family,
  names,
  object,
  poll,
  groups,
  process,
  pid_table,
  timers,
  signals,
  thread,
  run_queue,
  slab,
  frames,
  console,
};

class CAPABILITY("lock") SpinLock {
 public:
  explicit constexpr SpinLock(LockRank rank) : rank_(rank) {}
  SpinLock(const SpinLock&) = delete;
  SpinLock& operator=(const SpinLock&) = delete;

  // For guards, and for the scheduler, where the next thread releases the lock after a switch.
  void acquire() ACQUIRE() {
    check_order();
    while (held_.exchange(1, ox::acquire) != 0) {
      while (held_.load(relaxed) != 0) spin_hint();
    }
    note_change();
  }
  void release() RELEASE() {
    note_change();
    held_.store(0, ox::release);
  }
  // Called wherever another thread may run.
  static void check_none_held() {
    if (checked && held_ranks[hart_index()] != 0)
      panic("rule: locks {:x} are held where another thread may run", held_ranks[hart_index()]);
  }

 private:
  static constexpr bool checked = OX_DEBUG;
  void check_order() const {
    const std::uint32_t held = checked ? held_ranks[hart_index()] : 0;
    const auto rank = static_cast<unsigned>(rank_);
    if (held >> rank != 0) panic("rule: lock order: taking rank {} while holding ranks {:x}", rank, held);
  }
  void note_change() const {
    if (checked) held_ranks[hart_index()] ^= 1u << static_cast<unsigned>(rank_);
  }
  static inline std::array<std::uint32_t, max_harts> held_ranks{};

  Atomic<std::uint32_t> held_{0};
  LockRank rank_;
};

template <class Lock>
class SCOPED_CAPABILITY LockGuard {
 public:
  explicit LockGuard(Lock& lock) ACQUIRE(lock) : lock_(lock) { lock_.acquire(); }
  ~LockGuard() RELEASE() { lock_.release(); }
  LockGuard(const LockGuard&) = delete;
  LockGuard& operator=(const LockGuard&) = delete;

 private:
  Lock& lock_;
};

}  // namespace ox
