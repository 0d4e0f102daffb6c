#include "proc/pid_table.h"

#include <algorithm>

namespace ox {

Result<int> PidTable::reserve() {
  for (unsigned tries = 0; tries < slots; ++tries) {
    const int pid = static_cast<int>(last_.fetch_add(1, relaxed) % highest_pid) + 1;
    int expected = 0;
    if (slot_of(pid).pid.compare_exchange_strong(expected, pid)) {
      used_word(slot_number(pid)).fetch_or(used_bit(pid));
      count_.fetch_add(1, relaxed);
      return pid;
    }
  }
  return Errno::eagain;
}

void PidTable::free(int pid) {
  count_.fetch_sub(1, relaxed);
  used_word(slot_number(pid)).fetch_and(~used_bit(pid));
  slot_of(pid).pid.store(0, release);
}

// The old reference is dropped after the lock is released: `process` is destroyed last.
void PidTable::replace(int pid, Ref<Process> process) {
  Slot& slot = slot_of(pid);
  LockGuard guard(slot.lock);
  std::swap(slot.process, process);
}

Ref<Process> PidTable::find(int pid) {
  if (pid <= 0) return {};
  Ref<Process> process = at(slot_number(pid));
  return process && process->pid == pid ? process : Ref<Process>();
}

Ref<Process> PidTable::next(int pid) {
  const int highest = static_cast<int>(std::min(taken(), highest_pid));  // nobody has had a higher one
  while (pid <= highest) {
    if (used_word(slot_number(pid)).load(relaxed) == 0) {
      pid = (pid / static_cast<int>(word_size) + 1) * static_cast<int>(word_size);
      continue;
    }
    if (slot_of(pid).pid.load(relaxed) == pid) {
      if (Ref<Process> process = find(pid)) return process;
    }
    ++pid;
  }
  return {};
}

Ref<Process> PidTable::at(unsigned number) {
  Slot& slot = slots_[number];
  if (slot.pid.load(relaxed) == 0) return {};
  LockGuard guard(slot.lock);
  return slot.process && !slot.process->forgotten.load(relaxed) ? slot.process : Ref<Process>();
}

Process* PidTable::record(int pid) const {
  Process* const process = pid > 0 ? slots_[slot_number(pid)].process.get() : nullptr;
  return process != nullptr && process->pid == pid ? process : nullptr;
}

}  // namespace ox
