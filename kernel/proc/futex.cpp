#include "proc/futex.h"

namespace ox {

namespace {

Result<std::uint32_t*> word_at(Process& self, VirtAddr va) {
  if (va.value() % sizeof(std::uint32_t) != 0) return Errno::einval;
  return reinterpret_cast<std::uint32_t*>(TRY(self.space->fault_in(va, sizeof(std::uint32_t), Access::store)).data());
}

}  // namespace

Result<> Futexes::wait(Process& self, VirtAddr va, std::uint32_t expected, std::uint32_t mask, std::uint64_t deadline) {
  std::uint32_t* const word = TRY(word_at(self, va));
  self.futex = to_phys(word);
  self.futex_mask = mask;
  const LockGuard guard(lock_);
  if (std::atomic_ref(*word).load() != expected) return Errno::eagain;
  Waiters& waiters = waiters_for(self.futex);
  waiters.push_back(self);
  Result<> slept;
  while (slept && self.futex_hook.linked) slept = self.futex_queue.sleep(lock_, Wake::by_signals_too, deadline);
  if (!self.futex_hook.linked) return {};
  waiters.remove(self);
  return slept;
}

Result<std::uint64_t> Futexes::wake(Process& self, VirtAddr va, std::uint64_t most, std::uint32_t mask) {
  const PhysAddr word = to_phys(TRY(word_at(self, va)));
  std::uint64_t woken = 0;
  const LockGuard guard(lock_);
  Waiters& waiters = waiters_for(word);
  for (Process* waiter = waiters.front(); waiter != nullptr && woken < most;) {
    Process* const after = Waiters::after(*waiter);
    if (waiter->futex == word && (waiter->futex_mask & mask) != 0) {
      waiters.remove(*waiter);
      waiter->futex_queue.wake_all();
      ++woken;
    }
    waiter = after;
  }
  return woken;
}

}  // namespace ox
