#include "proc/pid_table.h"

namespace ox {

Result<int> PidTable::reserve() {
  for (int tries = 0; tries < slots; ++tries) {
    const int pid = static_cast<int>(last_.fetch_add(1, relaxed) % highest_pid) + 1;
    int nobody = 0;
    if (slot_of(pid).pid.compare_exchange_strong(nobody, pid)) {
      count_.fetch_add(1, relaxed);
      return pid;
    }
  }
  return Errno::eagain;
}

void PidTable::insert(Ref<Process> process) {
  const int pid = process->pid;
  LockGuard guard(lock_of(pid));
  slot_of(pid).process = std::move(process);
}

Ref<Process> PidTable::release(int pid) {
  LockGuard guard(lock_of(pid));
  Ref<Process> process = std::move(slot_of(pid).process);
  slot_of(pid).pid.store(0);
  count_.fetch_sub(1, relaxed);
  return process;
}

Ref<Process> PidTable::find(int pid) {
  if (pid <= 0) return {};
  LockGuard guard(lock_of(pid));
  const Slot& slot = slot_of(pid);
  return slot.pid.load(relaxed) == pid ? slot.process : Ref<Process>();
}

}  // namespace ox
