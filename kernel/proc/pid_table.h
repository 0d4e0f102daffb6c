// Which process has which pid.
//
// Owns: one reference to every process until it is waited for. A pid is taken from before its process is made until
// after it is destroyed, so its slot can stand for other things that a process has one of: its kernel stack.
// Locks: one a slot, held for a look only.
// Fails: Errno::eagain when all slots are taken.
#pragma once

#include <array>

#include "lib/result.h"
#include "proc/process.h"

namespace ox {

class PidTable {
 public:
  static constexpr unsigned slots = 4096;
  static constexpr unsigned highest_pid = 8 * slots - 1;  // Linux: pid_max

  // A pid that no process has, until free().
  Result<int> reserve();
  void free(int pid);
  static unsigned slot_number(int pid) { return static_cast<unsigned>(pid) % slots; }

  // The process can be found by its pid from now on, or not any more.
  void insert(const Ref<Process>& process) { replace(process->pid, process); }
  void remove(int pid) { replace(pid, {}); }
  // Nothing: no such process, or it has been waited for.
  Ref<Process> find(int pid);
  // The one in a slot, whatever its pid.
  Ref<Process> at(unsigned slot);
  // Also one that has been waited for; stays as long as Groups::lock is held. Null: none.
  Process* record(int pid) const NO_THREAD_SAFETY_ANALYSIS;

  // The first process with this pid or a higher one.
  Ref<Process> next(int pid);
  // Pids taken so far (Linux: total_forks), and the last one.
  unsigned taken() const { return last_.load(relaxed); }
  int last() const { return static_cast<int>((taken() - 1) % highest_pid) + 1; }

  std::uint32_t count() const { return count_.load(relaxed); }

 private:
  struct Slot {
    Atomic<int> pid{0};  // 0: nobody's
    SpinLock lock{LockRank::pid_table};
    Ref<Process> process GUARDED_BY(lock);
  };

  Slot& slot_of(int pid) { return slots_[slot_number(pid)]; }
  void replace(int pid, Ref<Process> process);

  Atomic<unsigned> last_{0};
  Atomic<std::uint32_t> count_{0};
  std::array<Slot, slots> slots_;
};

}  // namespace ox
