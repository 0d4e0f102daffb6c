// futex(2): sleeping until another process says that a word of memory has changed.
//
// A word is known by its physical address, so it is the same for all who share its page. That of a private page cannot
// change under a sleeper: it is made the sleeper's own first, and nobody else could wake it there.
// Locks: one a bucket. Fails: nothing needs memory but the fault that the word's page may need.
#pragma once

#include <array>
#include <cstdint>

#include "proc/process.h"

namespace ox {

class Futexes {
 public:
  // Until woken. Errno::eagain if the word at `va` is not `expected`.
  Result<> wait(Process& self, VirtAddr va, std::uint32_t expected, std::uint64_t deadline);
  // How many were woken, at most `most`.
  Result<std::uint64_t> wake(Process& self, VirtAddr va, std::uint64_t most);

 private:
  struct Bucket {
    SpinLock lock{LockRank::object};
    WaitQueue queue GUARDED_BY(lock);
    List<Process, &Process::futex_hook> waiters GUARDED_BY(lock);
  };

  Bucket& bucket_of(PhysAddr word) { return buckets_[word.value() / sizeof(std::uint32_t) % buckets_.size()]; }

  std::array<Bucket, 64> buckets_;
};

}  // namespace ox
