#include "proc/futex.h"

namespace ox {

namespace {

Result<std::uint32_t*> word_at(Process& self, VirtAddr va) {
  if (va.value() % sizeof(std::uint32_t) != 0) return Errno::einval;
  return reinterpret_cast<std::uint32_t*>(TRY(self.space->pin_page(va, sizeof(std::uint32_t), Access::store)).data());
}

}  // namespace

Result<> Futexes::wait(Process& self, VirtAddr va, std::uint32_t expected, std::uint64_t deadline) {
  std::uint32_t* const word = TRY(word_at(self, va));
  self.futex = to_phys(word);
  Bucket& bucket = bucket_of(self.futex);
  const LockGuard guard(bucket.lock);
  if (std::atomic_ref(*word).load() != expected) return Errno::eagain;
  bucket.waiters.push_back(self);
  for (;;) {
    const Result<> slept = bucket.queue.sleep(bucket.lock, Wake::by_signals_too, deadline);
    if (!self.futex_hook.linked) return {};
    if (slept) continue;
    bucket.waiters.remove(self);
    return slept;
  }
}

Result<std::uint64_t> Futexes::wake(Process& self, VirtAddr va, std::uint64_t most) {
  const PhysAddr word = to_phys(TRY(word_at(self, va)));
  Bucket& bucket = bucket_of(word);
  std::uint64_t woken = 0;
  const LockGuard guard(bucket.lock);
  for (Process* waiter = bucket.waiters.front(); waiter != nullptr && woken < most;) {
    Process* const after = bucket.waiters.after(*waiter);
    if (waiter->futex == word) {
      bucket.waiters.remove(*waiter);
      ++woken;
    }
    waiter = after;
  }
  if (woken > 0) bucket.queue.wake_all();
  return woken;
}

}  // namespace ox
