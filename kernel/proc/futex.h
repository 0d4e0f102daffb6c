// futex(2): sleeping until another process says that a word of memory has changed.
//
// A word is known by its physical address, so it is the same for all who share its page. That of a private page cannot
// change under a sleeper: it is made the sleeper's own first, and nobody else could wake it there.
// Locks: one. Fails: nothing needs memory but the fault that the word's page may need.
#pragma once

#include <cstdint>

#include "proc/process.h"

namespace ox {

class Futexes {
 public:
  // Until woken. Errno::eagain if the word at `va` is not `expected`.
  Result<> wait(Process& self, VirtAddr va, std::uint32_t expected, std::uint32_t mask, std::uint64_t deadline);
  // How many were woken, at most `most`, of those who wait with a bit of `mask`.
  Result<std::uint64_t> wake(Process& self, VirtAddr va, std::uint64_t most, std::uint32_t mask);

 private:
  SpinLock lock_{LockRank::object};
  WaitQueue queue_ GUARDED_BY(lock_);
  List<Process, &Process::futex_hook> waiters_ GUARDED_BY(lock_);
};

}  // namespace ox
