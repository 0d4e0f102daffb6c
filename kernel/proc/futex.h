// futex(2): a process sleeps until another one reports a change of a word in shared memory.
//
// The word's physical address identifies it, so all processes that share the page mean the same word. A word in a
// private page keeps its physical address while its process sleeps, because wait() makes a store fault first: the page
// then belongs to the process alone.
//
// Waiters are in lists by a hash of their words, so a wake passes few that wait for other words.
//
// Locks: one for all waiters. Fails: with Errno::einval for a word that is not aligned to 4 bytes, and with the errors
// of the store fault.
#pragma once

#include <array>
#include <cstdint>

#include "proc/process.h"

namespace ox {

class Futexes {
 public:
  // Sleeps until woken. Errno::eagain if the word at `va` is not `expected`, Errno::etimedout after `deadline`,
  // Errno::erestart if a signal comes first.
  Result<> wait(Process& self, VirtAddr va, std::uint32_t expected, std::uint32_t mask, std::uint64_t deadline);
  // Wakes up to `most` processes whose mask has a bit in common with `mask`, and returns their number.
  Result<std::uint64_t> wake(Process& self, VirtAddr va, std::uint64_t most, std::uint32_t mask);

 private:
  using Waiters = List<Process, &Process::futex_hook>;

  Waiters& waiters_for(PhysAddr word) REQUIRES(lock_) {
    return waiters_[word.value() / sizeof(std::uint32_t) % waiters_.size()];
  }

  SpinLock lock_{LockRank::object};
  std::array<Waiters, 64> waiters_ GUARDED_BY(lock_);
};

}  // namespace ox
