// The locks on one file, which keep out only those who ask for them: flock(2)'s on the whole, fcntl(2)'s on ranges. The
// two kinds do not see each other.
//
// A lock is held by an open file (flock, F_OFD_SETLK), or by a process, for which its table of descriptors stands
// (F_SETLK). So fork shares the locks of open files and passes on none of the process's, and exec changes nothing. An
// open file's locks end with it, a process's when any of its descriptors of the file is closed.
// Of one holder's ranges no two overlap, and no two of one type touch.
// Owns: the locks. Lock: guards them. Whoever waits is woken when anything may have been let go of; nobody looks for
// deadlocks. Fails: Errno::eagain for who must not wait, erestart for a signal, enolck without memory.
#pragma once

#include <cstdint>
#include <optional>

#include "abi/file.h"
#include "lib/list.h"
#include "objects/slab.h"
#include "sched/wait_queue.h"

namespace ox {

struct FileLock {
  const void* holder = nullptr;  // its address: a File, or an FdTable
  std::uint64_t first = 0;
  std::uint64_t last = abi::offset_max;
  std::int32_t pid = 0;
  std::int16_t type = abi::f_unlck;
  bool by_flock = false;
  ListHook<FileLock> hook{};
};

class FileLocks {
 public:
  // From now on the holder has there what `wanted` says, or nothing (F_UNLCK).
  Result<> set(Slabs& slabs, const FileLock& wanted, bool wait);
  // The first lock that keeps `wanted` from being set.
  std::optional<FileLock> blocker(const FileLock& wanted);
  // The holder has none any more.
  void release(const void* holder) {
    if (used_.load(relaxed)) remove(holder);
  }

 private:
  void remove(const void* holder);
  const FileLock* find_blocker(const FileLock& wanted) const REQUIRES(lock_);
  void put(FileLock& lock, FileLock& rest) REQUIRES(lock_);

  SpinLock lock_{LockRank::names};
  Atomic<bool> used_{false};  // false: there has never been a lock
  WaitQueue released_;
  List<FileLock, &FileLock::hook> locks_ GUARDED_BY(lock_);
};

}  // namespace ox
