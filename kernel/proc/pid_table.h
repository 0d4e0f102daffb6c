// The table of processes, by pid.
//
// Owns: one reference to every process until it is waited for. A pid is reserved before its process is made, and freed
// after the process is destroyed. So the slot's number can also select the process's kernel stack.
// Locks: one for each slot, held only to read or replace the reference.
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

  // Reserves a pid that no process has, until free().
  Result<int> reserve();
  void free(int pid);
  static unsigned slot_number(int pid) { return static_cast<unsigned>(pid) % slots; }

  // Make the process findable by its pid, and end that.
  void insert(const Ref<Process>& process) { replace(process->pid, process); }
  void remove(int pid) { replace(pid, {}); }
  // Null: there is no such process, or it has been waited for.
  Ref<Process> find(int pid);
  // The process with this pid, even if it has been waited for. It stays as long as the caller holds Groups::lock. Null:
  // there is none.
  Process* record(int pid) const NO_THREAD_SAFETY_ANALYSIS;

  // The first process with this pid or a higher one.
  Ref<Process> next(int pid);
  // Calls f(process) for each process that find() finds, with an interrupt window after every 64 slots.
  template <class F>
  void for_each(F f) {
    for (unsigned first = 0; first < slots; first += word_size) {
      for (unsigned slot = first; used_word(first).load(relaxed) >> (slot - first) != 0; ++slot) {
        if (const Ref<Process> process = at(slot)) f(process);
        if (slot - first == word_size - 1) break;
      }
      interrupt_window();
    }
  }
  // The number of pids given out so far (Linux: total_forks), and the last one.
  unsigned taken() const { return last_.load(relaxed); }
  int last() const { return static_cast<int>((taken() - 1) % highest_pid) + 1; }

  std::uint32_t count() const { return count_.load(relaxed); }

 private:
  static constexpr unsigned word_size = 64;
  struct Slot {
    Atomic<int> pid{0};  // 0: the slot is free
    SpinLock lock{LockRank::pid_table};
    Ref<Process> process GUARDED_BY(lock);
  };

  Slot& slot_of(int pid) { return slots_[slot_number(pid)]; }
  Atomic<std::uint64_t>& used_word(unsigned slot) { return used_[slot / word_size]; }
  static std::uint64_t used_bit(int pid) { return std::uint64_t{1} << slot_number(pid) % word_size; }
  void replace(int pid, Ref<Process> process);
  // The process in a slot, whatever its pid; null as for find().
  Ref<Process> at(unsigned slot);

  Atomic<unsigned> last_{0};
  Atomic<std::uint32_t> count_{0};
  std::array<Slot, slots> slots_;
  std::array<Atomic<std::uint64_t>, slots / word_size> used_{};  // a bit for each slot: its pid is reserved
};

}  // namespace ox
