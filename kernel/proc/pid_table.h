// Which process has which pid.
//
// Owns: one reference to every process until it is waited for. Locks: one a bucket of slots, held for a look only.
// Fails: Errno::eagain when all slots are taken.
#pragma once

#include <array>

#include "lib/result.h"
#include "proc/process.h"

namespace ox {

class PidTable {
 public:
  static constexpr int slots = 4096;
  static constexpr int highest_pid = 8 * slots - 1;  // Linux: pid_max

  // A pid that no process has. It stays the caller's until release().
  Result<int> reserve();
  void insert(Ref<Process> process);
  // The pid may be given to another; the table's reference to its process, if any, is the caller's to drop.
  Ref<Process> release(int pid);
  // Nothing: no such process.
  Ref<Process> find(int pid);
  std::uint32_t count() const { return count_.load(relaxed); }
  // Calls f(process) for every process; for when nothing else runs.
  template <class F>
  void for_each(F f) {
    for (Slot& slot : slots_) {
      if (slot.process) f(*slot.process);
    }
  }

 private:
  struct Slot {
    Atomic<int> pid{0};  // 0: nobody's
    Ref<Process> process;
  };
  static constexpr unsigned buckets = 16;
  struct Bucket {
    SpinLock lock{LockRank::pid_table};
  };

  Slot& slot_of(int pid) { return slots_[static_cast<unsigned>(pid) % slots]; }
  SpinLock& lock_of(int pid) { return buckets_[static_cast<unsigned>(pid) % buckets].lock; }

  Atomic<std::uint32_t> last_{0};
  Atomic<std::uint32_t> count_{0};
  std::array<Slot, slots> slots_;
  std::array<Bucket, buckets> buckets_;
};

}  // namespace ox
